#include "iam/publicity.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::iam {

namespace {

constexpr int fixed_bits_v4 = 8, fixed_bits_v6 = 32;

// Wider than that is anybody.
bool narrow_range(std::string_view cidr) {
  auto slash = cidr.find('/');
  if (slash == std::string_view::npos) return true;
  bool v6 = cidr.find(':') != std::string_view::npos;
  return json::integer(json::Value(cidr.substr(slash + 1)), 0) >= (v6 ? fixed_bits_v6 : fixed_bits_v4);
}

constexpr std::array fixing_keys{"aws:principalorgid",
                                 "aws:principalorgpaths",
                                 "aws:principalaccount",
                                 "aws:principalarn",
                                 "aws:sourcearn",
                                 "aws:sourcevpc",
                                 "aws:sourcevpce",
                                 "aws:sourceowner",
                                 "aws:sourceaccount",
                                 "aws:sourceorgid",
                                 "aws:userid",
                                 "aws:sourceip",
                                 "lambda:eventsourcetoken",
                                 "kms:calleraccount",
                                 "s3:dataaccesspointarn",
                                 "s3:dataaccesspointaccount",
                                 "s3:x-amz-server-side-encryption-aws-kms-key-id"};

bool restricting(const Condition& condition) {
  if (condition.negated || condition.if_exists || condition.quantifier == Quantifier::any) return false;
  return condition.test == Test::string_equals || condition.test == Test::string_equals_ignore_case ||
         condition.test == Test::string_like || condition.test == Test::arn_like ||
         condition.test == Test::ip_address;
}

bool fixed_value(std::string_view key, std::string_view value) {
  if (key == "aws:sourceip") return narrow_range(value);
  if (value.find("${") != std::string_view::npos) return false;
  return value.find_first_of("*?") == std::string_view::npos;
}

}  // namespace

bool names_everybody(const Statement& statement) {
  if (statement.not_principals) return true;
  return statement.principals && statement.principals->everybody;
}

bool held_to_fixed_callers(const Statement& statement) {
  return std::ranges::any_of(statement.conditions, [](const Condition& condition) {
    auto key = lower(condition.key);
    if (!restricting(condition) || std::ranges::find(fixing_keys, std::string_view(key)) == fixing_keys.end())
      return false;
    return !condition.values.empty() && std::ranges::all_of(condition.values, [&](const std::string& value) {
      return fixed_value(key, value);
    });
  });
}

bool public_statement(const Statement& statement) {
  return statement.effect == Effect::allow && names_everybody(statement) && !held_to_fixed_callers(statement);
}

bool public_policy(const Policy& policy) { return std::ranges::any_of(policy.statements, public_statement); }

bool public_policy(const json::Value& document) {
  auto policy = document.is_string() ? parse_policy(json::text(document)) : parse_policy(document);
  bool absent = document.is_null() || (document.is_string() && document.get_string().empty());
  // There, but unreadable: nobody can say that it is closed.
  if (!policy) return !absent;
  return public_policy(*policy);
}

}  // namespace aright::iam
