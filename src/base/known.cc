#include "base/known.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ranges>

namespace aright {

namespace {

std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      auto replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t typos_max = 2;
  constexpr std::size_t word_max = 256;  // longer ones are no slip of a known word
  if (word.size() > word_max) return "";
  for (const auto& each : known)
    if (word.size() > 1 && each.starts_with(word)) return each;
  auto best = std::ranges::min_element(known, {}, [&](const auto& each) { return distance(word, each); });
  return best != known.end() && distance(word, *best) <= typos_max ? *best : "";
}

std::string unknown_word(std::string_view what, std::string_view word, const std::vector<std::string>& known) {
  auto out = fmt::format("'{}' is not {}", word, what);
  if (!known.empty() && known.size() <= known_shown_max)
    out += fmt::format("; write one of {}", fmt::join(known, ", "));
  if (auto meant = nearest(word, known); !meant.empty()) out += fmt::format("; did you mean '{}'?", meant);
  return out;
}

bool has_id_form(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) && text.size() == prefix.size() + id_characters &&
         std::ranges::all_of(text.substr(prefix.size()), is_letter_or_digit);
}

}  // namespace aright
