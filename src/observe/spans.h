#pragma once
// A fold over the ledger that tells the story as spans: one trace for each remediation, with its stages, its
// executions, their steps, and the writes of those. Ids are derived from those of the ledger, so that what happened
// before and after a restart is one trace. On one thread.

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "ledger/ledger.h"
#include "telemetry/trace.h"

namespace aright::observe {

class Spans {
 public:
  using Offer = std::function<void(telemetry::Span)>;
  // An empty `offer`: the fold is kept for trace_of() alone.
  explicit Spans(Offer offer) : offer_(std::move(offer)) {}

  // Every entry, in order of position; spans are offered for those that are fresh.
  void add(const ledger::Entry& entry, bool fresh);
  // The remediation that a stream belongs to, "" when to none.
  std::string remediation_of(std::string_view stream) const;

 private:
  struct Remediation {
    std::string control, resource;
    Timestamp opened, since;                     // since: when the stage that is on began
    std::map<std::string, Timestamp> executing;  // executions under way, and since when
    bool told = false;                           // as a whole
  };
  struct Execution {
    std::string remediation, document;
    Timestamp since;                                                 // of the step that is on
    std::map<std::string, std::pair<std::string, Timestamp>> calls;  // by token: what was called, and when
  };

  void add_to_remediation(const ledger::Entry& entry);
  void stage(const ledger::Entry& entry, Remediation& of, std::string name, std::string error = {});
  void end_execution(const ledger::Entry& entry, Remediation& of);
  void whole(const ledger::Entry& entry, Remediation& of);
  void add_to_execution(const ledger::Entry& entry);
  void step(const ledger::Entry& entry, Execution& of);
  void call(const ledger::Entry& entry, Execution& of);
  void tell(telemetry::Span span) const;

  const Offer offer_;
  bool fresh_ = false;
  std::map<std::string, Remediation, std::less<>> remediations_;
  std::map<std::string, Execution, std::less<>> executions_;
};

}  // namespace aright::observe
