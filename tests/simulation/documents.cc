#include "documents.h"

#include <fmt/format.h>

#include "base/random.h"
#include "json/value.h"

namespace aright::simulation {

namespace {

constexpr int steps_max = 7;
constexpr int child_steps_max = 3;
constexpr int writes_percent = 35;

class Author {
 public:
  explicit Author(std::uint64_t seed) : random_(seed) {}

  std::string document(int steps, bool main) {
    main_ = main;
    names_.clear();
    outputs_.clear();
    auto count = 1 + static_cast<int>(random_.below(static_cast<std::uint64_t>(steps)));
    for (int i = 0; i < count; ++i) names_.push_back(fmt::format("Step{}", i));
    json::Array list;
    for (int i = 0; i < count; ++i) list.push_back(step(i, false));
    json::Object out{{"schemaVersion", "0.3"}, {"mainSteps", std::move(list)}};
    out["variables"] = json::Object{{"Mood", json::Object{{"type", "String"}, {"default", "calm"}}}};
    return json::print(out);
  }

  // What each child of a fleet runs.
  std::string of_fleet() {
    json::Array list;
    for (int i = 0; i <= 1 + some(3); ++i) {
      auto step = fleet_step(i);
      if (chance(60)) step["onFailure"] = "Continue";
      list.push_back(std::move(step));
    }
    json::Object parameters{{"Thing", json::Object{{"type", "String"}}}};
    return json::print(
        {{"schemaVersion", "0.3"}, {"parameters", std::move(parameters)}, {"mainSteps", std::move(list)}});
  }

 private:
  bool chance(int percent) { return random_.below(100) < static_cast<std::uint64_t>(percent); }
  int some(int bound) { return static_cast<int>(random_.below(static_cast<std::uint64_t>(bound))); }
  std::string thing(const char* kind) { return fmt::format("{}-{}", kind, some(things)); }

  json::Object step(int index, bool inner) {
    int kinds = inner ? 2 : main_ ? 10 : 6;
    if (chance(writes_percent)) return with_flow(call(index, write(inner)), index, inner);
    switch (some(kinds)) {
      case 0: return with_flow(call(index, read()), index, inner);
      case 1: return with_flow(call(index, write(inner)), index, inner);
      case 2:
        if (index + 1 < static_cast<int>(names_.size())) return branch(index);
        return with_flow(call(index, write(inner)), index, inner);
      case 3: return with_flow(rest(index), index, inner);
      case 4:
        return named(index, "aws:updateVariable",
                     {{"Name", "variable:Mood"}, {"Value", chance(50) ? "calm" : "restless"}});
      case 5: return with_flow(look(index), index, inner);
      case 6: return loop(index);
      case 7: return with_flow(ask(index), index, inner);
      case 8: return with_flow(fleet(index), index, inner);
      default: return with_flow(named(index, "aws:executeAutomation", {{"DocumentName", "Child"}}), index, inner);
    }
  }

  // Children side by side, each with things of its own: whoever is first, all come to the same end.
  json::Object fleet(int index) {
    json::Array values;
    for (int i = 0; i <= 1 + some(5); ++i) values.push_back(json::Value(fmt::format("{}{}", fleet_prefix, i)));
    return named(index, "aws:executeAutomation",
                 {{"DocumentName", "Fleet"},
                  {"TargetParameterName", "Thing"},
                  {"Targets", json::Array{json::Object{{"Key", "ParameterValues"}, {"Values", std::move(values)}}}},
                  {"MaxConcurrency", std::to_string(1 + some(4))},
                  {"MaxErrors", "100%"}});
  }

  json::Object fleet_step(int index) {
    switch (some(5)) {
      case 0: return rest(index);
      case 1: return named(index, "aws:executeAwsApi", {{"Service", "logs"}, {"Api", "CreateLogGroup"},
                                                        {"logGroupName", "{{ Thing }}-group"}});
      case 2: return ask(index);
      default:
        return named(index, "aws:executeAwsApi",
                     {{"Service", "ssm"}, {"Api", "PutParameter"}, {"Name", "{{ Thing }}-parameter"},
                      {"Type", "String"}, {"Value", fmt::format("value-{}", ++values_)}, {"Overwrite", true}});
    }
  }

