#include "report/review.h"

#include <algorithm>
#include <array>
#include <functional>

#include "remediation/approvals.h"
#include "remediation/story.h"

namespace aright::report {

namespace entry = remediation::entry;

namespace {

using std::chrono::hours;

// A trend has steps that people think in: the smallest that gives few enough points.
constexpr std::array<milliseconds, 5> steps{std::chrono::minutes(1), hours(1), hours(24), hours(24 * 7),
                                            hours(24 * 30)};

milliseconds step_of(const Window& window) {
  for (auto step : steps)
    if ((window.until - window.since) / step < static_cast<std::int64_t>(points_max)) return step;
  return (window.until - window.since) / static_cast<std::int64_t>(points_max) + milliseconds(1);
}

constexpr std::string_view engine_principal = "aright";  // of exceptions that no person set

std::string said(const ledger::Entry& one, std::string_view member) { return json::text(one.body, member, ""); }

const std::string& who_answers(const remediation::Exception& exception) {
  return exception.owner.empty() ? exception.by : exception.owner;
}

}  // namespace

Review::Review(Window window)
    : window_(window),
      step_(step_of(window)),
      points_(static_cast<std::size_t>((window.until - window.since) / step_) + 1) {}

void Review::add(const ledger::Entry& one) {
  if (one.time > window_.until) return;
  if (!first_) first_ = one.time;
  if (one.stream.starts_with("sig_")) return add_to_signal(one);
  if (one.stream.starts_with("fnd_")) return add_to_finding(one);
  if (one.stream.starts_with("rem_")) return add_to_remediation(one);
}

void Review::add_to_signal(const ledger::Entry& one) {
  if (one.kind == entry::signal_received) {
    auto saw = parse_timestamp(json::text(json::at(one.body, "body"), "time", ""));
    if (saw) seen_[one.stream] = *saw;
  } else if (one.kind == entry::signal_handled) {
    seen_.erase(one.stream);
  }
}

void Review::add_to_finding(const ledger::Entry& one) {
  auto& finding = findings_[one.stream];
  if (one.kind == entry::finding_opened || one.kind == entry::finding_reopened) open_finding(one, finding);
  if (one.kind == entry::finding_resolved && finding.open_since) resolve_finding(one, finding);
  if (one.kind == entry::exception_set) {
    auto until = parse_timestamp(said(one, "until"));
    finding.exception = remediation::Exception{.message = said(one, "message"), .by = said(one, "principal"),
                                               .until = until.value_or(remediation::forever)};
    if (said(one, "principal") != engine_principal) dispute(one.stream, one.time);
  }
  if (one.kind == entry::exception_ended) finding.exception.reset();
}

void Review::open_finding(const ledger::Entry& one, Finding& finding) {
  finding.control = said(one, "control");
  auto& control = controls_[finding.control];
  control.title = said(one, "title");
  control.severity = said(one, "severity");
  if (finding.open_since) return;  // found once more, such as under another policy
  // What a rollback opened again, nobody undid behind our back.
  bool undone = finding.fixed && !rolled_back_.contains(said(one, "remediation"));
  finding.fixed = false;
  finding.open_since = one.time;
  finding.disputed = false;
  auto* point = point_of(one.time);
  if (!point) {
    ++open_before_;
    return;
  }
  ++point->opened;
  ++control.figures.opened;
  if (undone) ++control.figures.recurred;
}

void Review::resolve_finding(const ledger::Entry& one, Finding& finding) {
  auto& figures = controls_[finding.control].figures;
  auto since = *finding.open_since;
  finding.open_since.reset();
  expose(finding.control, since, one.time);
  auto by = remediations_.find(said(one, "by"));
  finding.fixed = by != remediations_.end() && by->second.started.has_value();
  auto* point = point_of(one.time);
  if (!point) {
    --open_before_;
    return;
  }
  ++point->closed;
  if (!finding.fixed) {
    ++figures.resolved_otherwise;
    return;
  }
  ++point->resolved;
  ++figures.resolved;
  figures.whole.add(one.time - since);
}

void Review::add_to_remediation(const ledger::Entry& one) {
  if (one.kind == entry::remediation_opened) return open_remediation(one);
  auto found = remediations_.find(one.stream);
  if (found == remediations_.end()) return;
  auto& of = found->second;
  // Times that began before the window and end in it count; what ended before it only moves the story on.
  Figures before;
  auto& figures = window_.holds(one.time) ? controls_[of.control].figures : before;
  if (one.kind == entry::approval_requested || one.kind == entry::approval_escalated) return ask(one, of);
  if (one.kind == entry::approval_reminded) return;
  if (one.kind == entry::approved || one.kind == entry::rejected || one.kind == entry::approval_expired)
    return answer(one, of, figures);
  of.asked.reset();  // whatever else comes to pass, it waits no more
  if (one.kind == entry::decided)
    decide(one, of, figures);
  else
    end(one, of, figures);
}

// Of more people when it is escalated.
void Review::ask(const ledger::Entry& one, Remediation& of) {
  of.needed = remediation::request_from_json(one.body).needed;
  if (one.kind == entry::approval_requested) {
    of.asked = one.time;
    of.agreed = 0;
    if (!of.forced) of.counts_as = &Figures::asked;  // whatever was decided: what the rehearsal shows may ask, too
  } else if (of.agreed >= of.needed) {
    of.asked.reset();
  }
}

void Review::answer(const ledger::Entry& one, Remediation& of, Figures& figures) {
  auto& answers = one.kind == entry::approved   ? figures.approved
                  : one.kind == entry::rejected ? figures.rejected
                                                : figures.expired;
  ++answers;
  if (one.kind == entry::rejected) dispute(of.finding, one.time);
  if (one.kind == entry::approved && ++of.agreed < of.needed) return;
  if (of.asked) figures.approve.add(one.time - *of.asked);
  of.asked.reset();
}

void Review::open_remediation(const ledger::Entry& one) {
  auto& of = remediations_[one.stream];
  of.control = said(one, "control");
  of.resource = json::text(json::at(one.body, "resource"), "id", "");
  of.finding = said(one, "finding");
  of.opened = one.time;
  of.forced = json::truth(json::at(one.body, "forced"));
  auto seen = seen_.find(said(one, "opened_by"));
  if (seen != seen_.end() && window_.holds(one.time))
    controls_[of.control].figures.detect.add(one.time - seen->second);
}

// A provisional one is none yet. Decided again is what was deferred, or falls under another policy before it began.
void Review::decide(const ledger::Entry& one, Remediation& of, Figures& figures) {
  if (of.started || json::truth(json::at(one.body, "provisional"))) return;
  if (!of.decided) figures.decide.add(one.time - of.opened);
  of.decided = one.time;
  auto decision = said(one, "decision");
  of.counts_as = of.forced || decision == "manual" ? &Figures::manual
                 : decision == "automatic"         ? &Figures::automatic
                 : decision == "approval"          ? &Figures::asked
                                                   : nullptr;
}

// From the execution on.
void Review::end(const ledger::Entry& one, Remediation& of, Figures& figures) {
  if (one.kind == entry::execution_started) {
    of.started = one.time;
  } else if (one.kind == entry::execution_ended) {
    of.ended = one.time;
    ++figures.executions;
    if (said(one, "status") == "Success") ++figures.executions_succeeded;
    if (of.started) figures.execute.add(one.time - *of.started);
  } else if (one.kind == entry::resolved && of.started) {
    ++figures.fixes;
    if (of.ended) figures.verify.add(one.time - *of.ended);
  } else if (one.kind == entry::escalated || one.kind == entry::planning_failed ||
             (one.kind == entry::rollback_failed && of.withdrawn)) {
    ++figures.escalated;
  } else if (one.kind == entry::rollback_requested) {
    of.withdrawn = json::truth(json::at(one.body, "by_itself"));
  } else if (one.kind == entry::rolled_back) {
    ++figures.rolled_back;
    rolled_back_.insert(one.stream);
    if (of.withdrawn)
      ++figures.withdrawn;
    else
      dispute(of.finding, one.time);
  }
}

// A person says that nothing is to be set right: that the finding is none. Each counts once.
void Review::dispute(const std::string& finding, Timestamp at) {
  auto found = findings_.find(finding);
  if (found == findings_.end() || found->second.disputed) return;
  found->second.disputed = true;
  if (window_.holds(at)) ++controls_[found->second.control].figures.disputed;
}

// A finding's time of standing open, as far as it lies in the window.
void Review::expose(const std::string& control, Timestamp from, Timestamp to) {
  from = std::max(from, window_.since);
  to = std::min(to, window_.until);
  if (from < to) controls_[control].figures.exposure += to - from;
}

Review::Point* Review::point_of(Timestamp at) {
  if (!window_.holds(at)) return nullptr;
  return &points_[static_cast<std::size_t>((at - window_.since) / step_)];
}

json::Object Review::tell() const {
  auto whole = *this;  // with what is still open
  for (const auto& [id, finding] : findings_)
    if (finding.open_since) {
      whole.expose(finding.control, *finding.open_since, window_.until);
      ++whole.controls_[finding.control].figures.open;
    }
  for (const auto& [id, of] : remediations_)
    if (of.counts_as && of.decided && window_.holds(*of.decided)) ++(whole.controls_[of.control].figures.*of.counts_as);
  Figures all;
  for (const auto& [id, control] : whole.controls_) all += control.figures;
  return {{"since", window_.since.iso()},
          {"until", window_.until.iso()},
          {"first_entry", first_ ? json::Value(first_->iso()) : json::Value(nullptr)},
          {"overall", to_json(all)},
          {"controls", whole.tell_controls()},
          {"trend", tell_trend()},
          {"waiting", tell_waiting()},
          {"exceptions_due", tell_exceptions()}};
}

// Longest exposed first.
json::Array Review::tell_controls() const {
  std::vector<const std::pair<const std::string, Control>*> order;
  for (const auto& one : controls_) order.push_back(&one);
  std::ranges::stable_sort(order, std::greater(), [](const auto* one) { return one->second.figures.exposure; });
  json::Array out;
  for (const auto* one : order) {
    json::Object control{{"control", one->first}, {"title", one->second.title}, {"severity", one->second.severity}};
    for (auto& [name, value] : to_json(one->second.figures)) control[name] = value;
    json::Array advice;
    for (const auto& [kind, reason] : advise(one->second.figures))
      advice.push_back(json::Object{{"kind", kind}, {"reason", reason}});
    control["advice"] = std::move(advice);
    out.push_back(std::move(control));
  }
  return out;
}

json::Object Review::tell_trend() const {
  json::Array points;
  auto open = open_before_;
  for (std::size_t i = 0; i < points_.size(); ++i) {
    const auto& point = points_[i];
    open += point.opened;
    open -= std::min(open, point.closed);
    points.push_back(json::Object{{"at", (window_.since + step_ * static_cast<std::int64_t>(i)).iso()},
                                  {"opened", point.opened},
                                  {"resolved", point.resolved},
                                  {"open", open}});
  }
  return {{"step_s", step_.count() / 1000}, {"points", std::move(points)}};
}

// Longest first.
json::Array Review::tell_waiting() const {
  std::vector<std::pair<Timestamp, const std::pair<const std::string, Remediation>*>> order;
  for (const auto& one : remediations_)
    if (one.second.asked) order.emplace_back(*one.second.asked, &one);
  std::ranges::sort(order);
  json::Array out;
  for (const auto& [asked, one] : order)
    out.push_back(json::Object{{"remediation", one->first},
                               {"control", one->second.control},
                               {"resource", one->second.resource},
                               {"asked", asked.iso()},
                               {"waiting_s", (window_.until - asked).count() / 1000}});
  return out;
}

// Of open findings, those that end soon, the next one first.
json::Array Review::tell_exceptions() const {
  std::vector<std::pair<Timestamp, const std::pair<const std::string, Finding>*>> order;
  for (const auto& one : findings_) {
    const auto& exception = one.second.exception;
    bool due = one.second.open_since && exception && exception->holds(window_.until) &&
               exception->until <= window_.until + due_within;
    if (due) order.emplace_back(exception->until, &one);
  }
  std::ranges::sort(order);
  json::Array out;
  for (const auto& [until, one] : order)
    out.push_back(json::Object{{"finding", one->first},
                               {"control", one->second.control},
                               {"by", who_answers(*one->second.exception)},
                               {"message", one->second.exception->message},
                               {"until", until.iso()}});
  return out;
}

}  // namespace aright::report
