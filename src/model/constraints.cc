#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/constraints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pcre2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "base/embedded.h"

ARIGHT_EMBEDDED(constraints)

namespace aright::model {
namespace {

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;

constexpr std::uint32_t pattern_steps_max = 1'000'000;  // of one match
constexpr std::size_t value_bytes_max = 2'000;          // told of what is wrong

// As Java matches: the whole text. A dot is any character, since services take texts of many lines.
Code compiled(std::string_view pattern) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  constexpr auto options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL |
                           PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
  return {pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options, &error, &offset,
                        nullptr),
          pcre2_code_free};
}

// Characters, not bytes.
std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

// How many bytes a text in base64 stands for.
std::int64_t bytes_behind(std::string_view base64) {
  auto padding = std::ranges::count(base64.substr(base64.size() - std::min<std::size_t>(base64.size(), 2)), '=');
  return static_cast<std::int64_t>(base64.size()) / 4 * 3 - padding;
}

// A service's line: what each operation asks for, as a place among the nodes.
struct Line {
  json::Value operations, nodes;
};

std::string_view line_of(std::string_view service) {
  auto all = embedded_constraints();
  while (!all.empty()) {
    auto line = all.substr(0, all.find('\n'));
    if (line.starts_with(service) && line.substr(service.size()).starts_with(' '))
      return line.substr(service.size() + 1);
    all.remove_prefix(std::min(all.size(), line.size() + 1));
  }
  return {};
}

// Null when nothing is known of the service.
const Line* read_line(std::string_view service) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<const Line>, std::less<>> known;
  std::lock_guard lock(mutex);
  if (auto found = known.find(service); found != known.end()) return found->second.get();
  auto text = line_of(service);
  auto parsed = text.empty() ? json::Value() : json::parse(text).value_or(json::Value());
  std::unique_ptr<const Line> line;
  if (parsed.is_object()) line.reset(new Line{json::at(parsed, "operations"), json::at(parsed, "shapes")});
  return known.emplace(service, std::move(line)).first->second.get();
}

std::string told(const json::Value& value) {
  if (const auto* list = value.if_array()) {
    std::vector<std::string> items;
    for (const auto& item : *list) items.push_back(json::scalar_text(item));
    return fmt::format("[{}]", fmt::join(items, ", "));
  }
  return json::scalar_text(value);
}

class Inspector {
 public:
  explicit Inspector(const Line& line) : nodes_(json::items(line.nodes)) {}

  void look(std::int64_t place, const json::Value& value, const std::string& where) {
    if (value.is_null() || all.size() >= breaches_max) return;
    const auto& node = nodes_.at(static_cast<std::size_t>(place));
    if (auto demand = unmet(node, value); !demand.empty()) return report(node, value, where, demand);
    if (value.is_object()) look_inside(node, value, where);
    if (value.is_array()) look_at_items(node, value, where);
  }

  std::vector<Breach> all;

 private:
  static std::int64_t size_of(const json::Value& node, const json::Value& value) {
    if (value.is_string()) {
      std::string_view text = value.get_string();
      return json::truth(json::at(node, "b")) ? bytes_behind(text) : characters(text);
    }
    if (value.is_array()) return static_cast<std::int64_t>(value.get_array().size());
    if (value.is_object()) return static_cast<std::int64_t>(value.get_object().size());
    return json::integer(value);
  }

  // "" when all that this node itself asks for is there.
  static std::string unmet(const json::Value& node, const json::Value& value) {
    const auto &least = json::at(node, "l"), &most = json::at(node, "u"), &values = json::at(node, "e");
    bool counts = value.is_number() || json::truth(json::at(node, "n"));
    const auto* what = counts ? "value" : "length";
    auto size = counts ? json::integer(value) : size_of(node, value);
    if (!least.is_null() && size < json::integer(least))
      return fmt::format("Member must have {} greater than or equal to {}", what, json::integer(least));
    if (!most.is_null() && size > json::integer(most))
      return fmt::format("Member must have {} less than or equal to {}", what, json::integer(most));
    if (!value.is_string()) return "";
    auto text = json::text(value);
    if (values.is_array()) {
      auto known = json::texts(values);
      if (std::ranges::find(known, text) == known.end())
        return fmt::format("Member must satisfy enum value set: [{}]", fmt::join(known, ", "));
    }
    if (auto pattern = json::text(node, "p", ""); !pattern.empty() && !is_matched(pattern, text))
      return "Member must satisfy regular expression pattern: " + pattern;
    return "";
  }

