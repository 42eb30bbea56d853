#include "iam/policy.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::iam {

namespace {

struct Operator {
  std::string_view name;
  Test test;
  bool negated;
};
constexpr std::array operators{
    Operator{"stringequals", Test::string_equals, false},
    Operator{"stringnotequals", Test::string_equals, true},
    Operator{"stringequalsignorecase", Test::string_equals_ignore_case, false},
    Operator{"stringnotequalsignorecase", Test::string_equals_ignore_case, true},
    Operator{"stringlike", Test::string_like, false},
    Operator{"stringnotlike", Test::string_like, true},
    Operator{"numericequals", Test::numeric_equals, false},
    Operator{"numericnotequals", Test::numeric_equals, true},
    Operator{"numericlessthan", Test::numeric_less, false},
    Operator{"numericlessthanequals", Test::numeric_less_or_equal, false},
    Operator{"numericgreaterthan", Test::numeric_greater, false},
    Operator{"numericgreaterthanequals", Test::numeric_greater_or_equal, false},
    Operator{"dateequals", Test::date_equals, false},
    Operator{"datenotequals", Test::date_equals, true},
    Operator{"datelessthan", Test::date_less, false},
    Operator{"datelessthanequals", Test::date_less_or_equal, false},
    Operator{"dategreaterthan", Test::date_greater, false},
    Operator{"dategreaterthanequals", Test::date_greater_or_equal, false},
    Operator{"bool", Test::boolean, false},
    Operator{"binaryequals", Test::binary_equals, false},
    Operator{"ipaddress", Test::ip_address, false},
    Operator{"notipaddress", Test::ip_address, true},
    Operator{"arnequals", Test::arn_like, false},
    Operator{"arnnotequals", Test::arn_like, true},
    Operator{"arnlike", Test::arn_like, false},
    Operator{"arnnotlike", Test::arn_like, true},
    Operator{"null", Test::null, false},
};

// A text, or a list of texts. Numbers and booleans stand for themselves where `scalars` says so.
Result<std::vector<std::string>> one_or_many(const json::Value& value, std::string_view what,
                                             bool scalars = false) {
  auto readable = [&](const json::Value& one) {
    return one.is_string() || (scalars && (one.is_number() || one.is_bool()));
  };
  std::vector<std::string> out;
  if (readable(value)) return std::vector{json::scalar_text(value)};
  if (!value.is_array()) return fail(Errc::invalid, "{} must be a text or a list of texts", what);
  if (value.get_array().size() > values_max)
    return fail(Errc::invalid, "{} has more than {} values", what, values_max);
  for (const auto& one : value.get_array()) {
    if (!readable(one)) return fail(Errc::invalid, "{} must hold texts", what);
    out.push_back(json::scalar_text(one));
  }
  return out;
}

Result<Principals> read_principals(const json::Value& value, std::string_view element) {
  Principals out;
  if (value.is_string()) {
    if (value.get_string() != "*") return fail(Errc::invalid, "{} must be \"*\" or an object", element);
    out.everybody = true;
    return out;
  }
  if (!value.is_object()) return fail(Errc::invalid, "{} must be \"*\" or an object", element);
  for (const auto& [kind, listed] : value.get_object()) {
    auto names = TRY(one_or_many(listed, fmt::format("{}.{}", element, std::string_view(kind))));
    if (kind == "AWS") {
      out.everybody |= std::ranges::find(names, "*") != names.end();
      out.aws = std::move(names);
    } else if (kind == "Service") {
      out.service = std::move(names);
    } else if (kind == "Federated") {
      out.federated = std::move(names);
    } else if (kind == "CanonicalUser") {
      out.canonical = std::move(names);
    } else {
      return fail(Errc::invalid, "{} has the unknown kind {}", element, std::string_view(kind));
    }
  }
  return out;
}

Result<Condition> read_operator(std::string_view written) {
  Condition condition{.op = std::string(written)};
  auto name = lower(written);
  constexpr std::string_view all = "forallvalues:", any = "foranyvalue:", optional = "ifexists";
  if (name.starts_with(all)) {
    condition.quantifier = Quantifier::all;
    name.erase(0, all.size());
  } else if (name.starts_with(any)) {
    condition.quantifier = Quantifier::any;
    name.erase(0, any.size());
  }
  if (name.ends_with(optional)) {
    condition.if_exists = true;
    name.resize(name.size() - optional.size());
  }
  auto known = std::ranges::find(operators, std::string_view(name), &Operator::name);
  if (known == operators.end() || (known->test == Test::null && condition.if_exists))
    return fail(Errc::invalid, "there is no condition operator {}", written);
  condition.test = known->test;
  condition.negated = known->negated;
  return condition;
}

Result<std::vector<Condition>> read_conditions(const json::Value& value) {
  std::vector<Condition> out;
  if (value.is_null()) return out;
  if (!value.is_object()) return fail(Errc::invalid, "Condition must be an object");
  for (const auto& [op, keys] : value.get_object()) {
    auto condition = TRY(read_operator(op));
    if (!keys.is_object()) return fail(Errc::invalid, "Condition.{} must be an object", condition.op);
    for (const auto& [key, values] : keys.get_object()) {
      if (out.size() >= values_max) return fail(Errc::invalid, "Condition has more than {} keys", values_max);
      condition.key = key;
      condition.values = TRY(one_or_many(values, fmt::format("Condition.{}.{}", condition.op, condition.key), true));
      out.push_back(condition);
    }
  }
  return out;
}

// The element, or its Not… twin; both are one too many.
Result<> read_twins(const json::Object& statement, std::string_view name, std::vector<std::string>& out,
                    std::vector<std::string>& out_not) {
  auto twin = fmt::format("Not{}", name);
  const auto *one = statement.if_contains(name), *other = statement.if_contains(twin);
  if (one != nullptr && other != nullptr) return fail(Errc::invalid, "{} and {} exclude each other", name, twin);
  if (one != nullptr) out = TRY(one_or_many(*one, name));
  if (other != nullptr) out_not = TRY(one_or_many(*other, twin));
  if ((one != nullptr && out.empty()) || (other != nullptr && out_not.empty()))
    return fail(Errc::invalid, "{} is empty", one != nullptr ? std::string(name) : twin);
  return {};
}

constexpr std::array known_elements{"Sid",    "Effect",    "Principal", "NotPrincipal", "Action",
                                    "NotAction", "Resource", "NotResource", "Condition"};

Result<Statement> read_statement(const json::Value& value) {
  if (!value.is_object()) return fail(Errc::invalid, "must be an object");
  const auto& object = value.get_object();
  for (const auto& [name, member] : object)
    if (std::ranges::find(known_elements, std::string_view(name)) == known_elements.end())
      return fail(Errc::invalid, "has the unknown element {}", std::string_view(name));
  Statement out;
  out.sid = json::text(value, "Sid", "");
  auto effect = json::text(value, "Effect", "");
  if (effect != "Allow" && effect != "Deny") return fail(Errc::invalid, "Effect must be Allow or Deny");
  out.effect = effect == "Allow" ? Effect::allow : Effect::deny;
  CHECK_OK(read_twins(object, "Action", out.actions, out.not_actions));
  if (out.actions.empty() && out.not_actions.empty()) return fail(Errc::invalid, "Missing required field Action");
  CHECK_OK(read_twins(object, "Resource", out.resources, out.not_resources));
  const auto *principal = object.if_contains("Principal"), *others = object.if_contains("NotPrincipal");
  if (principal != nullptr && others != nullptr)
    return fail(Errc::invalid, "Principal and NotPrincipal exclude each other");
  if (principal != nullptr) out.principals = TRY(read_principals(*principal, "Principal"));
  if (others != nullptr) out.not_principals = TRY(read_principals(*others, "NotPrincipal"));
  out.conditions = TRY(read_conditions(json::at(value, "Condition")));
  return out;
}

}  // namespace

