#pragma once
// Everything that watches one engine: a follower of its ledger that feeds figures and the log, the page of metrics,
// and the answer to whether it is ready. What the options point to must outlive it.

#include <atomic>

#include "observe/figures.h"
#include "observe/follower.h"
#include "observe/spans.h"
#include "remediation/engine.h"
#include "telemetry/log.h"

namespace aright::observe {

inline constexpr seconds engine_silence_max{30};  // between two looks of its timekeeper; then it is taken for stuck

struct WatchOptions {
  remediation::Engine* engine = nullptr;
  std::string version;
  std::string state_directory;              // "": the ledger is in memory
  const telemetry::Log* log = nullptr;      // null: the story is not logged
  telemetry::Exporter* exporter = nullptr;  // null: nobody takes spans
};

class Watch {
 public:
  explicit Watch(WatchOptions options);
  void start() { follower_.start(); }
  void stop() { follower_.stop(); }

  // The page behind GET /metrics. Fails when the ledger can't be read.
  Result<std::string> metrics() const;
  // {"ready", "checks": [{"name", "ok", "required", "what"}]}. From stopping() on it is not ready.
  json::Object readiness() const;
  void stopping() { stopping_ = true; }
  // A request that carried a traceparent, as a span of its trace; linked to the remediation that its path names.
  void tell_request(const telemetry::TraceParent& parent, std::string name, int status, Timestamp from) const;

 private:
  void hear(const ledger::Entry& entry, bool fresh);

  const WatchOptions options_;
  const SystemClock clock_;
  Figures figures_;
  Spans spans_;
  Follower follower_;
  std::atomic<bool> stopping_ = false;
};

// What a line of log says of the stream that it is about.
json::Object fields_of(std::string_view stream);

}  // namespace aright::observe
