#include "script/run.h"

#include <sys/wait.h>

#include <algorithm>
#include <optional>

#include "script/answer.h"
#include "script/answers.h"
#include "script/channel.h"
#include "script/program.h"
#include "script/spare.h"
#include "script/turn.h"
#include "script/warden.h"
#include "script/workers.h"

namespace aright::script {

namespace {

// One program in one jail.
class Run {
 public:
  Run(Jail& jail, const Program& program, aws::Caller& door)
      : jail_(jail), program_(program), door_(door), channel_(jail, program.limits.output_bytes),
        initialisation_(initialisation_of(program)) {}

  Result<Outcome> perform(const Context& context) { return perform(program_line(program_), context); }

  // As perform(), in a jail that is to stay: `stays` says whether it does. `warm`: it has had an event before.
  Result<Outcome> perform_and_stay(bool warm, bool& stays, const Context& context) {
    stays_ = &stays;
    if (warm) initialisation_ = milliseconds(0);
    return perform(warm ? event_line(program_) : program_line(program_), context);
  }

 private:
  Result<Outcome> perform(std::string_view line, const Context& context) {
    const Timestamp began = clock_.now();
    Warden warden(jail_.process, program_.limits, initialisation_, context);
    Result<json::Object> last = converse(line, warden, context.at_most(initialisation_ + program_.limits.wall));
    const milliseconds initialised_in = event_began_ ? *event_began_ - began : milliseconds(0);
    if (last && stays_ != nullptr && warden.dismiss() == Warden::Verdict::none && goes_on(*last)) {
      *stays_ = true;
      Outcome outcome;
      conclude(*last, outcome);
      outcome.log = channel_.take_log_so_far();
      outcome.took = clock_.now() - began;
      outcome.initialised_in = initialised_in;
      return outcome;
    }
    bool closed = !last && last.error().code == Errc::unavailable;
    int status = jail_.process.wait(closed ? farewell : milliseconds(0));
    Warden::Verdict verdict = warden.dismiss();
    if (!last) CHECK_OK(context.check());
    Outcome outcome;
    if (last)
      conclude(*last, outcome);
    else
      explain(last.error(), verdict, status, outcome);
    outcome.log = channel_.take_log();
    outcome.took = clock_.now() - began;
    outcome.initialised_in = initialised_in;
    return outcome;
  }

  // An exception of the handler's ends the event; what else failed, ends the jail.
  static bool goes_on(const json::Object& message) {
    auto type = json::text(json::at(message, "raise"), "type", "");
    return !type.starts_with("Runtime.") && !type.starts_with("Sandbox.");
  }

  // Answers calls until the message that ends the run.
  Result<json::Object> converse(std::string_view line, Warden& warden, Context context) {
    CHECK_OK(channel_.send(line, context));
    const Answers answers(program_, door_);
    for (int calls = 1;; ++calls) {
      std::string line = TRY(channel_.receive(context));
      json::Value message = TRY(json::parse(line));
      if (!message.is_object()) return fail(Errc::invalid, "a message that is no object");
      if (message.get_object().contains("initialised") && initialisation_ > milliseconds(0)) {
        initialisation_ = milliseconds(0);  // it is told once
        event_began_ = clock_.now();
        warden.event_begins();
        context = context.at_most(program_.limits.wall);
        --calls;
        continue;
      }
      if (const json::Value& slept = json::at(message, "sleep_ms"); slept.is_int64() && program_.pass_time) {
        const auto most = initialisation_of(program_) + program_.limits.wall;
        program_.pass_time(std::clamp(milliseconds(slept.get_int64()), milliseconds(0), most));
        CHECK_OK(channel_.send("{}", context));
        continue;
      }
      bool spent = calls > program_.limits.calls_max;
      auto answer = answers.to(message.get_object(), spent, context);
      if (!answer) return message.get_object();
      CHECK_OK(channel_.send(*answer, context));
    }
  }

  void conclude(const json::Object& message, Outcome& outcome) const {
    if (message.contains("return")) {
      outcome.ok = true;
      outcome.result = message.at("return");
      return;
    }
    const json::Value& raised = json::at(message, "raise");
    outcome.error_type = json::text(raised, "type", "Runtime.Unknown");
    outcome.error_message = json::text(raised, "message", "");
    outcome.stack = json::texts(json::at(raised, "stack"));
  }

