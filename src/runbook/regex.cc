#define PCRE2_CODE_UNIT_WIDTH 8
#include "runbook/regex.h"

#include <pcre2.h>

#include <array>
#include <memory>

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

Result<Code> compile(std::string_view pattern) {
  if (pattern.size() > pattern_bytes_max) {
    return fail(Errc::invalid, "a pattern may have at most {} bytes", pattern_bytes_max);
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  constexpr auto options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY |
                           PCRE2_NEVER_BACKSLASH_C;
  Code code(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(), options,
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
