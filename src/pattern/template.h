#pragma once
// What a rule's target gets: the event itself, a part of it, a constant, or a text made from parts of it. The semantics
// are those of EventBridge targets (Input, InputPath, InputTransformer). Pure, any thread.

#include <string>
#include <string_view>

#include "json/value.h"

namespace aright::pattern {

inline constexpr std::size_t template_chars_max = 8'192;  // the service's own limits
inline constexpr std::size_t template_paths_max = 100;

// What the reserved names <aws.events.rule-arn>, <aws.events.rule-name> and
// <aws.events.event.ingestion-time> stand for.
struct TransformContext {
  std::string rule_arn, rule_name, ingestion_time;
};

// `target` holds at most one of Input, InputPath and InputTransformer; without any the event goes as it is. Fails with
// invalid when the target is malformed, a path can't be parsed, or what came out of a JSON template is no JSON.
//
// A name whose path finds nothing stands for nothing, as the service documents it. Values are escaped inside quoted
// strings, where the service inserts them raw: an event must not be able to write a target's JSON.
Result<std::string> transform(const json::Value& target, const json::Object& event, const TransformContext& context);

}  // namespace aright::pattern