  // A run that ended without a word of its own.
  void explain(const Error& error, Warden::Verdict verdict, int status, Outcome& outcome) const {
    const Limits& limits = program_.limits;
    const std::string& id = program_.request_id;
    const std::string prefix = id.empty() ? "" : fmt::format("RequestId: {} Error: ", id);
    if (channel_.overflowed()) {
      outcome.error_type = "Runtime.OutputTooLarge";
      outcome.error_message =
          fmt::format("{}Runtime exited with error: signal: killed (it printed more than {} MB)",
                      prefix, limits.output_bytes >> 20);
    } else if (verdict == Warden::Verdict::oversize) {
      outcome.error_type = "Runtime.OutOfMemory";
      outcome.error_message =
          fmt::format("{}Runtime exited with error: signal: killed (it held more than {} MB)",
                      prefix, limits.memory_bytes >> 20);
    } else if (verdict == Warden::Verdict::overtime || error.code == Errc::deadline) {
      outcome.error_type = out_of_time;
      outcome.error_message = fmt::format("{}Task timed out after {:.2f} seconds", prefix,
                                          static_cast<double>(limits.wall.count()) / 1000);
    } else {
      outcome.error_type = "Runtime.ExitError";
      outcome.error_message =
          fmt::format("{}Runtime exited with error: {}", prefix, ending(error, status));
    }
  }

  // bwrap exits with its child's status, and with 128 and the signal that ended it.
  static std::string ending(const Error& error, int status) {
    if (error.code == Errc::invalid) return "it broke the line to its door: " + error.message;
    if (!WIFEXITED(status)) return "signal: killed";
    int code = WEXITSTATUS(status);
    return code > 128 ? fmt::format("signal: {}", code - 128) : fmt::format("exit status {}", code);
  }

  Jail& jail_;
  const Program& program_;
  aws::Caller& door_;
  Channel channel_;
  const SystemClock clock_;
  milliseconds initialisation_;  // what it may take before its event begins; 0 from then on
  std::optional<Timestamp> event_began_;
  bool* stays_ = nullptr;  // null: the jail ends with the run
};

// In a jail of this function's own, which waits for the next event afterwards.
Result<Outcome> run_warm(const Footing& ground, const Program& program, aws::Caller& door, const Context& context) {
  Workers& workers = Workers::instance();
  auto worker = workers.take(program.keep_as);
  bool warm = worker.has_value();
  if (!warm) {
    auto spare = Spares::instance().take(program);
    worker.emplace(Worker{.jail = spare ? std::move(*spare) : TRY(workers.start(ground, room_of(program)))});
    if (!spare) CHECK_OK(Channel(worker->jail, program.limits.output_bytes).await_ready(context));
  }
  bool stays = false;
  auto outcome = Run(worker->jail, program, door).perform_and_stay(warm, stays, context);
  if (stays) workers.give(program.keep_as, std::move(*worker));
  return outcome;
}

}  // namespace

Result<Outcome> run_in(Jail& jail, const Program& program, aws::Caller& door,
                       const Context& context) {
  return Run(jail, program, door).perform(context);
}

Result<Outcome> run_on(const Footing& footing, const Program& program, aws::Caller& door,
                       const Context& context) {
  CHECK_OK(context.check());
  CHECK_OK(check(program));
  Jail jail = TRY(start_jail(footing, room_of(program)));
  CHECK_OK(Channel(jail, program.limits.output_bytes).await_ready(context));
  return run_in(jail, program, door, context);
}

Result<Outcome> run(const Program& program, aws::Caller& door, const Context& context) {
  CHECK_OK(context.check());
  CHECK_OK(check(program));
  Turn turn = TRY(Turn::take(context));
  Footing ground = TRY(footing());
  if (!program.keep_as.empty()) return run_warm(ground, program, door, context);
  Spares& spares = Spares::instance();
  std::optional<Jail> spare = spares.take(program);
  auto outcome =
      spare ? run_in(*spare, program, door, context) : run_on(ground, program, door, context);
  spares.order(ground);
  return outcome;
}

}  // namespace aright::script
