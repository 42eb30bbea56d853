#pragma once
// The export while it is made: each part of the module adds what it knows. Part of exporting a policy.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "native/explanation.h"
#include "native/export.h"
#include "native/standing.h"

namespace aright::native {

// Intrinsic functions.
json::Object reference(std::string_view logical);
json::Object attribute(std::string_view logical, std::string_view name);
// What is there when a condition holds, and what when it does not.
json::Object either(std::string_view condition, json::Value then, json::Value otherwise);
// Fn::Sub where the text has a ${…}, else the text.
json::Value filled(std::string_view text);

// RestrictedSsh of restricted-ssh: letters and digits, as logical names must be.
std::string logical_name(std::string_view text);

inline constexpr const char* no_value = "AWS::NoValue";
inline constexpr const char* topic_parameter = "NotificationTopic";
inline constexpr const char* approvers_parameter = "Approvers";
inline constexpr const char* automatic_parameter = "Automatic";
inline constexpr const char* topic_condition = "HasTopic";
inline constexpr const char* automatic_condition = "ActsByItself";

inline constexpr std::size_t managed_policy_chars_max = 6'144;  // IAM's own limit
inline constexpr std::size_t managed_policies_max = 10;         // of one role, the same
inline constexpr std::size_t inline_code_bytes_max = 4u << 20;  // of a function, in a template

struct Draft {
  const remediation::Policy& policy;
  const remediation::Library& library;
  const Options& options;
  Exported out;

  bool has(std::string_view logical) const { return out.resources.contains(logical); }
  // `more`: what stands beside Type and Properties, such as a Condition.
  void add(const std::string& logical, std::string_view type, json::Object properties, json::Object more = {});
  void miss(std::string what, std::string why);
};

// One of a document's parameters, and what it gets.
struct Given {
  std::string name;
  bool resource = false;           // the resource itself
  std::vector<json::Value> values;  // else these
};

// What sets a resource right: a document of Systems Manager, and what it is given.
struct Automation {
  json::Value document;              // its name
  std::string arn;                   // with ${…}: what starting it is about
  std::vector<Given> given;
  std::vector<std::string> roles;    // logical names: whoever starts it has to pass them
  std::vector<std::string> names;    // of all documents that run, as events about them say
};

// What sets a control's resources right, where `standing` lets anything do so by itself or by a person's hand. Adds
// the documents, functions and roles that it needs. None where there is nothing, which is told.
std::optional<Automation> automation_of(Draft& draft, const rules::Control& control, const Standing& standing);
// One that is named by itself, as targets of event rules do.
std::optional<Automation> automation_of(Draft& draft, const remediation::Action& action, std::string_view why);

// Adds the role of a service, and beside it what the role may do: managed policies, since inline ones break rules that
// people hold. The condition keeps others from using the service in our stead.
struct Actor {
  std::string_view service;
  std::string_view source_arn;  // with ${…}: whom the service acts for; "" where it does not say
  std::string description;
};
void add_role(Draft& draft, const std::string& logical, const Actor& actor, const json::Object& policy);
json::Object statement(json::Array actions, json::Array resources);
json::Object policy_document(json::Array statements);
// With each ${…} of its resources put in.
json::Object filled_policy(json::Object policy);
const Somewhere& here();  // ${AWS::Partition}, ${AWS::Region}, ${AWS::AccountId}

// A function, its role and its log group; its logical name. "" where it does not fit into a template, which is told.
std::string add_function(Draft& draft, const std::string& name);
// One of our own, from its text.
struct OwnFunction {
  std::string logical, description, code;
};
void add_own_function(Draft& draft, const OwnFunction& function);
// That EventBridge rules may invoke it.
void permit_invocation(Draft& draft, const std::string& function, const std::string& rule);

// The parts of the export, in this order.
struct RuleFix {
  std::string logical, name, control;  // of the Config rule
  std::string resource_type;
  std::string security_control;  // of Security Hub, or ""
};
std::vector<RuleFix> add_rules(Draft& draft);  // those that a remediation stands behind
std::vector<std::string> add_event_rules(Draft& draft);  // names of documents that they start
void add_hub(Draft& draft, const std::vector<RuleFix>& fixes);
void add_telling(Draft& draft);
void add_what_is_missing(Draft& draft);

}  // namespace aright::native
