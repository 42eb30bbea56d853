#pragma once
// The sealed result of a rehearsal: what will be called, what will change, how to take it back, and
// what it was made for. People approve its hash; the gateway admits only its writes.

#include <map>
#include <set>
#include <vector>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/session_policy.h"
#include "gateway/redact.h"
#include "json/diff.h"
#include "remediation/story.h"

namespace aright::remediation {

// One write the rehearsal made. `output` is what the rehearsal answered; ids in it that the real cloud will choose anew
// are recognised by position when the write is made for real.
struct PlannedWrite {
  aws::Call call;
  json::Value output;
  json::Value before, after;  // images of the aspects it touches
  bool reversible = false;
  std::string why_irreversible = {};  // for people
};

// A resource that names the one to be set right.
struct Dependent {
  std::string type, id;
  std::string by;   // where it names it: VpcConfig.SecurityGroupIds[]
  bool operator==(const Dependent&) const = default;
};

struct Plan {
  PlanId id;
  FindingId finding;
  std::string control;
  Resource resource;
  Action action;
  std::string runbook_hash;         // of the document's text, or of the function's code
  std::string execution_name;       // the execution id the rehearsal ran under
  std::vector<PlannedWrite> writes;
  std::vector<json::Change> difference;  // of the rehearsed images, pointer /<resource>/<aspect>/…
  std::vector<aws::Call> inverse;        // in the order in which they take it all back
  std::vector<std::string> permissions;  // service:Operation, sorted
  std::vector<std::string> unrehearsed;  // why this plan is not the whole truth; empty is good
  std::vector<std::string> approvals;    // steps of the runbook that will ask a person
  // How the enabled controls judge the resource: as it is, and on the rehearsed image: id → {"before", "after"}.
  json::Object outlook;
  std::vector<Dependent> dependents;     // who uses the resource, as far as that is known
  std::string dependents_unknown;        // why these may not be all; "" when they are
  std::string last_used;                 // of the resource, ISO-8601; "" when that is not known
  json::Value preimage;                  // what the writes depend on and would change, as the real cloud had it
  std::string precondition;              // its fingerprint
  Timestamp made_at;
  std::string hash;                      // SHA-256 of the canonical form of everything above

  bool reversible() const;
  bool meets_control() const;               // on the rehearsed image
  std::vector<std::string> harmed() const;  // other controls that are met now, and not there
  // Whether an execution would do anything, or ask anybody.
  bool acts() const { return !writes.empty() || !unrehearsed.empty() || !approvals.empty(); }
};

json::Object to_json(const Plan& plan);
Result<Plan> plan_from_json(const json::Value& value);
// Sets the hash. A plan whose hash does not match its content is refused by plan_from_json.
void seal(Plan& plan);

json::Object to_json(const aws::Call& call);
Result<aws::Call> call_from_json(const json::Value& value);

// What the session of its execution may do.
cloud::SessionPolicy session_policy_of(const Plan& plan, const cloud::Catalog& catalog = cloud::Catalog::embedded());

inline constexpr const char* violation_number = "AR-0004";  // of errors: a plan_violation

// Admits the writes of one execution against its plan: each planned write once, in any order that the execution finds,
// with ids that the rehearsal invented, and the time at which it ran, replaced by the real ones. What the cloud makes
// up and checks itself, an ETag, a lock token, a token of idempotency, is not compared. Calls come redacted, as the
// plan holds them. Not thread-safe; one per execution.
class Admission {
 public:
  Admission(const Plan& plan, std::string execution_name, Timestamp run_at, const gateway::Redactor& redactor,
            const cloud::Catalog& catalog = cloud::Catalog::embedded());

  // Fails with denied and violation_number when no planned write that is left equals this call.
  Result<std::size_t> admit(const aws::Call& call);
  // The write failed and changed nothing: it may be made again.
  void release(std::size_t write) { used_[write] = false; }
  // Teaches which real ids stand for the rehearsed ones.
  void learn(std::size_t write, const json::Value& real_output);

 private:
  void learn_pair(const json::Value& rehearsed, const json::Value& real);
  json::Value translate(const json::Value& value) const;
  std::string translated_digest(std::string digest) const;

  const Plan& plan_;
  const gateway::Redactor& redactor_;
  const cloud::Catalog& catalog_;
  std::vector<bool> used_;
  std::vector<std::pair<std::string, std::string>> names_;  // rehearsed → real
};

}  // namespace aright::remediation
