#pragma once
// What Config tells the function of a rule. Pure.

#include <string>

#include "base/clock.h"
#include "json/value.h"

namespace aright::sandbox {

struct RuleForFunction {
  std::string name, arn, id, account, region;
  json::Object parameters;  // texts
};

// A configuration item as answers hold it, in the form that events hold it in: its configuration is no text there, and
// account and ARN have other names.
json::Object item_in_event(json::Object item);
// The messages that an event may be about. An item that takes more than Config tells in one message is summed up; the
// function then asks GetResourceConfigHistory.
inline constexpr std::size_t told_item_bytes_max = 256u << 10;
json::Object change_message(json::Object item_in_event, Timestamp now);
bool is_oversized(const json::Object& message);
json::Object time_message(const std::string& account, Timestamp now);
// The event itself. The function proves by the token which rule asked it. `left`: the resource was in the rule's scope,
// and is no more.
json::Object event_for_function(const RuleForFunction& rule, const json::Object& message, const std::string& token,
                                bool left = false);

}  // namespace aright::sandbox
