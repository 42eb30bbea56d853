#pragma once
// What other services ask of SQS.

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::string_view queue_type = "AWS::SQS::Queue";

// A message on its way to whoever receives it next; its id. `attributes` are as SendMessage takes
// them, or null.
Result<std::string> enqueue(Scene& scene, Resource& queue, std::string body,
                            const json::Value& attributes, std::int64_t delay_s = 0);
// By ARN; null when there is none here.
Resource* find_queue(Scene& scene, std::string_view arn);

}  // namespace aright::sandbox