  void report(const json::Value& node, const json::Value& value, const std::string& where, std::string demand) {
    auto said = json::truth(json::at(node, "s")) ? "***" : told(value).substr(0, value_bytes_max);
    all.push_back({.where = where, .value = std::move(said), .demand = std::move(demand)});
  }

  void look_inside(const json::Value& node, const json::Value& whole, const std::string& where) {
    for (const auto& [name, place] : json::members(json::at(node, "m")))
      look(json::integer(place), json::at(whole, name), (where.empty() ? "" : where + ".") + spoken(name));
    const auto& place = json::at(node, "v");
    for (const auto& [name, value] : whole.get_object()) {
      if (demand_of_part(node, "k", json::Value(name), whole, where, "Map keys must satisfy constraint: [{}]")) return;
      if (value.is_object() || value.is_array()) {
        if (!place.is_null()) look(json::integer(place), value, where + "." + std::string(name) + ".member");
      } else if (demand_of_part(node, "v", value, whole, where, "Map value must satisfy constraint: [{}]")) {
        return;
      }
    }
  }

  void look_at_items(const json::Value& node, const json::Value& whole, const std::string& where) {
    const auto& place = json::at(node, "i");
    if (place.is_null()) return;
    int count = 0;
    for (const auto& item : whole.get_array()) {
      ++count;
      if (item.is_object() || item.is_array())
        look(json::integer(place), item, fmt::format("{}.{}.member", where, count));
      else if (demand_of_part(node, "i", item, whole, where, "Member must satisfy constraint: [{}]"))
        return;
    }
  }

  // What is wrong with a text or number in a list or map is said of the whole; once.
  bool demand_of_part(const json::Value& node, const char* part, const json::Value& value, const json::Value& whole,
                      const std::string& where, fmt::format_string<std::string&> form) {
    const auto& place = json::at(node, part);
    if (place.is_null() || value.is_null() || all.size() >= breaches_max) return false;
    const auto& own = nodes_.at(static_cast<std::size_t>(json::integer(place)));
    auto demand = unmet(own, value);
    if (demand.empty()) return false;
    report(own, whole, where, fmt::format(form, demand));
    return true;
  }

  const json::Array& nodes_;
};

}  // namespace

bool is_matched(std::string_view pattern, std::string_view text) {
  auto code = compiled(pattern);
  if (!code) return true;
  std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(pcre2_match_data_create(1, nullptr),
                                                                          pcre2_match_data_free);
  std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
      pcre2_match_context_create(nullptr), pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), pattern_steps_max);
  return pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, data.get(),
                     limits.get()) != PCRE2_ERROR_NOMATCH;
}

std::string spoken(std::string_view member) {
  std::string out(member);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

std::vector<Breach> breaches(std::string_view service, std::string_view operation, const json::Object& input) {
  const auto* line = read_line(service);
  if (line == nullptr) return {};
  const auto& place = json::at(line->operations, operation);
  if (place.is_null()) return {};
  Inspector inspector(*line);
  inspector.look(json::integer(place), json::Value(input), "");
  return std::move(inspector.all);
}

std::string sentence(const std::vector<Breach>& all) {
  std::vector<std::string> parts;
  for (const auto& breach : all)
    parts.push_back(fmt::format("Value {} at '{}' failed to satisfy constraint: {}",
                                breach.value ? fmt::format("'{}'", *breach.value) : "null", breach.where,
                                breach.demand));
  return fmt::format("{} validation error{} detected: {}", all.size(), all.size() == 1 ? "" : "s",
                     fmt::join(parts, "; "));
}

std::vector<std::string> unread_patterns(std::string_view service) {
  std::vector<std::string> out;
  const auto* line = read_line(service);
  if (line == nullptr) return out;
  for (const auto& node : json::items(line->nodes))
    if (auto pattern = json::text(node, "p", ""); !pattern.empty() && !compiled(pattern)) out.push_back(pattern);
  return out;
}

std::vector<std::string> constrained_services() {
  std::vector<std::string> out;
  for (auto all = embedded_constraints(); !all.empty();) {
    auto line = all.substr(0, all.find('\n'));
    out.emplace_back(line.substr(0, line.find(' ')));
    all.remove_prefix(std::min(all.size(), line.size() + 1));
  }
  return out;
}

}  // namespace aright::model
