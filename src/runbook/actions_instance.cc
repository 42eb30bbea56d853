// EC2 instances: aws:runInstances, aws:changeInstanceState.

#include <algorithm>

#include "base/id.h"
#include "runbook/action.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

// The instances of a DescribeInstances answer.
std::vector<const json::Value*> instances_of(const json::Value& output) {
  std::vector<const json::Value*> found;
  for (const auto& reservation : json::items(json::at(output, "Reservations")))
    for (const auto& instance : json::items(json::at(reservation, "Instances")))
      found.push_back(&instance);
  return found;
}

// Watches instances until all of them are in a state; running ones until their checks are passed, too.
class InstanceAction : public Action {
 protected:
  Move watch(const Scene&) {
    return call(
        "ec2", "DescribeInstances", {{"InstanceIds", ids()}},
        [this](const Scene& now, const json::Value& output) -> Move {
          auto instances = instances_of(output);
          states_.clear();
          for (const auto* instance : instances) {
            auto state = json::text(json::at(*instance, {"State", "Name"}));
            if (is_lost(state)) {
              return Fault{.message = fmt::format("{} is {} and will not be {}",
                                                  json::text(json::at(*instance, "InstanceId")),
                                                  state, state_)};
            }
            states_.push_back(json::Value(state));
          }
          auto there = [&](const json::Value& state) { return json::text(state) == state_; };
          if (states_.size() < ids_.size() || !std::ranges::all_of(states_, there))
            return later(now);
          if (state_ == "running") return check(now);
          return reached();
        });
  }

  virtual Move reached() { return Done{}; }
  virtual bool is_lost(const std::string& state) const {
    return state_ != "terminated" && (state == "terminated" || state == "shutting-down");
  }

  json::Array ids() const { return json::Array(ids_.begin(), ids_.end()); }

  std::vector<std::string> ids_;
  std::string state_ = "running";
  json::Array states_;

 private:
  Move later(const Scene& scene) {
    return again_in(scene, poll_pause, [this](const Scene& now) { return watch(now); });
  }

  Move check(const Scene&) {
    return call("ec2", "DescribeInstanceStatus", {{"InstanceIds", ids()}},
                [this](const Scene& now, const json::Value& output) -> Move {
                  const auto& all = json::items(json::at(output, "InstanceStatuses"));
                  auto passed = [](const json::Value& each) {
                    return json::text(json::at(each, {"InstanceStatus", "Status"})) == "ok" &&
                           json::text(json::at(each, {"SystemStatus", "Status"})) == "ok";
                  };
                  if (all.size() >= ids_.size() && std::ranges::all_of(all, passed))
                    return reached();
                  return later(now);
                });
  }
};

class ChangeInstanceState final : public InstanceAction {
 public:
  Move begin(const Scene& scene) override {
    auto given = read(json::at(scene.inputs, "InstanceIds"), Type::string_list);
    if (!given) return bad_input("InstanceIds: " + given.error().message);
    ids_ = json::texts(*given);
    if (ids_.empty()) return bad_input("InstanceIds is empty");
    state_ = json::text(scene.inputs, "DesiredState");
    stopped_is_lost_ = json::truth(json::at(scene.inputs, "FailOnUnexpectedStopped"));
    const char* operation = state_ == "running"      ? "StartInstances"
                            : state_ == "stopped"    ? "StopInstances"
                            : state_ == "terminated" ? "TerminateInstances"
                                                     : nullptr;
    if (!operation) return bad_input(fmt::format("DesiredState cannot be '{}'", state_));
    if (json::truth(json::at(scene.inputs, "CheckStateOnly"))) return watch(scene);
    json::Object request{{"InstanceIds", ids()}};
    if (state_ == "stopped" && scene.inputs.contains("Force")) {
      request["Force"] = json::truth(json::at(scene.inputs, "Force"));
    }
    if (state_ == "running" && scene.inputs.contains("AdditionalInfo")) {
      request["AdditionalInfo"] = json::at(scene.inputs, "AdditionalInfo");
    }
    return call("ec2", operation, std::move(request),
                [this](const Scene& now, const json::Value&) { return watch(now); });
  }

 private:
  bool is_lost(const std::string& state) const override {
    if (stopped_is_lost_ && state_ == "running" && state == "stopped") return true;
    return InstanceAction::is_lost(state);
  }

  bool stopped_is_lost_ = false;
};

class RunInstances final : public InstanceAction {
 public:
  Move begin(const Scene& scene) override {
    return call("ec2", "RunInstances", request_of(scene),
                [this](const Scene& now, const json::Value& output) -> Move {
                  for (const auto& instance : json::items(json::at(output, "Instances")))
                    ids_.push_back(json::text(json::at(instance, "InstanceId")));
                  if (ids_.empty()) return Fault{.message = "no instance was launched"};
                  return watch(now);
                });
  }

  json::Object outputs() const override {
    if (ids_.empty()) return {};
    return {{"InstanceIds", ids()}, {"InstanceStates", states_}};
  }

 private:
  static json::Object request_of(const Scene& scene) {
    auto request = scene.inputs;
    auto count = [&](const char* name) { return json::integer(json::at(scene.inputs, name), 1); };
    auto least = count("MinInstanceCount");
    request["MinCount"] = least;
    request["MaxCount"] = std::max(least, count("MaxInstanceCount"));
    for (const char* own : {"MinInstanceCount", "MaxInstanceCount", "IamInstanceProfileName",
                            "IamInstanceProfileArn"})
      request.erase(own);
    json::Object profile;
    auto name = json::text(scene.inputs, "IamInstanceProfileName");
    auto arn = json::text(scene.inputs, "IamInstanceProfileArn");
    if (!name.empty()) profile["Name"] = name;
    if (!arn.empty()) profile["Arn"] = arn;
    if (!profile.empty()) request["IamInstanceProfile"] = std::move(profile);
    // Systems Manager's default, not EC2's own.
    if (!request.contains("InstanceType")) request["InstanceType"] = "m1.small";
    auto monitoring = request.find("Monitoring");
    if (monitoring != request.end() && !monitoring->value().is_object()) {
      monitoring->value() = json::Object{{"Enabled", json::truth(monitoring->value())}};
    }
    if (!request.contains("ClientToken")) request["ClientToken"] = uuid_from(scene.seed);
    return request;
  }

  Move reached() override { return Done{.outputs = outputs()}; }
  bool is_lost(const std::string& state) const override {
    return state == "stopped" || state == "stopping" || InstanceAction::is_lost(state);
  }
};

}  // namespace

std::unique_ptr<Action> make_change_instance_state() {
  return std::make_unique<ChangeInstanceState>();
}
std::unique_ptr<Action> make_run_instances() {
  return std::make_unique<RunInstances>();
}

}  // namespace aright::runbook
