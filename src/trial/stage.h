#pragma once
// aright in a box: an emulated account, a ledger in memory and the engine, on one thread and in virtual time. Waits
// cost nothing; people answer as they are told to. For tests of runbooks and controls.
//
// One thread. Holds everything it needs; make a new one for each test.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "remediation/engine.h"
#include "remediation/rollback.h"
#include "sandbox/cloud.h"
#include "trial/functions.h"
#include "trial/seed.h"
#include "trial/sessions.h"
#include "trial/troubles.h"

namespace aright::trial {

inline constexpr const char* account = "111122223333";
inline constexpr const char* region = "us-east-1";
inline constexpr int looks_max = 20'000;                       // at one test, before it counts as endless
inline constexpr milliseconds settling{24 * 3600 * 1000};      // longer than any slow change of the emulated cloud

class Stage;

struct StageOptions {
  const rules::Controls* controls = &rules::Controls::embedded();
  std::string policy;                            // what follows the policy's targets
  std::function<Result<std::string>(Stage&)> begin = {};  // fills the account, and gives more of the policy
  std::map<std::string, std::string> runbooks;   // name → text, before the catalog's
  std::map<std::string, std::string> answers;    // step → Approve, Reject, Resume or Never; else people say yes
};

class Stage {
 public:
  static Result<std::unique_ptr<Stage>> open(StageOptions options);

  // Time goes by until `done`, or nothing is left to wait for, which fails with deadline.
  Result<> carry_on(const std::function<Result<bool>()>& done);
  Stagehand stagehand() { return {clock, cloud}; }
  // Slow changes of the cloud come to their end.
  void let_settle() { clock.advance(settling); }

  // Runs it to its end. As GetAutomationExecution answers.
  Result<json::Value> run(const std::string& runbook, const json::Object& parameters);
  // What it wrote, "service:Operation", in order; and the way back from all of it.
  Result<std::vector<std::string>> writes();
  Result<remediation::TakenBack> take_back();

  VirtualClock clock;
  sandbox::Cloud cloud;
  Functions functions;  // what is created with CreateFunction runs, in a jail
  Sessions sessions;  // fixes may do what their plan's session may
  Troubled door;
  Patient patient;  // whom the engine asks through
  remediation::Policy policy;
  std::optional<remediation::Library> library;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<remediation::Engine> engine;

 private:
  Stage();
  Result<bool> somebody_answers();
  Result<bool> time_passes();

  std::map<std::string, std::string> answers_;
  std::optional<ExecutionId> execution_;  // the last one
};

}  // namespace aright::trial
