#pragma once
// The event that CloudTrail hands to EventBridge for a call: source aws.s3, detail-type "AWS API
// Call via CloudTrail". Pure.

#include <string_view>

#include "sandbox/cloud.h"

namespace aright::sandbox {

// Request parameters are named as CloudTrail names them: members begin small, lists of EC2 are
// {"items": […]}, and what the model calls sensitive is hidden. `id` becomes the event's id.
json::Object trail_event(const model::Models& models, const Principal& principal,
                         const WriteRecord& write, std::string_view id);

}  // namespace aright::sandbox
