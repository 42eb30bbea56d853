#pragma once
// Evidence for somebody who trusts nobody here: of a framework, requirement by requirement, or of one remediation, what
// was judged, found, decided, approved, done and excepted, each with the entries of the ledger that say so. A fold over
// the whole ledger. Pure.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "remediation/finding.h"
#include "remediation/remediation.h"
#include "report/review.h"
#include "rules/control.h"

namespace aright::report {

inline constexpr std::size_t evidence_entries_max = 100'000;  // of one bundle; beyond them, choose a narrower window

// What is asked for.
struct EvidenceScope {
  std::string id, title, source;
  std::map<std::string, std::set<std::string>> requirements;  // what the framework calls them → controls
  std::string remediation;  // "": all; else only this one, of no framework
};

class Evidence {
 public:
  Evidence(EvidenceScope scope, Window window) : scope_(std::move(scope)), window_(window) {}

  // Every entry of the ledger, in order of position. Those after the window are passed over.
  void add(const ledger::Entry& entry);

  // docs/guide/review.md shows the shape. `held`: the controls that the policy enables.
  json::Object tell(const rules::Controls& controls, const std::set<std::string>& held) const;
  // Of all entries that tell() rests on, in order.
  std::vector<std::uint64_t> positions() const;

 private:
  struct Line {
    Timestamp at;
    std::string kind, text;
    std::uint64_t position = 0;
  };
  struct FoundStory {
    remediation::Finding finding;
    std::vector<Line> lines;
    bool in_window = false;
  };
  struct FixStory {
    remediation::State state;
    std::vector<Line> lines;  // its executions' among them
    std::set<std::string> executions;
    bool in_window = false;
  };

  bool concerns(const std::string& control) const;
  void add_to_finding(const ledger::Entry& entry);
  void add_to_remediation(const ledger::Entry& entry);
  void add_to_execution(const ledger::Entry& entry);
  void add_scan(const ledger::Entry& entry);
  bool shows(const FoundStory& story) const;
  bool shows(const FixStory& story) const;
  json::Object tell_control(const std::string& id, const rules::Controls& controls, bool held) const;
  std::string status_of(const std::string& control) const;
  static json::Array tell_lines(const std::vector<Line>& lines);
  static json::Object tell_fix(const FixStory& story);
  static json::Object tell_finding(const FoundStory& story);

  EvidenceScope scope_;
  Window window_;
  std::map<std::string, FoundStory> findings_;
  std::map<std::string, FixStory> fixes_;
  std::map<std::string, std::string> owners_;  // executions → remediations
  struct Scan {
    json::Value counts;
    std::uint64_t position = 0;
  };
  std::map<std::string, Scan> scans_;          // by control: the last one of the window
};

// A page of its own, as report/html.h has them.
std::string evidence_html(const json::Object& evidence);

}  // namespace aright::report
