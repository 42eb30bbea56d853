#include "runbook/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace aright::runbook {

namespace {

constexpr std::size_t name_bytes_max = 128;  // longer names get no suggestion
constexpr std::size_t shown_max = 30;        // of names in one list

// What follows aws: or global:, where names differ.
std::string_view stem(std::string_view name) {
  auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      auto replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view wrong, std::span<const std::string> known) {
  if (wrong.empty() || wrong.size() > name_bytes_max) return "";
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(stem(wrong).size() / 3, 1) + 1;
  auto folded = lower(wrong);
  for (const auto& name : known) {
    if (name.size() > name_bytes_max) continue;
    auto far = distance(folded, lower(name));
    if (far < best_distance && far < std::max(wrong.size(), name.size())) {
      best_distance = far;
      best = name;
    }
  }
  return best;
}

std::string one_of(std::span<const std::string> known) {
  if (known.empty()) return "";
  std::string out = known.size() == 1 ? "write " : "write one of ";
  for (std::size_t i = 0; i < std::min(known.size(), shown_max); ++i) {
    if (i > 0) out += i + 1 == known.size() ? " or " : ", ";
    out += known[i];
  }
  return known.size() > shown_max ? fmt::format("{} and {} more", out, known.size() - shown_max) : out;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> known,
                         std::string_view otherwise) {
  auto name = nearest(wrong, known);
  return name.empty() ? std::string(otherwise) : fmt::format("did you mean {}?", name);
}

}  // namespace aright::runbook
