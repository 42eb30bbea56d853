#pragma once
// Messages to SQS queues, and events to EventBridge's buses. One attempt each; thread-safe.

#include <map>
#include <mutex>
#include <string>

#include "aws/call.h"
#include "bus/target.h"

namespace aright::notify {

inline constexpr std::size_t queue_urls_max = 1000;  // remembered, so that a message is one call

struct QueueMessage {
  std::string id;     // one that is sent again is the same, where the queue can tell
  std::string queue;  // its ARN
  std::string body;
  std::map<std::string, std::string> attributes = {};
  std::string group = {};  // of a FIFO queue
};

class Queues {
 public:
  explicit Queues(aws::Caller& cloud) : cloud_(cloud) {}
  Result<> send(const QueueMessage& message, const Context& context);

 private:
  Result<std::string> url_of(const bus::Arn& queue, const Context& context);

  aws::Caller& cloud_;
  std::mutex mutex_;
  std::map<std::string, std::string> urls_;  // guarded by mutex_; region/account/name → URL
};

// An entry of PutEvents, in the account and region that it is put in. Fails with throttled when it may pass by itself,
// with denied when the bus refuses it.
Result<> put_event(aws::Caller& cloud, const std::string& account, const std::string& region, json::Object entry,
                   const Context& context);

}  // namespace aright::notify
