#include "trial/control_cases.h"

#include "base/embedded.h"
#include "bus/event.h"
#include "json/diff.h"
#include "remediation/projection.h"
#include "trial/cases.h"
#include "trial/seed.h"
#include "trial/stage.h"

ARIGHT_EMBEDDED(control_tests)

namespace aright::trial {

namespace {

using namespace remediation;

const std::set<std::string_view> control_file_members{"control", "given", "parameters", "functions", "tests"};
const std::set<std::string_view> control_test_members{"name",   "given",      "parameters", "resource",
                                              "expect", "annotation", "event",      "remediation"};
const std::set<std::string_view> remediation_members{"after", "rollback", "stage"};

constexpr const char* automatic = "decide: [{name: a test, decision: automatic}]\n";

class ControlTest {
 public:
  ControlTest(const json::Document& document, std::string pointer, const rules::Controls& controls)
      : document_(document), controls_(controls), pointer_(std::move(pointer)),
        test_(*json::pointer_get(document.value, pointer_)), control_(json::text(document.value, "control", "")) {}

  // Fails only where the file is wrong.
  Result<Verdict> play() {
    verdict_.name = json::text(test_, "name", "");
    verdict_.line = document_.locate(pointer_).line;
    CHECK_OK(only_known(document_, pointer_, control_test_members));
    CHECK_OK(only_known(document_, pointer_ + "/remediation", remediation_members));
    const auto* described = controls_.find(control_);
    if (!described) return fail(Errc::not_found, "there is no control '{}'", control_);
    std::map<std::string, std::string> runbooks;
    if (!described->own_runbook.empty())
      runbooks[json::text(described->remediation, "runbook", control_)] = described->own_runbook;
    json::Object kept;
    auto begin = [&](Stage& stage) -> Result<std::string> {
      auto stagehand = stage.stagehand();
      for (const auto& given : {std::string("/given"), pointer_ + "/given"})
        CHECK_OK(seed(stage.cloud, document_, given, kept, account, region, {}, &stagehand));
      stage.let_settle();
      return policy(kept);
    };
    stage_ = TRY(Stage::open({.controls = &controls_, .policy = automatic, .begin = begin,
                              .runbooks = std::move(runbooks), .answers = {}}));
    auto id = TRY(filled(json::at(test_, "resource"), kept));
    resource_ = {.account = account, .region = region, .type = described->resource_type,
                 .id = id.is_null() ? std::string(account) : json::scalar_text(id), .arn = ""};
    event_ = TRY(filled(json::at(test_, "event"), kept));
    judge(json::text(test_, "expect", ""), "before");
    if (!json::at(test_, "remediation").is_null()) remediate();
    return std::move(verdict_);
  }

 private:
  void unmet(std::string what) { verdict_.unmet.push_back(std::move(what)); }

  Result<std::string> policy(const json::Object& kept) const {
    auto parameters = json::members(json::at(document_.value, "parameters"));
    for (const auto& [key, value] : json::members(json::at(test_, "parameters"))) parameters[key] = value;
    auto said = TRY(filled(json::Value(std::move(parameters)), kept));
    json::Array controls{json::Object{{"id", control_}, {"parameters", std::move(said)}}};
    auto text = fmt::format("controls: {}\n", json::print(controls));
    if (const auto& functions = json::at(document_.value, "functions"); !functions.is_null())
      text += fmt::format("functions: {}\n", json::print(functions));
    return text;
  }

  void judge(const std::string& expected, const char* when) {
    auto judged = stage_->engine->detector().evaluate(control_, resource_, {});
    if (!judged) return unmet(fmt::format("{} it can't be judged: {}", when, judged.error().message));
    auto is = rules::name(judged->evaluation.compliance);
    if (is != expected)
      unmet(fmt::format("{} it is {}, not {}: {}", when, is, expected, judged->evaluation.annotation));
    auto part = json::text(test_, "annotation", "");
    if (std::string_view(when) == "before" && judged->evaluation.annotation.find(part) == std::string::npos)
      unmet(fmt::format("the annotation '{}' does not hold '{}'", judged->evaluation.annotation, part));
  }

