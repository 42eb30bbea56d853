#pragma once
// Whom a bucket tells of its events: what S3's API and CloudFormation call the same. For the shaper and its way back.

#include <array>

namespace aright::cloud {

struct NotificationKind {
  const char *api, *target;                // the list in the API's shape, and the member that names the receiver
  const char *cloudformation, *property;  // and as properties
};
inline constexpr std::array notification_kinds{
    NotificationKind{"LambdaFunctionConfigurations", "LambdaFunctionArn", "LambdaConfigurations", "Function"},
    NotificationKind{"QueueConfigurations", "QueueArn", "QueueConfigurations", "Queue"},
    NotificationKind{"TopicConfigurations", "TopicArn", "TopicConfigurations", "Topic"}};

}  // namespace aright::cloud
