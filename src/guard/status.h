#pragma once
// What a rule, a block or a clause came to.

#include <cstdint>
#include <string_view>

namespace aright::guard {

enum class Status : std::uint8_t { pass, fail, skip };

constexpr std::string_view name(Status status) {
  return status == Status::pass ? "PASS" : status == Status::fail ? "FAIL" : "SKIP";
}

}  // namespace aright::guard
