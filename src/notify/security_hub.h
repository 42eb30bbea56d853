#pragma once
// What is told to Security Hub and to Config, in the calls that they have for it. Who calls keeps within the bounds of
// one call. Each blocks at most delivery_timeout; thread-safe.

#include <map>
#include <string>
#include <vector>

#include "aws/call.h"
#include "base/context.h"

namespace aright::notify {

inline constexpr std::size_t hub_batch_max = 100;        // findings of one call
inline constexpr std::size_t hub_search_max = 20;        // ids that one GetFindings asks for
inline constexpr std::size_t config_rules_max = 25;      // of one StartConfigRulesEvaluation
inline constexpr std::size_t note_chars_max = 512, field_chars_max = 1024;

struct Place {
  std::string account, region;
  auto operator<=>(const Place&) const = default;
};

// A finding of Security Hub.
struct Identifier {
  std::string id, product_arn;
  auto operator<=>(const Identifier&) const = default;
};

// Those that were not taken, by their Id, and why. The rest was.
using Refused = std::map<std::string, Error>;

Result<Refused> import_findings(aws::Caller& cloud, const Place& place, json::Array findings, const Context& context);
// Those of the findings that there are.
Result<std::map<Identifier, json::Value>> get_findings(aws::Caller& cloud, const Place& place,
                                                       const std::vector<Identifier>& which, const Context& context);
// Writes the same values into all of them.
Result<Refused> update_findings(aws::Caller& cloud, const Place& place, const std::vector<Identifier>& which,
                                const json::Object& values, const Context& context);
// Has Config judge again by these rules.
Result<> evaluate_again(aws::Caller& cloud, const Place& place, const std::vector<std::string>& rules,
                        const Context& context);

}  // namespace aright::notify
