#include "trial/runbook_cases.h"

#include <algorithm>
#include <set>

#include "base/embedded.h"
#include "json/diff.h"
#include "trial/cases.h"
#include "trial/expect.h"
#include "trial/seed.h"
#include "trial/stage.h"
#include "trial/state.h"

ARIGHT_EMBEDDED(runbook_tests)

namespace aright::trial {

namespace {

const std::set<std::string_view> file_members{"runbook", "runbooks", "policy", "given", "tests"};
const std::set<std::string_view> test_members{"name", "given", "runbook", "parameters", "answers", "faults", "expect"};
const std::set<std::string_view> expect_members{"status", "failure", "steps", "writes", "outputs", "state", "rollback"};

class RunbookTest {
 public:
  RunbookTest(const json::Document& document, std::string pointer, const std::map<std::string, std::string>& runbooks)
      : document_(document), pointer_(std::move(pointer)), runbooks_(runbooks),
        test_(*json::pointer_get(document.value, pointer_)), expect_(json::at(test_, "expect")) {}

  // Fails only where the file is wrong.
  Result<Verdict> play() {
    verdict_.name = json::text(test_, "name", "");
    verdict_.line = document_.locate(pointer_).line;
    CHECK_OK(only_known(document_, pointer_, test_members));
    CHECK_OK(only_known(document_, pointer_ + "/expect", expect_members));
    StageOptions options{.policy = json::text(document_.value, "policy", ""), .runbooks = runbooks_, .answers = {}};
    for (const auto& [step, answer] : json::members(json::at(test_, "answers")))
      options.answers[std::string(step)] = json::scalar_text(answer);
    stage_ = TRY(Stage::open(std::move(options)));
    auto stagehand = stage_->stagehand();
    for (const auto& given : {std::string("/given"), pointer_ + "/given"})
      CHECK_OK(seed(stage_->cloud, document_, given, kept_, account, region, {}, &stagehand));
    stage_->let_settle();
    auto troubles = troubles_from_json(json::at(test_, "faults"));
    if (!troubles) return wrap(troubles.error(), "line {}", verdict_.line);
    stage_->door.set(std::move(*troubles));
    auto parameters = TRY(filled(json::at(test_, "parameters"), kept_));
    run(json::members(parameters));
    return std::move(verdict_);
  }

 private:
  void unmet(std::string what) { verdict_.unmet.push_back(std::move(what)); }

  void run(const json::Object& parameters) {
    auto runbook = json::text(test_, "runbook", json::text(document_.value, "runbook", ""));
    stage_->cloud.clear_calls();
    auto execution = stage_->run(runbook, parameters);
    for (const auto& record : stage_->cloud.calls()) verdict_.made.push_back(record.call.name());
    if (!execution) {
      // That it does not even start may be what is expected.
      auto failure = json::text(expect_, "failure", "");
      bool meant = json::text(expect_, "status", "") == "Refused" &&
                   execution.error().message.find(failure) != std::string::npos;
      if (!meant) unmet("it did not run: " + execution.error().message);
      return;
    }
    verdict_.execution = std::move(*execution);
    if (auto writes = stage_->writes()) verdict_.writes = std::move(*writes);
    judge_execution();
    judge_state();
    judge_rollback();
    for (const auto& call : stage_->door.unmet()) unmet(fmt::format("the fault of {} was never met", call));
  }

  void judge_execution() {
    const auto& told = verdict_.execution;
    auto status = json::text(told, "AutomationExecutionStatus", "");
    auto failure = json::text(told, "FailureMessage", "");
    auto wanted = json::text(expect_, "status", "Success");
    if (status != wanted)
      unmet(fmt::format("it ended {}, not {}{}", status, wanted, failure.empty() ? "" : ": " + failure));
    auto part = json::text(expect_, "failure", "");
    if (!part.empty() && failure.find(part) == std::string::npos)
      unmet(fmt::format("its failure '{}' does not hold '{}'", failure, part));
    judge_steps(json::items(json::at(told, "StepExecutions")));
    const auto& writes = json::at(expect_, "writes");
    if (!writes.is_null())
      compare("writes", writes, json::Array(verdict_.writes.begin(), verdict_.writes.end()));
    const auto& outputs = json::at(expect_, "outputs");
    if (!outputs.is_null()) compare("outputs", outputs, json::at(told, "Outputs"));
  }

