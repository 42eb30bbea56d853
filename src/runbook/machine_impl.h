#pragma once
// The inside of a Machine: which steps have run, which one is running, and where the document goes from there.
// Internal to runbook.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runbook/action.h"
#include "runbook/action_table.h"
#include "runbook/machine.h"

namespace aright::runbook {

inline constexpr std::size_t step_runs_max =
    10'000;  // of one execution; loops and jumps back are bounded by it
inline constexpr milliseconds cancel_time_max{120'000};  // of what onCancel leads to
inline constexpr int iterations_max = 100;               // of one loop
inline constexpr std::size_t kept_bytes_max = 64u
                                              << 20;  // of all inputs and outputs of one execution
inline constexpr std::size_t output_text_bytes_max = 100'000;  // of one output in execution()

// One run of one step.
struct Record {
  const Step* step = nullptr;
  std::string id;  // StepExecutionId
  Status status = Status::in_progress;
  Timestamp began;
  std::optional<Timestamp> over;
  json::Object inputs, outputs;
  std::optional<Fault> fault;
  std::string response_code;
  int attempts = 0;
  std::optional<std::size_t> parent;  // the loop's record
  int iteration = 0;
  json::Value iterator;
};

// A list of steps that is being run: the document's, or a loop's.
struct Frame {
  const std::vector<Step>* steps = nullptr;
  std::size_t at = 0;
  std::optional<std::size_t> record;  // the loop's
  bool each = false;                  // over iterators, not until a condition fails
  json::Array iterators;
  int iteration = 0;  // from 1
  int iterations_max = 0;
  std::optional<Timestamp> deadline;  // where the loop has a timeoutSeconds
};

struct Attempt {
  std::size_t record = 0;
  const Step* step = nullptr;
  std::unique_ptr<Action> action;
  json::Object inputs;
  Timestamp deadline;
  int number = 1, look = 0;  // number 0: it waits to be started
  std::vector<Child> children;  // under way, in the order in which they started
  bool stopping = false;        // they are being stopped
  std::optional<Fault> ending;  // what it ends with then
};

using NextSteps = std::map<const Step*, json::Array>;  // names
std::string failure_message(const Step& step, const Fault& fault);

struct Machine::Impl {
  Impl(std::shared_ptr<const Document> document_of, Start start_of);

  // Events.
  Result<> apply(const Event& event);
  Result<> on(const Returned& event);
  Result<> on(const Woke& event);
  Result<> on(const Signalled& event);
  Result<> on(const StopRequested& event);

  // Running: from a move to the next command.
  void run(std::optional<Move> move);
  bool keep(
      const json::Object& values);  // false: more than kept_bytes_max, and the execution has failed
  bool issue(Move& move);  // false: it was no command; or it came too late and is a Fault now
  std::string attempt_token() const;
  Result<> child_returned(const Returned& event);
  bool stop_children();  // false: none run
  std::optional<Move> conclude(Done done);  // the next move, if the step makes another one
  std::optional<Move> conclude(Fault fault);
  std::optional<Move> proceed();  // begins what stands at the place it has come to
  Move begin_step(const Step& step);
  Move await_start();
  Move begin_attempt();
  Scene scene() const;
  Result<json::Object> resolve(const Step& step);
  milliseconds time_limit(const Step& step, const ActionRule& rule);
  Result<> assign(const std::string& variable, const json::Value& value);

  // Where to go: these only set the place; proceed() begins what stands there.
  void succeeded(const Step& step, const std::string& jump = "");
  void stumbled(std::size_t record, Fault fault);
  void go_on(const Step& step);
  void go_to(std::string_view step);
  void end_list();
  void stop_with(Status status, std::string failure, std::string told = "");
  void finish(Status status);
  std::size_t open_record(const Step& step);
  void close_record(std::size_t record, Status status);
  void after_cancel();

  // Loops.
  void begin_loop(const Step& step);
  Result<Frame> open_loop(const Step& step, Record& record);
  void begin_iteration();
  void end_iteration();  // begins the next one, or leaves the loop
  Result<bool> goes_around(const Frame& frame);
  bool end_late_loop();  // ends the outermost loop whose time is up, if there is one
  void leave_loop(Status status);

  // References.
  const json::Value* look_up(std::string_view name);

  Status status() const;
  json::Object report() const;
  json::Object report_step(const Record& record, const NextSteps& next_steps) const;
  json::Object report_outputs() const;

  std::shared_ptr<const Document> document;
  Start start;
  Timestamp now;
  std::size_t events = 0, kept_bytes = 0;
  Command next;
  std::vector<Record> records;
  std::vector<Frame> frames;
  std::optional<Attempt> attempt;
  json::Object variables;
  std::map<std::string, json::Object, std::less<>> outputs;  // by step: of its last run
  json::Object globals;  // what {{ global: }} stands for, as last looked up

  Status verdict = Status::success;  // what it will end with, as far as is known
  std::string failure;
  StopRequested stop;        // by whom, and why, where somebody stopped it
  std::string told_failure;  // the same as Systems Manager words it; "": as it is
  std::optional<Status> final_status;
  std::optional<Timestamp> over;
  std::optional<Timestamp> cancel_deadline;  // set once it is cancelling
  const Step* abandoned = nullptr;           // cancelled, and its last call is still to be answered
  bool completing = false;                   // as abandoned, but it ends as far as it has come
};

}  // namespace aright::runbook