  json::Object rest(int index) {
    return named(index, "aws:sleep", {{"Duration", fmt::format("PT{}S", 1 + some(600))}});
  }

  static json::Object named(int index, const char* action, json::Object inputs) {
    return {{"name", fmt::format("Step{}", index)}, {"action", action}, {"inputs", std::move(inputs)}};
  }

  json::Object call(int index, json::Object inputs) {
    auto step = named(index, "aws:executeAwsApi", std::move(inputs));
    if (chance(40)) step["maxAttempts"] = 1 + some(3);
    const auto& api = json::text(step["inputs"], "Api");
    const char* selector = api == "GetParameter"          ? "$.Parameter.Value"
                           : api == "GetBucketVersioning" ? "$.Status"
                           : api == "CreateSecurityGroup" ? "$.GroupId"
                                                          : nullptr;
    if (selector) {
      step["outputs"] = json::Array{json::Object{{"Name", "Out"}, {"Selector", selector}, {"Type", "String"}}};
      outputs_.push_back(fmt::format("Step{}.Out", index));
    }
    if (api == "GetCallerIdentity") {  // its members are in no order of the alphabet
      step["outputs"] = json::Array{json::Object{{"Name", "Who"}, {"Selector", "$"}, {"Type", "StringMap"}}};
      who_ = fmt::format(" {{{{ Step{}.Who }}}}", index);
    }
    return step;
  }

  json::Object read() {
    switch (some(3)) {
      case 0: return {{"Service", "ssm"}, {"Api", "GetParameter"}, {"Name", thing("parameter")}};
      case 1: return {{"Service", "s3"}, {"Api", "GetBucketVersioning"}, {"Bucket", thing("bucket")}};
      default: return {{"Service", "sts"}, {"Api", "GetCallerIdentity"}};
    }
  }

  json::Object write(bool inner) {
    auto bucket = inner && chance(70) ? json::Value("{{ loop.CurrentIteratorValue }}") : json::Value(thing("bucket"));
    switch (some(9)) {
      case 0:
        return {{"Service", "s3"}, {"Api", "PutPublicAccessBlock"}, {"Bucket", bucket},
                {"PublicAccessBlockConfiguration",
                 json::Object{{"BlockPublicAcls", chance(50)}, {"IgnorePublicAcls", chance(50)},
                              {"BlockPublicPolicy", true}, {"RestrictPublicBuckets", chance(50)}}}};
      case 1:
        return {{"Service", "s3"}, {"Api", "PutBucketVersioning"}, {"Bucket", bucket},
                {"VersioningConfiguration", json::Object{{"Status", chance(50) ? "Enabled" : "Suspended"}}}};
      case 2: return {{"Service", "s3"}, {"Api", "DeletePublicAccessBlock"}, {"Bucket", bucket}};
      case 3:
        return {{"Service", "ssm"}, {"Api", "PutParameter"}, {"Name", thing("parameter")}, {"Type", "String"},
                {"Value", fmt::format("value-{}{}", ++values_, inner ? " {{ loop.CurrentIteration }}" : who_)},
                {"Overwrite", true}};
      case 4: return {{"Service", "ssm"}, {"Api", "DeleteParameter"}, {"Name", thing("parameter")}};
      case 5:
        return {{"Service", "iam"}, {"Api", chance(60) ? "CreateUser" : "DeleteUser"}, {"UserName", thing("user")}};
      case 6: return {{"Service", "logs"}, {"Api", "CreateLogGroup"}, {"logGroupName", thing("group")}};
      case 7:
        return {{"Service", "ec2"}, {"Api", "CreateSecurityGroup"}, {"GroupName", thing("group")},
                {"Description", "made by a runbook"}};
      default:
        return {{"Service", "s3"}, {"Api", "PutBucketTagging"}, {"Bucket", bucket},
                {"Tagging", json::Object{{"TagSet", json::Array{json::Object{{"Key", "round"},
                                                                            {"Value", reference_or("one")}}}}}}};
    }
  }

  json::Value reference_or(std::string plain) {
    if (outputs_.empty() || !chance(40)) return json::Value(plain);
    return json::Value("{{ " + outputs_[random_.below(outputs_.size())] + " }}");
  }

