#pragma once
// Stories of calls on a fresh cloud, as testdata/<service>.yaml tells them, and the memory of one who tells them.
// `input` and `expect` may use ${name.Member.0.Member} of an answer kept with `as`. Not part of the module: tests
// include it.

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/text.h"
#include "json/yaml.h"
#include "sandbox/testing.h"

namespace aright::sandbox {

struct Story {
  std::string service, title;
  json::Array steps;
};

inline void PrintTo(const Story& story, std::ostream* out) {
  *out << story.service << ": " << story.title;
}

inline std::vector<Story> stories() {
  std::vector<Story> out;
  auto folder = std::filesystem::path(ARIGHT_SOURCE_DIR) / "src/sandbox/testdata";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    auto text = read_file(entry.path());
    auto document = text ? json::parse_yaml(*text) : Result<json::Document>(fail(text.error()));
    EXPECT_TRUE(document) << entry.path() << ": " << document.error().message;
    if (!document) continue;
    for (const auto& [title, steps] : json::members(document->value))
      out.push_back({entry.path().stem().string(), title, json::items(steps)});
  }
  auto demo = read_file(std::filesystem::path(ARIGHT_SOURCE_DIR) / "catalog/demo/account.yaml");
  auto account = demo ? json::parse_yaml(*demo) : Result<json::Document>(fail(demo.error()));
  EXPECT_TRUE(account);
  if (account)
    out.push_back({"demo", "the demonstration's account can be made", json::items(account->value)});
  std::ranges::sort(out, {},
                    [](const Story& story) { return std::pair(story.service, story.title); });
  return out;
}

// "" when `actual` holds what is expected, else where it does not.
inline std::string difference(const json::Value& expected, const json::Value& actual,
                       const std::string& where) {
  if (const auto* members = expected.if_object()) {
    for (const auto& [name, member] : *members)
      if (auto found =
              difference(member, json::at(actual, name), where + "/" + std::string(name));
          !found.empty())
        return found;
    return actual.is_object() || members->empty()
               ? ""
               : where + " is no object: " + json::print(actual);
  }
  if (const auto* list = expected.if_array()) {
    if (json::items(actual).size() != list->size())
      return fmt::format("{} has {} items rather than {}: {}", where, json::items(actual).size(),
                         list->size(), json::print(actual));
    for (std::size_t i = 0; i < list->size(); ++i)
      if (auto found =
              difference((*list)[i], json::items(actual)[i], where + "/" + std::to_string(i));
          !found.empty())
        return found;
    return "";
  }
  if (json::equal(expected, actual)) return "";
  if (expected.is_string() && actual.is_string() &&
      glob_match(json::text(expected), json::text(actual)))
    return "";
  return fmt::format("{} is {} rather than {}", where, json::print(actual),
                     json::print(expected));
}

// What was answered before, by the names that steps give it.
class Memory {
 public:
  void keep(const json::Value& step, const json::Object& output) {
    if (auto name = json::text(step, "as", ""); !name.empty()) memory_.as_object()[name] = output;
  }

  json::Value filled(const json::Value& value) {
    if (value.is_string()) return filled_text(std::string(value.get_string()));
    if (const auto* list = value.if_array()) {
      json::Array out;
      for (const auto& item : *list)
        out.push_back(filled(item));
      return out;
    }
    if (!value.is_object()) return value;
    json::Object out;
    for (const auto& [name, member] : value.get_object())
      out[name] = filled(member);
    return out;
  }

  // The call of a step, its input filled.
  aws::Call call(const json::Value& step) {
    auto call = call_of(json::text(step, "call", ""), "{}", json::text(step, "region", "us-east-1"));
    call.input = json::members(filled(json::at(step, "input")));
    return call;
  }

 private:
  const json::Value& recalled(std::string_view path) {
    const json::Value* here = &memory_;
    for (const auto& step : split(path, '.')) {
      auto index = json::integer(json::Value(step), -1);
      const auto* list = here->if_array();
      if (list != nullptr && index >= 0 && static_cast<std::size_t>(index) < list->size())
        here = &(*list)[static_cast<std::size_t>(index)];
      else
        here = &json::at(*here, step);
    }
    EXPECT_FALSE(here->is_null()) << "nothing is remembered as " << path;
    return *here;
  }

  json::Value filled_text(std::string text) {
    for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", open)) {
      auto close = text.find('}', open);
      const auto& value = recalled(text.substr(open + 2, close - open - 2));
      if (open == 0 && close + 1 == text.size()) return value;
      auto written = json::scalar_text(value);
      text.replace(open, close + 1 - open, written);
      open += written.size();
    }
    return json::Value(text);
  }

  json::Value memory_ = json::Object();
};

// The calls of a story, one after the other, while time passes as it says; until `visit` answers false.
inline void each_call(const Story& story, VirtualClock& clock, Memory& memory,
                      const std::function<bool(const json::Value& step, const aws::Call& call)>& visit) {
  for (const auto& step : story.steps) {
    if (const auto& wait = json::at(step, "wait"); !wait.is_null())
      clock.advance(seconds(json::integer(wait)));
    else if (!visit(step, memory.call(step)))
      return;
  }
}

}  // namespace aright::sandbox
