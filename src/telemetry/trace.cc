#include "telemetry/trace.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "telemetry/instruments.h"

namespace aright::telemetry {

namespace {

constexpr std::size_t trace_digits = 32, span_digits = 16;

std::string derived(std::string_view what, std::size_t digits) {
  return to_hex(sha256(what)).substr(0, digits);
}

bool is_id(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

// As OTLP has it: whole numbers of 64 bits are texts.
json::Object attribute(std::string_view key, const json::Value& value) {
  json::Object typed;
  if (value.is_bool())
    typed["boolValue"] = value;
  else if (value.is_int64() || value.is_uint64())
    typed["intValue"] = json::scalar_text(value);
  else
    typed["stringValue"] = json::scalar_text(value);
  return {{"key", key}, {"value", std::move(typed)}};
}

json::Array attributes(const json::Object& from) {
  json::Array out;
  for (const auto& [key, value] : from)
    out.push_back(attribute(key, value));
  return out;
}

std::string nanoseconds(Timestamp at) {
  return fmt::format("{}000000", at.ms);
}

json::Object to_otlp(const Span& span) {
  json::Object out{{"traceId", span.trace_id},
                   {"spanId", span.span_id},
                   {"name", span.name},
                   {"kind", static_cast<int>(span.kind)},
                   {"startTimeUnixNano", nanoseconds(span.from)},
                   {"endTimeUnixNano", nanoseconds(span.until)},
                   {"attributes", attributes(span.attributes)}};
  if (!span.parent_id.empty()) out["parentSpanId"] = span.parent_id;
  if (span.link)
    out["links"] = json::Array{json::Object{{"traceId", span.link->trace_id}, {"spanId", span.link->span_id}}};
  if (!span.error.empty()) out["status"] = json::Object{{"code", 2}, {"message", span.error}};
  return out;
}

void count(const char* outcome, std::size_t spans) {
  static auto& counted = Registry::process().counter("aright_trace_spans_total",
                                                     "Spans by what became of them: sent, dropped for want of room, "
                                                     "or failed.",
                                                     {"outcome"});
  counted.with({outcome}).add(spans);
}

}  // namespace

std::string trace_id_of(std::string_view what) {
  return derived(fmt::format("aright trace {}", what), trace_digits);
}
std::string span_id_of(std::string_view what) {
  return derived(fmt::format("aright span {}", what), span_digits);
}

std::optional<TraceParent> parse_traceparent(std::string_view header) {
  auto parts = split(header, '-');
  // Versions to come may add parts; ff is none.
  bool good = parts.size() >= 4 && parts[0].size() == 2 && parts[0] != "ff" && is_id(parts[1], trace_digits) &&
              is_id(parts[2], span_digits) && (parts[0] != "00" || parts.size() == 4);
  if (!good) return std::nullopt;
  return TraceParent{.trace_id = parts[1], .span_id = parts[2]};
}

json::Object to_otlp(const std::vector<Span>& spans, const ExporterOptions& options) {
  json::Array listed;
  for (const auto& span : spans)
    listed.push_back(to_otlp(span));
  json::Object scope{{"scope", json::Object{{"name", "aright"}, {"version", options.version}}},
                     {"spans", std::move(listed)}};
  json::Object resource{
      {"attributes", attributes({{"service.name", options.service}, {"service.version", options.version}})}};
  json::Object one{{"resource", std::move(resource)}, {"scopeSpans", json::Array{std::move(scope)}}};
  return {{"resourceSpans", json::Array{std::move(one)}}};
}

Exporter::Exporter(ExporterOptions options, net::Endpoint endpoint, std::string target)
    : options_(std::move(options)),
      endpoint_(std::move(endpoint)),
      target_(std::move(target)),
      thread_([this](std::stop_token stop) { run(stop); }) {}

Result<std::unique_ptr<Exporter>> Exporter::start(ExporterOptions options) {
  auto endpoint = TRY(net::parse_endpoint(options.traces_url));
  count("dropped", 0);
  auto target = std::exchange(endpoint.path, "");
  return std::unique_ptr<Exporter>(new Exporter(std::move(options), std::move(endpoint), std::move(target)));
}

Exporter::~Exporter() {
  thread_.request_stop();
  thread_.join();
}

void Exporter::offer(Span span) {
  {
    std::lock_guard lock(mutex_);
    if (waiting_.size() < spans_waiting_max) {
      waiting_.push_back(std::move(span));
      if (waiting_.size() < spans_batch) return;
      offered_.notify_one();
      return;
    }
  }
  count("dropped", 1);
}

// What there is, once it fills a batch or has waited for its like.
std::vector<Span> Exporter::next_batch(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  offered_.wait_for(lock, stop, spans_gather, [this] { return waiting_.size() >= spans_batch; });
  auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), spans_batch));
  std::vector<Span> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  return batch;
}

void Exporter::send(const std::vector<Span>& batch, milliseconds timeout, std::stop_token stop) {
  net::Request request{.method = "POST",
                       .target = target_,
                       .headers = {{"Content-Type", "application/json"}},
                       .body = json::print(to_otlp(batch, options_))};
  for (const auto& [name, value] : options_.headers)
    request.headers.set(name, value);
  for (int tried = 1; tried <= spans_tries_max; ++tried) {
    auto answer = client_.send(endpoint_, request, Context::within(timeout));
    if (answer && answer->status / 100 == 2) return count("sent", batch.size());
    bool may_pass = !answer || answer->status == 429 || answer->status / 100 == 5;
    if (!may_pass || stop.stop_requested() || !Context{.stop = stop}.sleep(spans_gather * tried)) break;
  }
  count("failed", batch.size());
}

void Exporter::run(std::stop_token stop) {
  while (!stop.stop_requested())
    if (auto batch = next_batch(stop); !batch.empty()) send(batch, spans_timeout, stop);
  // What is left is sent once, in one piece after the other, as long as there is time.
  auto limit = Context::within(spans_last_timeout);
  for (auto batch = next_batch(stop); !batch.empty(); batch = next_batch(stop)) {
    if (!limit.check()) return count("dropped", batch.size());
    send(batch, std::min(spans_last_timeout, limit.remaining()), stop);
  }
}

}  // namespace aright::telemetry
