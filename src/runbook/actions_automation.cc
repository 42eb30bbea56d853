// aws:executeAutomation: one child, or one for each target, in each account and Region. Children run one after the
// other, whatever MaxConcurrency allows: it is a bound, and order is worth more here than speed.

#include <algorithm>
#include <iterator>

#include "runbook/action.h"
#include "runbook/targets.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

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
    if (auto good = check(scene.inputs); !good) return bad_input(good.error().message);
    common_ = json::members(json::at(scene.inputs, "RuntimeParameters"));
    auto locations = locations_of(json::at(scene.inputs, "TargetLocations"));
    if (!locations) return bad_input(locations.error().message);
    locations_ = std::move(*locations);
    return enter_location(scene);
  }

  json::Object outputs() const override {
    if (execution_.empty()) return {};
    return {{"ExecutionId", execution_}, {"Status", status_}, {"Output", output_}};
  }

 private:
  struct Place {
    std::string account, region;
  };

  static Result<> check(const json::Object& inputs) {
    const auto& parameters = json::at(inputs, "RuntimeParameters");
    if (!parameters.is_null() && !parameters.is_object()) return fail(Errc::invalid, "RuntimeParameters is a map");
    if (json::text(inputs, "DocumentName").empty()) return fail(Errc::invalid, "DocumentName is empty");
    bool targets = inputs.contains("Targets");
    for (const auto& location : json::items(json::at(inputs, "TargetLocations")))
      targets = targets || !json::at(location, "Targets").is_null();
    if (targets && inputs.contains("TargetMaps"))
      return fail(Errc::invalid, "TargetMaps and Targets exclude each other");
    if (targets == json::text(inputs, "TargetParameterName").empty())
      return fail(Errc::invalid, "Targets and TargetParameterName belong together");
    return {};
  }

  // The accounts of organizational units first, one question each.
  Move enter_location(const Scene& scene) {
    if (location_ == locations_.size()) return finish();
    auto& location = locations_[location_];
    if (!location.units.empty()) {
      if (++units_ > units_max) return bad_input(fmt::format("there are more than {} organizational units", units_max));
      return ask_unit(scene, location.child_units ? "ListOrganizationalUnitsForParent" : "");
    }
    places_.clear();
    place_ = failed_places_ = 0;
    for (const auto& account : location.accounts) {
      if (std::ranges::find(location.excluded, account) != location.excluded.end()) continue;
      for (const auto& region : location.regions) places_.push_back({account, region});
    }
    auto allowed = errors_allowed(location.errors_max, places_.size(), "TargetLocationMaxErrors");
    if (!allowed) return bad_input(allowed.error().message);
    failed_places_max_ = *allowed;
    return enter_place(scene);
  }

  // The units below it, where they count, and then its accounts.
  Move ask_unit(const Scene&, const std::string& below, const std::string& page = "", std::size_t pages = 1) {
    const auto& location = locations_[location_];
    json::Object input{{"ParentId", location.units.back()}};
    if (!page.empty()) input["NextToken"] = page;
    auto operation = below.empty() ? "ListAccountsForParent" : below;
    return call("organizations", operation, std::move(input),
                [this, below, pages](const Scene& now, const json::Value& answer) {
                  return heard_of_unit(now, below, answer, pages);
                });
  }

  Move heard_of_unit(const Scene& scene, const std::string& below, const json::Value& answer, std::size_t pages) {
    auto& location = locations_[location_];
    for (const auto& unit : json::items(json::at(answer, "OrganizationalUnits")))
      location.units.insert(location.units.begin(), json::text(unit, "Id", ""));
    for (const auto& account : json::items(json::at(answer, "Accounts")))
      if (json::text(account, "Status", "") == "ACTIVE") location.accounts.push_back(json::text(account, "Id", ""));
    auto more = json::text(answer, "NextToken", "");
    if (!more.empty() && pages < lookup_pages_max) return ask_unit(scene, below, more, pages + 1);
    if (!below.empty()) return ask_unit(scene, "");
    location.units.pop_back();
    return enter_location(scene);
  }

  Move enter_place(const Scene& scene) {
    if (place_ == places_.size()) {
      ++location_;
      return enter_location(scene);
    }
    children_.clear();
    next_ = errors_ = 0;
    const auto& inputs = scene.inputs;
    if (inputs.contains("TargetMaps"))
      return run_children(scene, for_maps(common_, json::items(json::at(inputs, "TargetMaps"))));
    const auto& own = locations_[location_].targets;
    const auto& targets = json::items(own.is_null() ? json::at(inputs, "Targets") : own);
    if (targets.empty()) return run_children(scene, {common_});
    auto lookup = lookup_of(targets);
    if (!lookup) return bad_input(lookup.error().message);
    found_.clear();
    if (*lookup) return look_up(scene, **lookup);
    for (const auto& target : targets)
      std::ranges::copy(json::texts(json::at(target, "Values")), std::back_inserter(found_));
    return run_for_found(scene);
  }

  Move look_up(const Scene&, const TargetCall& lookup, const std::string& page = "", std::size_t pages = 1) {
    CallAws question{.service = lookup.service, .operation = lookup.operation, .input = lookup.input};
    question.account = places_[place_].account;
    question.region = places_[place_].region;
    if (!page.empty()) question.input["NextToken"] = page;
    return after(std::move(question), [this, lookup, pages](const Scene& now, const json::Value& answer) {
      std::ranges::copy(ids_in(lookup, answer), std::back_inserter(found_));
      auto more = json::text(answer, "NextToken", "");
      if (!more.empty() && pages < lookup_pages_max) return look_up(now, lookup, more, pages + 1);
      return run_for_found(now);
    });
  }

  Move run_for_found(const Scene& scene) {
    return run_children(scene, for_values(common_, json::text(scene.inputs, "TargetParameterName"), found_));
  }

  Move run_children(const Scene& scene, std::vector<json::Object> children) {
    if (children.size() > children_max)
      return bad_input(fmt::format("there are more than {} targets", children_max));
    children_ = std::move(children);
    const auto& own = locations_[location_].targets_errors_max;
    auto allowed = errors_allowed(own.is_null() ? json::at(scene.inputs, "MaxErrors") : own, children_.size(),
                                  "MaxErrors");
    if (!allowed) return bad_input(allowed.error().message);
    errors_max_ = *allowed;
    return next_ == children_.size() ? leave_place(scene) : start(scene);
  }

  Move start(const Scene& scene) {
    StartChild child;
    child.document = json::text(scene.inputs, "DocumentName");
    child.version = json::text(scene.inputs, "DocumentVersion");
    child.parameters = children_[next_];
    child.account = places_[place_].account;
    child.region = places_[place_].region;
    if (scene.inputs.contains("Tags")) child.options["Tags"] = json::at(scene.inputs, "Tags");
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

  // One failed child fails the step; the limits say which others still get their turn.
  Move child_failed(const Scene& scene, Fault why) {
    if (!fault_) fault_ = std::move(why);
    if (++errors_ > errors_max_) return leave_place(scene);
    return go_on(scene);
  }

  Move go_on(const Scene& scene) { return ++next_ < children_.size() ? start(scene) : leave_place(scene); }

  Move leave_place(const Scene& scene) {
    if (errors_ > errors_max_ && ++failed_places_ > failed_places_max_) {
      ++location_;
      return enter_location(scene);
    }
    ++place_;
    return enter_place(scene);
  }

  Move finish() {
    if (fault_) return std::move(*fault_);
    return Done{.outputs = outputs(), .answer = outputs()};
  }

  json::Object common_;  // parameters of every child
  std::vector<Location> locations_;
  std::vector<Place> places_;           // of the location that is under way
  std::vector<std::string> found_;      // targets of the place
  std::vector<json::Object> children_;  // of the place: the parameters of each
  std::size_t location_ = 0, place_ = 0, next_ = 0, units_ = 0;
  std::size_t errors_ = 0, errors_max_ = 0, failed_places_ = 0, failed_places_max_ = 0;
  std::optional<Fault> fault_;
  std::string execution_, status_;
  json::Array output_;
};

}  // namespace

std::unique_ptr<Action> make_execute_automation() {
  return std::make_unique<ExecuteAutomation>();
}

}  // namespace aright::runbook
