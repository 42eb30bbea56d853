#include "cloud/template.h"

#include <vector>

namespace aright::cloud {

namespace {

constexpr std::string_view after_last = "##*", after_first = "#*";

struct Part {
  std::string_view literal;      // before the placeholder
  std::string_view placeholder;  // "" at the end of the text
  std::string_view tail;         // {name##*/}: what follows the last of these
  std::string_view rest;         // {name#*/}: what follows the first of these
  bool ends = false;             // no placeholder: the rest of the text
};

Part next_part(std::string_view& text) {
  Part part;
  auto open = text.find('{');
  auto close = open == std::string_view::npos ? open : text.find('}', open);
  if (close == std::string_view::npos) {
    part = {.literal = text, .ends = true};
    text = {};
    return part;
  }
  part.literal = text.substr(0, open);
  part.placeholder = text.substr(open + 1, close - open - 1);
  if (auto mark = part.placeholder.find(after_last); mark != std::string_view::npos) {
    part.tail = part.placeholder.substr(mark + after_last.size());
    part.placeholder = part.placeholder.substr(0, mark);
  } else if (mark = part.placeholder.find(after_first); mark != std::string_view::npos) {
    part.rest = part.placeholder.substr(mark + after_first.size());
    part.placeholder = part.placeholder.substr(0, mark);
  }
  text.remove_prefix(close + 1);
  return part;
}

json::Value value_of(const Part& part, const Lookup& lookup) {
  auto value = lookup(part.placeholder);
  if ((part.tail.empty() && part.rest.empty()) || !value.is_string()) return value;
  std::string_view text = value.get_string();
  auto mark = part.tail.empty() ? part.rest : part.tail;
  auto found = part.tail.empty() ? text.find(mark) : text.rfind(mark);
  return json::Value(found == std::string_view::npos ? text : text.substr(found + mark.size()));
}

// What still holds the mark lost an earlier one: {Name#*/} is parameter/prod/db of /prod/db, parameter/db of db.
std::string uncut(const Part& part, std::string_view text) {
  bool cut = !part.rest.empty() && text.contains(part.rest);
  return fmt::format("{}{}", cut ? part.rest : "", text);
}

json::Value fill_string(std::string_view text, const Lookup& lookup) {
  auto rest = text;
  auto first = next_part(rest);
  if (!first.ends && first.literal.empty() && rest.empty()) return value_of(first, lookup);
  return json::Value(fill_text(text, lookup));
}

}  // namespace

std::string fill_text(std::string_view text, const Lookup& lookup) {
  std::string out;
  while (!text.empty()) {
    auto part = next_part(text);
    out += part.literal;
    if (!part.ends) out += json::scalar_text(value_of(part, lookup));
  }
  return out;
}

json::Value fill(const json::Value& value, const Lookup& lookup) {
  if (value.is_string()) return fill_string(value.get_string(), lookup);
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) {
      auto filled = fill(item, lookup);
      if (!filled.is_null()) out.push_back(std::move(filled));
    }
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [name, member] : value.get_object()) {
    auto filled = fill(member, lookup);
    if (!filled.is_null()) out[name] = std::move(filled);
  }
  return out;
}

std::optional<std::map<std::string, std::string>> match_text(std::string_view form,
                                                             std::string_view text) {
  std::map<std::string, std::string> found;
  auto part = next_part(form);
  while (true) {
    if (!text.starts_with(part.literal)) return std::nullopt;
    text.remove_prefix(part.literal.size());
    if (part.ends) return text.empty() ? std::optional(found) : std::nullopt;
    auto& stands_for = found[std::string(part.placeholder)];
    if (form.empty()) {
      stands_for = uncut(part, text);
      return found;
    }
    const auto here = part;
    part = next_part(form);
    auto end = part.literal.empty() ? std::string_view::npos : text.find(part.literal);
    if (end == std::string_view::npos) return std::nullopt;
    stands_for = uncut(here, text.substr(0, end));
    text.remove_prefix(end);
  }
}

Result<> check_template(const json::Value& value) {
  if (value.is_string()) {
    int depth = 0;
    for (char c : value.get_string()) {
      depth += c == '{' ? 1 : c == '}' ? -1 : 0;
      if (depth < 0 || depth > 1) break;
    }
    if (depth != 0) return fail(Errc::invalid, "the braces in '{}' do not pair", json::text(value));
  }
  for (const auto& item : json::items(value))
    CHECK_OK(check_template(item));
  for (const auto& [name, member] : json::members(value))
    CHECK_OK(check_template(member));
  return {};
}

std::vector<std::string> placeholders(const json::Value& value) {
  std::vector<std::string> out;
  auto add = [&](const json::Value& inner) {
    for (auto& name : placeholders(inner))
      out.push_back(std::move(name));
  };
  if (value.is_string()) {
    std::string_view text = value.get_string();
    while (!text.empty()) {
      auto part = next_part(text);
      if (!part.ends) out.emplace_back(part.placeholder);
    }
  }
  for (const auto& item : json::items(value))
    add(item);
  for (const auto& [name, member] : json::members(value))
    add(member);
  return out;
}

}  // namespace aright::cloud
