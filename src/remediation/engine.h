#pragma once
// The shell around the pure story: takes signals in, performs what next() asks for, appends what came back, wakes up when
// a timer is due, and sends what the outbox holds. Everything it knows is in the ledger; kill it at any instant, open it
// again, and it goes on.
//
// Thread-safe. run() starts the workers; without them, step() does one thing at a time, for tests and one-shot commands.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "gateway/gateway.h"
#include "ledger/ledger.h"
#include "remediation/detect.h"
#include "remediation/execute.h"
#include "remediation/finding.h"
#include "remediation/policy.h"
#include "remediation/remediation.h"
#include "sandbox/overlay.h"

namespace aright::remediation {

inline constexpr unsigned workers_default = 4;
inline constexpr milliseconds poll_interval{500};        // between looks at timers, when nothing else wakes a worker
inline constexpr milliseconds fault_pause{5'000};        // before a step that failed for a passing reason is tried again
inline constexpr seconds step_timeout{20 * 60};
inline constexpr int signals_attempts_max = 5;

struct EngineOptions {
  const Policy* policy = nullptr;
  const rules::Controls* controls = nullptr;
  const cloud::Catalog* catalog = nullptr;
  const model::Models* models = nullptr;
  aws::Caller* cloud = nullptr;  // where resources live: AWS, a compatible endpoint, or the sandbox
  ledger::Ledger* ledger = nullptr;
  const Clock* clock = nullptr;
  unsigned workers = workers_default;
};

struct ScanReport {
  std::size_t evaluated = 0, non_compliant = 0, findings_opened = 0;
  std::vector<inventory::Gap> gaps;
};

// Who acts. Checked against roles by the server; the engine checks what only it can know.
struct Actor {
  std::string name, arn;
};

class Engine {
 public:
  explicit Engine(EngineOptions options);
  ~Engine();

  // Workers until stop().
  void run();
  void stop();
  // One due stream, or one due message. False when nothing is due.
  Result<bool> step(const Context& context);

  // Durable when it returns. The same event id twice is one signal.
  Result<SignalId> accept_event(json::Object event);
  Result<ScanReport> scan(const std::vector<std::string>& controls, const Context& context);

  Result<RemediationId> fix(const FindingId& finding, const Actor& actor);
  // A plan made now for one finding; nothing is stored.
  Result<Plan> plan(const FindingId& finding, const Context& context);
  Result<> approve(const RemediationId& id, std::string_view plan_hash, const Actor& actor, std::string comment);
  Result<> reject(const RemediationId& id, std::string_view plan_hash, const Actor& actor, std::string comment);
  Result<> roll_back(const RemediationId& id, const Actor& actor, std::string reason);
  // Approve, Reject or Resume of a waiting step.
  Result<> signal_execution(const ExecutionId& id, std::string_view type, std::string_view step, const Actor& actor,
                            std::string comment);
  void halt(bool on);

  Result<Finding> finding(const FindingId& id) const;
  Result<State> remediation(const RemediationId& id) const;

  gateway::Gateway& gateway() { return gateway_; }
  ledger::Ledger& ledger() { return ledger_; }
  const Policy& policy() const { return policy_; }
  const rules::Controls& controls() const { return controls_; }
  const Clock& clock() const { return clock_; }
  Executor& executor() { return executor_; }

 private:
  using Drafts = std::vector<ledger::Draft>;

  // One turn of a stream; each appends at least one entry or sets its timer.
  Result<> turn(const std::string& stream, const Context& context);
  Result<> turn_signal(const std::string& stream, const Context& context);
  Result<> turn_remediation(const std::string& stream, const Context& context);
  Result<> turn_execution(const std::string& stream, const Context& context);
  Result<> send(const ledger::Message& message, const Context& context);

  // What next() may ask for.
  Result<> decide_now(const State& state, const Context& context);
  Result<> plan_now(const State& state, const Context& context);
  Result<> ask_approval(const State& state);
  Result<> start_execution(const State& state, const Context& context);
  Result<> drive(const State& state, const ExecutionId& execution, const Context& context);
  Result<> verify_now(const State& state, const ExecutionId& execution, const Context& context);
  Result<> roll_back_now(const State& state, const Context& context);

  Result<Plan> rehearse(const State& state, const Context& context);
  Result<std::size_t> record(const Detection& detection, const std::string& opened_by, Drafts drafts);
  // Appends to the remediation's stream at its known end, keeps its timer and projections true, and queues notices.
  Result<> tell(const State& state, const char* kind, json::Object body, std::vector<notify::Notice> notices = {});
  void wake();
  void work(std::stop_token stop);

  const Policy& policy_;
  const rules::Controls& controls_;
  const cloud::Catalog& catalog_;
  const model::Models& models_;
  ledger::Ledger& ledger_;
  const Clock& clock_;
  gateway::Gateway gateway_;
  Detector detector_;
  Executor executor_;
  notify::Courier courier_;
  unsigned workers_;

  std::mutex mutex_;
  std::condition_variable_any awake_;
  std::set<std::string> busy_;       // streams under way: one turn at a time each
  bool nudged_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace aright::remediation
