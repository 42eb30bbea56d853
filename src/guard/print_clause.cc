// Clauses and queries as a person would write them, for messages.

#include <fmt/format.h>

#include "base/overloaded.h"
#include "guard/program.h"

namespace aright::guard {

namespace {

constexpr std::size_t literal_bytes_max = 200;

std::string print(const Operand& operand) {
  return std::visit(Overloaded{[](const std::unique_ptr<const Value>& literal) {
                                 return print(*literal, literal_bytes_max);
                               },
                               [](const Query& query) { return print(query, 0); },
                               [](const Call& call) {
                                 std::string out;
                                 for (const auto& argument : call.arguments)
                                   out += (out.empty() ? "" : ", ") + print(argument);
                                 return fmt::format("{}({})", call.name, out);
                               }},
                    operand.what);
}

std::string print(const Step& step) {
  switch (step.kind) {
    case Step::Kind::itself:
      return "this";
    case Step::Kind::key:
    case Step::Kind::variable:
      return step.name;
    case Step::Kind::index:
      return std::to_string(step.index);
    case Step::Kind::all_values:
      return "*";
    case Step::Kind::all_items:
      return "[*]";
    case Step::Kind::filter:
      return "[…]";
    case Step::Kind::keys:
      return "[keys …]";
  }
  return "";
}

}  // namespace

std::string print(const Query& query, std::size_t from) {
  std::string out;
  for (std::size_t at = from; at < query.steps.size(); ++at) {
    auto step = print(query.steps[at]);
    if (!out.empty() && !step.starts_with('[')) out += '.';
    out += step;
  }
  return query.all || from > 0 ? out : "some " + out;
}

std::string_view word(Comparator comparator) {
  struct Words {
    std::string_view plain, negated;
  };
  // In the order of Operator.
  constexpr Words words[] = {{"==", "!="},
                             {"in", "not in"},
                             {"<", "<"},
                             {"<=", "<="},
                             {">", ">"},
                             {">=", ">="},
                             {"exists", "!exists"},
                             {"empty", "!empty"},
                             {"is_string", "!is_string"},
                             {"is_list", "!is_list"},
                             {"is_struct", "!is_struct"},
                             {"is_bool", "!is_bool"},
                             {"is_int", "!is_int"},
                             {"is_null", "!is_null"},
                             {"is_float", "!is_float"}};
  const auto& pair = words[static_cast<std::size_t>(comparator.sign)];
  return comparator.negated ? pair.negated : pair.plain;
}

std::string print(const Comparison& comparison) {
  auto out = fmt::format("{}{} {}", comparison.negated ? "not " : "", print(comparison.query),
                         word(comparison.comparator));
  return comparison.with ? out + " " + print(*comparison.with) : out;
}

}  // namespace aright::guard
