#pragma once
// What the ledger says, understood by itself and not by the engine's code: each remediation's plan, who agreed to it,
// what was started when. Every entry is judged as it comes; what must not be is an accusation.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "remediation/policy.h"

namespace aright::simulation {

struct Voice {
  std::string person, whose;
  Timestamp at;
};

// One remediation as its entries tell it.
struct Story {
  std::string id, finding, control, severity, requester;
  remediation::Resource resource;
  std::map<std::string, std::string> tags;
  bool forced = false;                   // a person asked for it
  std::string decision, ladder, policy;  // as decided; the policy by its hash
  std::string plan_hash;                 // of the plan that holds now; "": none
  std::map<std::string, int> writes;     // of that plan: call → how often
  bool unrehearsed = false;
  bool asked = false;
  std::size_t rung = 0;
  Timestamp asked_at;  // on this rung
  std::vector<Voice> voices;
  std::string execution;  // under way; "": none
  std::size_t executions = 0;
  bool rollback_asked = false;
  std::string last, reason;  // kind of the last entry, and the reason that it gives
};

// A write as plans and journals name it.
std::string key_of(const json::Value& call);

class Chronicle {
 public:
  using Accuse = std::function<void(const std::string& what, const std::string& stream)>;
  using News = std::function<void(const Story& story, const ledger::Entry& entry)>;

  explicit Chronicle(Accuse accuse) : accuse_(std::move(accuse)) {}

  // The policy that holds from now on; it must outlive the next call.
  void governed_by(const remediation::Policy& policy) { policy_ = &policy; }
  // In order of position.
  void read(const ledger::Entry& entry);
  News on_news;  // told after each entry of a remediation, and when a step of its runbook asks somebody

  const Story* find(std::string_view id) const;
  // Whose execution it is, or whose rollback.
  const Story* owner_of(std::string_view stream) const;
  bool halted(const Story& story, std::string_view service) const;
  bool halted() const { return !halts_.empty(); }
  const std::map<std::string, Story, std::less<>>& stories() const { return stories_; }
  std::map<std::string, std::size_t> counts;  // of the kinds of entries of remediations

 private:
  void read_story(Story& story, const ledger::Entry& entry);
  void take_plan(Story& story, const ledger::Entry& entry);
  void judge_start(Story& story, const ledger::Entry& entry);
  void judge_agreement(const Story& story, const ledger::Entry& entry) const;
  void judge_limits(const Story& story, Timestamp now);
  void judge_running(const remediation::Limit& limit, const Story& story) const;
  void judge_canary(const Story& story) const;
  void judge_freezes(const Story& story, Timestamp now) const;
  void judge_breaker(const Story& story, Timestamp now) const;
  void note_outcome(const Story& story, const ledger::Entry& entry);
  void note_halt(const ledger::Entry& entry);

  Accuse accuse_;
  const remediation::Policy* policy_ = nullptr;
  std::map<std::string, Story, std::less<>> stories_;
  std::map<std::string, std::string, std::less<>> owners_;  // execution → remediation
  std::map<std::string, std::string> busy_;                 // resource → remediation that executes
  struct Start {
    std::string control;
    remediation::Resource resource;
    Timestamp at;
  };
  std::vector<Start> starts_;
  struct Ending {
    bool good;
    Timestamp at;
  };
  std::map<std::string, std::vector<Ending>> endings_;  // by control
  std::map<std::string, std::int64_t> judged_;          // by control, in its latest scan
  struct Halt {
    std::string account, region, service, control;
    auto operator<=>(const Halt&) const = default;
  };
  std::set<Halt> halts_;
  std::map<std::string, Timestamp> exceptions_;  // by finding, until when
};

}  // namespace aright::simulation
