#include "trial/agent.h"

#include "base/digest.h"
#include "base/id.h"
#include "script/shell.h"

namespace aright::trial {

namespace {

using sandbox::StepEnd;

// The agent's own calls, and those of its scripts.
class AsAgent final : public aws::Caller {
 public:
  AsAgent(sandbox::Cloud& cloud, const sandbox::CommandRun& run) : cloud_(cloud), run_(run) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    auto out = call;
    if (out.region.empty()) out.region = run_.region;
    return cloud_.call_as(run_.agent, out, context);
  }

 private:
  sandbox::Cloud& cloud_;
  const sandbox::CommandRun& run_;
};

StepEnd do_step(const sandbox::CommandRun& run, std::size_t index, AsAgent& door, const Clock& clock,
                const Context& context) {
  const auto& step = run.steps[index];
  StepEnd end{.began = clock.now(), .ended = {}};
  if (step.skipped.empty()) {
    script::ShellScript script{
        .text = step.script,
        .directory = step.directory,
        .timeout = step.timeout,
        .account = run.agent.account,
        .region = run.region,
        .request_id = uuid_from(fmt::format("{} {} {}", run.command_id, run.instance, index)),
        .environment = {{"AWS_SSM_INSTANCE_ID", run.instance}, {"AWS_SSM_REGION_NAME", run.region}}};
    auto outcome = script::run_shell(script, door, context);
    if (outcome) {
      end.code = outcome->code;
      end.out = std::move(outcome->out);
      end.err = std::move(outcome->err);
      if (outcome->timed_out) end.how = StepEnd::How::timed_out;
    } else {
      bool stopped = run.stop.stop_requested();
      end.how = stopped ? StepEnd::How::cancelled : StepEnd::How::ended;
      end.code = stopped ? sandbox::code_of_stopped : 1;
      end.err = outcome.error().message;
    }
  } else {
    end.out = step.skipped;
  }
  end.ended = clock.now();
  return end;
}

// Whole, where the command says so. That it can't be kept is the agent's trouble and not the command's.
void keep_output(const sandbox::CommandRun& run, std::size_t index, const StepEnd& end, AsAgent& door,
                 const Context& context) {
  if (run.bucket.empty()) return;
  for (const auto& [file, text] : {std::pair{"stdout", &end.out}, {"stderr", &end.err}}) {
    if (text->empty()) continue;
    aws::Call put{.service = "s3", .operation = "PutObject", .region = run.region};
    put.input = {{"Bucket", run.bucket},
                 {"Key", fmt::format("{}/{}", sandbox::command_output_key(run, index), file)},
                 {"Body", to_base64(*text)}};
    (void)door.call(put, context);
  }
}

}  // namespace

void perform(sandbox::Cloud& cloud, sandbox::CommandRun run, const Context& context) {
  if (!cloud.command_begins(run)) return;
  AsAgent door(cloud, run);
  Context own{.deadline = context.deadline, .stop = run.stop.get_token()};
  std::stop_callback above(context.stop, [&run] { run.stop.request_stop(); });
  std::vector<StepEnd> ends;
  for (std::size_t index = 0; index < run.steps.size() && !run.stop.stop_requested(); ++index) {
    ends.push_back(do_step(run, index, door, cloud.clock(), own));
    keep_output(run, index, ends.back(), door, own);
    if (ends.back().code != 0 && run.steps[index].exits_on_failure) break;
  }
  cloud.command_ended(run, std::move(ends));
}

}  // namespace aright::trial
