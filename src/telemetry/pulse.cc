#include "telemetry/pulse.h"

#include <array>

#include "telemetry/instruments.h"

namespace aright::telemetry {

namespace {

constexpr double second_ms = 1000;

Gauge& gauge_of(Pulse of) {
  static auto& beats = Registry::process().gauge("aright_pulse_timestamp_seconds",
                                                 "Unix time of the last sign of life: of the engine's timekeeper, "
                                                 "and of calls that the cloud answered, or did not.",
                                                 {"of"});
  static const std::array<Gauge*, 3> gauges{&beats.with({"engine"}), &beats.with({"cloud_answered"}),
                                            &beats.with({"cloud_silent"})};
  return *gauges.at(static_cast<std::size_t>(of));
}

}  // namespace

void beat(Pulse of) {
  static const SystemClock clock;
  gauge_of(of).set(static_cast<double>(clock.now().ms) / second_ms);
}

Timestamp pulse(Pulse of) {
  return {static_cast<std::int64_t>(gauge_of(of).value() * second_ms)};
}

}  // namespace aright::telemetry
