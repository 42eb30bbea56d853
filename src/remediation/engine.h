#pragma once
// The shell around the pure story: takes signals in, performs what next() asks for, appends what
// came back, wakes up when a timer is due, and sends what the outbox holds. Everything it knows is
// in the ledger; kill it at any instant, open it again, and it goes on.
//
// Thread-safe. run() starts the workers; without them, step() does one thing at a time, for tests
// and one-shot commands.

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "gateway/gateway.h"
#include "ledger/ledger.h"
#include "ledger/outbox.h"
#include "notify/carrier.h"
#include "remediation/answer_link.h"
#include "remediation/decide.h"
#include "remediation/detect.h"
#include "remediation/edition.h"
#include "remediation/execute.h"
#include "remediation/finding.h"
#include "remediation/fleet.h"
#include "remediation/handed_event.h"
#include "remediation/lanes.h"
#include "remediation/library.h"
#include "remediation/policy.h"
#include "remediation/refusals.h"
#include "remediation/remediation.h"
#include "remediation/event_replay.h"
#include "remediation/slots.h"
#include "remediation/telling.h"
#include "remediation/verification.h"

namespace aright::remediation {

inline constexpr unsigned workers_default = 32;  // they mostly wait, for the disk and for the cloud
inline constexpr milliseconds poll_interval{100};        // between looks at timers and outbox, when nobody is woken
inline constexpr milliseconds leaving_look{20};         // between looks whether the turns under way have ended
inline constexpr milliseconds fault_pause{5'000};        // before a turn that failed is tried again
inline constexpr int faults_max = 20;  // of one stream in a row that do not pass by themselves; then it is set aside
inline constexpr milliseconds busy_pause{500};           // before another look whether the resource is free
inline constexpr milliseconds busy_pause_max{60'000};    // the same where it has not been for long
inline constexpr int busy_share = 10;                    // of the time that it was not: until the next look
inline constexpr const char* engine_name = "aright";      // as entries name who did it by itself
inline constexpr std::string_view engine_stream = "engine";  // of the ledger: halted, resumed
inline constexpr std::string_view people_stream = "people";  // who came, went and was refused
inline constexpr std::size_t held_shown_max = 100;
inline constexpr seconds deferral{3600};                 // of a remediation that the policy defers
inline constexpr milliseconds turn_timeout{20 * 60'000};
inline constexpr milliseconds message_lease{60'000};
inline constexpr std::string_view schedule_prefix = "schedule/";  // of the stream of a rule that runs by itself
inline constexpr const char* other_policy = "the policy is another one than it was decided under";
inline constexpr milliseconds schedule_grace{60'000};  // a run that is later than that was missed
inline constexpr std::int64_t missed_count_max = 10'000;  // missed runs are counted so far
inline constexpr std::size_t accept_batch = 250;  // events in one append
inline constexpr int tell_attempts_max = 8;              // against others who tell about the same finding

struct EngineOptions {
  const Policy* policy = nullptr;
  const rules::Controls* controls = nullptr;
  const cloud::Catalog* catalog = nullptr;
  const model::Models* models = nullptr;
  aws::Caller* cloud = nullptr;  // where resources live: AWS, a compatible endpoint, or the sandbox
  ledger::Ledger* ledger = nullptr;
  const Clock* clock = nullptr;
  const Library* library = nullptr;
  const LinkSeal* links = nullptr;  // null: nobody answers by links
  unsigned workers = workers_default;
  std::optional<FleetOptions> fleet = {};  // where other workers share the ledger; nothing: it is this engine's alone
  gateway::Pause pause;          // empty: real time
  std::function<void(const std::string&)> log;  // one line about each fault; empty: nobody listens
};

struct ScanReport {
  std::size_t evaluated = 0, non_compliant = 0, findings_opened = 0;
  std::size_t insufficient = 0;  // evaluations that could not tell
  std::vector<inventory::Gap> gaps;
};

// Who acts. Checked against roles by the server; the engine checks what only it can know.
struct Actor {
  std::string name, arn;
};

struct Refusal {
  Actor who;           // without a name: nobody whom the policy knows
  std::string source;  // the address from which it was asked; "" where that is not known
  std::string asked;   // POST /api/v1/halt, config:PutConfigRule
};

// How a runbook is started by itself.
struct Manner {
  json::Object for_each = {};  // when it holds anything: once for each target (prepare_for_each)
  bool interactive = false;    // each of its steps waits to be started; not with `for_each`
  std::string version = {};    // of a document of the account's own
  std::string token = {};      // a client's: the same one starts nothing anew
  json::Object tags = {};
  json::Object handed = {};    // as Beginning has it
  Timestamp at = {};           // not before; 0: now
};
// What handed an event to a function, where it was no call.
struct HandedBy {
  std::string token = {};  // the same one hands nothing over anew
  int handed_on = 0;
};
json::Object by(const Actor& actor);  // as entries name them
// As entries hold them: id → compliance, without one of them.
json::Object compliances(const Detector::Evaluations& all, std::string_view but);

class Engine {
 public:
  // Hears of every judgement of a resource, on the thread that made it, once it is on record. Before run().
  using Judgements = std::function<void(const std::vector<Judged>&)>;
  void hear_judgements(Judgements hears) { hears_judgements_ = std::move(hears); }
  // Called after another worker put something over AWS's API. Before run().
  void hear_others(std::function<void()> hears) { hears_others_ = std::move(hears); }
  // Whether this one does what one of all workers does for all: scans, checkpoints. Without others, it is.
  bool is_first();

  // Hears of each resource that was read to be judged, with null of one that is gone; on the thread that read it.
  using Readings = std::function<void(const cloud::ResourceRef&, const cloud::Snapshot*)>;
  void hear_readings(Readings hears) { hears_readings_ = std::move(hears); }

  // Everything in the options must outlive the engine. Fails when the ledger can't be read.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options);
  ~Engine();

  // Workers until stop(). Turns under way may come to their end within `grace`, while nothing new begins; what has not
  // ended by then is cut off, and done again by the next engine.
  void run();
  void stop(milliseconds grace = milliseconds(0));
  // One due stream, or one due message. False when nothing is due.
  Result<bool> step(const Context& context);
  // Steps until nothing is due.
  Result<> settle(const Context& context);

  // From now on the engine goes by this policy, and what is under way ends by the one that it began with. On record,
  // with who and `because`. Fails when a runbook or function of it is broken; then the one before stays.
  Result<> adopt(Policy policy, const Actor& actor, const json::Object& because = {});
  // The same of what another worker adopted, and has told.
  Result<> follow(Policy policy);
  // While it lives, this thread goes by one edition of the policy, whatever is adopted meanwhile. Turns hold one; so
  // does whoever keeps something of policy(), controls(), detector() or executor() while others may call adopt().
  class Pin {
   public:
    explicit Pin(const Engine& engine);
    // By this edition, whatever the thread went by until then.
    Pin(const Engine& engine, std::shared_ptr<Edition> edition);
    ~Pin();
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;

   private:
    const Engine* before_;  // whose was pinned until then
    std::shared_ptr<Edition> edition_;
  };

  // Durable when it returns. The same event id twice is one signal.
  Result<SignalId> accept_event(json::Object event, const Arrival& arrival = {});
  // The same of many, in few commits. Fails before any is on record when one of them is no event.
  Result<> accept_events(const std::vector<json::Object>& events, const Arrival& arrival);
  Result<ScanReport> scan(const std::vector<std::string>& only, const Context& context);

  // A plan made now for one finding, to be shown to the actor: sealed and on record, so that a fix can be held to it.
  Result<Plan> plan(const FindingId& finding, const Actor& actor, const Context& context);
  // Opens a remediation that carries out the plan of this hash, which plan() made for this finding, or does nothing at
  // all. The one under way, when it holds this plan. Fails with not_found when there is no such plan, and with conflict
  // and number AR-0018 when another remediation is under way.
  Result<RemediationId> fix(const FindingId& finding, std::string_view plan_hash, const Actor& actor);
  Result<> approve(const RemediationId& id, std::string_view plan_hash, const Actor& actor, std::string comment);
  Result<> reject(const RemediationId& id, std::string_view plan_hash, const Actor& actor, std::string comment);
  // In the name of the person whose link it is; the link must be genuine (LinkSeal). Fails with AR-0021 when the
  // request it is for, or the step, does not wait for this person any more. A step that pauses is only approved.
  Result<> answer_by_link(const AnswerLink& link, bool approves, std::string comment);
  Result<> roll_back(const RemediationId& id, const Actor& actor, std::string reason);
  // Approve, Reject or Resume of a waiting step.
  Result<> signal_execution(const ExecutionId& id, std::string_view type, std::string_view step, const Actor& actor,
                            std::string comment);
  // As Systems Manager stops one: cancelled, or complete as far as it has come.
  Result<> stop_execution(const ExecutionId& id, const Actor& actor, std::string reason, bool complete);
  // A runbook by itself, without finding, plan or approval: all its writes are admitted. With a client's token, the
  // execution that began with it already; fails with conflict where that was asked for something else.
  Result<ExecutionId> start_runbook(std::string_view name, const json::Object& parameters, const std::string& account,
                                    const std::string& region, const Actor& actor, const Context& context,
                                    const Manner& manner = {});
  // The same of a function, with its event.
  Result<ExecutionId> start_function(std::string_view name, const json::Object& event, const std::string& account,
                                     const std::string& region, const Actor& actor, const Context& context,
                                     const Manner& manner = {});
  // The same to be dealt with later, as Lambda's Invoke of the type Event: tried again where it fails, and whoever is
  // named for it hears of the end. Durable when it returns. `name`: with the version, where it has one.
  Result<ExecutionId> hand_event(std::string_view name, const json::Object& event, const std::string& account,
                                 const std::string& region, const Actor& actor, const Context& context,
                                 const HandedBy& by = {});
  // What is to become of a function's events. Before run(); without it, Lambda's defaults.
  using AsksAfterwards = std::function<sandbox::Afterwards(const std::string& function, const std::string& account,
                                                           const std::string& region)>;
  void ask_afterwards(AsksAfterwards asks) { asks_afterwards_ = std::move(asks); }
  // Hands archived events in once more, from now on. Fails with conflict when there was a replay by this name.
  Result<> start_replay(const ReplayOrder& order, const Actor& actor);
  // That somebody came in or went, by a kind of entry.
  Result<> record_session(const char* kind, const Actor& actor, const std::string& issuer);
  // Within the bounds of refusals.h.
  void record_refusal(const Refusal& refusal);
  // Fails with conflict when it is over.
  Result<> cancel_replay(const std::string& name, const Actor& actor);
  // While it holds, nothing is done about an open finding by itself; what was not started yet waits. A person's fix
  // goes on. Fails with conflict when the finding is resolved.
  Result<> except(const FindingId& finding, const Actor& actor, Exception exception);
  Result<> end_exception(const FindingId& finding, const Actor& actor);
  // Nothing in this scope is written any more, from now until it is resumed, restarts included.
  Result<> halt(const gateway::Scope& scope, const Actor& actor, std::string reason);
  // Ends the halt of this scope. Fails with conflict when only others are on.
  Result<> resume(const gateway::Scope& scope, const Actor& actor, std::string reason);
  Result<> resume_all(const Actor& actor, std::string reason);
  bool all_halted() const { return !gateway_.halts().covering("", "", "", "").empty(); }
  // What people are told again and again, those that are not settled, as docs/reference/api.md has them.
  Result<std::vector<json::Value>> escalations() const;
  Result<Escalation> escalation(const EscalationId& id) const;
  // The actor sees to it: nobody else is told. Fails with conflict when somebody does already, or it is settled.
  Result<Escalation> acknowledge(const EscalationId& id, const Actor& actor, std::string comment);
  // Sends a message there now, whatever the channel wants. Fails as the delivery does.
  Result<> test_channel(std::string_view name, const Actor& actor, const Context& context);
  // Which brakes hold now, and what they hold, as docs/reference/api.md has it; at most held_shown_max of the latter.
  Result<json::Object> brakes();

  Result<Finding> finding(const FindingId& id) const;
  Result<State> remediation(const RemediationId& id) const;

  gateway::Gateway& gateway() { return gateway_; }
  ledger::Ledger& ledger() { return ledger_; }
  const ledger::Ledger& ledger() const { return ledger_; }
  const Policy& policy() const { return *edition().policy; }
  const rules::Controls& controls() const { return edition().controls; }
  const Library& library() const { return *edition().library; }
  const model::Models& models() const { return models_; }
  const Clock& clock() const { return clock_; }
  Executor& executor() { return edition().executor; }
  const Detector& detector() const { return edition().detector; }

 private:
  explicit Engine(EngineOptions options);

  std::shared_ptr<Edition> latest() const;
  Edition& edition() const;  // the one that is pinned, else the latest
  std::shared_ptr<Edition> edition_of(std::shared_ptr<const Policy> policy, std::shared_ptr<const Library> library,
                                      const rules::Controls& controls);
  Result<ExecutionId> begin(const Prepared& prepared, const Resource& here, const Actor& actor, const Manner& manner,
                            const std::string& request);
  // The one that began with this id; nothing: none did.
  Result<std::optional<ExecutionId>> begun_already(const ExecutionId& id, const std::string& request) const;
  void put_into_force(std::shared_ptr<Edition> next);
  // What waits, and begins, by the policy that holds now.
  Result<> begin_edition();
  // What a control found that holds no more is no finding, and nothing more is done about it; what is being set right
  // ends first.
  Result<> let_go();
  Result<> let_go_of(const std::string& control);
  Result<bool> let_go_of(const Finding& found, const std::string& why);
  // Of a remediation that is not at the resource.
  Result<> let_go_of(const State& state, const std::string& why);
  std::string why_let_go(const std::string& control, const std::string& account) const;  // "" where it holds
  void resolve_let_go(const Finding& found, Telling& told) const;
  notify::Carrier& carrier() { return edition().carrier; }
  // After a turn that failed: when the next one is, or that there is none.
  Result<> after_fault(const std::string& stream, const Error& error);
  // What fails again and again is left to a person, so that it costs no more turns. False when there is no way to.
  Result<bool> set_aside(const std::string& stream, const Error& error);
  // One turn of a stream: appends at least one entry, or sets or cancels its timer.
  Result<> turn(const std::string& stream, const Context& context);
  Result<> turn_signal(const std::string& stream, const Context& context);
  Result<> handle_signal(const ledger::Entry& received, const std::set<std::string>& others, const Context& context);
  Result<> turn_replay(const std::string& stream, const Context& context);
  Result<> turn_schedule(const std::string& stream, const Context& context);
  Result<> turn_remediation(const std::string& stream, const Context& context);
  Result<> turn_execution(const std::string& stream, const Context& context);
  // After an attempt of a function to deal with an event.
  Result<> after_event(const ExecutionId& id, const Progress& progress, const Context& context);
  Result<bool> try_again(const ExecutionId& id, HandedEvent handed, const ledger::Entry& begun, Timestamp due,
                     const Context& context);
  Result<> tell_of_event(const ExecutionId& id, const HandedEvent& handed, const Tidings& tidings,
                         const Actor& actor, const Context& context);
  Result<> turn_escalation(const std::string& stream);
  Result<> turn_watch(const std::string& stream);
  Result<> tell_escalation(const Escalation& one, const char* kind, json::Object body,
                           std::optional<Directed> message);
  Result<Circumstances> circumstances_of(const Escalation& one) const;
  Result<> plant_watches();
  Result<bool> send_one(const Context& context);
  Result<bool> send_notice(const Context& context);
  Result<> claim_company(const notify::Channel& channel, std::vector<ledger::Claim>& claims);
  Result<> deliver(const notify::Channel& channel, const std::vector<ledger::Claim>& claims, const Context& context);
  Result<bool> send_delivery(const Context& context);
  // Errands to the tools that told of findings, as many as one call takes.
  Result<bool> send_to_tools(const Context& context);
  // Messages of an outbox channel that are due, claimed: at most so many, of those whose ids begin with `prefix`.
  Result<std::vector<ledger::Claim>> claim_due(std::string_view channel, std::size_t limit,
                                               std::string_view prefix = {});
  Result<> settle_delivery(const ledger::Claim& claim, const Result<bus::Delivery>& delivery, const Result<>& sent);
  Result<> plant_schedules();
  // A signal to be, whose id says what it is: the same event on the same bus is the same signal.
  Result<std::pair<SignalId, ledger::Draft>> received_signal(json::Object event, const Arrival& arrival) const;
  void send_later(const std::string& signal, Detection& detection, Telling& told) const;

  // One turn at a time works on a resource, whichever remediation it is of: a rollback merges what it read.
  class Hands {
   public:
    // In a turn of that stream. Where the store cannot say whether it is free, it is not.
    Hands(Engine& engine, const std::string& stream, std::string resource);
    ~Hands();
    Hands(const Hands&) = delete;
    Hands& operator=(const Hands&) = delete;
    explicit operator bool() const { return on_it_; }

   private:
    Engine& engine_;
    const std::string resource_;
    std::shared_ptr<Fleet::Grip> grip_;  // where there is a fleet
    bool on_it_ = false;
  };

  // Where other workers share the ledger (engine_fleet.cc).
  Result<> join_fleet();
  Result<std::string> claim_due();
  std::shared_ptr<Fleet::Grip> grip_of(const std::string& stream);
  // What others put on record and this process has to go by: halts, policies, how far the ledger is.
  Result<> follow_others();
  Result<> follow_halts();
  Result<> judge_alone(const std::string& stream, const std::vector<std::string>& resources,
                       const std::function<Result<>()>& judges);

  // What next() may ask for.
  Result<> decide_now(const State& state);
  // All that is decided by; `plan`: once there is one.
  Result<Facts> facts_of(const State& state, const Plan* plan) const;
  void tell_decision(const State& state, const Verdict& verdict, Telling& told) const;
  Result<Plan> make_plan(const FindingId& finding, const std::string& control, const Resource& resource,
                         const Action& action, const Context& context);
  Result<std::string> void_because(const Plan& plan, const Prepared& prepared, aws::Caller& reader,
                                   const Context& context) const;
  Result<> plan_now(const State& state, const Context& context);
  Result<> take_agreed_plan(const State& state, const Context& context);
  // `during`: the execution that was under way.
  Result<> void_plan(const State& state, const std::string& reason, const std::optional<ExecutionId>& during = {});
  Result<> ask_approval(const State& state);
  Result<> expire_approval(const State& state);
  Result<> escalate_approval(const State& state);
  Result<> remind_approvers(const State& state);
  // Puts on record that people are asked, and tells them; of their channels those of the rungs from that one on.
  Result<> ask(const State& state, const char* kind, const Request& request, std::string notice_kind,
               std::size_t from_rung);
  void ask_each(const State& state, const Request& request, std::size_t from_rung, const notify::Notice& asking,
                Telling& told) const;
  struct Reply {
    Actor actor;
    bool approves = false;
    std::string comment;
    const AnswerLink* link = nullptr;  // with which they answer
  };
  Result<> reply(const RemediationId& id, std::string_view plan_hash, const Reply& reply);
  Result<> answer_step(const AnswerLink& link, const Principal& person, bool approves, std::string comment);
  // What waits for approval, and was decided by what is otherwise in this policy, is decided anew.
  Result<> outdate_approvals();
  bool is_outdated(const State& state) const;
  Result<> start_execution(const State& state, const Context& context);
  Result<bool> has_to_wait(const State& state);
  Result<> put_off(const State& state, const Hold& hold);
  Result<> drive(const State& state, const ExecutionId& execution, const Context& context);
  Result<> verify_now(const State& state, const Context& context);
  // Where nothing says any more whether it is as it should be.
  Result<> end_unjudged(const State& state);
  // Adds to `body` what the entry says of it.
  Result<Look> look_at(const State& state, json::Object& body, const Context& context);
  Result<bool> is_pending(const State& state, const Context& context);
  // The first of its health checks that fails, and why; "" when none does.
  std::string unhealthy(const State& state, const Context& context);
  const Care& care_of(const State& state) const;
  // `bad`: null when it is tried again.
  Result<> end_badly(const State& state, json::Object verification, json::Object body, const IsBad* bad);
  Result<> roll_back_now(const State& state, const Context& context);
  Result<> reopen_after_rollback(const State& state, const Context& context, Telling& told);

  // Adds what an evaluation means for its finding. True when a finding was opened. What was told of the finding behind
  // the ledger's position `since`, when the resource was read, makes the evaluation an old one: then it is made anew.
  Result<bool> judge(const Judged& judged, const std::string& opened_by, std::uint64_t since, Telling& telling,
                     const Context& context);
  Result<bool> tell_judged(const Judged& judged, const Finding& finding, const std::vector<ledger::Entry>& entries,
                           const std::string& opened_by, Telling& telling);
  Result<bool> hear_again(const Finding& finding, const Judged& judged, const std::string& opened_by,
                          Telling& telling);
  Action action_for(const Judged& judged, int& attempts_max, milliseconds& retry_after) const;
  // Whose plan is carried out, when a person asked for it.
  struct Consent {
    std::string person, plan_hash;
  };
  void open_remediation(const Finding& finding, const Judged& judged, const std::string& opened_by,
                        const Consent& consent, Telling& telling);
  // A finding as the evaluation that would open a remediation of it again.
  Result<Judged> judged_again(const Finding& finding) const;
  Result<Plan> sealed_plan(const FindingId& finding, std::string_view hash) const;
  // How the enabled controls judge a resource, and its own, whether enabled or not; through another door than the
  // gateway's, on a rehearsed image.
  Result<Detector::Evaluations> judge_all(const Resource& resource, const std::string& own, const Context& context,
                                          aws::Caller* through = nullptr);
  Result<json::Object> judge_others(const State& state, const Context& context);
  // Why it may not start now; nothing when it may.
  Result<std::optional<Hold>> held_back(const State& state);
  Result<std::optional<Hold>> held_by_exception(const State& state) const;
  Result<std::optional<Hold>> held_by_pace(const State& state) const;
  Result<std::optional<Hold>> held_by_canary(const State& state, const Candidate& candidate) const;
  Result<std::optional<Hold>> held_by_running(const State& state, const Candidate& candidate) const;
  Result<std::optional<Hold>> held_by_limits(const State& state, const Candidate& candidate);
  Result<std::optional<Hold>> held_by_breaker(const State& state) const;
  // The policy's, else the one on record.
  std::optional<Exception> exception_of(const Finding& finding, const std::map<std::string, std::string>& tags) const;
  // Of one that has an exception: whether it still may, and whether its owner is to hear of its end.
  Result<> turn_finding(const std::string& stream, const Context& context);
  Result<> plant_exceptions();
  Result<std::string> broken_promise(const Finding& found, const Exception& exception, const Context& context) const;
  void tell_owner(const Finding& found, const Exception& exception, const char* kind, const std::string& subject,
                  Telling& told) const;
  // Config's own, after the last attempt within the window.
  Result<> except_after_attempts(const State& state, Telling& told);
  Candidate candidate_of(const State& state) const;
  // The policy may have other brakes than before: what none of them holds any more goes on.
  Result<> release_held();
  void wake_halted();
  Result<> halt_again();  // what was halted when the ledger ends
  Result<json::Array> halts_now() const;
  bool is_halted(const State& state) const;
  Result<> tell_halt(const char* kind, std::string_view member, json::Value about, const Actor& actor,
                     std::string reason);
  Result<json::Array> breakers_now();
  Result<json::Array> held_now();
  // Whether the breaker opens with the failure that is about to be told; then people hear of it.
  Result<bool> warn_of_breaker(const State& state, Telling& told);
  // How often the finding was set right lately and came back.
  Result<int> rounds_of(const FindingId& finding) const;
  // For how long another remediation has been at the resource; nothing when none is.
  Result<std::optional<milliseconds>> busy_for(const State& state);
  Result<> conclude(const State& state, const json::Object& verification);
  Result<> wake_at(const std::string& stream, Timestamp due);
  static Telling::Work wake(const std::string& stream, Timestamp due);
  // Ends a turn that came to nothing: the stream sleeps until `due`, or for good. But when one of the streams that the
  // turn looked at has gone on since, somebody spoke meanwhile, and their wake-up must not be slept over.
  struct Seen {
    std::string stream;
    std::uint64_t sequence = 0;  // 0: not looked at
  };
  Result<> rest(const std::string& stream, const std::vector<Seen>& seen, std::optional<Timestamp> due);
  // Until the lane of this account and region has room.
  Result<> stand_in_line(const std::string& account, const std::string& region, const Seen& seen);
  // An execution and the children that it waits for, as far as it was driven.
  static std::vector<Seen> seen_of(const ExecutionId& execution, const Progress& progress);
  notify::Notice notice(const State& state, std::string kind, std::string subject, json::Object more = {}) const;

  Telling telling() { return Telling(ledger_, policy(), controls()); }
  Result<> tell(const State& state, const char* kind, json::Object body);
  Result<> answer(const State& state, const char* kind, json::Object body);  // of an approver
  void nudge();
  Result<std::string> take_due();
  std::string pop_ready();  // under mutex_
  void work(std::stop_token stop);
  void keep_time(std::stop_token stop);
  // After a turn: its stream is free again.
  void put_back(const std::string& stream, bool turned);
  void log(const std::string& line) const;

  const cloud::Catalog& catalog_;
  const model::Models& models_;
  aws::Caller& cloud_;
  ledger::Ledger& ledger_;
  const Clock& clock_;
  const LinkSeal* links_;
  gateway::Gateway gateway_;
  std::mutex adopting_;  // one at a time
  mutable std::mutex editions_mutex_;
  std::shared_ptr<Edition> edition_;  // the latest; guarded by editions_mutex_
  Bursts bursts_;
  notify::Courier courier_;
  unsigned workers_;
  std::stop_source stopping_;  // for scans; once stopped, there are no more of them
  std::function<void(const std::string&)> log_;
  Judgements hears_judgements_;
  Readings hears_readings_;
  AsksAfterwards asks_afterwards_;
  std::unique_ptr<Fleet> fleet_;  // null: no others
  std::unique_ptr<store::Bell> bell_;
  std::optional<std::uint64_t> rings_;  // the subscription that rings it
  std::function<void()> hears_others_;
  std::mutex claiming_;                     // one thread at a time
  std::mutex following_;                    // one at a time
  std::atomic<std::uint64_t> halts_known_ = 0;  // of the engine's stream: up to there the gateway goes by it
  std::atomic<std::uint64_t> put_known_ = 0;    // of what was put over AWS's API: up to there hears_others_ was called

  std::mutex start_mutex_;           // starting is looking whether one may, and then doing it
  Slots slots_;
  Lanes lanes_;
  RefusalBounds refusals_;
  std::mutex mutex_;                 // guards what follows
  std::condition_variable_any awake_;
  std::set<std::string> busy_;       // streams under way: one turn at a time each
  std::map<std::string, std::shared_ptr<Fleet::Grip>> grips_;  // of streams that are queued or under way, in a fleet
  std::set<std::string> worked_on_;  // resources, by key, that a turn reads, judges and writes
  std::map<std::string, int> faults_;  // in a row, of streams whose turns fail
  std::deque<std::string> ready_;    // streams that were due at the last look and that nobody took yet
  std::set<std::string> queued_;     // the same, to find them
  bool work_due_ = false;
  bool leaving_ = false;             // nothing new begins
  std::vector<std::jthread> threads_;
};

}  // namespace aright::remediation
