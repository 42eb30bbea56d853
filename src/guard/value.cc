#include "guard/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ranges>

#include "base/overloaded.h"
#include "guard/unicode.h"

namespace aright::guard {

std::string_view name(Kind kind) {
  constexpr std::string_view names[] = {
      "null",        "a boolean", "an integer", "a float", "a text", "a regular expression",
      "a character", "a range",   "a list",     "a map"};
  return names[static_cast<std::size_t>(kind)];
}

void Map::set(std::string key, Place place, Value value) {
  if (auto* there = const_cast<Value*>(find(key))) {
    *there = std::move(value);
    return;
  }
  members_.push_back({std::move(key), place, std::move(value)});
  if (members_.size() < indexed_from) return;
  auto from = index_ ? members_.size() - 1 : 0;
  if (!index_) index_ = std::make_unique<Index>();
  for (auto at = from; at < members_.size(); ++at)
    index_->emplace(members_[at].key, static_cast<std::uint32_t>(at));
}

void Map::shrink() {
  members_.shrink_to_fit();
}

const Value* Map::find(std::string_view key) const {
  if (index_) {
    auto found = index_->find(key);
    return found == index_->end() ? nullptr : &members_[found->second].value;
  }
  auto found = std::ranges::find(members_, key, &Member::key);
  return found == members_.end() ? nullptr : &found->value;
}

std::string Value::path() const {
  std::vector<std::string> steps;
  for (const Value* at = this; at->parent != nullptr; at = at->parent) {
    const auto* map = at->parent->map();
    steps.push_back(map ? map->members()[at->position].key : std::to_string(at->position));
  }
  std::string out;
  for (const auto& step : std::ranges::reverse_view(steps))
    (out += '/') += step;
  return out;
}

void adopt(Value& root) {
  auto take = [&](Value& child, std::size_t position) {
    child.parent = &root;
    child.position = static_cast<std::uint32_t>(position);
    adopt(child);
  };
  if (auto* list = std::get_if<List>(&root.data)) {
    for (std::size_t at = 0; at < list->size(); ++at)
      take((*list)[at], at);
  } else if (auto* map = std::get_if<std::shared_ptr<Map>>(&root.data)) {
    auto& members = (*map)->members();
    for (std::size_t at = 0; at < members.size(); ++at)
      take(members[at].value, at);
  }
}

Value deep_copy(const Value& value) {
  Value copy(value.data, value.place);
  if (const auto* list = value.list()) {
    List items;
    items.reserve(list->size());
    for (const auto& item : *list)
      items.push_back(deep_copy(item));
    copy.data = std::move(items);
  } else if (const auto* map = value.map()) {
    auto fresh = std::make_shared<Map>();
    for (const auto& member : map->members())
      fresh->set(member.key, member.place, deep_copy(member.value));
    copy.data = std::move(fresh);
  }
  return copy;
}

std::string print_real(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  char buffer[400];
  auto [end, error] =
      std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::fixed);
  return error == std::errc() ? std::string(buffer, end) : fmt::format("{}", number);
}

namespace {

void quote(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += c == '\n'   ? "\\n"
             : c == '\t' ? "\\t"
                         : fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string bound(const std::variant<std::int64_t, double, char32_t>& value) {
  return std::visit(Overloaded{[](std::int64_t number) { return std::to_string(number); },
                               [](double number) { return print_real(number); },
                               [](char32_t code) {
                                 std::string out;
                                 append(out, code);
                                 return out;
                               }},
                    value);
}

void print_into(const Value& value, std::size_t bytes_max, std::string& out);

void print_items(const List& list, std::size_t bytes_max, std::string& out) {
  out += '[';
  for (const auto& item : list) {
    if (&item != list.data()) out += ',';
    if (out.size() > bytes_max) break;
    print_into(item, bytes_max, out);
  }
  out += ']';
}

void print_members(const Map& map, std::size_t bytes_max, std::string& out) {
  out += '{';
  for (const auto& member : map.members()) {
    if (&member != map.members().data()) out += ',';
    if (out.size() > bytes_max) break;
    quote(member.key, out);
    out += ':';
    print_into(member.value, bytes_max, out);
  }
  out += '}';
}

void print_into(const Value& value, std::size_t bytes_max, std::string& out) {
  std::visit(
      Overloaded{
          [&](std::monostate) { out += "null"; },
          [&](bool truth) { out += truth ? "true" : "false"; },
          [&](std::int64_t number) { out += std::to_string(number); },
          [&](double number) {
            auto digits = print_real(number);
            out += std::isfinite(number) && digits.find('.') == std::string::npos ? digits + ".0"
                                                                                  : digits;
          },
          [&](const std::string& text) { quote(text, out); },
          [&](const std::shared_ptr<const Regex>& regex) {
            quote("/" + regex->pattern() + "/", out);
          },
          [&](char32_t code) {
            std::string text;
            append(text, code);
            quote(text, out);
          },
          [&](const std::shared_ptr<const Range>& range) {
            quote(fmt::format("{}{},{}{}", range->with_lower ? '[' : '(', bound(range->lower),
                              bound(range->upper), range->with_upper ? ']' : ')'),
                  out);
          },
          [&](const List& list) { print_items(list, bytes_max, out); },
          [&](const std::shared_ptr<Map>& map) { print_members(*map, bytes_max, out); },
      },
      value.data);
}

}  // namespace

std::string print(const Value& value, std::size_t bytes_max) {
  std::string out;
  print_into(value, bytes_max, out);
  if (out.size() <= bytes_max) return out;
  auto cut = bytes_max;
  while (cut > 0 && (static_cast<unsigned char>(out[cut]) & 0xc0U) == 0x80)
    --cut;
  return out.substr(0, cut) + "…";
}

}  // namespace aright::guard
