#pragma once
// A rehearsal stage: copy-on-write over any caller. Reads of untouched resources go to the real
// cloud and are remembered; the first write to a resource imports it into a private emulated cloud,
// and from then on it is answered from there. No write is ever forwarded. Thread-safe.

#include <memory>
#include <string>
#include <vector>

#include "cloud/image.h"
#include "sandbox/cloud.h"

namespace aright::sandbox {

// What to do with a write that cannot be rehearsed (in no description, or of undescribed effect).
enum class Unrehearsed {
  refuse,  // fail with unsupported
  pass,    // note it as a write that nothing takes back, answer with an empty output, and go on
};

struct OverlayOptions {
  std::string account = default_account;  // of calls that name none
  std::uint64_t seed = 0x9e3779b97f4a7c15;  // of made-up ids; another one than a cloud's, whose ids they must not be
  Unrehearsed unrehearsed = Unrehearsed::refuse;
  const cloud::Catalog* catalog = nullptr;
  const model::Models* models = nullptr;
};

struct RehearsedWrite {
  aws::Call call;
  json::Object output;
  cloud::Image before, after;
  cloud::Classification classification;
  bool reversible = false;
  std::vector<aws::Call> inverse;  // in the order to make them; ids are the rehearsal's own
  std::string why_irreversible;
};

class Overlay final : public aws::Caller {
 public:
  // `below` and `clock` must outlive the overlay.
  Overlay(aws::Caller& below, OverlayOptions options, const Clock& clock);
  ~Overlay() override;

  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  // A read that the emulated cloud answers, whoever it is about; what it looks at is read from below.
  Result<json::Object> ask_stage(const aws::Call& call, const Context& context);

  std::vector<RehearsedWrite> writes() const;
  std::vector<std::string> unrehearsed() const;  // for people: one sentence each
  bool made_up_answers() const;  // whether a call was answered without knowing what the real cloud would say
  std::vector<json::Change> difference()
      const;  // from before the first write to now; /<type>/<id>/<aspect>/…
  std::vector<aws::Call> inverse() const;  // of all reversible writes, last first
  // Of everything the writes depended on: the before-images of what they changed, as the real cloud
  // had it.
  cloud::Image precondition() const;
  std::string fingerprint() const;

  // The private cloud, for waiting in virtual time and for tests.
  Cloud& stage();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace aright::sandbox
