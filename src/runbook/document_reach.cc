#include "runbook/document_reach.h"

#include <map>
#include <set>
#include <string>

#include "runbook/references.h"

namespace aright::runbook {

namespace {

// A step and what follows it in its list; null at the list's end.
struct Place {
  const Step* step = nullptr;
  const Step* after = nullptr;
};

class Reach {
 public:
  explicit Reach(const Document& document) : document_(document) { collect(document.steps()); }

  std::vector<const Step*> missed() {
    open_.push_back(document_.steps().front().name);
    while (!open_.empty()) {
      auto name = std::move(open_.back());
      open_.pop_back();
      auto found = places_.find(name);
      if (found == places_.end() || !seen_.insert(name).second) continue;
      follow(found->second);
    }
    std::vector<const Step*> missed;
    for (const auto* step : order_)
      if (!seen_.contains(step->name) && !anywhere_) missed.push_back(step);
    return missed;
  }

 private:
  void collect(const std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      order_.push_back(&steps[i]);
      places_[steps[i].name] = {&steps[i], i + 1 < steps.size() ? &steps[i + 1] : nullptr};
      collect(steps[i].steps);
    }
  }

  void follow(const Place& place) {
    const Step& step = *place.step;
    if (!step.steps.empty()) go(step.steps.front().name);
    for (const auto& choice : json::items(json::at(step.inputs, "Choices")))
      go(json::text(json::members(choice), "NextStep"));
    for (const auto& target : {step.on_failure, step.on_cancel})
      if (target.starts_with("step:")) go(target.substr(5));
    const bool decides = step.action == "aws:branch" && step.inputs.contains("Default");
    if (decides) return go(json::text(step.inputs, "Default"));
    if (step.end) return;
    if (!step.next.empty()) return go(step.next);
    if (place.after) go(place.after->name);
  }

  // A target that is only known when it runs may be any step.
  void go(std::string name) {
    if (!references(name).empty()) anywhere_ = true;
    open_.push_back(std::move(name));
  }

  const Document& document_;
  std::map<std::string, Place> places_;
  std::vector<const Step*> order_;
  std::vector<std::string> open_;
  std::set<std::string> seen_;
  bool anywhere_ = false;
};

}  // namespace

std::vector<const Step*> unreachable_steps(const Document& document) {
  if (document.steps().empty()) return {};
  return Reach(document).missed();
}

}  // namespace aright::runbook
