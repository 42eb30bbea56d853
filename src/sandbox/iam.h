#pragma once
// The hooks of IAM, by what they are about. hook_iam.cc puts them into the table.

#include <string>
#include <vector>

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::string_view user_type = "AWS::IAM::User";
inline constexpr std::string_view iam_group_type = "AWS::IAM::Group";
inline constexpr std::string_view role_type = "AWS::IAM::Role";
inline constexpr std::string_view policy_type = "AWS::IAM::ManagedPolicy";
inline constexpr std::string_view policy_version_type = "AWS::IAM::PolicyVersion";
inline constexpr std::string_view access_key_type = "AWS::IAM::AccessKey";
inline constexpr std::string_view profile_type = "AWS::IAM::InstanceProfile";
inline constexpr std::string_view mfa_type = "AWS::IAM::VirtualMFADevice";

namespace iam_policy_hooks { void add(Hooks& hooks); }
namespace iam_report_hooks { void add(Hooks& hooks); }
namespace iam_detail_hooks { void add(Hooks& hooks); }
namespace iam_identity_hooks { void add(Hooks& hooks); }
namespace iam_simulation_hooks { void add(Hooks& hooks); }

// Everything of one type in the caller's account.
std::vector<const Resource*> all_of(const Scene& scene, std::string_view type);
// Users, groups and roles that a managed policy is attached to.
std::vector<const Resource*> attached_to(const Scene& scene, std::string_view policy_arn);
// The document of a managed policy in its default version; nothing when there is no such policy.
std::optional<std::string> managed_document(const Scene& scene, std::string_view account, const std::string& arn);
// Fails with MalformedPolicyDocument.
Result<> check_document(Scene& scene, const json::Value& document);

}  // namespace aright::sandbox
