#include "guard/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/overloaded.h"

namespace aright::guard {

namespace {

constexpr std::size_t shown_bytes_max = 300;  // of a value in a sentence

bool is_finite(const Value& value) {
  if (const auto* real = std::get_if<double>(&value.data)) return std::isfinite(*real);
  if (const auto* list = value.list()) return std::ranges::all_of(*list, is_finite);
  if (const auto* map = value.map())
    return std::ranges::all_of(map->members(),
                               [](const Member& member) { return is_finite(member.value); });
  return true;
}

std::string_view operator_name(Operator sign) {
  // In the order of Operator; reports are read by tools that know these words.
  constexpr std::string_view names[] = {"Eq",    "In",     "Lt",    "Le",       "Gt",
                                        "Ge",    "Exists", "Empty", "IsString", "IsList",
                                        "IsMap", "IsBool", "IsInt", "IsNull",   "IsFloat"};
  return names[static_cast<std::size_t>(sign)];
}

std::string shown(const Value& value) {
  return print(value, shown_bytes_max);
}

std::string where(const Value& value) {
  auto path = value.path();
  return path.empty() ? "the top" : path;
}

std::string is_missing(const Found& found) {
  return fmt::format("there is no {} at {}", print(*found.query, found.step), where(*found.value));
}

std::string unary_reason(const Comparison& comparison, const Value& value) {
  bool negated = comparison.comparator.negated != comparison.negated;
  if (comparison.comparator.sign == Operator::exists) return negated ? "exists" : "does not exist";
  return fmt::format("is {}; expected {}{}", shown(value), comparison.negated ? "not " : "",
                     word(comparison.comparator));
}

class Reporter {
 public:
  Outcome<> add(const Record& record, std::vector<Failure>& out) {
    if (record.status != Status::fail) return {};
    switch (record.kind) {
      case Record::Kind::rule:
        return rule(record, out);
      case Record::Kind::either:
        return either(record, out);
      case Record::Kind::nested:
        if (record.children.empty()) {
          out.push_back(nothing_nested(*std::get<const Nested*>(record.of)));
          return {};
        }
        return parts(record, out);
      case Record::Kind::file:
      case Record::Kind::type:
      case Record::Kind::type_item:
      case Record::Kind::when:
      case Record::Kind::clause:
        return parts(record, out);
      case Record::Kind::value:
        return value(record, out);
      case Record::Kind::rule_when:
      case Record::Kind::type_when:
      case Record::Kind::when_conditions:
      case Record::Kind::filter:
        return {};  // what does not hold there is no failure
    }
    return {};
  }

  Outcome<> parts(const Record& record, std::vector<Failure>& out) {
    for (const auto& child : record.children)
      CHECK_OK(add(child, out));
    return {};
  }

 private:
  Outcome<> rule(const Record& record, std::vector<Failure>& out) {
    const auto& rule = *std::get<const Rule*>(record.of);
    Failure failure{.kind = Failure::Kind::rule, .rule = rule.name, .clause_place = rule.place};
    if (record.message) set_message(failure, *record.message);
    CHECK_OK(parts(record, failure.parts));
    out.push_back(std::move(failure));
    return {};
  }

  Outcome<> either(const Record& record, std::vector<Failure>& out) {
    Failure failure{.kind = Failure::Kind::any_of};
    CHECK_OK(parts(record, failure.parts));
    out.push_back(std::move(failure));
    return {};
  }

  static void set_message(Failure& failure, const std::string& message) {
    failure.message = message;
    failure.has_message = true;
  }

  static Failure nothing_nested(const Nested& nested) {
    auto query = print(nested.query);
    return {.kind = Failure::Kind::block,
            .reason = fmt::format("nothing is selected by {}", query),
            .clause = query + " !empty { … }",
            .clause_place = nested.place};
  }

  Outcome<> value(const Record& record, std::vector<Failure>& out) {
    const auto& check = *record.check;
    auto failure = std::visit(
        Overloaded{[&](const Comparison* comparison) { return of_comparison(*comparison, check); },
                   [](const Reference* reference) { return of_reference(*reference); },
                   [&](const Nested* nested) { return of_missing_block(*nested, check); },
                   [](const auto&) { return Failure(); }},
        record.of);
    for (const auto* told : {failure.from, failure.to})
      if (told) CHECK_OK(writable(*told, failure.clause_place));
    for (const auto* told : failure.others)
      CHECK_OK(writable(*told, failure.clause_place));
    out.push_back(std::move(failure));
    return {};
  }

  // A failure may show a large part of the document; each part is looked through once.
  Outcome<> writable(const Value& value, Place place) {
    bool known = std::ranges::find(finite_, &value) != finite_.end();
    if (known || is_finite(value)) {
      if (!known && !value.is_scalar()) finite_.push_back(&value);
      return {};
    }
    return stop(place, fmt::format("{} holds NaN or infinity, which no report can", where(value)));
  }

