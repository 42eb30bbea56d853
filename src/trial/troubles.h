#pragma once
// Calls that fail on demand, as a test's `faults` say:
//
//   faults:
//     - {call: s3:PutPublicAccessBlock, error: ThrottlingException, times: 2}    it is asked again, as in production
//     - {call: s3:PutBucketPolicy, lost: after}        the answer gets lost after it took effect (or: before)

#include <string>
#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "json/value.h"

namespace aright::trial {

struct Trouble {
  std::string call;     // service:Operation
  std::string error;    // code of the service; or
  std::string lost;     // "before" or "after" the effect
  std::string message;
  int status = 400;
  int times = 1;
};
// Fails with invalid for an unknown member.
Result<std::vector<Trouble>> troubles_from_json(const json::Value& list);

// Whoever asks too fast, or at a bad moment, asks again as it is done in production; the pauses pass in virtual time.
class Patient final : public aws::Caller {
 public:
  // Both must outlive it.
  Patient(aws::Caller& below, VirtualClock& clock) : below_(below), clock_(clock) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override;

 private:
  aws::Caller& below_;
  VirtualClock& clock_;
};

class Troubled final : public aws::Caller {
 public:
  // `below` must outlive it.
  explicit Troubled(aws::Caller& below) : below_(below) {}
  void set(std::vector<Trouble> troubles) { troubles_ = std::move(troubles); }
  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  // Those that were asked for and never met.
  std::vector<std::string> unmet() const;

 private:
  aws::Caller& below_;
  std::vector<Trouble> troubles_;
};

}  // namespace aright::trial
