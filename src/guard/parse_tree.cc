#include "guard/parse_tree.h"

#include "base/overloaded.h"
#include "guard/formats.h"
#include "guard/syntax.h"

namespace aright::guard {

namespace {

using namespace syntax;
using json::Array;
using json::Object;

Array rows(const Conjunction& conjunction, bool in_rule = false);
json::Value operand_json(const Operand& operand);

Object location(Place place) {
  return {{"line", place.line}, {"column", place.column}};
}

json::Value or_null(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}
json::Value or_null(const std::optional<std::string>& text) {
  return text ? json::Value(*text) : json::Value(nullptr);
}

Array comparator_json(Comparator comparator) {
  // In the order of Operator.
  constexpr std::string_view names[] = {"Eq",    "In",     "Lt",    "Le",       "Gt",
                                        "Ge",    "Exists", "Empty", "IsString", "IsList",
                                        "IsMap", "IsBool", "IsInt", "IsNull",   "IsFloat"};
  return {json::Value(names[static_cast<std::size_t>(comparator.sign)]),
          json::Value(comparator.negated)};
}

json::Value part_json(const Part& part) {
  switch (part.kind) {
    case Part::Kind::itself:
      return "This";
    case Part::Kind::key:
      return Object{{"Key", part.name}};
    case Part::Kind::index:
      return Object{{"Index", part.index}};
    case Part::Kind::all_values:
      return Object{{"AllValues", or_null(part.name)}};
    case Part::Kind::all_items:
      return Object{{"AllIndices", or_null(part.name)}};
    case Part::Kind::filter:
      return Object{{"Filter", Array{or_null(part.name), rows(part.filter)}}};
    case Part::Kind::keys:
      return Object{
          {"MapKeyFilter",
           Array{or_null(part.name), Object{{"comparator", comparator_json(part.comparator)},
                                            {"compare_with", operand_json(part.with.at(0))}}}}};
  }
  return nullptr;
}

Object query_json(const Query& query) {
  Array parts;
  for (const auto& part : query.parts)
    parts.push_back(part_json(part));
  return {{"query", std::move(parts)}, {"match_all", query.all}};
}

json::Value operand_json(const Operand& operand) {
  auto value = [](const Value& literal) {
    return json::Value(Object{{"Value", Object{{"path", ""}, {"value", to_json(literal)}}}});
  };
  auto call = [](const Call& called) {
    Array parameters;
    for (const auto& argument : called.arguments)
      parameters.push_back(operand_json(argument));
    return json::Value(Object{{"FunctionCall", Object{{"parameters", std::move(parameters)},
                                                      {"name", called.name},
                                                      {"location", location(called.place)}}}});
  };
  auto query = [](const Query& asked) {
    return json::Value(Object{{"AccessClause", query_json(asked)}});
  };
  return std::visit(Overloaded{value, query, call}, operand.what);
}

Array lets_json(const std::vector<Let>& lets) {
  Array out;
  for (const auto& let : lets)
    out.push_back(Object{{"var", let.name}, {"value", operand_json(let.value)}});
  return out;
}

Object block_json(const Block& block, bool in_rule = false) {
  return {{"assignments", lets_json(block.lets)}, {"conjunctions", rows(block.clauses, in_rule)}};
}

json::Value conditions_json(const std::optional<Conjunction>& conditions) {
  return conditions ? json::Value(rows(*conditions)) : json::Value(nullptr);
}

Object reference_json(const Reference& reference) {
  return {{"dependent_rule", reference.name},
          {"negation", reference.negated},
          {"custom_message", or_null(reference.message)},
          {"location", location(reference.place)}};
}

Object comparison_json(const Comparison& comparison) {
  return {{"access_clause", Object{{"query", query_json(comparison.query)},
                                   {"comparator", comparator_json(comparison.comparator)},
                                   {"compare_with", comparison.with ? operand_json(*comparison.with)
                                                                    : json::Value(nullptr)},
                                   {"custom_message", or_null(comparison.message)},
                                   {"location", location(comparison.place)}}},
          {"negation", comparison.negated}};
}

// The query that a type block stands for.
Array type_query(const TypeBlock& type) {
  Comparison is_type{.place = type.place};
  is_type.query.parts.push_back({.name = "Type"});
  is_type.with = Operand{Value(Value::Data(type.type))};
  Array filter{nullptr, Array{Array{Object{{"Clause", comparison_json(is_type)}}}}};
  return {Object{{"Key", "Resources"}}, Object{{"AllValues", nullptr}},
          Object{{"Filter", std::move(filter)}}};
}

Object clause_json(const Clause& clause) {
  return std::visit(
      Overloaded{[](const Comparison& one) {
                   return Object{{"Clause", comparison_json(one)}};
                 },
                 [](const Reference& one) {
                   return Object{{"NamedRule", reference_json(one)}};
                 },
                 [](const RuleCall& one) {
                   Array parameters;
                   for (const auto& argument : one.arguments)
                     parameters.push_back(operand_json(argument));
                   return Object{{"ParameterizedNamedRule",
                                  Object{{"parameters", std::move(parameters)},
                                         {"named_rule", reference_json(one.rule)}}}};
                 },
                 [](const Nested& one) {
                   return Object{{"BlockClause", Object{{"query", query_json(one.query)},
                                                        {"block", block_json(one.block)},
                                                        {"location", location(one.place)},
                                                        {"not_empty", one.not_empty}}}};
                 },
                 [](const When& one) {
                   return Object{{"WhenBlock", Array{rows(one.conditions), block_json(one.block)}}};
                 },
                 [](const TypeBlock& one) {
                   return Object{
                       {"TypeBlock", Object{{"type_name", one.type},
                                            {"conditions", conditions_json(one.conditions)},
                                            {"block", block_json(one.block)},
                                            {"query", type_query(one)}}}};
                 }},
      clause.what);
}

// What stands straight in a rule has one wrapping more, but for blocks that only stand there.
Array rows(const Conjunction& conjunction, bool in_rule) {
  Array out;
  for (const auto& row : conjunction) {
    Array alternatives;
    for (const auto& clause : row) {
      bool of_rule = std::holds_alternative<When>(clause.what) ||
                     std::holds_alternative<TypeBlock>(clause.what);
      auto tree = clause_json(clause);
      alternatives.push_back(in_rule && !of_rule ? Object{{"Clause", std::move(tree)}}
                                                 : std::move(tree));
    }
    out.push_back(std::move(alternatives));
  }
  return out;
}

Object rule_json(const Rule& rule, const std::string& name) {
  return {{"rule_name", name},
          {"conditions", conditions_json(rule.conditions)},
          {"block", block_json(rule.block, true)}};
}

}  // namespace

json::Value parse_tree(const Rules& rules) {
  const auto& file = rules.syntax();
  if (file.empty) return nullptr;
  Array named, parameterized;
  for (const auto& rule : file.rules)
    named.push_back(rule_json(rule, rule.name == file.name + "/default" ? "default" : rule.name));
  for (const auto& rule : file.parameterized) {
    Array parameters;
    for (const auto& parameter : rule.parameters)
      parameters.emplace_back(parameter);
    parameterized.push_back(
        Object{{"parameter_names", std::move(parameters)}, {"rule", rule_json(rule, rule.name)}});
  }
  return Object{{"assignments", lets_json(file.lets)},
                {"guard_rules", std::move(named)},
                {"parameterized_rules", std::move(parameterized)}};
}

}  // namespace aright::guard
