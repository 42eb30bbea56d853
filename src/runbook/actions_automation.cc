// aws:executeAutomation: one child, or one for each listed target. Children run one after the other, whatever
// MaxConcurrency allows: it is a bound, and order is worth more here than speed.

#include <algorithm>
#include <charconv>
#include <iterator>

#include "runbook/action.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

constexpr std::size_t children_max = 1'000;  // of one step

// A number, or a percentage of `count`, rounded down.
Result<std::size_t> errors_allowed(const json::Value& value, std::size_t count) {
  auto text = value.is_null() ? "0" : json::scalar_text(value);
  const bool percentage = text.ends_with('%');
  if (percentage) text.pop_back();
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size() && !text.empty();
  if (!whole || (percentage && number > 100)) {
    return fail(Errc::invalid, "MaxErrors is a number or a percentage");
  }
  return percentage ? count * number / 100 : number;
}

// A StringList, of whatever form the child's outputs have.
json::Array listed(const json::Value& outputs) {
  if (outputs.is_null()) return {};
  if (!outputs.is_object()) return wire_texts(outputs);
  json::Array list;
  for (const auto& [key, value] : outputs.get_object())
    std::ranges::copy(wire_texts(value), std::back_inserter(list));
  return list;
}

class ExecuteAutomation final : public Action {
 public:
  Move begin(const Scene& scene) override {
    auto prepared = prepare(scene);
    if (!prepared) return bad_input(prepared.error().message);
    if (children_.empty()) return Done{.outputs = outputs()};
    return start(scene);
  }

  json::Object outputs() const override {
    if (execution_.empty()) return {};
    return {{"ExecutionId", execution_}, {"Status", status_}, {"Output", output_}};
  }

 private:
  Result<> prepare(const Scene& scene) {
    const auto& parameters = json::at(scene.inputs, "RuntimeParameters");
    if (!parameters.is_null() && !parameters.is_object()) {
      return fail(Errc::invalid, "RuntimeParameters is a map");
    }
    if (json::text(scene.inputs, "DocumentName").empty()) {
      return fail(Errc::invalid, "DocumentName is empty");
    }
    children_ = TRY(expand(scene.inputs, json::members(parameters)));
    if (children_.size() > children_max) {
      return fail(Errc::invalid, "more than {} targets", children_max);
    }
    errors_max_ = TRY(errors_allowed(json::at(scene.inputs, "MaxErrors"), children_.size()));
    return {};
  }

  // The parameters of each child. Targets that have to be looked up are one child's options.
  Result<std::vector<json::Object>> expand(const json::Object& inputs, const json::Object& common) {
    std::vector<json::Object> children;
    const auto& maps = json::at(inputs, "TargetMaps");
    const auto& targets = json::items(json::at(inputs, "Targets"));
    auto name = json::text(inputs, "TargetParameterName");
    if (!maps.is_null() && inputs.contains("Targets")) {
      return fail(Errc::invalid, "TargetMaps and Targets exclude each other");
    }
    if (name.empty() == inputs.contains("Targets")) {
      return fail(Errc::invalid, "Targets and TargetParameterName belong together");
    }
    for (const auto& map : json::items(maps)) {
      auto child = common;
      for (const auto& [key, value] : json::members(map))
        child.insert_or_assign(key, value);
      children.push_back(std::move(child));
    }
    if (!maps.is_null()) return children;
    auto is_listed = [](const json::Value& target) {
      return json::text(json::at(target, "Key")) == "ParameterValues";
    };
    if (targets.empty() || !std::ranges::all_of(targets, is_listed)) {
      looks_up_ = !targets.empty();
      children.push_back(common);
      return children;
    }
    for (const auto& target : targets) {
      for (const auto& value : json::items(json::at(target, "Values"))) {
        children.push_back(common);
        children.back().insert_or_assign(name, json::Array{value});
      }
    }
    return children;
  }

  Move start(const Scene& scene) {
    StartChild child;
    child.document = json::text(scene.inputs, "DocumentName");
    child.version = json::text(scene.inputs, "DocumentVersion");
    child.parameters = children_[next_];
    child.target_locations = json::items(json::at(scene.inputs, "TargetLocations"));
    auto pass_on = [&](const char* name) {
      if (scene.inputs.contains(name)) child.options[name] = json::at(scene.inputs, name);
    };
    pass_on("Tags");
    if (looks_up_) {
      for (const char* name : {"Targets", "TargetParameterName", "MaxConcurrency", "MaxErrors"})
        pass_on(name);
    }
    child.timeout = scene.deadline - scene.now;
    return after(
        std::move(child),
        [this](const Scene& now, const json::Value& output) { return child_ended(now, output); },
        [this](const Scene& now, const Error& error) { return child_failed(now, fault(error)); });
  }

  Move child_ended(const Scene& scene, const json::Value& output) {
    execution_ = json::text(json::at(output, "ExecutionId"));
    status_ = json::text(json::at(output, "Status"));
    std::ranges::copy(listed(json::at(output, "Output")), std::back_inserter(output_));
    if (status_ == "Success") return go_on(scene);
    auto told = fmt::format("the execution {} ended {}", execution_, status_);
    auto why = json::text(json::at(output, "FailureMessage"));
    if (!why.empty()) told += ": " + why;
    return child_failed(scene, {.message = told, .timed_out = status_ == "TimedOut"});
  }

  // One failed child fails the step; MaxErrors says whether the others still get their turn.
  Move child_failed(const Scene& scene, Fault why) {
    if (!fault_) fault_ = std::move(why);
    if (++errors_ > errors_max_) return std::move(*fault_);
    return go_on(scene);
  }

  Move go_on(const Scene& scene) {
    if (++next_ < children_.size()) return start(scene);
    if (fault_) return std::move(*fault_);
    return Done{.outputs = outputs(), .answer = outputs()};
  }

  std::vector<json::Object> children_;
  std::size_t next_ = 0, errors_ = 0, errors_max_ = 0;
  bool looks_up_ = false;
  std::optional<Fault> fault_;
  std::string execution_, status_;
  json::Array output_;
};

}  // namespace

std::unique_ptr<Action> make_execute_automation() {
  return std::make_unique<ExecuteAutomation>();
}

}  // namespace aright::runbook
