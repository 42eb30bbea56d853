#pragma once
// IAM policy documents as data: read once, judged often. Pure; immutable once read; any thread.
//
// Reading is strict where a mistake would change the meaning (an unknown operator, an effect that is
// neither Allow nor Deny) and names the statement. What cannot be read must never allow: see
// NamedPolicy::broken.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::iam {

inline constexpr std::size_t document_bytes_max = 128u << 10;  // AWS's largest is 20 KiB (bucket policies)
inline constexpr std::size_t statements_max = 1'000;           // of one document
inline constexpr std::size_t values_max = 5'000;               // of one element: patterns, principals, values

enum class Effect { allow, deny };

// ForAllValues:, ForAnyValue:, or neither.
enum class Quantifier { one, all, any };

enum class Test {
  string_equals,
  string_equals_ignore_case,
  string_like,
  numeric_equals,
  numeric_less,
  numeric_less_or_equal,
  numeric_greater,
  numeric_greater_or_equal,
  date_equals,
  date_less,
  date_less_or_equal,
  date_greater,
  date_greater_or_equal,
  boolean,
  binary_equals,
  ip_address,
  arn_like,
  null,
};

// One operator on one key: "ForAnyValue:StringNotLikeIfExists": {"aws:TagKeys": ["cost*"]}.
struct Condition {
  Quantifier quantifier = Quantifier::one;
  Test test = Test::string_equals;
  bool negated = false;    // the …Not… operators
  bool if_exists = false;  // a key that is absent is no obstacle
  std::string op;          // as it was written
  std::string key;         // as it was written; compared without case
  std::vector<std::string> values;
};

// Who a statement of a resource policy is about.
struct Principals {
  bool everybody = false;  // "*"
  std::vector<std::string> aws, service, federated, canonical;

  bool operator==(const Principals&) const = default;
};

struct Statement {
  std::string sid;
  Effect effect = Effect::deny;
  std::optional<Principals> principals, not_principals;  // in identity policies: neither
  std::vector<std::string> actions, not_actions;         // one of them is empty
  std::vector<std::string> resources, not_resources;     // both empty: every resource (trust policies)
  std::vector<Condition> conditions;
};

struct Policy {
  std::string version = "2008-10-17";  // what a document without Version is
  std::string id;
  std::vector<Statement> statements;

  // Variables such as ${aws:username} are texts like any other in the older version.
  bool variables() const { return version == "2012-10-17"; }
};

// Fails with invalid: what is wrong, and in which statement.
Result<Policy> parse_policy(const json::Value& document);
Result<Policy> parse_policy(std::string_view text);

// A policy where it is attached. One that cannot be read allows nothing and denies everything: it may
// have held a Deny.
struct NamedPolicy {
  std::string name;  // what messages call it: an ARN, or the name of an inline policy
  Policy policy;
  std::string broken;  // why it could not be read; "" when it could
};
NamedPolicy named_policy(std::string name, std::string_view text);

}  // namespace aright::iam
