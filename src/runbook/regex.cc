#define PCRE2_CODE_UNIT_WIDTH 8
#include "runbook/regex.h"

#include <pcre2.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>

namespace aright::runbook {

namespace {

using Code = std::unique_ptr<pcre2_code, decltype(&pcre2_code_free)>;
using Data = std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)>;
using Limits = std::unique_ptr<pcre2_match_context, decltype(&pcre2_match_context_free)>;

constexpr std::size_t pattern_bytes_max = 16 * 1024;

std::string explanation(int code) {
  std::array<unsigned char, 200> buffer{};
  pcre2_get_error_message(code, buffer.data(), buffer.size());
  return reinterpret_cast<const char*>(buffer.data());
}

// AWS's patterns are Java's, which reads a few things otherwise than PCRE2.
class FromJava {
 public:
  explicit FromJava(std::string_view pattern) : left_(pattern) {}

  std::string read() {
    while (!left_.empty()) {
      if (left_.starts_with("\\u") && code_unit(0)) unicode();
      else if (left_.size() > 1 && left_[0] == '\\') escape();
      else if (in_class_ && left_[0] == '-') hyphen();
      else if (!in_class_ && left_[0] == '{') quantifier();
      else plain();
    }
    return std::move(out_);
  }

 private:
  void keep(std::size_t count) {
    out_ += left_.substr(0, count);
    left_.remove_prefix(count);
  }

  void plain() {
    if (left_[0] == '[') in_class_ = true;
    if (left_[0] == ']') in_class_ = false;
    after_set_ = false;
    keep(1);
  }

  // \w and its like are sets: what follows them in a class begins no range.
  void escape() {
    after_set_ = in_class_ && sets.contains(left_[1]);
    keep(2);
  }
  void hyphen() {
    bool before_set = left_.size() > 2 && left_[1] == '\\' && sets.contains(left_[2]);
    if (after_set_ || before_set) out_ += '\\';
    after_set_ = false;
    keep(1);
  }

  // The four digits of \uXXXX, which begins at this place.
  std::optional<unsigned> code_unit(std::size_t at) const {
    constexpr std::size_t digits = 4, size = 2 + digits;
    if (left_.size() < at + size || left_.substr(at, 2) != "\\u") return std::nullopt;
    unsigned value = 0;
    const auto* first = left_.data() + at + 2;
    auto [end, error] = std::from_chars(first, first + digits, value, 16);
    return error == std::errc() && end == first + digits ? std::optional(value) : std::nullopt;
  }

  // Two of them are one character where they are a high and a low surrogate.
  void unicode() {
    constexpr std::size_t size = 6;
    constexpr unsigned high = 0xD800, low = 0xDC00, over = 0xE000, beyond = 0x10000;
    auto one = *code_unit(0);
    auto two = code_unit(size);
    bool pair = one >= high && one < low && two && *two >= low && *two < over;
    out_ += fmt::format("\\x{{{:X}}}", pair ? beyond + ((one - high) << 10) + (*two - low) : one);
    left_.remove_prefix(pair ? 2 * size : size);
    after_set_ = false;
  }

  // {1,262144}: more than PCRE2 counts is as good as any number.
  void quantifier() {
    constexpr std::uint64_t repeats_max = 65'535;
    auto end = left_.find('}');
    auto comma = left_.substr(0, end).find(',');
    std::uint64_t most = 0;
    if (end != std::string_view::npos && comma != std::string_view::npos)
      std::from_chars(left_.data() + comma + 1, left_.data() + end, most);
    if (most <= repeats_max) return plain();
    out_ += fmt::format("{}}}", left_.substr(0, comma + 1));
    left_.remove_prefix(end + 1);
  }

  static constexpr std::string_view sets = "wWdDsS";

  std::string_view left_;
  std::string out_;
  bool in_class_ = false;
  bool after_set_ = false;
};

Result<Code> compile(std::string_view pattern) {
  if (pattern.size() > pattern_bytes_max) {
    return fail(Errc::invalid, "a pattern may have at most {} bytes", pattern_bytes_max);
  }
  const auto read = FromJava(pattern).read();
  int error = 0;
  PCRE2_SIZE offset = 0;
  constexpr auto options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                           PCRE2_NEVER_BACKSLASH_C;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(read.data()), read.size(), options,
                          &error, &offset, nullptr),
            pcre2_code_free);
  if (!code) {
    return fail(Errc::invalid, "'{}' is no pattern: {} at offset {}", pattern, explanation(error),
                offset);
  }
  return code;
}

}  // namespace

Result<> check_pattern(std::string_view pattern) {
  TRY(compile(pattern));
  return {};
}

Result<bool> matches(std::string_view pattern, std::string_view subject) {
  auto code = TRY(compile(pattern));
  Data data(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
  Limits limits(pcre2_match_context_create(nullptr), pcre2_match_context_free);
  pcre2_set_match_limit(limits.get(), regex_steps_max);
  pcre2_set_heap_limit(limits.get(), regex_heap_kib_max);
  int found = pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(subject.data()), subject.size(),
                          0, 0, data.get(), limits.get());
  if (found == PCRE2_ERROR_NOMATCH) return false;
  if (found < 0) return fail(Errc::invalid, "matching '{}': {}", pattern, explanation(found));
  return true;
}

}  // namespace aright::runbook
