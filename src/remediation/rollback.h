#pragma once
// Takes a remediation back: the writes of its executions, last first, each by a three-way merge of
// what was before, what was applied and what is now. What somebody else changed since stays, and is
// reported.

#include "gateway/gateway.h"
#include "remediation/remediation.h"

namespace aright::remediation {

inline constexpr const char* evidence_tag = "aright:evidence-of";  // on what is made with it; never taken back
inline constexpr const char* rollback_suffix = ".rollback";  // of the stream where its calls are journaled

struct TakenBack {
  std::vector<aws::Call> calls;             // that were made
  std::vector<std::string> conflicts;       // what others changed since, and so was kept
  std::vector<std::string> gone;            // resources that others deleted since; no rollback makes one anew
  std::vector<std::string> kept;            // evidence: it outlives what it was kept for
  std::vector<std::string> irreversible;    // what could not be taken back, and why
  bool restored = false;                    // everything but evidence is as before the first write

  json::Object to_json() const;
};

// What a rollback came to, for people, from its entry: "rolled back: as it was before".
std::string taken_back_text(const json::Value& body);

// The rollback's own writes are journaled on this stream.
std::string rollback_stream(const State& state);

// Safe to run again after a crash: what is back already needs no call.
Result<TakenBack> take_back(const State& state, gateway::Gateway& gateway, ledger::Ledger& ledger,
                            const Context& context);

}  // namespace aright::remediation
