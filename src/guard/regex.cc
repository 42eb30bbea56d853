#define PCRE2_CODE_UNIT_WIDTH 8
#include "guard/regex.h"

#include <pcre2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <optional>

#include "guard/regex_dialect.h"
#include "guard/unicode.h"

namespace aright::guard {

namespace {

constexpr std::int64_t automaton_bytes_max = 16 << 20;
constexpr std::uint32_t heap_kib_max = 16 * 1024;
constexpr int groups_max = 100;  // that replacements may speak of

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;

Result<Code> compile_backtracking(const std::string& pattern) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  constexpr auto options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
  std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
      pcre2_compile_context_create(nullptr), pcre2_compile_context_free);
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
                          &error, &offset, context.get()),
            pcre2_code_free);
  if (code) return code;
  std::array<unsigned char, 200> text{};
  pcre2_get_error_message(error, text.data(), text.size());
  return fail(Errc::invalid, "{}", reinterpret_cast<const char*>(text.data()));
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A match and its groups, each a piece of the text.
using Groups = std::vector<std::string_view>;

}  // namespace

struct Regex::Engines {
  std::unique_ptr<re2::RE2> linear;
  Code backtracking{nullptr, pcre2_code_free};
  bool ascii_boundaries = false;  // RE2 may only see texts of ASCII

  bool linear_for(std::string_view text) const {
    return linear && !(ascii_boundaries && !is_ascii(text));
  }

  Found find(std::string_view text, std::size_t from, Groups& groups, int wanted) const {
    return linear_for(text) ? find_linear(text, from, groups, wanted)
                            : find_backtracking(text, from, groups);
  }

  Found find_linear(std::string_view text, std::size_t from, Groups& groups, int wanted) const {
    auto count = std::min(wanted, linear->NumberOfCapturingGroups() + 1);
    std::vector<re2::StringPiece> pieces(static_cast<std::size_t>(count));
    if (!linear->Match(text, from, text.size(), re2::RE2::UNANCHORED, pieces.data(), count))
      return Found::no;
    groups.clear();
    for (const auto& piece : pieces)
      groups.push_back(piece.data() == nullptr ? std::string_view()
                                               : std::string_view(piece.data(), piece.size()));
    return Found::yes;
  }

  Found find_backtracking(std::string_view text, std::size_t from, Groups& groups) const {
    std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(
        pcre2_match_data_create_from_pattern(backtracking.get(), nullptr), pcre2_match_data_free);
    std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)> limits(
        pcre2_match_context_create(nullptr), pcre2_match_context_free);
    pcre2_set_match_limit(limits.get(), backtracks_max);
    pcre2_set_heap_limit(limits.get(), heap_kib_max);
    int found = pcre2_match(backtracking.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                            text.size(), from, 0, data.get(), limits.get());
    if (found == PCRE2_ERROR_NOMATCH) return Found::no;
    if (found < 0) return Found::overrun;
    groups.clear();
    const auto* places = pcre2_get_ovector_pointer(data.get());
    for (int group = 0; group < found; ++group) {
      auto begin = places[2 * group], end = places[2 * group + 1];
      groups.push_back(begin == PCRE2_UNSET || end < begin ? std::string_view()
                                                           : text.substr(begin, end - begin));
    }
    return Found::yes;
  }

  int number_of(const std::string& name) const {
    if (linear) {
      auto found = linear->NamedCapturingGroups().find(name);
      return found == linear->NamedCapturingGroups().end() ? -1 : found->second;
    }
    return pcre2_substring_number_from_name(backtracking.get(),
                                            reinterpret_cast<PCRE2_SPTR>(name.c_str()));
  }
};

Regex::Regex(std::string pattern, std::unique_ptr<Engines> engines)
    : pattern_(std::move(pattern)), engines_(std::move(engines)) {}
Regex::~Regex() = default;

bool Regex::is_linear() const {
  return engines_->linear != nullptr;
}

Result<std::shared_ptr<const Regex>> Regex::compile(std::string_view pattern) {
  if (pattern.size() > pattern_bytes_max) {
    return fail(Errc::invalid, "a pattern may have at most {} bytes", pattern_bytes_max);
  }
  auto translated = TRY(translate(pattern));
  auto engines = std::make_unique<Engines>();
  if (!translated.backtracks) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(automaton_bytes_max);
    auto linear = std::make_unique<re2::RE2>(translated.pattern, options);
    if (linear->ok()) engines->linear = std::move(linear);
  }
  engines->ascii_boundaries = translated.word_boundaries;
  if (!engines->linear || engines->ascii_boundaries) {
    auto code = compile_backtracking(translated.pattern);
    if (!code) return std::unexpected(code.error());
    engines->backtracking = std::move(*code);
  }
  return std::shared_ptr<const Regex>(new Regex(std::string(pattern), std::move(engines)));
}

Regex::Found Regex::search(std::string_view text) const {
  Groups groups;
  return engines_->find(text, 0, groups, 0);
}

namespace {

bool is_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// $1, ${1}, $name, ${name}; $$ is a dollar. A group that is not there stands for nothing.
void expand(std::string_view replacement, const Groups& groups,
            const std::function<int(const std::string&)>& number_of, std::string& out) {
  for (std::size_t at = 0; at < replacement.size();) {
    if (replacement[at] != '$' || at + 1 == replacement.size()) {
      out += replacement[at++];
      continue;
    }
    if (replacement[at + 1] == '$') {
      out += '$';
      at += 2;
      continue;
    }
    bool braced = replacement[at + 1] == '{';
    auto begin = at + (braced ? 2 : 1), end = begin;
    while (end < replacement.size() && is_name(replacement[end]))
      ++end;
    if (end == begin || (braced && (end == replacement.size() || replacement[end] != '}'))) {
      out += replacement[at++];
      continue;
    }
    std::string name(replacement.substr(begin, end - begin));
    int number = 0;
    auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || stop != name.data() + name.size()) number = number_of(name);
    if (number >= 0 && static_cast<std::size_t>(number) < groups.size())
      out += groups[static_cast<std::size_t>(number)];
    at = end + (braced ? 1 : 0);
  }
}

}  // namespace

Regex::Found Regex::replace_each(std::string_view text, std::string_view replacement,
                                 std::string& out) const {
  Groups groups;
  auto result = Found::no;
  for (std::size_t from = 0; from <= text.size();) {
    auto found = engines_->find(text, from, groups, groups_max);
    if (found == Found::overrun) return found;
    if (found == Found::no) break;
    result = Found::yes;
    expand(
        replacement, groups, [&](const std::string& name) { return engines_->number_of(name); },
        out);
    auto end = static_cast<std::size_t>(groups[0].data() - text.data()) + groups[0].size();
    bool empty = groups[0].empty();
    from = empty && end < text.size() ? end + decode(text, end).bytes : empty ? end + 1 : end;
  }
  return result;
}

}  // namespace aright::guard
