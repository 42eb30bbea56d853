#pragma once
// Where a function's code is fetched: GetFunction answers a link that holds for ten minutes, as Lambda's own does, and
// says itself what it is for, under a seal that only this process can make. Thread-safe.

#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "net/http.h"

namespace aright::server {

inline constexpr std::string_view code_path = "/code/";
inline constexpr milliseconds code_link_age{600'000};

// A function, as a link names it.
struct CodePlace {
  std::string account, region, function;
};

class CodeLinks {
 public:
  CodeLinks();
  // What stands behind the address of the code: "?account=…&…".
  std::string seal(const CodePlace& place, Timestamp now) const;
  // Fails with denied where the link was made by nobody, for something else, or is too old.
  Result<CodePlace> read(const net::Request& request, Timestamp now) const;

 private:
  std::string signature(const CodePlace& place, std::string_view expires) const;

  std::string key_;
};

}  // namespace aright::server
