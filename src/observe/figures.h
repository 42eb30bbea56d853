#pragma once
// A fold over the ledger that keeps what monitoring asks for: how much came, what became of it, and how long it took.
// It tells the same after a restart.
//
// add() on one thread; expose() on any.

#include <map>
#include <optional>
#include <string>

#include "ledger/ledger.h"
#include "telemetry/instruments.h"

namespace aright::observe {

double seconds_between(Timestamp from, Timestamp to);  // 0 where `to` is before `from`

class Figures {
 public:
  Figures();
  // Every entry, in order of position.
  void add(const ledger::Entry& entry);
  void expose(telemetry::Exposition& out) const { registry_.expose(out); }

 private:
  struct Finding {
    std::string severity;
    std::optional<Timestamp> open_since;
  };
  struct Remediation {
    Timestamp opened, seen;  // seen: by the source of its signal
    std::optional<Timestamp> started, ended;
    bool decided = false;
  };

  void add_to_signal(const ledger::Entry& entry);
  void add_to_finding(const ledger::Entry& entry);
  void add_to_remediation(const ledger::Entry& entry);
  void open_remediation(const ledger::Entry& entry);
  void answer(const ledger::Entry& entry);
  void end(const ledger::Entry& entry, Remediation& of);
  void show_open(const std::string& severity, int change);
  void no_longer_asked(const std::string& remediation);
  void show_asked();

  telemetry::Registry registry_;
  using Counters = telemetry::Family<telemetry::Counter>&;
  using Gauges = telemetry::Family<telemetry::Gauge>&;
  Counters signals_, opened_, resolved_, decisions_, approvals_, executions_, outcomes_, escalations_;
  Gauges open_, signals_waiting_, asked_since_;
  telemetry::Family<telemetry::Histogram>& times_;
  std::map<std::string, Timestamp> seen_;  // signals not handled yet, and when their source saw what they tell
  std::map<std::string, Finding> findings_;
  std::map<std::string, Remediation> remediations_;
  std::map<std::string, Timestamp> asked_;  // remediations that wait for people, and since when
};

}  // namespace aright::observe
