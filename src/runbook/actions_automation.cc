// aws:executeAutomation: one child, or one for each target, in each account and Region. As many children run side by
// side as MaxConcurrency allows: the first one alone, and with each that succeeded there is room for one more, so that
// their number doubles. A location is done when all its places are; then the next one begins.

#include <algorithm>
#include <iterator>
#include <map>

#include "runbook/action.h"
#include "runbook/targets.h"
#include "runbook/types.h"

namespace aright::runbook {

namespace {

// A StringList, of whatever form the child's outputs have.
json::Array listed(const json::Value& outputs) {
  json::Array list;
  auto add = [&](const json::Value& value) { std::ranges::copy(wire_texts(value), std::back_inserter(list)); };
  if (outputs.is_object())  // as entries of earlier versions have it
    for (const auto& [key, value] : outputs.get_object()) add(value);
  else
    for (const auto& value : json::items(outputs)) add(value);
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

  Move child_ended(const Scene& scene, const Child& child, const Returned& how) override {
    auto found = std::ranges::find(running_, child.number, [](const Running& one) { return one.child.number; });
    auto& place = places_[found->place];
    running_.erase(found);
    --place.running;
    auto& ended = ended_[child.number];
    ended = how.error ? Ended{.fault = fault(*how.error)} : ended_of(how.output);
    // One failed child fails the step; the limits say which others still get their turn.
    if (ended.fault)
      ++place.errors;
    else if (place.room < place.room_max)
      ++place.room;
    return go_on(scene);
  }

  json::Object outputs() const override {
    json::Object out;
    json::Array all;
    for (const auto& [number, ended] : ended_) {
      if (ended.execution.empty()) continue;
      out = {{"ExecutionId", ended.execution}, {"Status", ended.status}};
      std::ranges::copy(ended.output, std::back_inserter(all));
    }
    if (!out.empty()) out["Output"] = std::move(all);
    return out;
  }

 private:
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

  // An account and a Region, and whom the runbook is started for there.
  struct Place {
    std::string account, region;
    std::vector<std::string> found;      // targets, as far as they were looked up
    std::vector<json::Object> children;  // the parameters of each
    std::size_t next = 0, running = 0, room = 1, room_max = 0, errors = 0, errors_max = 0;
    bool entered = false, failed = false;

    bool launches() const { return entered && !failed && errors <= errors_max && next < children.size(); }
    bool done() const { return entered && running == 0 && !launches(); }
    bool bad() const { return failed || errors > errors_max; }
  };
  struct Running {
    Child child;
    std::size_t place = 0;
  };
  struct Ended {
    std::string execution, status;
    json::Array output;
    std::optional<Fault> fault;
  };

  // The accounts of organizational units first, one question each.
  Move enter_location(const Scene& scene) {
    if (location_ == locations_.size() || given_up_) return finish();
    auto& location = locations_[location_];
    if (!location.units.empty()) {
      if (++units_ > units_max) return bad_input(fmt::format("there are more than {} organizational units", units_max));
      return ask_unit(scene, location.child_units ? "ListOrganizationalUnitsForParent" : "");
    }
    places_.clear();
    for (const auto& account : location.accounts) {
      if (std::ranges::find(location.excluded, account) != location.excluded.end()) continue;
      for (const auto& region : location.regions) places_.push_back({.account = account, .region = region});
    }
    auto allowed = errors_allowed(location.errors_max, places_.size(), "TargetLocationMaxErrors");
    if (!allowed) return bad_input(allowed.error().message);
    auto at_once = side_by_side(location.concurrency_max, places_.size(), "TargetLocationMaxConcurrency",
                                places_at_once);
    if (!at_once) return bad_input(at_once.error().message);
    bad_places_max_ = *allowed;
    places_at_once_ = *at_once;
    return go_on(scene);
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

  // Enters as many places as may be under way, lets in each as many children run as it has room for, and waits.
  Move go_on(const Scene& scene) {
    for (std::size_t i = 0; i < places_.size() && !given_up_; ++i) {
      auto bad = static_cast<std::size_t>(std::ranges::count_if(places_, &Place::bad));
      auto under_way = static_cast<std::size_t>(
          std::ranges::count_if(places_, [](const Place& one) { return one.entered && !one.done(); }));
      if (!places_[i].entered && (bad > bad_places_max_ || under_way >= places_at_once_)) break;
      if (!places_[i].entered)
        if (auto question = enter_place(scene, i)) return std::move(*question);
      launch(scene, i);
    }
    if (!running_.empty()) {
      RunChildren children;
      for (const auto& one : running_) children.children.push_back(one.child);
      return children;
    }
    ++location_;
    return enter_location(scene);
  }

  // Nothing when it is known whom to start for.
  std::optional<Move> enter_place(const Scene& scene, std::size_t place) {
    const auto& inputs = scene.inputs;
    if (inputs.contains("TargetMaps")) {
      fill(scene, place, for_maps(common_, json::items(json::at(inputs, "TargetMaps"))));
      return std::nullopt;
    }
    const auto& own = locations_[location_].targets;
    const auto& targets = json::items(own.is_null() ? json::at(inputs, "Targets") : own);
    if (targets.empty()) {
      fill(scene, place, {common_});
      return std::nullopt;
    }
    auto lookup = lookup_of(targets);
    if (!lookup) {
      give_up(bad_input(lookup.error().message));
      return std::nullopt;
    }
    if (*lookup) return look_up(place, **lookup);
    for (const auto& target : targets)
      std::ranges::copy(json::texts(json::at(target, "Values")), std::back_inserter(places_[place].found));
    fill_with_found(scene, place);
    return std::nullopt;
  }

  Move look_up(std::size_t place, const TargetCall& lookup, const std::string& page = "", std::size_t pages = 1) {
    CallAws question{.service = lookup.service, .operation = lookup.operation, .input = lookup.input};
    question.account = places_[place].account;
    question.region = places_[place].region;
    if (!page.empty()) question.input["NextToken"] = page;
    auto then = [this, place, lookup, pages](const Scene& now, const json::Value& answer) {
      std::ranges::copy(ids_in(lookup, answer), std::back_inserter(places_[place].found));
      auto more = json::text(answer, "NextToken", "");
      if (!more.empty() && pages < lookup_pages_max) return look_up(place, lookup, more, pages + 1);
      fill_with_found(now, place);
      return go_on(now);
    };
    auto otherwise = [this, place](const Scene& now, const Error& error) {
      places_[place].entered = places_[place].failed = true;
      if (!lookup_fault_) lookup_fault_ = fault(error);
      return go_on(now);
    };
    return after(std::move(question), then, otherwise);
  }

  void fill_with_found(const Scene& scene, std::size_t place) {
    fill(scene, place, for_values(common_, json::text(scene.inputs, "TargetParameterName"), places_[place].found));
  }

  void fill(const Scene& scene, std::size_t at, std::vector<json::Object> children) {
    if (children.size() > children_max)
      return give_up(bad_input(fmt::format("there are more than {} targets", children_max)));
    auto& place = places_[at];
    place.children = std::move(children);
    place.entered = true;
    const auto& location = locations_[location_];
    auto of = [&](const json::Value& own, const char* name) {
      return own.is_null() ? json::at(scene.inputs, name) : own;
    };
    auto count = place.children.size();
    auto errors = errors_allowed(of(location.targets_errors_max, "MaxErrors"), count, "MaxErrors");
    if (!errors) return give_up(bad_input(errors.error().message));
    auto at_once = side_by_side(of(location.targets_concurrency_max, "MaxConcurrency"), count, "MaxConcurrency",
                                targets_at_once);
    if (!at_once) return give_up(bad_input(at_once.error().message));
    place.errors_max = *errors;
    place.room_max = *at_once;
  }

  void launch(const Scene& scene, std::size_t at) {
    auto& place = places_[at];
    while (!given_up_ && place.launches() && place.running < std::min(place.room, place.room_max)) {
      last_number_ = std::max(last_number_, scene.look) + 1;
      Child child{.number = last_number_};
      child.document = json::text(scene.inputs, "DocumentName");
      child.version = json::text(scene.inputs, "DocumentVersion");
      child.parameters = place.children[place.next];
      child.account = place.account;
      child.region = place.region;
      if (const auto& role = locations_[location_].execution_role; !role.empty())
        child.about["ExecutionRoleName"] = role;
      if (scene.inputs.contains("Tags")) child.about["Tags"] = json::at(scene.inputs, "Tags");
      auto name = json::text(scene.inputs, "TargetParameterName");
      if (auto target = json::texts(json::at(child.parameters, name)); !name.empty() && !target.empty())
        child.about["Target"] = target[0];
      running_.push_back({std::move(child), at});
      ++place.next;
      ++place.running;
    }
  }

  static Ended ended_of(const json::Value& output) {
    Ended ended{.execution = json::text(json::at(output, "ExecutionId")),
                .status = json::text(json::at(output, "Status")),
                .output = listed(json::at(output, "Output"))};
    if (ended.status == "Success") return ended;
    auto told = fmt::format("the execution {} ended {}", ended.execution, ended.status);
    auto why = json::text(json::at(output, "FailureMessage"));
    if (!why.empty()) told += ": " + why;
    ended.fault = Fault{.message = told, .timed_out = ended.status == "TimedOut"};
    return ended;
  }

  // No more children; those that run come to their end.
  void give_up(Fault why) { given_up_ = std::move(why); }

  Move finish() {
    if (given_up_) return *given_up_;
    for (const auto& [number, ended] : ended_)
      if (ended.fault) return *ended.fault;
    if (lookup_fault_) return *lookup_fault_;
    return Done{.outputs = outputs(), .answer = outputs()};
  }

  json::Object common_;  // parameters of every child
  std::vector<Location> locations_;
  std::vector<Place> places_;  // of the location that is under way
  std::size_t location_ = 0, units_ = 0, bad_places_max_ = 0, places_at_once_ = 1;
  std::vector<Running> running_;
  std::map<int, Ended> ended_;  // by the number of the child
  int last_number_ = 0;
  std::optional<Fault> given_up_, lookup_fault_;
};

}  // namespace

std::unique_ptr<Action> make_execute_automation() {
  return std::make_unique<ExecuteAutomation>();
}

}  // namespace aright::runbook
