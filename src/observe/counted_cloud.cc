#include "observe/counted_cloud.h"

#include "base/stopwatch.h"
#include "cloud/classify.h"
#include "telemetry/instruments.h"
#include "telemetry/pulse.h"

namespace aright::observe {

Result<json::Object> CountedCloud::call(const aws::Call& call, const Context& context) {
  static auto& calls = telemetry::Registry::process().counter(
      "aright_aws_calls_total", "Calls to AWS, or to what stands for it, tries of one call counted once.",
      {"service", "class", "outcome"});
  static auto& times = telemetry::Registry::process().histogram(
      "aright_aws_call_seconds", "How long calls to AWS took, tries and pauses included.", telemetry::machine_seconds,
      {"service", "class"});
  auto what = cloud::classify(call, catalog_).reads() ? "read" : "write";
  Stopwatch watch;
  auto answer = below_.call(call, context);
  times.with({call.service, what}).observe(watch.seconds());
  calls.with({call.service, what, answer ? "ok" : name(answer.error().code)}).add();
  // A refusal is an answer; no keys to ask with are none.
  bool said = !answer && (answer.error().http_status != 0 || !answer.error().wire_code.empty());
  bool away = !answer && (answer.error().code == Errc::unavailable || answer.error().code == Errc::deadline);
  if (answer || answer.error().code != Errc::cancelled)
    telemetry::beat(away || !(answer || said) ? telemetry::Pulse::cloud_silent : telemetry::Pulse::cloud_answered);
  return answer;
}

}  // namespace aright::observe
