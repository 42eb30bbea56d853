#include "observe/watch.h"

#include "base/digest.h"
#include "base/random.h"
#include "observe/scrape.h"
#include "remediation/narrate.h"
#include "store/migrate.h"
#include "telemetry/pulse.h"

namespace aright::observe {

namespace entry = remediation::entry;
using telemetry::Pulse;
using telemetry::pulse;

namespace {

json::Object check(std::string_view name, const Result<std::string>& found, bool required = true) {
  return {{"name", name},
          {"ok", found.has_value()},
          {"required", required},
          {"what", found ? *found : found.error().message}};
}

Result<std::string> store_takes_writes(const ledger::Ledger& ledger) {
  CHECK_OK(store::try_change(ledger.database()));
  return std::string("takes writes");
}

Result<std::string> engine_looks(Timestamp now) {
  auto last = pulse(Pulse::engine);
  if (last.ms == 0) return fail(Errc::unavailable, "it was not started");
  if (now - last > engine_silence_max)
    return fail(Errc::unavailable, "it looked for work last at {}", last.iso_seconds());
  return std::string("looks for work");
}

Result<std::string> cloud_answers() {
  auto good = pulse(Pulse::cloud_answered), bad = pulse(Pulse::cloud_silent);
  if (bad > good) return fail(Errc::unavailable, "it gave no answer at {}", bad.iso_seconds());
  if (good.ms == 0) return fail(Errc::unavailable, "it was not asked yet");
  return "answered at " + good.iso_seconds();
}

telemetry::Level level_of(const ledger::Entry& one) {
  using telemetry::Level;
  bool bad = one.kind == entry::escalated || one.kind == entry::planning_failed ||
             one.kind == entry::rollback_failed || one.kind == entry::halted;
  return bad ? Level::warn : Level::info;
}

}  // namespace

json::Object fields_of(std::string_view stream) {
  json::Object fields;
  constexpr std::pair<std::string_view, std::string_view> kinds[]{{"rem_", "remediation"},
                                                                  {"exec_", "execution"},
                                                                  {"fnd_", "finding"},
                                                                  {"sig_", "signal"},
                                                                  {"esc_", "escalation"}};
  for (const auto& [prefix, field] : kinds)
    if (stream.starts_with(prefix)) fields[field] = stream;
  if (stream.starts_with("rem_")) fields["trace_id"] = telemetry::trace_id_of(stream);
  return fields;
}

Watch::Watch(WatchOptions options)
    : options_(std::move(options)),
      spans_(options_.exporter ? Spans::Offer([this](auto span) { options_.exporter->offer(std::move(span)); })
                               : Spans::Offer()),
      follower_(options_.engine->ledger(), [this](const auto& one, bool fresh) { hear(one, fresh); }) {}

void Watch::hear(const ledger::Entry& one, bool fresh) {
  figures_.add(one);
  spans_.add(one, fresh);
  if (!fresh || !options_.log) return;
  auto fields = fields_of(one.stream);
  if (auto remediation = spans_.remediation_of(one.stream); !remediation.empty())
    for (const auto& [name, value] : fields_of(remediation))
      fields[name] = value;
  fields["position"] = one.position;
  auto level = remediation::is_milestone(one) ? level_of(one) : telemetry::Level::debug;
  options_.log->write(level, "story", remediation::narrate(one), fields);
}

void Watch::tell_request(const telemetry::TraceParent& parent, std::string name, int status, Timestamp from) const {
  if (!options_.exporter) return;
  telemetry::Span span{.trace_id = parent.trace_id,
                       .span_id = telemetry::span_id_of(to_hex(random_bytes(8))),
                       .parent_id = parent.span_id,
                       .name = name,
                       .kind = telemetry::Span::Kind::server,
                       .from = from,
                       .until = clock_.now(),
                       .attributes = {{"http.response.status_code", status}},
                       .error = status >= 500 ? "status " + std::to_string(status) : "",
                       .link = {}};
  auto at = name.find("rem_");
  if (at != std::string::npos) {
    auto id = name.substr(at, name.find('/', at) - at);
    span.link = telemetry::TraceParent{.trace_id = telemetry::trace_id_of(id), .span_id = telemetry::span_id_of(id)};
  }
  options_.exporter->offer(std::move(span));
}

Result<std::string> Watch::metrics() const {
  return scrape({.engine = options_.engine,
                 .figures = &figures_,
                 .follower = &follower_,
                 .version = options_.version,
                 .state_directory = options_.state_directory});
}

json::Object Watch::readiness() const {
  json::Array checks;
  checks.push_back(check("server", stopping_ ? Result<std::string>(fail(Errc::cancelled, "it is stopping"))
                                             : Result<std::string>("answers")));
  checks.push_back(check("ledger", store_takes_writes(options_.engine->ledger())));
  checks.push_back(check("engine", engine_looks(clock_.now())));
  // People can look and decide while the cloud is away, and the engine waits for it.
  checks.push_back(check("cloud", cloud_answers(), false));
  bool ready = true;
  for (const auto& one : checks)
    ready = ready && (json::truth(json::at(one, "ok")) || !json::truth(json::at(one, "required")));
  return {{"ready", ready}, {"checks", std::move(checks)}};
}

}  // namespace aright::observe
