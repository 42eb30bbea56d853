#include "trial/function_cases.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/id.h"
#include "json/yaml.h"
#include "remediation/library.h"
#include "script/package.h"
#include "trial/cases.h"
#include "trial/expect.h"
#include "trial/seed.h"
#include "trial/stage.h"
#include "trial/state.h"

namespace aright::trial {

namespace {

const std::set<std::string_view> function_file_members{"function", "given", "tests"};
const std::set<std::string_view> function_test_members{"name", "given", "event", "expect"};
const std::set<std::string_view> function_expect_members{"result", "error", "message", "log", "writes", "state"};

// Where the handler is, as Lambda's own templates name it.
struct Usual {
  const char *file, *runtime, *handler;
};
constexpr Usual usual[] = {{"bootstrap", "provided.al2023", "bootstrap"},
                           {"lambda_function.py", "python3.11", "lambda_function.lambda_handler"},
                           {"index.py", "python3.11", "index.handler"},
                           {"index.mjs", "nodejs20.x", "index.handler"},
                           {"index.js", "nodejs20.x", "index.handler"}};

Result<> complete(json::Object& said, const std::string& path) {
  if (said.contains("handler")) return {};
  auto package = TRY(script::read_package(path));
  for (const auto& one : usual) {
    if (!package.files.contains(one.file)) continue;
    said["handler"] = one.handler;
    if (!said.contains("runtime")) said["runtime"] = one.runtime;
    return {};
  }
  return fail(Errc::invalid, "{}: say its handler, as file.function", path);
}

class FunctionTest {
 public:
  FunctionTest(const json::Document& document, std::string pointer, script::Program program)
      : document_(document),
        pointer_(std::move(pointer)),
        test_(*json::pointer_get(document.value, pointer_)),
        expect_(json::at(test_, "expect")),
        cloud_({.account = account}, clock_),
        program_(std::move(program)) {}

  // Fails only where the file is wrong.
  Result<Verdict> play() {
    verdict_.name = json::text(test_, "name", "");
    verdict_.line = document_.locate(pointer_).line;
    CHECK_OK(only_known(document_, pointer_, function_test_members));
    CHECK_OK(only_known(document_, pointer_ + "/expect", function_expect_members));
    Stagehand stagehand{clock_, cloud_};
    for (const auto& list : {std::string("/given"), pointer_ + "/given"})
      CHECK_OK(seed(cloud_, document_, list, kept_, account, region, {}, &stagehand));
    clock_.advance(settling);
    cloud_.clear_calls();
    program_.event = TRY(filled(json::at(test_, "event"), kept_));
    program_.account = account;
    program_.region = region;
    program_.request_id = uuid_from(verdict_.name);
    program_.pass_time = [this](milliseconds time) { clock_.advance(time); };
    auto outcome = TRY(script::run(program_, cloud_, {}));
    judge(outcome);
    return std::move(verdict_);
  }

 private:
  void unmet(std::string what) { verdict_.unmet.push_back(std::move(what)); }

  void compare(const std::string& what, const json::Value& found) {
    const auto& said = json::at(expect_, what);
    if (said.is_null()) return;
    auto wanted = filled(said, kept_);
    if (!wanted) return unmet(what + ": " + wanted.error().message);
    if (auto parted = trial::unmet(*wanted, found, what)) unmet(*parted);
  }

  void judge(const script::Outcome& outcome) {
    auto error = json::text(expect_, "error", "");
    if (outcome.error_type != error)
      unmet(error.empty() ? fmt::format("it failed: {}: {}", outcome.error_type, outcome.error_message)
                          : fmt::format("it ended with '{}', not with {}", outcome.error_type, error));
    for (const auto& [what, text] : {std::pair("message", &outcome.error_message), {"log", &outcome.log}})
      if (auto part = json::text(expect_, what, ""); text->find(part) == std::string::npos)
        unmet(fmt::format("its {} '{}' does not hold '{}'", what, *text, part));
    for (const auto& write : cloud_.calls()) verdict_.writes.push_back(write.call.name());
    verdict_.execution = json::Object{{"result", outcome.result}, {"error", outcome.error_type}, {"log", outcome.log}};
    compare("result", outcome.result);
    compare("writes", json::Array(verdict_.writes.begin(), verdict_.writes.end()));
    clock_.advance(settling);
    for (auto& what : unmet_state(cloud_, json::at(expect_, "state"), kept_, account, region)) unmet(std::move(what));
  }

  const json::Document& document_;
  const std::string pointer_;
  const json::Value& test_;
  const json::Value& expect_;
  VirtualClock clock_;
  sandbox::Cloud cloud_;
  script::Program program_;
  json::Object kept_;
  Verdict verdict_;
};

}  // namespace

Result<script::Program> function_of(json::Object said, const std::string& folder) {
  for (const auto* member : {"directory", "zip"})
    if (auto path = json::text(said, member); !path.empty())
      CHECK_OK(complete(said, (std::filesystem::path(folder) / path).string()));
  json::Object policy{{"targets", json::Array{json::Object{{"account", account}, {"regions", {region}}}}},
                      {"functions", json::Object{{"it", std::move(said)}}}};
  auto parsed = remediation::parse_policy(json::print(policy), folder);
  if (!parsed) return fail(Errc::invalid, "the function: {}", parsed.error().message);
  auto library = TRY(remediation::Library::open(*parsed));
  return library.function("it")->program;
}

Result<std::vector<Verdict>> test_function(const std::string& file, std::string_view yaml, const std::string& folder,
                                           const std::string& only) {
  auto document = json::parse_yaml(yaml);
  if (!document) return wrap(document.error(), "{}", file);
  if (auto known = only_known(*document, "", function_file_members); !known) return wrap(known.error(), "{}", file);
  auto program = function_of(json::members(json::at(document->value, "function")), folder);
  if (!program) return wrap(program.error(), "{}", file);
  const auto& tests = json::items(json::at(document->value, "tests"));
  if (tests.empty()) return fail(Errc::invalid, "{}: it holds no tests", file);
  std::vector<Verdict> out;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (!only.empty() && json::text(tests[i], "name", "").find(only) == std::string::npos) continue;
    auto verdict = FunctionTest(*document, fmt::format("/tests/{}", i), *program).play();
    if (!verdict) return wrap(verdict.error(), "{}: {}", file, json::text(tests[i], "name", ""));
    verdict->file = file;
    out.push_back(std::move(*verdict));
  }
  return out;
}

}  // namespace aright::trial