Result<Policy> parse_policy(const json::Value& document) {
  if (!document.is_object()) return fail(Errc::invalid, "a policy is an object");
  Policy out;
  out.version = json::text(document, "Version", out.version);
  if (out.version != "2012-10-17" && out.version != "2008-10-17")
    return fail(Errc::invalid, "there is no Version {}", out.version);
  out.id = json::text(document, "Id", "");
  const auto& listed = json::at(document, "Statement");
  if (!listed.is_array() && !listed.is_object()) return fail(Errc::invalid, "Missing required field Statement");
  json::Array one;
  if (listed.is_object()) one.push_back(listed);
  const auto& statements = listed.is_object() ? one : listed.get_array();
  if (statements.size() > statements_max)
    return fail(Errc::invalid, "there are more than {} statements", statements_max);
  for (std::size_t i = 0; i < statements.size(); ++i) {
    auto statement = read_statement(statements[i]);
    if (!statement) return wrap(std::move(statement.error()), "statement {}", i + 1);
    out.statements.push_back(std::move(*statement));
  }
  return out;
}

Result<Policy> parse_policy(std::string_view text) {
  if (text.size() > document_bytes_max)
    return fail(Errc::invalid, "the document has more than {} bytes", document_bytes_max);
  auto document = TRY(json::parse(text));
  return parse_policy(document);
}

NamedPolicy named_policy(std::string name, std::string_view text) {
  NamedPolicy out{.name = std::move(name)};
  auto read = parse_policy(text);
  if (read)
    out.policy = std::move(*read);
  else
    out.broken = read.error().message;
  return out;
}

}  // namespace aright::iam
