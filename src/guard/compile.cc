// From the syntax tree to the program.

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

#include "base/overloaded.h"
#include "guard/program.h"

namespace aright::guard {

namespace {

std::optional<std::int32_t> as_index(std::string_view key) {
  auto digits = key.starts_with('+') ? key.substr(1) : key;
  std::int32_t index = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  bool whole = !digits.empty() && error == std::errc() && end == digits.data() + digits.size();
  bool two_signs = digits.size() != key.size() && digits.starts_with('-');
  return whole && !two_signs ? std::optional(index) : std::nullopt;
}

class Compiler {
 public:
  explicit Compiler(const syntax::File& file) : file_(file) {
    for (std::uint32_t at = 0; at < file.rules.size(); ++at)
      rules_[file.rules[at].name].push_back(at);
    for (std::uint32_t at = 0; at < file.parameterized.size(); ++at)
      parameterized_[file.parameterized[at].name] = at;
  }

  Program run() {
    out_.file = file_.name;
    out_.globals.lets = lets(file_.lets);
    for (const auto& rule : file_.rules)
      out_.rules.push_back(compiled(rule));
    for (const auto& rule : file_.parameterized)
      out_.parameterized.push_back(compiled(rule));
    return std::move(out_);
  }

 private:
  NameId name(const std::string& text) {
    auto [at, fresh] = names_.try_emplace(text, static_cast<NameId>(out_.names.size()));
    if (fresh) out_.names.push_back(text);
    return at->second;
  }

  Rule compiled(const syntax::Rule& rule) {
    Rule out{.name = rule.name, .place = rule.place};
    if (rule.conditions) out.conditions = conjunction(*rule.conditions);
    out.block = block(rule.block);
    for (const auto& parameter : rule.parameters)
      out.parameters.push_back(name(parameter));
    return out;
  }

  // Of lets with one name a literal wins over a function, that over a query, and a later one over
  // an earlier.
  std::vector<Let> lets(const std::vector<syntax::Let>& given) {
    constexpr int rank[] = {2, 0, 1};  // literal, query, call
    std::map<NameId, const syntax::Let*> winners;
    for (const auto& let : given) {
      auto& winner = winners[name(let.name)];
      if (!winner || rank[let.value.what.index()] >= rank[winner->value.what.index()])
        winner = &let;
    }
    std::vector<Let> out;
    for (const auto& [id, let] : winners)
      out.push_back({id, operand(let->value)});
    return out;
  }

  Block block(const syntax::Block& given) { return {lets(given.lets), conjunction(given.clauses)}; }

  Conjunction conjunction(const syntax::Conjunction& given) {
    Conjunction out;
    for (const auto& row : given) {
      auto& to = out.emplace_back();
      for (const auto& one : row)
        to.push_back(clause(one));
    }
    return out;
  }

  Operand operand(const syntax::Operand& given) {
    return std::visit(Overloaded{[](const Value& literal) {
                                   auto held = std::make_unique<Value>(deep_copy(literal));
                                   adopt(*held);
                                   return Operand{std::unique_ptr<const Value>(std::move(held))};
                                 },
                                 [&](const syntax::Query& asked) { return Operand{query(asked)}; },
                                 [&](const syntax::Call& called) {
                                   return Operand{Call{function_named(called.name), called.name,
                                                       called.place, operands(called.arguments)}};
                                 }},
                      given.what);
  }

  std::vector<Operand> operands(const std::vector<syntax::Operand>& given) {
    std::vector<Operand> out;
    for (const auto& one : given)
      out.push_back(operand(one));
    return out;
  }

  Query query(const syntax::Query& given) {
    Query out{.all = given.all};
    for (const auto& part : given.parts)
      out.steps.push_back(step(part));
    return out;
  }

  Step step(const syntax::Part& part) {
    using From = syntax::Part::Kind;
    Step out{.name = part.name};
    switch (part.kind) {
      case From::itself:
        out.kind = Step::Kind::itself;
        break;
      case From::key:
        return key(part.name);
      case From::index:
        out.kind = Step::Kind::index;
        out.index = part.index;
        break;
      case From::all_values:
        out.kind = Step::Kind::all_values;
        break;
      case From::all_items:
        out.kind = Step::Kind::all_items;
        break;
      case From::filter:
        out.kind = Step::Kind::filter;
        out.filter = conjunction(part.filter);
        break;
      case From::keys:
        out.kind = Step::Kind::keys;
        out.comparator = part.comparator;
        out.with = std::make_unique<const Operand>(operand(part.with.at(0)));
        break;
    }
    if (!part.name.empty()) out.variable = name(part.name);
    return out;
  }

