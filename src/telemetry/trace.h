#pragma once
// Spans, and their way to an OpenTelemetry collector: OTLP over HTTP in its JSON encoding
// (https://opentelemetry.io/docs/specs/otlp/), in batches, from a queue with a bound. Whoever offers a span never
// waits: one that finds no room is dropped, and counted.

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "json/value.h"
#include "net/http.h"

namespace aright::telemetry {

inline constexpr std::size_t spans_waiting_max = 8'192;
inline constexpr std::size_t spans_batch = 256;
inline constexpr milliseconds spans_gather{1'000};        // before a batch that is not full goes out
inline constexpr milliseconds spans_timeout{10'000};      // of one batch
inline constexpr milliseconds spans_last_timeout{2'000};  // of what is left when the process ends
inline constexpr int spans_tries_max = 3;                 // of one batch; then it is dropped

// The same text gives the same id: what is derived from an id of the ledger is the same after a restart.
std::string trace_id_of(std::string_view what);  // 32 hexadecimal digits
std::string span_id_of(std::string_view what);   // 16

// W3C Trace Context: 00-<trace id>-<parent's span id>-<flags>. Nothing when it is none.
struct TraceParent {
  std::string trace_id, span_id;
};
std::optional<TraceParent> parse_traceparent(std::string_view header);

struct Span {
  enum class Kind { internal = 1, server = 2, client = 3 };
  std::string trace_id, span_id, parent_id;  // parent_id "": it has none
  std::string name;
  Kind kind = Kind::internal;
  Timestamp from, until;
  json::Object attributes;          // texts, whole numbers and booleans
  std::string error;                // "": it went well
  std::optional<TraceParent> link;  // another trace that it belongs to
};

struct ExporterOptions {
  std::string traces_url;                      // http://127.0.0.1:4318/v1/traces
  std::map<std::string, std::string> headers;  // such as Authorization
  std::string service = "aright", version;
};

// Thread-safe.
class Exporter {
 public:
  // Fails with invalid when the URL is none.
  static Result<std::unique_ptr<Exporter>> start(ExporterOptions options);
  ~Exporter();

  void offer(Span span);

 private:
  Exporter(ExporterOptions options, net::Endpoint endpoint, std::string target);
  void run(std::stop_token stop);
  std::vector<Span> next_batch(std::stop_token stop);
  void send(const std::vector<Span>& batch, milliseconds timeout, std::stop_token stop);

  const ExporterOptions options_;
  const net::Endpoint endpoint_;  // without the URL's path, which is the target
  const std::string target_;
  net::Client client_;
  std::mutex mutex_;
  std::condition_variable_any offered_;
  std::deque<Span> waiting_;  // guarded by mutex_
  std::jthread thread_;
};

// The body of one request.
json::Object to_otlp(const std::vector<Span>& spans, const ExporterOptions& options);

}  // namespace aright::telemetry
