#pragma once
// The one error type of the house. Functions that can fail return Result<T>; nothing throws across a module.

#include <fmt/format.h>

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace aright {

enum class Errc {
  invalid,      // the input is wrong; the same call will fail again
  not_found,    // what was named does not exist
  denied,       // the caller may not do this
  throttled,    // asked too often; try later
  conflict,     // exists already, or somebody else changed it first
  unavailable,  // the other side does not answer; a read may be tried again
  deadline,     // time ran out
  cancelled,    // somebody asked to stop
  corrupt,      // stored data is not what was written
  unsupported,  // understood, but not offered here
  drifted,      // the world is no longer what a plan was made for
  internal,     // a fault of aright itself
};

// What a caller may do about a failure.
enum class Retry {
  never,
  later,            // nothing happened; the same call may succeed later
  unknown_outcome,  // a write may or may not have taken effect: read back before trying again
};

std::string_view name(Errc code);

struct Error {
  Errc code = Errc::internal;
  std::string message;
  Retry retry = Retry::never;
  std::string wire_code;  // the AWS error code when the failure came from a service, e.g. NoSuchBucket
  int http_status = 0;    // 0 when no HTTP response was involved
  std::string number;     // an operator-facing number such as AR-0017, with a page in docs/errors/

  // "not_found: bucket logs does not exist"
  std::string text() const;
};

template <typename T = void>
using Result = std::expected<T, Error>;

template <typename... Args>
std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{.code = code, .message = fmt::format(format, std::forward<Args>(args)...)});
}

inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

// The same failure, told from one floor higher: "reading policy.yaml: line 3: …".
template <typename... Args>
std::unexpected<Error> wrap(Error error, fmt::format_string<Args...> format, Args&&... args) {
  error.message = fmt::format(format, std::forward<Args>(args)...) + ": " + error.message;
  return std::unexpected(std::move(error));
}

}  // namespace aright

// auto value = TRY(compute());   returns the error to the caller, or yields the value.
// Not inside a braced initialiser, and not around co_await (GCC 12).
#define TRY(...)                                                   \
  __extension__({                                                  \
    auto&& try_result_ = (__VA_ARGS__);                            \
    if (!try_result_) return std::unexpected(std::move(try_result_.error())); \
    std::move(try_result_).value();                                \
  })

// CHECK_OK(step());   the same for Result<void>.
#define CHECK_OK(...)                                              \
  do {                                                             \
    auto&& check_result_ = (__VA_ARGS__);                          \
    if (!check_result_) return std::unexpected(std::move(check_result_.error())); \
  } while (false)
