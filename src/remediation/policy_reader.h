#pragma once
// How the policy's file is read: one mapping at a time, so that what nobody asked for is told as unknown, and each
// fault with its place. Part of reading a policy.

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "json/yaml.h"

namespace aright::remediation {

// Reads one mapping of the file: hands out members, remembers which were asked for, and says which were not.
class Reader {
 public:
  Reader(const json::Document& document, std::string pointer, const json::Value& value,
         std::vector<std::string>& faults)
      : document_(document), pointer_(std::move(pointer)), value_(value), faults_(faults) {
    if (!value.is_object() && !value.is_null()) fault("", "this must be a mapping");
  }
  ~Reader() {
    for (const auto& [key, member] : json::members(value_))
      if (std::ranges::find(known_, std::string_view(key)) == known_.end())
        fault(key, fmt::format("unknown member; known here: {}", fmt::join(known_, ", ")));
  }

  const json::Value& value() const { return value_; }
  const json::Value& take(std::string_view member) {
    known_.emplace_back(member);
    return json::at(value_, member);
  }
  std::string text(std::string_view member, std::string_view otherwise = "") {
    const auto& value = take(member);
    if (value.is_null()) return std::string(otherwise);
    if (!value.is_string() && !value.is_number()) fault(member, "this must be a text");
    return json::scalar_text(value);
  }
  std::string required_text(std::string_view member) {
    auto value = text(member);
    if (value.empty()) fault(member, "this is required");
    return value;
  }
  bool truth(std::string_view member, bool otherwise) { return json::truth(take(member), otherwise); }
  std::int64_t integer(std::string_view member, std::int64_t otherwise, std::int64_t min, std::int64_t max) {
    auto value = json::integer(take(member), otherwise);
    if (value < min || value > max) fault(member, fmt::format("this must be from {} to {}", min, max));
    return value;
  }
  std::vector<std::string> texts(std::string_view member) {
    const auto& value = take(member);
    if (value.is_string()) return {json::text(value)};
    std::vector<std::string> out;
    for (const auto& item : json::items(value)) out.push_back(json::scalar_text(item));
    return out;
  }
  std::map<std::string, std::string> map(std::string_view member) {
    std::map<std::string, std::string> out;
    for (const auto& [key, value] : json::members(take(member))) out[key] = json::scalar_text(value);
    return out;
  }
  void each(std::string_view member, const std::function<void(Reader&)>& visit) {
    const auto& value = take(member);
    if (!value.is_array() && !value.is_null()) fault(member, "this must be a list");
    std::size_t index = 0;
    for (const auto& item : json::items(value)) {
      Reader reader(document_, fmt::format("{}/{}/{}", pointer_, member, index++), item, faults_);
      visit(reader);
    }
  }
  void one(std::string_view member, const std::function<void(Reader&)>& visit) {
    const auto& value = take(member);
    if (value.is_null()) return;
    Reader reader(document_, fmt::format("{}/{}", pointer_, member), value, faults_);
    visit(reader);
  }
  void each_named(std::string_view member, const std::function<void(const std::string&, Reader&)>& visit) {
    for (const auto& [key, item] : json::members(take(member))) {
      Reader reader(document_, fmt::format("{}/{}/{}", pointer_, member, std::string_view(key)), item, faults_);
      visit(key, reader);
    }
  }
  void fault(std::string_view member, std::string_view what) {
    auto pointer = member.empty() ? pointer_ : fmt::format("{}/{}", pointer_, member);
    auto at = document_.locate(pointer);
    faults_.push_back(fmt::format("line {}, column {}: {}: {}", at.line, at.column,
                                  pointer.empty() ? "/" : pointer, what));
  }
  // The value of a Result, or a fault at `member` and a default.
  template <typename T>
  T value_of(std::string_view member, Result<T> result, T otherwise = {}) {
    if (result) return std::move(*result);
    fault(member, result.error().message);
    return otherwise;
  }

 private:
  const json::Document& document_;
  std::string pointer_;
  const json::Value& value_;
  std::vector<std::string>& faults_;
  std::vector<std::string> known_;
};

}  // namespace aright::remediation
