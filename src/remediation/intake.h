#pragma once
// Events from where they are kept: SQS queues, streams of NATS JetStream, and CloudTrail's log files in a bucket. What
// was taken is on record before it is deleted or acknowledged there, or before the bookmark moves, so that nothing is
// lost when aright is killed at any instant; what comes twice is known by its id. What cannot be read goes on record as
// refused, on the stream of its source. No more is fetched than is put on record: what waits, waits at the broker.
//
// run() starts a thread for each source; without it, poll() looks once, for tests. Thread-safe.

#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "bus/inbound.h"
#include "nats/jetstream.h"
#include "remediation/engine.h"

namespace aright::remediation {

inline constexpr std::string_view source_prefix = "source/";  // of the stream of a source
inline constexpr int long_poll_s = 20;                        // SQS's longest
inline constexpr int messages_max = 10;                       // of one receive, SQS's own bound
inline constexpr seconds hidden_for{30};                      // what was received, at a time
inline constexpr milliseconds put_off_for{5'000};             // what could not be put on record, at NATS
inline constexpr milliseconds intake_pause{1'000};            // after a look that brought nothing
inline constexpr milliseconds intake_pause_max{60'000};       // doubles up to this while looks fail
inline constexpr milliseconds intake_timeout{120'000};        // of one look
inline constexpr milliseconds farewell_timeout{10'000};       // to tell a broker what is on record, also while stopping
inline constexpr std::size_t refused_bytes_max = 64u << 10;   // kept of what could not be read
inline constexpr std::size_t refused_known_max = 10'000;      // messages that were refused, and are told once
inline constexpr std::size_t files_per_look_max = 1'000;      // log files
// A message whose log file is not there, or may not be read, is refused after so many looks at it.
inline constexpr std::int64_t receives_max = 20;

// One message of a broker.
struct Parcel {
  std::string id;    // as the record names it
  std::string text;
  std::string group = {};             // those of one are taken in their order, or not at all; "": it stands alone
  std::int64_t receives = 1;          // this one counted
  std::optional<Error> fault = {};    // why its text is not here
};

enum class Fate {
  taken,    // on record
  refused,  // cannot be read, now or later; that is on record
  left,     // neither: it has to come again
};

struct Sorted {
  std::vector<Fate> fates;       // of each parcel
  std::size_t taken = 0;         // events and refusals
  std::optional<Error> failure;  // why some are left
};

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
  struct Sorting;  // of the parcels of one batch

  void keep_polling(const Source& source, std::stop_token stop);
  Result<std::size_t> poll_queue(const Source& source, const Context& context);
  Result<std::size_t> poll_stream(const Source& source, const Context& context);
  Result<std::size_t> poll_bucket(const Source& source, const Context& context);

  // In few commits. One that is left keeps back those behind it in its group; one that is refused does not.
  Sorted sort(const Source& source, const std::vector<Parcel>& parcels, const Context& context);
  void take_together(Sorting& sorting);
  void take_alone(Sorting& sorting, std::size_t which, const bus::Inbound& inbound);
  void refuse_parcel(Sorting& sorting, std::size_t which, const Error& why);

  Result<std::string> url_of(const Source& source, const Context& context);
  Result<bool> buries(const Source& source, const std::string& url, const Context& context);
  Result<std::unique_ptr<nats::Client>> client_of(const Source& source, const Context& context);
  Result<std::size_t> take_deliveries(const Source& source, nats::Client& client, const Context& context);
  Result<std::size_t> take_file(const Source& source, const bus::LogFile& file, const Context& context);
  Result<> refuse(const Source& source, std::string_view what, std::string_view body, const Error& why);
  Result<json::Object> call(const Source& source, const char* service, const char* operation, json::Object input,
                            const Context& context);

  Engine& engine_;
  aws::Caller& cloud_;
  std::function<void(const std::string&)> log_;
  std::mutex mutex_;
  std::map<std::string, std::string> urls_;                          // guarded by mutex_, as what follows; of queues
  std::map<std::string, std::unique_ptr<nats::Client>> connections_; // that wait for the next look
  std::set<std::string> refused_;                                    // source and message
  std::vector<std::jthread> threads_;
};

}  // namespace aright::remediation
