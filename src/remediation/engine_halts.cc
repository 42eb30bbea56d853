// The switch that stops writes, on record.

#include "base/utf8.h"
#include "remediation/engine.h"

namespace aright::remediation {

namespace {

// The halts that hold after these entries of the engine's stream, each with the entry that began it.
std::map<gateway::Scope, const ledger::Entry*> halts_after(const std::vector<ledger::Entry>& entries) {
  std::map<gateway::Scope, const ledger::Entry*> out;
  for (const auto& entry : entries) {
    auto scope = gateway::scope_from_json(json::at(entry.body, "scope"));
    if (entry.kind == entry::halted) out.emplace(scope, &entry);
    if (entry.kind == entry::resumed && json::truth(json::at(entry.body, "all"))) out.clear();
    else if (entry.kind == entry::resumed) out.erase(scope);
  }
  return out;
}

}  // namespace

Result<> Engine::halt_again() {
  auto entries = TRY(ledger_.stream(engine_stream));
  std::vector<gateway::Scope> scopes;
  for (const auto& [scope, entry] : halts_after(entries)) scopes.push_back(scope);
  gateway_.halts().replace(std::move(scopes));
  return {};
}

Result<> Engine::tell_halt(const char* kind, std::string_view member, json::Value about, const Actor& actor,
                           std::string reason) {
  auto body = by(actor);
  body[member] = std::move(about);
  body["reason"] = std::move(reason);
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = std::string(engine_stream), .kind = kind, .body = std::move(body), .sequence = {}});
  CHECK_OK(ledger_.append(std::move(drafts)));
  return {};
}

Result<> Engine::record_session(const char* kind, const Actor& actor, const std::string& issuer) {
  auto body = by(actor);
  body["issuer"] = issuer;
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = std::string(people_stream), .kind = kind, .body = std::move(body), .sequence = {}});
  TRY(ledger_.append(std::move(drafts)));
  return {};
}

void Engine::record_refusal(const Refusal& refusal) {
  auto left_out = refusals_.admit(refusal.who.name, clock_.now());
  if (!left_out) return;
  auto body = by(refusal.who);
  body["source"] = refusal.source;
  body["asked"] = clipped(valid_utf8(refusal.asked), asked_chars_max);
  if (*left_out > 0) body["left_out"] = *left_out;
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = std::string(people_stream), .kind = entry::request_refused, .body = std::move(body),
                    .sequence = {}});
  if (auto told = ledger_.append(std::move(drafts)); !told) log("a refusal is not on record: " + told.error().text());
}

Result<> Engine::halt(const gateway::Scope& scope, const Actor& actor, std::string reason) {
  gateway_.halts().stop(scope);  // at once; what is on record comes second
  return tell_halt(entry::halted, "scope", gateway::to_json(scope), actor, std::move(reason));
}

Result<> Engine::resume(const gateway::Scope& scope, const Actor& actor, std::string reason) {
  auto halts = gateway_.halts().all();
  if (!halts.empty() && std::ranges::find(halts, scope) == halts.end())
    return fail(Errc::conflict, "no halt of {} is on; there is one of {}", scope.text(), halts[0].text());
  CHECK_OK(tell_halt(entry::resumed, "scope", gateway::to_json(scope), actor, std::move(reason)));
  gateway_.halts().start(scope);
  wake_halted();
  return {};
}

Result<> Engine::resume_all(const Actor& actor, std::string reason) {
  CHECK_OK(tell_halt(entry::resumed, "all", true, actor, std::move(reason)));
  gateway_.halts().start_all();
  wake_halted();
  return {};
}

// They would look by themselves, but the longer they were held, the later.
void Engine::wake_halted() {
  for (auto stage : {"ready", "rolling_back"}) {
    auto held = list_remediations(ledger_, {.status = stage, .parent = ""});
    if (!held) log(held.error().text());
    for (const auto& item : held.value_or(std::vector<json::Value>()))
      if (auto woken = wake_at(json::text(item, "id", ""), clock_.now()); !woken) log(woken.error().text());
  }
  nudge();
}

bool Engine::is_halted(const State& state) const {
  return !gateway_.halts().covering(state.resource.account, state.resource.region, "", state.control).empty();
}

Result<json::Array> Engine::halts_now() const {
  auto entries = TRY(ledger_.stream(engine_stream));
  json::Array out;
  for (const auto& [scope, entry] : halts_after(entries))
    out.push_back(json::Object{{"what", scope.text()},
                               {"scope", gateway::to_json(scope)},
                               {"by", json::text(entry->body, "principal", "")},
                               {"at", entry->time.iso()},
                               {"reason", json::text(entry->body, "reason", "")}});
  return out;
}

}  // namespace aright::remediation
