#pragma once
// A key that is not there is looked for in other spellings: bucketName, BucketName, bucket-name …
// Pure. Internal to guard.

#include <array>
#include <string>
#include <string_view>

namespace aright::guard {

inline constexpr std::size_t spellings_count = 7;

// In the order they are tried: camelCase, ClassCase (its last word made singular), kebab-case,
// PascalCase, snake_case, Title Case, Train-Case.
std::array<std::string, spellings_count> spellings(std::string_view key);

}  // namespace aright::guard
