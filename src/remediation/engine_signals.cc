// From a signal, or a scan, to findings and remediations.

#include <algorithm>

#include "base/id.h"
#include "base/known.h"
#include "ledger/timers.h"
#include "remediation/engine.h"

namespace aright::remediation {

namespace {

constexpr std::string_view scans_stream = "scans";
constexpr seconds tags_limit{60};
constexpr int attempts_default = 3;
constexpr milliseconds retry_default{60'000}, retry_min{1'000};

// An automation rule may have written one; else the control's.
std::string severity_of(const Judged& judged, const rules::Control* control, std::string_view otherwise) {
  if (!judged.severity.empty()) return judged.severity;
  return control ? control->severity : std::string(otherwise);
}

json::Object finding_body(const Judged& judged, const rules::Control* control, const RemediationId& remediation) {
  json::Object out{{"control", judged.control},
                   {"title", judged.title.empty() && control ? control->title : judged.title},
                   {"severity", severity_of(judged, control, "high")},
                   {"annotation", judged.evaluation.annotation},
                   {"source", judged.source},
                   {"other_id", judged.other_id},
                   {"resource", to_json(judged.resource)},
                   {"remediation", remediation.str()}};
  if (judged.teller) out["teller"] = to_json(*judged.teller);
  if (!judged.sightings.empty()) out["sightings"] = to_json(judged.sightings);
  return out;
}

// How many resources each control judged how.
json::Object counts_of(const std::vector<Judged>& all) {
  json::Object out;
  for (const auto& judged : all) {
    auto& counts = out[judged.control];
    if (!counts.is_object()) counts = json::Object();
    auto& count = counts.get_object()[name(judged.evaluation.compliance)];
    count = json::integer(count) + 1;
  }
  return out;
}

// Those that a later event may be judged with: the event says no more of them than that they changed.
std::vector<std::string> resources_of(const json::Object& event, const cloud::Catalog& catalog) {
  std::vector<std::string> out;
  for (const auto& mention : bus::mentions(event, catalog))
    if (mention.says_only_changed()) out.push_back(mention.resource.key());
  return out;
}

bool was_opened_by(const std::vector<ledger::Entry>& finding, std::string_view other_id) {
  return std::ranges::any_of(finding, [&](const ledger::Entry& entry) {
    bool opened = entry.kind == entry::finding_opened || entry.kind == entry::finding_reopened;
    return opened && json::text(entry.body, "other_id", "") == other_id;
  });
}

bool knows_all(const Finding& finding, const std::vector<bus::Sighting>& sightings) {
  return std::ranges::all_of(sightings, [&](const bus::Sighting& one) {
    return std::ranges::find(finding.sightings, one) != finding.sightings.end();
  });
}

json::Object tags_body(const std::map<std::string, std::string>& tags) {
  json::Object out;
  for (const auto& [key, value] : tags) out[key] = value;
  return out;
}

// The resource's own, where the policy asks for tags, or why they are not known.
struct OwnTags {
  std::map<std::string, std::string> tags;
  std::string unknown;
};
OwnTags own_tags(const Policy& policy, const Detector& detector, const Judged& judged) {
  if (!policy.asks_for_tags()) return {judged.tags, ""};
  auto tags = detector.tags_of(judged.resource, Context::within(tags_limit));
  if (tags) return {std::move(*tags), ""};
  return {judged.tags, tags.error().code == Errc::not_found ? "" : tags.error().message};
}

}  // namespace

// The policy's RemediationConfiguration comes before what the control or the event rule suggests.
Action Engine::action_for(const Judged& judged, int& attempts_max, milliseconds& retry_after) const {
  attempts_max = attempts_default;
  retry_after = retry_default;
  const auto* configuration = policy().remediation_for(judged.control);
  if (configuration) {
    // So that all attempts fit into the window, as Config makes them.
    attempts_max = configuration->attempts_max;
    retry_after = std::max<milliseconds>(milliseconds(configuration->retry_window) / attempts_max, retry_min);
    return {.kind = Action::Kind::runbook, .target = configuration->target_id,
            .parameters = configuration->parameters};
  }
  return judged.action.value_or(Action{});
}

void Engine::open_remediation(const Finding& finding, const Judged& judged, const std::string& opened_by,
                              const Consent& consent, Telling& telling) {
  auto id = RemediationId::make(clock_.now());
  const auto* control = controls().find(judged.control);
  telling.about(finding, finding.exists() ? entry::finding_reopened : entry::finding_opened,
                finding_body(judged, control, id));
  int attempts_max = 1;
  milliseconds retry_after{0};
  auto action = action_for(judged, attempts_max, retry_after);
  if (!consent.plan_hash.empty()) attempts_max = 1;  // another attempt would be another plan
  State state;
  state.id = id;
  auto own = own_tags(policy(), detector(), judged);
  json::Object body{{"finding", finding.id.str()},
                    {"control", judged.control},
                    {"title", control ? control->title : judged.control},
                    {"severity", severity_of(judged, control, "medium")},
                    {"resource", to_json(judged.resource)},
                    {"action", to_json(action)},
                    {"source", judged.source},
                    {"tags", tags_body(own.tags)},
                    {"opened_by", opened_by},
                    {"requester", consent.person},
                    {"forced", !consent.person.empty()},
                    {"plan_hash", consent.plan_hash},
                    {"attempts_max", attempts_max},
                    {"retry_after_ms", retry_after.count()}};
  if (!judged.suppressed.empty()) body["suppressed"] = judged.suppressed;
  if (!own.unknown.empty()) body["tags_unknown"] = own.unknown;
  telling.about(state, entry::remediation_opened, std::move(body));
}

// What is known is told or judged again. Where an open finding is suppressed no more by the tool that tells of it, or
// was left to a person under a policy that is another by now, or since its tags could not be read, it is decided anew.
Result<bool> Engine::hear_again(const Finding& finding, const Judged& judged, const std::string& opened_by,
                                Telling& telling) {
  if (finding.open && !finding.remediation.empty()) {
    auto current = TRY(remediation(finding.remediation));
    bool is_suppressed = !current.suppressed.empty() && current.decision == Decision::suppressed;
    bool is_left = std::holds_alternative<Closed>(current.stage) && current.decision == Decision::manual;
    bool anew = judged.teller && is_suppressed && judged.suppressed.empty();
    if (is_left && (current.policy != policy().hash || !current.tags_unknown.empty())) {
      auto own = own_tags(policy(), detector(), judged);
      current.tags = std::move(own.tags);
      current.tags_unknown = std::move(own.unknown);
      int attempts = 1;
      milliseconds pause{0};
      current.action = action_for(judged, attempts, pause);
      auto decision = decide(policy(), TRY(facts_of(current, nullptr))).decision;
      anew = decision == Decision::automatic || decision == Decision::approval;
    }
    if (anew) {
      open_remediation(finding, judged, opened_by, {}, telling);
      return true;
    }
  }
  json::Object told;
  if (judged.teller && std::ranges::find(finding.tellers, *judged.teller) == finding.tellers.end())
    told["teller"] = to_json(*judged.teller);
  if (finding.open && !knows_all(finding, judged.sightings)) told["sightings"] = to_json(judged.sightings);
  if (told.empty()) return false;
  told["source"] = judged.source;
  telling.about(finding, entry::finding_told, std::move(told));
  return false;
}

Result<bool> Engine::judge(const Judged& judged, const std::string& opened_by, std::uint64_t since, Telling& telling,
                           const Context& context) {
  auto id = finding_id(judged.resource, judged.control);
  if (telling.knows(id)) return false;
  Finding finding;
  finding.id = id;
  auto entries = TRY(ledger_.stream(id.str()));
  for (const auto& entry : entries) fold(finding, entry);
  bool is_old = !entries.empty() && entries.back().position > since && !judged.teller && !judged.once;
  if (is_old)
    if (auto again = detector().evaluate(judged.control, judged.resource, context)) {
      auto now = judged;
      now.evaluation = again->evaluation;
      return tell_judged(now, finding, entries, opened_by, telling);
    }
  return tell_judged(judged, finding, entries, opened_by, telling);
}

Result<bool> Engine::tell_judged(const Judged& judged, const Finding& finding,
                                 const std::vector<ledger::Entry>& entries, const std::string& opened_by,
                                 Telling& telling) {
  switch (judged.evaluation.compliance) {
    case rules::Compliance::non_compliant:
      if (judged.once && was_opened_by(entries, judged.other_id)) return false;
      if (finding.open) return hear_again(finding, judged, opened_by, telling);
      open_remediation(finding, judged, opened_by, {}, telling);
      return true;
    case rules::Compliance::compliant:
    case rules::Compliance::not_applicable: {
      // A tool that is behind tells of what is right again: it has to hear that.
      if (!finding.exists()) return false;
      if (!finding.open) return hear_again(finding, judged, opened_by, telling);
      // One that is being set right is resolved by its verification, and by nothing else. What only waits is not.
      if (!finding.remediation.empty()) {
        auto current = TRY(remediation(finding.remediation));
        if (aright::remediation::open(current) && !gives_way(current))
          return hear_again(finding, judged, opened_by, telling);
        if (gives_way(current)) telling.about(current, entry::closed, {{"reason", "the resource is compliant"}});
      }
      telling.about(finding, entry::finding_resolved,
                    {{"by", "observed"}, {"annotation", judged.evaluation.annotation}});
      return false;
    }
    case rules::Compliance::insufficient_data: return false;
  }
  return false;
}

Result<> Engine::turn_signal(const std::string& stream, const Context& context) {
  auto entries = TRY(ledger_.stream(stream));
  auto done = [&](store::Transaction& tx) -> Result<> {
    CHECK_OK(ledger::timers::cancel(tx, stream));
    return {};
  };
  if (entries.size() != 1) return ledger_.transact(done);
  const auto& event = json::at(entries[0].body, "body");
  auto account = json::text(event, "account", ""), region = json::text(event, "region", "");
  auto pass = lanes_.enter(account, region, stream);
  if (!pass) return stand_in_line(account, region, {stream, entries.size()});
  const auto resources = resources_of(json::members(event), catalog_);
  auto answer = bursts_.begin(stream, entries[0].position, resources, clock_.now());
  if (answer.wait) return wake_at(stream, answer.until);
  auto handled = judge_alone(stream, resources, [&] { return handle_signal(entries[0], answer.others, context); });
  bursts_.end(stream, resources, handled.has_value(), clock_.now());
  return handled;
}

Result<> Engine::handle_signal(const ledger::Entry& received, const std::set<std::string>& others,
                               const Context& context) {
  const auto& stream = received.stream;
  auto arrival = arrival_from_json(received.body);
  arrival.at = received.time;
  arrival.others = others;
  const auto since = ledger_.size();
  auto detection = TRY(detector().of_event(json::members(json::at(received.body, "body")), context, arrival));
  auto told = telling();
  json::Array findings;
  for (const auto& judged : detection.judged) {
    bool opened = TRY(judge(judged, stream, since, told, context));
    if (opened) findings.push_back(json::Value(finding_id(judged.resource, judged.control).str()));
  }
  for (const auto& [channel, notice] : detection.notices) told.notify(channel, notice);
  send_later(stream, detection, told);
  ledger::Draft handled{.stream = stream, .kind = entry::signal_handled, .body = {}, .sequence = 2};
  handled.body["findings"] = std::move(findings);
  handled.body["evaluated"] = detection.evaluated;
  handled.body["trace"] = json::Array(detection.trace.begin(), detection.trace.end());
  told.add(std::move(handled));
  told.also([stream](store::Transaction& tx) -> Result<> {
    CHECK_OK(ledger::timers::cancel(tx, stream));
    return {};
  });
  CHECK_OK(told.commit());
  if (hears_judgements_) hears_judgements_(detection.judged);
  nudge();
  return {};
}

// Ends when whoever asked for it does not want it any more, and when the engine stops.
Result<ScanReport> Engine::scan(const std::vector<std::string>& only, const Context& asked) {
  std::stop_source either;
  std::stop_callback unwanted(asked.stop, [&] { either.request_stop(); });
  std::stop_callback stopping(stopping_.get_token(), [&] { either.request_stop(); });
  const Context context{.deadline = asked.deadline, .stop = either.get_token()};
  Pin pin(*this);
  for (const auto& id : only) {
    if (controls().find(id)) continue;
    std::vector<std::string> known;
    for (const auto& [name, control] : controls().all()) known.push_back(name);
    return fail({.code = Errc::not_found, .message = unknown_word("a control", id, known), .number = "AR-0006"});
  }
  auto progress = [this](const inventory::Progress& so_far) {
    log(fmt::format("scan: {} resources read, {} of {} listings done", so_far.resources, so_far.listings,
                    so_far.listings_all));
  };
  const auto since = ledger_.size();
  auto detection = TRY(detector().scan(only, context, progress));
  ScanReport report{.evaluated = detection.evaluated, .gaps = std::move(detection.gaps)};
  for (const auto& judged : detection.judged) {
    if (judged.evaluation.compliance == rules::Compliance::non_compliant) ++report.non_compliant;
    if (judged.evaluation.compliance == rules::Compliance::insufficient_data) ++report.insufficient;
    for (int attempt = 0; attempt < tell_attempts_max; ++attempt) {
      auto told = telling();
      bool opened = TRY(judge(judged, "scan", since, told, context));
      if (told.empty()) break;
      auto done = told.commit();
      if (!done && done.error().code == Errc::conflict) continue;
      if (!done) return fail(done.error());
      if (opened) ++report.findings_opened;
      break;
    }
    nudge();
  }
  ledger::Draft draft{.stream = std::string(scans_stream), .kind = entry::scanned, .body = {}, .sequence = {}};
  draft.body["evaluated"] = report.evaluated;
  draft.body["non_compliant"] = report.non_compliant;
  draft.body["gaps"] = report.gaps.size();
  draft.body["controls"] = counts_of(detection.judged);
  CHECK_OK(ledger_.append({std::move(draft)}, [](store::Transaction& tx, const std::vector<ledger::Entry>& entries) {
    return store_scan(tx, entries.front());
  }));
  if (hears_judgements_) hears_judgements_(detection.judged);
  return report;
}

}  // namespace aright::remediation