  static Failure of_reference(const Reference& reference) {
    Failure out{.kind = Failure::Kind::unary,
                .rule = reference.name,
                .reason = fmt::format("rule {} {}", reference.name,
                                      reference.negated ? "passed" : "did not pass"),
                .clause = (reference.negated ? "not " : "") + reference.name,
                .clause_place = reference.place};
    if (reference.message) set_message(out, *reference.message);
    return out;
  }

  static Failure of_missing_block(const Nested& nested, const Check& check) {
    return {.kind = Failure::Kind::block,
            .reason = is_missing(check.from),
            .clause = print(nested.query) + " { … }",
            .clause_place = nested.place,
            .from = check.from.value,
            .missing = print(*check.from.query, check.from.step)};
  }

  static Failure of_comparison(const Comparison& comparison, const Check& check) {
    Failure out{.clause = print(comparison),
                .clause_place = comparison.place,
                .operator_name = std::string(operator_name(comparison.comparator.sign)),
                .negated = comparison.comparator.negated};
    if (comparison.message) set_message(out, *comparison.message);
    out.kind = check.kind == Check::Kind::compared ? Failure::Kind::compared
               : check.kind == Check::Kind::among  ? Failure::Kind::among
                                                   : Failure::Kind::unary;
    if (check.kind == Check::Kind::nothing_selected) {
      out.operator_name.clear();
      out.reason = fmt::format("nothing is selected by {}", print(comparison.query));
      return out;
    }
    out.from = check.from.value;
    if (!check.from.is_resolved()) {
      out.missing = print(*check.from.query, check.from.step);
      out.reason = is_missing(check.from);
      return out;
    }
    auto expected =
        fmt::format("is {}; expected {}", shown(*out.from), word(comparison.comparator));
    if (check.kind == Check::Kind::unary) {
      out.reason = unary_reason(comparison, *out.from);
    } else if (check.kind == Check::Kind::among) {
      out.others = check.others;
      out.reason = fmt::format("{} {}", expected, shown_all(check.others));
    } else if (check.to && !check.to->is_resolved()) {
      out.from = check.to->value;
      out.missing = print(*check.to->query, check.to->step);
      out.reason = is_missing(*check.to) + " to compare with";
    } else if (check.to) {
      out.to = check.to->value;
      out.reason = fmt::format("{} {}", expected, shown(*out.to));
      if (out.from->kind() != out.to->kind() && out.to->is_scalar() && !out.to->is(Kind::regex)) {
        out.reason += fmt::format(" ({}, not {})", name(out.to->kind()), name(out.from->kind()));
      }
    }
    return out;
  }

  static std::string shown_all(const std::vector<const Value*>& values) {
    if (values.size() == 1) return shown(*values.front());
    std::string out;
    for (const auto* value : values) {
      if (out.size() > shown_bytes_max) {
        out += ", …";
        break;
      }
      out += (out.empty() ? "" : ", ") + shown(*value);
    }
    return "[" + out + "]";
  }

  std::vector<const Value*> finite_;
};

std::string_view trace_word(Record::Kind kind) {
  switch (kind) {
    case Record::Kind::file:
      return "file";
    case Record::Kind::rule:
      return "rule";
    case Record::Kind::rule_when:
    case Record::Kind::type_when:
    case Record::Kind::when_conditions:
      return "conditions";
    case Record::Kind::type:
      return "type";
    case Record::Kind::type_item:
      return "resource";
    case Record::Kind::filter:
      return "filter";
    case Record::Kind::when:
      return "when";
    case Record::Kind::either:
      return "or";
    case Record::Kind::nested:
      return "block";
    case Record::Kind::clause:
      return "clause";
    case Record::Kind::value:
      return "value";
  }
  return "";
}

void trace(const Record& record, std::size_t depth, std::string& out) {
  auto of = std::visit(Overloaded{[](std::monostate) { return std::string(); },
                                  [](const Rule* rule) { return rule->name; },
                                  [](const Comparison* comparison) { return print(*comparison); },
                                  [](const Reference* reference) { return reference->name; },
                                  [](const Nested* nested) { return print(nested->query); },
                                  [](const TypeBlock* type) { return type->type; }},
                       record.of);
  out += fmt::format("{}{} {}{}{}\n", std::string(depth * 2, ' '), name(record.status),
                     trace_word(record.kind), of.empty() ? "" : " ", of);
  for (const auto& child : record.children)
    trace(child, depth + 1, out);
}

}  // namespace

Outcome<std::vector<Failure>> failures_of(const Record& rule) {
  std::vector<Failure> out;
  CHECK_OK(Reporter().parts(rule, out));
  return out;
}

std::string trace_of(const Record& root) {
  std::string out;
  trace(root, 0, out);
  return out;
}

}  // namespace aright::guard