  json::Object branch(int index) {
    json::Array choices;
    for (int i = 0; i <= some(2); ++i) {
      auto variable = outputs_.empty() || chance(40) ? std::string("{{ variable:Mood }}")
                                                     : "{{ " + outputs_[random_.below(outputs_.size())] + " }}";
      constexpr const char* words[] = {"calm", "restless", "Enabled", "value-1"};
      choices.push_back(json::Object{{"NextStep", later(index)},
                                     {"Variable", variable},
                                     {chance(80) ? "StringEquals" : "StartsWith", words[some(4)]}});
    }
    json::Object inputs{{"Choices", std::move(choices)}};
    if (chance(60)) inputs["Default"] = later(index);
    return named(index, "aws:branch", std::move(inputs));
  }

  // Forward, so that every document ends. Not for the last step.
  std::string later(int index) {
    auto behind = static_cast<int>(names_.size()) - 1 - index;
    return names_[static_cast<std::size_t>(index + 1 + some(behind))];
  }

  json::Object look(int index) {
    json::Object inputs{{"Service", "s3"}, {"Api", "GetBucketVersioning"}, {"Bucket", thing("bucket")},
                        {"PropertySelector", "$.Status"},
                        {"DesiredValues", json::Array{chance(50) ? "Enabled" : "Suspended"}}};
    bool waits = chance(40);
    auto step = named(index, waits ? "aws:waitForAwsResourceProperty" : "aws:assertAwsResourceProperty",
                      std::move(inputs));
    if (waits) step["timeoutSeconds"] = 5 + some(60);
    return step;
  }

  json::Object loop(int index) {
    json::Array steps;
    for (int i = 0; i <= some(2); ++i) {
      auto inner = step(100 * (index + 1) + i, true);
      steps.push_back(std::move(inner));
    }
    json::Array values;
    for (int i = 0; i <= some(3); ++i) values.push_back(json::Value(thing("bucket")));
    return named(index, "aws:loop",
                 {{"Iterators", std::move(values)}, {"IteratorDataType", "String"}, {"Steps", std::move(steps)}});
  }

  json::Object ask(int index) {
    if (chance(50)) {
      auto step = named(index, "aws:pause", {});
      step["timeoutSeconds"] = 3600;
      return step;
    }
    auto step = named(index, "aws:approve", {{"Approvers", json::Array{approver}}, {"Message", "go on?"}});
    step["timeoutSeconds"] = 3600;
    return step;
  }

  json::Object with_flow(json::Object step, int index, bool inner) {
    if (chance(60)) step["onFailure"] = "Continue";
    if (!inner && chance(20) && index + 1 < static_cast<int>(names_.size())) step["onFailure"] = "step:" + later(index);
    if (chance(20)) step["isCritical"] = chance(50);
    if (chance(5)) step["isEnd"] = true;
    if (!inner && !step.contains("isEnd") && chance(15) && index + 1 < static_cast<int>(names_.size()))
      step["nextStep"] = later(index);
    return step;
  }

  Random random_;
  bool main_ = true;
  int values_ = 0;  // that parameters were given: each another one, so that each write shows
  std::vector<std::string> names_, outputs_;
  std::string who_;  // the map that the latest step told of its caller, with a space before it
};

aws::Call make(const char* service, const char* operation, json::Object input) {
  return {.service = service, .operation = operation, .region = region, .account = account, .input = std::move(input)};
}

}  // namespace

std::map<std::string, std::string> random_documents(std::uint64_t seed) {
  Author author(seed);
  auto child = author.document(child_steps_max, false);
  auto main = author.document(steps_max, true);
  auto fleet = author.of_fleet();
  return {{"Child", std::move(child)}, {"Fleet", std::move(fleet)}, {"Main", std::move(main)}};
}

std::vector<aws::Call> world() {
  std::vector<aws::Call> calls;
  for (int i = 0; i < things; ++i) {
    calls.push_back(make("s3", "CreateBucket", {{"Bucket", fmt::format("bucket-{}", i)}}));
    if (i % 2 == 1) continue;  // the others are not there
    calls.push_back(make("ssm", "PutParameter",
                         {{"Name", fmt::format("parameter-{}", i)}, {"Type", "String"}, {"Value", "first"}}));
    calls.push_back(make("iam", "CreateUser", {{"UserName", fmt::format("user-{}", i)}}));
  }
  return calls;
}

}  // namespace aright::simulation
