#pragma once
// Events from where they are kept: SQS queues, and CloudTrail's log files in a bucket. What was taken is on record
// before it is deleted there, or before the bookmark moves, so that nothing is lost when aright is killed at any
// instant; what comes twice is known by its id. What cannot be read goes on record as refused, on the stream of its
// source.
//
// run() starts a thread for each source; without it, poll() looks once, for tests. Thread-safe.

#include <thread>
#include <vector>

#include "bus/inbound.h"
#include "remediation/engine.h"

namespace aright::remediation {

inline constexpr std::string_view source_prefix = "source/";  // of the stream of a source
inline constexpr int long_poll_s = 20;                        // SQS's longest
inline constexpr int messages_max = 10;                       // of one receive, SQS's own bound
inline constexpr milliseconds intake_pause{1'000};            // after a look that brought nothing
inline constexpr milliseconds intake_pause_max{60'000};       // doubles up to this while looks fail
inline constexpr milliseconds intake_timeout{120'000};        // of one look
inline constexpr std::size_t refused_bytes_max = 64u << 10;   // kept of what could not be read
inline constexpr std::size_t files_per_look_max = 1'000;      // log files

class Intake {
 public:
  // All of it must outlive the intake.
  Intake(Engine& engine, aws::Caller& cloud, std::function<void(const std::string&)> log)
      : engine_(engine), cloud_(cloud), log_(std::move(log)) {}
  ~Intake() { stop(); }

  void run();
  void stop();

  // Takes what is there now; how many events and refusals that were.
  Result<std::size_t> poll(const Source& source, const Context& context);

 private:
  void keep_polling(const Source& source, std::stop_token stop);
  Result<std::size_t> poll_queue(const Source& source, const Context& context);
  Result<std::size_t> poll_bucket(const Source& source, const Context& context);
  Result<std::size_t> take_message(const Source& source, const json::Value& message, const Context& context);
  Result<std::size_t> take_file(const Source& source, const bus::LogFile& file, const Context& context);
  Result<> refuse(const Source& source, std::string_view what, std::string_view body, const Error& why);
  Result<json::Object> call(const Source& source, const char* service, const char* operation, json::Object input,
                            const Context& context);

  Engine& engine_;
  aws::Caller& cloud_;
  std::function<void(const std::string&)> log_;
  std::vector<std::jthread> threads_;
};

}  // namespace aright::remediation
