#pragma once
// What comes between the engine and the cloud: throttling, 500s, answers that get lost before or after the effect,
// permissions that are taken away for a while, and reads that are a little old.

#include <functional>
#include <map>
#include <string>

#include "aws/call.h"
#include "base/clock.h"
#include "base/random.h"

namespace aright::simulation {

inline constexpr milliseconds stale_max{20'000};  // a read is older than that never

// Of a thousand calls.
struct Climate {
  int throttled = 0, failed = 0, lost_before = 0, lost_after = 0;
  int stale = 0;  // of a thousand writes: after these, reads of the service answer as before for a while
};

class Weather final : public aws::Caller {
 public:
  Weather(aws::Caller& below, const Climate& climate, std::uint64_t seed, const Clock& clock)
      : below_(below), climate_(climate), random_(seed), clock_(clock) {}

  // While it is calm, everything goes through as it is.
  void calm(bool now) { calm_ = now; }
  // Writes to this service are denied from now on; "": to none.
  void deny(std::string service) { denied_ = std::move(service); }
  // Told of each read that did not show what is.
  std::function<void()> on_mirage;
  std::size_t faults() const { return faults_; }

  Result<json::Object> call(const aws::Call& call, const Context& context) override;

 private:
  Result<json::Object> read(const aws::Call& call, const Context& context);
  Result<json::Object> write(const aws::Call& call, const Context& context);

  aws::Caller& below_;
  const Climate climate_;
  Random random_;
  const Clock& clock_;
  bool calm_ = false;
  std::string denied_;
  struct Seen {
    Result<json::Object> answer;
    Timestamp at;
  };
  std::map<std::string, Seen> seen_;             // the latest true answer to each read
  std::map<std::string, Timestamp> old_until_;  // by service
  std::size_t faults_ = 0;
};

}  // namespace aright::simulation
