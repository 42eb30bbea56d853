#include "trial/agent.h"

#include "base/digest.h"
#include "base/id.h"
#include "base/text.h"
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

// Line by line into CloudWatch Logs, where the command says so. The group and the streams are made where they are not
// there; as with the bucket, what can't be kept is the agent's trouble.
class Log {
 public:
  Log(sandbox::Cloud& cloud, const sandbox::CommandRun& run, AsAgent& door) : run_(run), door_(door) {
    aws::Call asking{.service = "ssm", .operation = "ListCommands", .region = run.region, .account = run.agent.account,
                     .input = {{"CommandId", run.command_id}}};
    auto told = cloud.call_as({.account = run.agent.account}, asking, {});
    if (!told || json::items(json::at(*told, "Commands")).empty()) return;
    const auto& command = json::items(json::at(*told, "Commands"))[0];
    const auto& wanted = json::at(command, "CloudWatchOutputConfig");
    if (!json::truth(json::at(wanted, "CloudWatchOutputEnabled"))) return;
    group_ = json::text(wanted, "CloudWatchLogGroupName", "");
    if (group_.empty()) group_ = "/aws/ssm/" + json::text(command, "DocumentName", "");
  }

  void keep(std::size_t index, const StepEnd& end, const Context& context) {
    if (group_.empty()) return;
    for (const auto& [file, text] : {std::pair{"stdout", &end.out}, {"stderr", &end.err}})
      if (!text->empty()) put(stream_of(index, file), *text, end.ended, context);
  }

 private:
  std::string stream_of(std::size_t index, const char* file) const {
    return fmt::format("{}/{}/{}/{}", run_.command_id, run_.instance, replace_all(run_.steps[index].name, ":", "-"),
                       file);
  }
  void put(const std::string& stream, const std::string& text, Timestamp at, const Context& context) {
    json::Array events;
    for (const auto& line : split(text, '\n'))
      if (!line.empty() && events.size() < lines_max)
        events.push_back(json::Object{{"timestamp", at.ms}, {"message", line}});
    if (events.empty()) return;
    (void)call("CreateLogGroup", {{"logGroupName", group_}}, context);
    (void)call("CreateLogStream", {{"logGroupName", group_}, {"logStreamName", stream}}, context);
    (void)call("PutLogEvents",
               {{"logGroupName", group_}, {"logStreamName", stream}, {"logEvents", std::move(events)}}, context);
  }
  Result<json::Object> call(const char* operation, json::Object input, const Context& context) {
    return door_.call({.service = "logs", .operation = operation, .region = run_.region, .input = std::move(input)},
                      context);
  }

  static constexpr std::size_t lines_max = 10'000;  // of one step: as many as one call takes
  const sandbox::CommandRun& run_;
  AsAgent& door_;
  std::string group_;  // "": none is kept
};

}  // namespace

void perform(sandbox::Cloud& cloud, sandbox::CommandRun run, const Context& context) {
  if (!cloud.command_begins(run)) return;
  AsAgent door(cloud, run);
  Context own{.deadline = context.deadline, .stop = run.stop.get_token()};
  std::stop_callback above(context.stop, [&run] { run.stop.request_stop(); });
  Log log(cloud, run, door);
  std::vector<StepEnd> ends;
  for (std::size_t index = 0; index < run.steps.size() && !run.stop.stop_requested(); ++index) {
    ends.push_back(do_step(run, index, door, cloud.clock(), own));
    keep_output(run, index, ends.back(), door, own);
    log.keep(index, ends.back(), own);
    if (ends.back().code != 0 && run.steps[index].exits_on_failure) break;
  }
  cloud.command_ended(run, std::move(ends));
}

}  // namespace aright::trial
