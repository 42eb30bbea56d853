#pragma once
// Lambda's event source mappings, carried out: the queues that they name are polled, their functions get what is there
// batch by batch, and what a function has dealt with is deleted. What it has not comes again when its time in the queue
// is over, as with Lambda.
//
// run() starts a thread; without it, turn() goes once through all mappings, for tests. Thread-safe.

#include <functional>
#include <thread>

#include "aws/call.h"
#include "sandbox/cloud.h"

namespace aright::server {

inline constexpr milliseconds mappings_pause{1'000};     // between looks, after one that brought nothing
inline constexpr milliseconds mappings_timeout{960'000};  // of one look: a function's longest time, and some
inline constexpr std::size_t batch_default = 10, batch_most = 10'000;  // messages, as Lambda has it for queues
inline constexpr std::size_t receive_most = 10;  // messages of one call, SQS's own bound

struct MappingsOptions {
  const sandbox::Cloud* kept = nullptr;  // where mappings stand
  aws::Caller* queues = nullptr;         // where queues are
  // What Invoke answers.
  std::function<Result<json::Object>(const aws::Call& call, const Context& context)> invoke;
  std::function<void(const std::string&)> log;  // one line about each fault; empty: nobody listens
};

class Mappings {
 public:
  // What the options point to must outlive it.
  explicit Mappings(MappingsOptions options) : options_(std::move(options)) {}
  ~Mappings() { stop(); }

  void run();
  void stop();
  // One batch of each enabled mapping at most; how many messages were received.
  std::size_t turn(const Context& context);

 private:
  struct Mapping;
  Result<std::size_t> serve(const Mapping& mapping, const Context& context);
  Result<json::Array> receive(const Mapping& mapping, const std::string& url, const Context& context);
  Result<> remove(const Mapping& mapping, const std::string& url, const json::Array& messages, const Context& context);
  Result<json::Object> ask(const Mapping& mapping, const char* operation, json::Object input, const Context& context);

  MappingsOptions options_;
  std::jthread thread_;
};

}  // namespace aright::server
