#pragma once
// The IAM policy that an assumed role's session is cut to. Pure.

#include <string>
#include <vector>

namespace aright::cloud {

inline constexpr std::size_t session_policy_chars_max = 2048;  // that AssumeRole takes

// Allows what these operations ("s3:PutPublicAccessBlock") need, and to describe and list in their services; nothing
// else. Where that is too long to be taken, all of these services. "" for no operations.
std::string session_policy(const std::vector<std::string>& operations);

}  // namespace aright::cloud
