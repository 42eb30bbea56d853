#include "pattern/pattern.h"

#include <algorithm>
#include <charconv>

#include "pattern/consistency.h"
#include "pattern/program.h"

namespace aright::pattern {

namespace {

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xC0) != 0x80; }));
}

template <typename Integer>
bool reads_as(std::string_view token) {
  Integer ignored = 0;
  auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), ignored);
  return error == std::errc() && end == token.data() + token.size();
}

// A number in the JSON text that is no 64-bit integer and that no double holds, such as 1e400 or
// 0.1234567890123456789. Read as a double it would silently become another number.
std::string_view unreadable_number(std::string_view json_text) {
  for (std::size_t at = 0; at < json_text.size(); ++at) {
    if (json_text[at] == '"') {
      for (++at; at < json_text.size() && json_text[at] != '"'; ++at)
        at += json_text[at] == '\\';
      continue;
    }
    if (json_text[at] != '-' && !(json_text[at] >= '0' && json_text[at] <= '9')) continue;
    auto rest = json_text.substr(at);
    auto number = rest.substr(0, rest.find_first_not_of("+-.0123456789eE"));
    if (!number_scalar(number).exact && !reads_as<std::int64_t>(number) &&
        !reads_as<std::uint64_t>(number))
      return number;
    at += number.size() - 1;
  }
  return {};
}

bool field_holds(const Field& field, const Scalar& leaf) {
  return std::ranges::any_of(field.conditions,
                             [&](const auto& condition) { return holds(condition, leaf); });
}

}  // namespace

NumberedRule number_fields(const SubRule& sub_rule, Paths& paths) {
  NumberedRule rule;
  for (const auto& field : sub_rule.fields)
    rule.push_back({.path = paths.add(field.path), .field = &field});
  return rule;
}

bool matches(const NumberedRule& rule, const EventFields& event) {
  std::vector<std::vector<ScopeId>> inside_arrays;
  for (const auto& [path, field] : rule) {
    auto leaves = event.at(path);
    if (leaves.empty() && field->may_be_absent) continue;
    std::vector<ScopeId> scopes;
    bool anywhere = false;
    for (const auto& leaf : leaves) {
      if (!field_holds(*field, leaf.value)) continue;
      anywhere = leaf.scope == root_scope;
      if (anywhere) break;
      scopes.push_back(leaf.scope);
    }
    if (anywhere) continue;
    if (scopes.empty()) return false;
    inside_arrays.push_back(std::move(scopes));
  }
  return inside_arrays.size() < 2 || consistent(event.scopes(), std::move(inside_arrays));
}

Result<Pattern> Pattern::parse(std::string_view json_text) {
  if (characters(json_text) > pattern_chars_max) {
    return fail(Errc::invalid, "an event pattern may have at most {} characters",
                pattern_chars_max);
  }
  auto value = TRY(json::parse(json_text));
  if (auto number = unreadable_number(json_text); !number.empty()) {
    return fail(Errc::invalid, "{} cannot be compared exactly", number);
  }
  return compile(value);
}

Result<Pattern> Pattern::compile(const json::Value& pattern) {
  auto program = std::make_shared<Program>();
  auto sub_rules = TRY(compile_pattern(pattern));
  program->sub_rules = std::move(sub_rules);
  for (const auto& sub_rule : program->sub_rules) {
    program->rules.push_back(number_fields(sub_rule, program->paths));
  }
  return Pattern(std::move(program));
}

bool Pattern::matches(const json::Value& event) const {
  if (!event.is_object()) return false;
  const EventFields fields(program_->paths, event);
  return std::ranges::any_of(program_->rules,
                             [&](const auto& rule) { return pattern::matches(rule, fields); });
}

}  // namespace aright::pattern