  void compare(const std::string& what, const json::Value& expected, const json::Value& found) {
    auto wanted = filled(expected, kept_);
    if (!wanted) return unmet(what + ": " + wanted.error().message);
    if (auto parted = trial::unmet(*wanted, found, what)) unmet(*parted);
  }

  static bool did_run(const json::Value& step) { return json::text(step, "StepStatus", "") != "Pending"; }

  // A list names the steps that ran, in order; a map says how those it names ended ("" : it did not run).
  void judge_steps(const json::Array& ran) {
    const auto& expected = json::at(expect_, "steps");
    if (expected.is_array()) {
      json::Array names;
      for (const auto& step : ran)
        if (did_run(step)) names.push_back(json::at(step, "StepName"));
      compare("steps", expected, names);
    }
    for (const auto& [name, status] : json::members(expected)) {
      auto found = std::ranges::find_if(ran, [&](const json::Value& step) {
        return json::text(step, "StepName", "") == std::string_view(name) && did_run(step);
      });
      auto is = found == ran.end() ? "" : json::text(*found, "StepStatus", "");
      if (is != json::scalar_text(status))
        unmet(fmt::format("step {} ended '{}', not '{}'", std::string_view(name), is, json::scalar_text(status)));
    }
  }

  void judge_state() {
    stage_->let_settle();
    for (auto& what : unmet_state(stage_->cloud, json::at(expect_, "state"), kept_, account, region))
      unmet(std::move(what));
  }

  // "restores", "nothing" (nothing was written), "partly" (something of it can't be taken back), or absent: not asked.
  void judge_rollback() {
    auto expected = json::text(expect_, "rollback", "");
    if (expected.empty()) return;
    if (expected == "nothing") {
      if (!verdict_.writes.empty()) unmet(fmt::format("it wrote {}", fmt::join(verdict_.writes, ", ")));
      return;
    }
    stage_->door.set({});
    auto back = stage_->take_back();
    if (!back) return unmet("it could not be taken back: " + back.error().message);
    bool whole = back->irreversible.empty() && back->conflicts.empty();
    if (expected == "partly" && whole && back->restored) unmet("all of it can be taken back");
    if (expected != "restores") return;
    for (const auto& why : back->irreversible) unmet("irreversible: " + why);
    for (const auto& conflict : back->conflicts) unmet("conflict: " + conflict);
    if (whole && !back->restored) unmet("taking it back did not restore what was before");
  }

  const json::Document& document_;
  const std::string pointer_;
  const std::map<std::string, std::string>& runbooks_;
  const json::Value& test_;
  const json::Value& expect_;
  std::unique_ptr<Stage> stage_;
  json::Object kept_;
  Verdict verdict_;
};

}  // namespace

json::Object to_json(const Verdict& verdict) {
  return {{"file", verdict.file},
          {"line", verdict.line},
          {"name", verdict.name},
          {"passed", verdict.passed()},
          {"unmet", json::Array(verdict.unmet.begin(), verdict.unmet.end())},
          {"writes", json::Array(verdict.writes.begin(), verdict.writes.end())},
          {"execution", verdict.execution}};
}

Result<std::vector<Verdict>> test_runbook(const std::string& file, std::string_view yaml,
                                          const std::map<std::string, std::string>& runbooks,
                                          const std::string& only) {
  auto document = json::parse_yaml(yaml);
  if (!document) return wrap(document.error(), "{}", file);
  auto known = only_known(*document, "", file_members);
  if (!known) return wrap(known.error(), "{}", file);
  auto texts = runbooks;
  for (const auto& [name, text] : json::members(json::at(document->value, "runbooks")))
    texts[std::string(name)] = json::scalar_text(text);
  std::vector<Verdict> out;
  const auto& tests = json::items(json::at(document->value, "tests"));
  if (tests.empty()) return fail(Errc::invalid, "{}: it holds no tests", file);
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (!only.empty() && json::text(tests[i], "name", "").find(only) == std::string::npos) continue;
    auto verdict = RunbookTest(*document, fmt::format("/tests/{}", i), texts).play();
    if (!verdict) return wrap(verdict.error(), "{}: {}", file, json::text(tests[i], "name", ""));
    verdict->file = file;
    out.push_back(std::move(*verdict));
  }
  return out;
}

std::map<std::string, std::string> catalog_runbook_tests() {
  std::map<std::string, std::string> out;
  auto bundle = json::parse(embedded_runbook_tests());
  if (!bundle) return out;
  for (const auto& item : json::items(*bundle)) out[json::text(item, "file", "")] = json::text(item, "text", "");
  return out;
}

}  // namespace aright::trial
