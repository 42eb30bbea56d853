#pragma once
// The review of effectiveness: a fold over the whole ledger that tells about a window of time. Pure.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "remediation/finding.h"
#include "report/figures.h"

namespace aright::report {

inline constexpr std::size_t points_max = 100;  // of the trend
inline constexpr std::chrono::days due_within{30};  // exceptions that end so soon are told

struct Window {
  Timestamp since, until;
  bool holds(Timestamp at) const { return since <= at && at <= until; }
};

inline constexpr std::string_view window_default = "30d";

// `since` and `until` are instants (2026-11-01T10:00:00Z), days (2026-11-01) or, for `since`, a length before `until`
// such as 30d, 12h or 2w; empty ones are window_default and `now`. Fails with invalid.
Result<Window> parse_window(std::string_view since, std::string_view until, Timestamp now);

class Review {
 public:
  explicit Review(Window window);

  // Every entry of the ledger, in order of position: what was before the window says what stood open when it began.
  void add(const ledger::Entry& entry);

  // docs/reference/api.md, GET /report, shows the shape.
  json::Object tell() const;

 private:
  struct Finding {
    std::string control;
    std::optional<Timestamp> open_since;
    bool fixed = false;  // the last time that it was resolved
    bool disputed = false;  // since it was opened
    std::optional<remediation::Exception> exception;
  };
  struct Remediation {
    std::string control, resource, finding;
    Timestamp opened;
    std::optional<Timestamp> decided, asked, started, ended;
    std::size_t Figures::*counts_as = nullptr;  // by its last decision before the fix began
    int needed = 1, agreed = 0;  // voices, while it waits for them
    bool forced = false, withdrawn = false;
  };
  struct Control {
    std::string title, severity;
    Figures figures;
  };
  struct Point {
    std::size_t opened = 0, resolved = 0, closed = 0;  // closed: by a fix or otherwise
  };

  void add_to_signal(const ledger::Entry& entry);
  void add_to_finding(const ledger::Entry& entry);
  void open_finding(const ledger::Entry& entry, Finding& finding);
  void resolve_finding(const ledger::Entry& entry, Finding& finding);
  void add_to_remediation(const ledger::Entry& entry);
  void open_remediation(const ledger::Entry& entry);
  static void decide(const ledger::Entry& entry, Remediation& of, Figures& figures);
  static void ask(const ledger::Entry& entry, Remediation& of);
  void answer(const ledger::Entry& entry, Remediation& of, Figures& figures);
  void end(const ledger::Entry& entry, Remediation& of, Figures& figures);
  void dispute(const std::string& finding, Timestamp at);
  void expose(const std::string& control, Timestamp from, Timestamp to);
  Point* point_of(Timestamp at);
  json::Array tell_controls() const;
  json::Object tell_trend() const;
  json::Array tell_waiting() const;
  json::Array tell_exceptions() const;

  Window window_;
  std::optional<Timestamp> first_;             // entry of all
  std::map<std::string, Timestamp> seen_;      // by signal: when its source saw what it tells
  std::map<std::string, Finding> findings_;
  std::map<std::string, Remediation> remediations_;
  std::map<std::string, Control> controls_;
  std::set<std::string> rolled_back_;          // remediations
  milliseconds step_;
  std::vector<Point> points_;
  std::size_t open_before_ = 0;                // findings, when the window began
};

}  // namespace aright::report
