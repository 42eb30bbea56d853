#include "trial/expect.h"

#include "json/diff.h"

namespace aright::trial {

namespace {

std::string at(const std::string& where) { return where.empty() ? "it" : where; }

}  // namespace

std::optional<std::string> unmet(const json::Value& expected, const json::Value& found, const std::string& where) {
  if (expected.is_string() && expected.get_string() == "*") {
    if (found.is_null()) return fmt::format("{} is not there", at(where));
    return std::nullopt;
  }
  if (expected.is_object() && found.is_object()) {
    for (const auto& [key, member] : expected.get_object()) {
      auto inside = where.empty() ? std::string(key) : fmt::format("{}.{}", where, std::string_view(key));
      if (auto parted = unmet(member, json::at(found, key), inside)) return parted;
    }
    return std::nullopt;
  }
  if (expected.is_array() && found.is_array()) {
    const auto &wanted = expected.get_array(), &list = found.get_array();
    if (wanted.size() != list.size())
      return fmt::format("{} has {} items, not {}: {}", at(where), list.size(), wanted.size(), json::print(found));
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (auto parted = unmet(wanted[i], list[i], fmt::format("{}[{}]", where, i))) return parted;
    return std::nullopt;
  }
  if (json::equal(expected, found)) return std::nullopt;
  return fmt::format("{} is {}, not {}", at(where), json::print(found), json::print(expected));
}

}  // namespace aright::trial
