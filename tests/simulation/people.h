#pragma once
// Those who answer: at once, late, too late, with another hash, twice, with no, or never; who take back, undo, ask for
// fixes, halt and resume. What they do next is drawn when something happens that they hear of.

#include <functional>
#include <map>
#include <string>

#include "chronicle.h"
#include "estate.h"
#include "remediation/engine.h"

namespace aright::simulation {

// What happens at an instant of virtual time; what was put in first comes first.
class Agenda {
 public:
  using Act = std::function<void()>;
  void put(Timestamp at, Act act) { acts_.emplace(at, std::move(act)); }
  std::optional<Timestamp> next() const { return acts_.empty() ? std::nullopt : std::optional(acts_.begin()->first); }
  Act take() {
    auto act = std::move(acts_.begin()->second);
    acts_.erase(acts_.begin());
    return act;
  }
  bool empty() const { return acts_.empty(); }
  void clear() { acts_.clear(); }

 private:
  std::multimap<Timestamp, Act> acts_;
};

class People {
 public:
  // The engine at that moment: it may be another one after a crash.
  using Desk = std::function<remediation::Engine&()>;
  People(Desk desk, Agenda& agenda, Estate& estate, const Clock& clock, std::uint64_t seed)
      : desk_(std::move(desk)), agenda_(agenda), estate_(estate), clock_(clock), random_(seed) {}

  void hear(const Story& story, const ledger::Entry& entry);
  // An event about one of a resource's controls; now and then it comes twice, or late.
  void tell(const Thing& thing, const Concern& concern);
  void halt_and_resume();
  std::size_t refused() const { return refused_; }
  // From now on nobody begins anything new.
  void go_home() { home_ = true; }

 private:
  void asked(const Story& story);
  void step_asks(const std::string& execution, const std::string& step);
  void agree(const std::string& remediation, const std::string& hash, const std::string& who, Timestamp at);
  void resolved(const Story& story);
  void closed(const Story& story);
  void later(milliseconds after, Agenda::Act act) { agenda_.put(clock_.now() + after, std::move(act)); }
  milliseconds within(std::uint64_t seconds_max) { return milliseconds(random_.below(seconds_max * 1'000)); }
  Thing* thing_of(const Story& story);
  void count(const Result<>& result) { refused_ += result ? 0 : 1; }
  std::string anybody();

  Desk desk_;
  Agenda& agenda_;
  Estate& estate_;
  const Clock& clock_;
  Random random_;
  std::size_t refused_ = 0, events_ = 0;
  bool home_ = false;
};

}  // namespace aright::simulation
