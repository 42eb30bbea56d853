#include "runbook/flow.h"

#include <algorithm>
#include <array>

#include "runbook/branch.h"

namespace aright::runbook {

namespace {

constexpr std::size_t value_characters_max = 40;  // of one value in a condition; the rest is …

struct Word {
  std::string_view name, text;
};
constexpr std::array words{
    Word{"StringEquals", "="},         Word{"EqualsIgnoreCase", "≈"},
    Word{"StartsWith", "starts with"}, Word{"EndsWith", "ends with"},
    Word{"Contains", "contains"},      Word{"NumericEquals", "="},
    Word{"NumericGreater", ">"},       Word{"NumericLesser", "<"},
    Word{"NumericGreaterOrEquals", "≥"}, Word{"NumericLesserOrEquals", "≤"},
    Word{"BooleanEquals", "="},
};

// {{ Look.Status }} as Look.Status, and everything no longer than can be read.
std::string spoken(const json::Value& value) {
  auto text = json::scalar_text(value);
  if (text.starts_with("{{") && text.ends_with("}}")) {
    text = text.substr(2, text.size() - 4);
    auto from = text.find_first_not_of(' '), to = text.find_last_not_of(' ');
    text = from == std::string::npos ? "" : text.substr(from, to - from + 1);
  }
  if (text.empty()) return "''";
  return text.size() <= value_characters_max ? text : fmt::format("{:.{}}…", text, value_characters_max);
}

std::string joined(const json::Value& conditions, std::string_view with) {
  std::string out;
  for (const auto& one : json::items(conditions)) {
    if (!out.empty()) out += with;
    bool nested = json::at(one, "Variable").is_null() && json::at(one, "Not").is_null();
    out += nested ? "(" + in_words(one) + ")" : in_words(one);
  }
  return out;
}

std::string named_step(const std::string& text) {
  constexpr std::string_view prefix = "step:";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : "";
}

Way way_on(const std::vector<Step>& steps, std::size_t at) {
  const auto& step = steps[at];
  if (!step.next.empty()) return {.to = step.next};
  if (step.end || at + 1 == steps.size()) return {};
  return {.to = steps[at + 1].name};
}

std::vector<Way> ways_from(const std::vector<Step>& steps, std::size_t at) {
  const auto& step = steps[at];
  std::vector<Way> out;
  if (step.action == "aws:branch") {
    for (const auto& choice : json::items(json::at(step.inputs, "Choices")))
      out.push_back({Way::Kind::choice, json::text(choice, "NextStep", ""), in_words(choice)});
    if (auto otherwise = json::text(json::at(step.inputs, "Default")); !otherwise.empty())
      out.push_back({Way::Kind::otherwise, otherwise, ""});
    else
      out.push_back({Way::Kind::otherwise, way_on(steps, at).to, ""});
  } else {
    out.push_back(way_on(steps, at));
  }
  if (auto to = named_step(step.on_failure); !to.empty()) out.push_back({Way::Kind::failure, to, ""});
  if (auto to = named_step(step.on_cancel); !to.empty()) out.push_back({Way::Kind::cancel, to, ""});
  return out;
}

std::vector<Stop> stops_of(const std::vector<Step>& steps) {
  std::vector<Stop> out;
  for (std::size_t i = 0; i < steps.size(); ++i)
    out.push_back({&steps[i], ways_from(steps, i), stops_of(steps[i].steps)});
  return out;
}

}  // namespace

std::string_view name(Way::Kind kind) {
  switch (kind) {
    case Way::Kind::next: return "next";
    case Way::Kind::choice: return "choice";
    case Way::Kind::otherwise: return "otherwise";
    case Way::Kind::failure: return "failure";
    case Way::Kind::cancel: return "cancel";
  }
  return "";
}

std::vector<Stop> flow_of(const Document& document) { return stops_of(document.steps()); }

std::string subject_of(const Step& step) {
  auto input = [&](const char* name) { return json::text(step.inputs, name); };
  if (!input("Api").empty()) return input("Service") + ":" + input("Api");
  for (const char* name : {"DocumentName", "FunctionName", "Runtime", "DesiredState", "Duration"})
    if (!input(name).empty()) return input(name);
  return "";
}

std::string in_words(const json::Value& condition) {
  if (const auto& all = json::at(condition, "And"); !all.is_null()) return joined(all, " and ");
  if (const auto& any = json::at(condition, "Or"); !any.is_null()) return joined(any, " or ");
  if (const auto& other = json::at(condition, "Not"); !other.is_null()) return "not " + in_words(other);
  for (const auto& [name, value] : json::members(condition)) {
    if (!is_operator(name)) continue;
    auto word = std::ranges::find(words, std::string_view(name), &Word::name);
    return fmt::format("{} {} {}", spoken(json::at(condition, "Variable")),
                       word == words.end() ? std::string_view(name) : word->text, spoken(value));
  }
  return "";
}

}  // namespace aright::runbook
