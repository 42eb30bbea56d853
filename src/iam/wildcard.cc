#include "iam/wildcard.h"

#include <span>

#include "base/text.h"

namespace aright::iam {

namespace {

using Pieces = std::span<const std::int16_t>;

constexpr int arn_parts = 6;

std::int16_t literal(char c) { return static_cast<std::int16_t>(static_cast<unsigned char>(c)); }

std::int16_t piece(char c) {
  return c == '*' ? Wildcard::star : c == '?' ? Wildcard::any : literal(c);
}

bool fits(Pieces pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star_at = std::string::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == Wildcard::star) {
      star_at = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == Wildcard::any || pattern[p] == literal(text[t]))) {
      ++p;
      ++t;
    } else if (star_at != std::string::npos) {
      p = star_at + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == Wildcard::star) ++p;
  return p == pattern.size();
}

std::size_t colon_in(Pieces pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (pieces[i] == literal(':')) return i;
  return std::string::npos;
}

// What stands for ${…}: a key, perhaps with a default in quotes behind a comma; *, ? and $ are themselves.
std::optional<std::string> value_of(std::string_view inside, const Keys& keys) {
  if (inside == "*" || inside == "?" || inside == "$") return std::string(inside);
  auto comma = inside.find(',');
  const auto* values = keys.find(trim(inside.substr(0, comma)));
  if (values != nullptr && values->size() == 1) return values->front();
  if (comma == std::string_view::npos) return std::nullopt;
  auto otherwise = trim(inside.substr(comma + 1));
  if (otherwise.size() < 2 || otherwise.front() != '\'' || otherwise.back() != '\'') return std::nullopt;
  return std::string(otherwise.substr(1, otherwise.size() - 2));
}

}  // namespace

Wildcard Wildcard::plain(std::string_view text) {
  std::vector<std::int16_t> pieces;
  pieces.reserve(text.size());
  for (char c : text) pieces.push_back(piece(c));
  return Wildcard(std::move(pieces));
}

std::string Wildcard::text() const {
  std::string out;
  for (auto one : pieces_) out += one == star ? '*' : one == any ? '?' : static_cast<char>(one);
  return out;
}

bool Wildcard::matches(std::string_view text) const { return fits(pieces_, text); }

bool Wildcard::matches_arn(std::string_view arn) const {
  Pieces rest = pieces_;
  for (int part = 1; part < arn_parts; ++part) {
    auto colon = colon_in(rest);
    if (colon == std::string::npos) break;
    auto end = arn.find(':');
    if (end == std::string_view::npos || !fits(rest.first(colon), arn.substr(0, end))) return false;
    rest = rest.subspan(colon + 1);
    arn.remove_prefix(end + 1);
  }
  return fits(rest, arn);
}

std::optional<Wildcard> resolve(std::string_view text, const Keys& keys, bool variables, bool wildcards) {
  std::vector<std::int16_t> pieces;
  pieces.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto end = variables && text.substr(i).starts_with("${") ? text.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      pieces.push_back(wildcards ? piece(text[i]) : literal(text[i]));
      continue;
    }
    auto value = value_of(text.substr(i + 2, end - i - 2), keys);
    if (!value) return std::nullopt;
    for (char c : *value) pieces.push_back(literal(c));
    i = end;
  }
  return Wildcard(std::move(pieces));
}

}  // namespace aright::iam