  // The remediation of this resource's finding, once it is at rest.
  Result<State> at_rest() {
    State state;
    CHECK_OK(stage_->carry_on([&]() -> Result<bool> {
      auto list = TRY(list_remediations(*stage_->ledger, {.status = "", .parent = ""}));
      for (const auto& item : list) {
        auto id = TRY(RemediationId::parse(json::text(item, "id", "")));
        state = TRY(stage_->engine->remediation(id));
        if (state.resource.id == resource_.id) break;
      }
      bool found = state.resource.id == resource_.id;
      if (!found) return fail(Errc::not_found, "the scan opened nothing for it");
      return !remediation::open(state);
    }));
    return state;
  }

  // By the test's event, else by a scan.
  Result<> begin() {
    if (event_.is_null()) {
      CHECK_OK(stage_->engine->scan({control_}, {}));
      return {};
    }
    auto event = TRY(bus::complete(json::members(event_), account, region, stage_->clock.now()));
    CHECK_OK(stage_->engine->accept_event(std::move(event)));
    return {};
  }

  void remediate() {
    const auto& wanted = json::at(test_, "remediation");
    auto begun = begin();
    if (!begun) return unmet("it was not detected: " + begun.error().message);
    auto state = at_rest();
    if (!state) return unmet("the remediation: " + state.error().message);
    if (state->plan)
      for (const auto& write : state->plan->writes) verdict_.writes.push_back(write.call.name());
    auto stage = json::text(wanted, "stage", "resolved");
    if (name(state->stage) != stage)
      return unmet(fmt::format("the remediation is {}, not {}: {}", name(state->stage), stage, state->last_error));
    stage_->let_settle();
    judge(json::text(wanted, "after", "COMPLIANT"), "after");
    if (auto back = json::text(wanted, "rollback", ""); !back.empty()) roll_back(*state, back);
  }

  // "restores", or "partly": some of it can't be taken back, or not to what it was.
  void roll_back(const State& state, const std::string& expected) {
    auto asked = stage_->engine->roll_back(state.id, {"test", ""}, "a test");
    if (!asked) return unmet("it could not be taken back: " + asked.error().message);
    auto after = at_rest();
    if (!after) return unmet("the rollback: " + after.error().message);
    bool restored = json::truth(json::at(after->rollback, "restored"));
    bool whole = json::items(json::at(after->rollback, "irreversible")).empty();
    if (expected == "partly" && whole && restored) unmet("all of it can be taken back");
    if (expected != "restores") return;
    if (name(after->stage) != "rolled_back" || !restored)
      return unmet("taking it back did not restore what was before: " + json::print(after->rollback));
    stage_->let_settle();
    judge(json::text(test_, "expect", ""), "once it was taken back,");
  }

  const json::Document& document_;
  const rules::Controls& controls_;
  const std::string pointer_;
  const json::Value& test_;
  const std::string control_;
  std::unique_ptr<Stage> stage_;
  Resource resource_;
  json::Value event_;
  Verdict verdict_;
};

}  // namespace

Result<std::vector<Verdict>> test_control(const std::string& file, std::string_view yaml, const std::string& only,
                                          const rules::Controls& controls) {
  auto document = json::parse_yaml(yaml);
  if (!document) return wrap(document.error(), "{}", file);
  auto known = only_known(*document, "", control_file_members);
  if (!known) return wrap(known.error(), "{}", file);
  const auto& tests = json::items(json::at(document->value, "tests"));
  if (tests.empty()) return fail(Errc::invalid, "{}: it holds no tests", file);
  std::vector<Verdict> out;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (!only.empty() && json::text(tests[i], "name", "").find(only) == std::string::npos) continue;
    auto verdict = ControlTest(*document, fmt::format("/tests/{}", i), controls).play();
    if (!verdict) return wrap(verdict.error(), "{}: {}", file, json::text(tests[i], "name", ""));
    verdict->file = file;
    out.push_back(std::move(*verdict));
  }
  return out;
}

std::map<std::string, std::string> catalog_control_tests() {
  std::map<std::string, std::string> out;
  auto bundle = json::parse(embedded_control_tests());
  if (!bundle) return out;
  for (const auto& item : json::items(*bundle)) {
    auto file = json::text(item, "file", "");
    out[file.substr(0, file.find('/'))] = json::text(item, "text", "");
  }
  return out;
}

std::vector<std::string> catalog_test_names(const std::string& control) {
  auto tests = catalog_control_tests();
  auto text = tests.find(control);
  auto document = text == tests.end() ? json::Document{} : json::parse_yaml(text->second).value_or(json::Document{});
  std::vector<std::string> out;
  for (const auto& test : json::items(json::at(document.value, "tests"))) out.push_back(json::text(test, "name", ""));
  return out;
}

}  // namespace aright::trial