  Step key(const std::string& text) {
    Step out{.name = text};
    if (text.starts_with('%')) {
      out.kind = Step::Kind::variable;
      out.variable = name(text.substr(1));
    } else if (auto index = as_index(text)) {
      out.kind = Step::Kind::index;
      out.index = *index;
      out.quoted_index = true;
    } else {
      out.spellings = spellings(text);
    }
    return out;
  }

  Reference reference(const syntax::Reference& given) {
    Reference out{given.name, {}, given.negated, given.message, given.place};
    auto found = rules_.find(given.name);
    if (found != rules_.end()) out.rules = found->second;
    return out;
  }

  RuleCall rule_call(const syntax::RuleCall& given) {
    RuleCall out{reference(given.rule), operands(given.arguments)};
    auto found = parameterized_.find(given.rule.name);
    out.rule.rules.clear();
    if (found != parameterized_.end()) out.rule.rules.push_back(found->second);
    return out;
  }

  Comparison comparison(const syntax::Comparison& given) {
    Comparison out{query(given.query), given.comparator, {},
                   given.message,      given.place,      given.negated};
    if (given.with) out.with = operand(*given.with);
    return out;
  }

  TypeBlock type_block(const syntax::TypeBlock& given) {
    TypeBlock out{.type = given.type, .block = block(given.block), .place = given.place};
    if (given.conditions) out.conditions = conjunction(*given.conditions);
    using Part = syntax::Part;
    syntax::Comparison is_type{.place = given.place};
    is_type.query.parts.push_back({.name = "Type"});
    is_type.with = syntax::Operand{Value(Value::Data(given.type))};
    Part filter{.kind = Part::Kind::filter};
    filter.filter.emplace_back().push_back({std::move(is_type)});
    syntax::Query selects;
    selects.parts.push_back({.name = "Resources"});
    selects.parts.push_back({.kind = Part::Kind::all_values});
    selects.parts.push_back(std::move(filter));
    out.query = query(selects);
    return out;
  }

  Clause clause(const syntax::Clause& given) {
    return std::visit(
        Overloaded{
            [&](const syntax::Comparison& one) { return Clause{comparison(one)}; },
            [&](const syntax::Reference& one) { return Clause{reference(one)}; },
            [&](const syntax::RuleCall& one) { return Clause{rule_call(one)}; },
            [&](const syntax::Nested& one) {
              return Clause{Nested{query(one.query), block(one.block), one.place, one.not_empty}};
            },
            [&](const syntax::When& one) {
              return Clause{When{conjunction(one.conditions), block(one.block)}};
            },
            [&](const syntax::TypeBlock& one) { return Clause{type_block(one)}; }},
        given.what);
  }

  const syntax::File& file_;
  std::unordered_map<std::string, std::vector<std::uint32_t>> rules_;
  std::unordered_map<std::string, std::uint32_t> parameterized_;
  std::unordered_map<std::string, NameId> names_;
  Program out_;
};

struct Function {
  std::string_view name;
  std::size_t arguments;
};
// In the order of FunctionId.
constexpr Function functions[] = {{"count", 1},        {"join", 2},          {"json_parse", 1},
                                  {"now", 0},          {"parse_boolean", 1}, {"parse_char", 1},
                                  {"parse_epoch", 1},  {"parse_float", 1},   {"parse_int", 1},
                                  {"parse_string", 1}, {"regex_replace", 3}, {"substring", 3},
                                  {"to_lower", 1},     {"to_upper", 1},      {"url_decode", 1}};

}  // namespace

FunctionId function_named(std::string_view name) {
  for (std::size_t at = 0; at < std::size(functions); ++at)
    if (functions[at].name == name) return static_cast<FunctionId>(at);
  return FunctionId::unknown;
}

std::size_t arguments_of(FunctionId function) {
  return function == FunctionId::unknown ? 0
                                         : functions[static_cast<std::size_t>(function)].arguments;
}

const Let* Block::find(NameId name) const {
  auto found = std::ranges::lower_bound(lets, name, {}, &Let::name);
  return found == lets.end() || found->name != name ? nullptr : &*found;
}

Program compile(const syntax::File& file) {
  return Compiler(file).run();
}

}  // namespace aright::guard
