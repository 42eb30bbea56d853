#include <set>

#include "base/overloaded.h"
#include "guard/formats.h"

namespace aright::guard {

namespace {

json::Value text_or_null(const Failure& failure) {
  return failure.has_message ? json::Value(failure.message) : json::Value(nullptr);
}

json::Object located(const Value& value) {
  return {{"path", value.path()}, {"value", to_json(value)}};
}

json::Array comparison(const Failure& failure) {
  return {json::Value(failure.operator_name), json::Value(failure.negated)};
}

json::Object unresolved_json(const Failure& failure) {
  return {{"traversed_to", located(*failure.from)},
          {"remaining_query", failure.missing},
          {"reason", failure.reason}};
}

json::Object check(const Failure& failure) {
  if (!failure.from)
    return {{"UnResolvedContext", failure.rule.empty() ? failure.clause : failure.rule}};
  if (!failure.missing.empty()) {
    return {{"UnResolved",
             json::Object{{"value", unresolved_json(failure)}, {"comparison", comparison(failure)}}}};
  }
  if (failure.kind == Failure::Kind::unary) {
    return {{"Resolved",
             json::Object{{"value", located(*failure.from)}, {"comparison", comparison(failure)}}}};
  }
  if (failure.kind == Failure::Kind::compared) {
    json::Value to = failure.to ? json::Value(located(*failure.to)) : json::Value(nullptr);
    return {{"Resolved", json::Object{{"from", located(*failure.from)},
                                      {"to", to},
                                      {"comparison", comparison(failure)}}}};
  }
  json::Array others;
  for (const auto* other : failure.others)
    others.push_back(located(*other));
  return {{"InResolved", json::Object{{"from", located(*failure.from)},
                                      {"to", others},
                                      {"comparison", comparison(failure)}}}};
}

json::Object failure_json(const Failure& failure);

json::Array parts_json(const std::vector<Failure>& failures) {
  json::Array out;
  for (const auto& failure : failures)
    out.push_back(failure_json(failure));
  return out;
}

json::Object rule_report(const std::string& name, const json::Value& message, json::Array checks) {
  return {{"Rule", json::Object{{"name", name},
                                {"metadata", json::Object()},
                                {"messages", json::Object{{"custom_message", message},
                                                          {"error_message", nullptr}}},
                                {"checks", std::move(checks)}}}};
}

json::Object failure_json(const Failure& failure) {
  if (failure.kind == Failure::Kind::rule)
    return rule_report(failure.rule, text_or_null(failure), parts_json(failure.parts));
  if (failure.kind == Failure::Kind::any_of) {
    return {{"Disjunctions", json::Object{{"checks", parts_json(failure.parts)}}}};
  }
  json::Object messages{{"custom_message", failure.message}, {"error_message", failure.reason}};
  json::Object place{{"line", failure.clause_place.line}, {"column", failure.clause_place.column}};
  if (failure.kind == Failure::Kind::block) {
    json::Value missing = failure.from ? json::Value(unresolved_json(failure)) : json::Value(nullptr);
    return {{"Block", json::Object{{"context", failure.clause},
                                   {"messages", messages},
                                   {"unresolved", missing},
                                   {"location", place}}}};
  }
  bool unary = failure.kind == Failure::Kind::unary;
  return {
      {"Clause", json::Object{{unary ? "Unary" : "Binary", json::Object{{"context", failure.clause},
                                                                        {"messages", messages},
                                                                        {"check", check(failure)},
                                                                        {"location", place}}}}}};
}

}  // namespace

json::Value to_json(const Value& value) {
  return std::visit(Overloaded{[](std::monostate) { return json::Value(nullptr); },
                               [](bool truth) { return json::Value(truth); },
                               [](std::int64_t number) { return json::Value(number); },
                               [](double number) { return json::Value(number); },
                               [](const std::string& text) { return json::Value(text); },
                               [](const List& list) {
                                 json::Array out;
                                 for (const auto& item : list)
                                   out.push_back(to_json(item));
                                 return json::Value(std::move(out));
                               },
                               [](const std::shared_ptr<Map>& map) {
                                 json::Object out;
                                 for (const auto& member : map->members())
                                   out.emplace(member.key, to_json(member.value));
                                 return json::Value(std::move(out));
                               },
                               [&](const auto&) {
                                 auto quoted = print(value);
                                 return json::parse(quoted).value_or(json::Value(quoted));
                               }},
                    value.data);
}

json::Value report_json(const FileReport& report) {
  auto overall = Status::skip;
  json::Array failed;
  std::set<std::string> passed, skipped;
  for (const auto* judgement : report.judgements) {
    auto own = judgement->report.status;
    if (own == Status::fail || overall == Status::skip) overall = own;
    for (const auto& rule : judgement->report.rules) {
      if (rule.status == Status::pass) passed.insert(rule.name);
      if (rule.status == Status::skip) skipped.insert(rule.name);
      if (rule.status == Status::fail)
        failed.push_back(rule_report(rule.name, nullptr, parts_json(rule.failures)));
    }
  }
  auto names = [](const std::set<std::string>& set) {
    json::Array out;
    for (const auto& one : set)
      out.emplace_back(one);
    return out;
  };
  return json::Object{{"name", report.data},
                      {"metadata", json::Object()},
                      {"status", name(overall)},
                      {"not_compliant", std::move(failed)},
                      {"not_applicable", names(skipped)},
                      {"compliant", names(passed)}};
}

}  // namespace aright::guard
