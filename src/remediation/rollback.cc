#include "remediation/rollback.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "remediation/plan.h"

namespace aright::remediation {

namespace {

using gateway::Intent;
using std::chrono::milliseconds, std::chrono::minutes, std::chrono::seconds;

// A write that took effect, or may have, and its answer as far as it is known.
struct Made {
  const Intent* intent = nullptr;
  json::Object output;
};

// Nothing where the write was refused or certainly not made. One whose outcome nobody found out, when its answer got
// lost and the reading back failed as well, is judged now.
Result<std::optional<json::Object>> output_of(const Intent& intent, aws::Caller& reader, gateway::Gateway& gateway,
                                              const Context& context) {
  if (intent.returned && !intent.returned->ok) return std::nullopt;
  if (intent.returned) return json::members(intent.returned->output);
  auto judged = TRY(cloud::judge(reader, intent.call, intent.before, context, gateway.catalog()));
  if (judged.outcome == cloud::Outcome::not_applied) return std::nullopt;
  return std::move(judged.output);
}

// The state before the first write, as far as the writes touched it. What they made themselves was not there.
cloud::Image before_all(const std::vector<Made>& made) {
  cloud::Image out;
  std::set<std::string> seen;
  for (const auto& [intent, output] : made) {
    for (const auto& [collection, ids] : intent->before.members) out.members.try_emplace(collection, ids);
    for (const auto& image : intent->before.resources) {
      auto collection = image.resource;
      collection.id.clear();
      auto known = out.members.find(collection.key());
      bool born_later = known != out.members.end() &&
                        std::ranges::find(known->second, image.resource.id) == known->second.end();
      if (born_later) continue;
      auto found = std::ranges::find(out.resources, image.resource, &cloud::ResourceImage::resource);
      if (found == out.resources.end()) {
        out.resources.push_back(image);
      } else if (found->exists) {
        for (const auto& [aspect, value] : image.aspects) found->aspects.try_emplace(aspect, value);
      }
    }
  }
  return out;
}

// A change takes its time: until it is through, a service refuses the next one, and its state (modifying) is no
// state to compare. Past the bound things are taken as they are.
constexpr milliseconds settles_within_max = minutes(30), looks_again_after = seconds(15);

bool on_its_way(const cloud::Image& image, const cloud::Catalog& catalog) {
  for (const auto& one : image.resources) {
    const auto* type = catalog.type(one.resource.type);
    if (!type) continue;
    for (const auto& [name, value] : one.aspects) {
      const auto* aspect = type->aspect(name);
      if (aspect && !value.is_null() &&
          std::ranges::any_of(aspect->writes, [&](const cloud::Write& write) { return write.via == value; }))
        return true;
    }
  }
  return false;
}

Result<cloud::Image> read_settled(aws::Caller& reader, const cloud::Image& image, gateway::Gateway& gateway,
                                  const Context& context) {
  for (auto waited = milliseconds(0);; waited += looks_again_after) {
    auto now = TRY(cloud::read_again(reader, image, context, gateway.catalog()));
    if (waited >= settles_within_max || !on_its_way(now, gateway.catalog())) return now;
    CHECK_OK(gateway.pause(looks_again_after, context));
  }
}

// A token is drawn anew by every write (an ETag): it says nothing about what the resource is like.
std::string fingerprint_of(cloud::Image image, const cloud::Catalog& catalog) {
  for (auto& one : image.resources)
    if (const auto* type = catalog.type(one.resource.type))
      std::erase_if(one.aspects, [&](const auto& item) {
        const auto* aspect = type->aspect(item.first);
        return aspect && !aspect->token.empty();
      });
  return cloud::fingerprint(image, catalog);
}

// What came back under another id, as the service chose it, is no difference.
void forget_renamed(cloud::Image& before, cloud::Image& now, const cloud::Catalog& catalog) {
  std::set<std::string> gone;
  for (const auto& one : before.resources) {
    const auto* type = catalog.type(one.resource.type);
    const auto* is = now.find(one.resource);
    if (!type || type->id.empty() || !one.exists || !is || is->exists) continue;
    gone.insert(one.resource.key());
    auto collection = one.resource;
    collection.id.clear();
    for (auto* image : {&before, &now}) image->members.erase(collection.key());
  }
  for (auto* image : {&before, &now})
    std::erase_if(image->resources, [&](const auto& one) { return gone.contains(one.resource.key()); });
}

// What a containment kept before it acted. Runbooks tag it when they make it.
bool is_evidence(const aws::Call& call) {
  for (const auto& specification : json::items(json::at(call.input, "TagSpecifications")))
    for (const auto& tag : json::items(json::at(specification, "Tags")))
      if (json::text(tag, "Key", "") == evidence_tag) return true;
  return false;
}

// What the service refused for the moment is asked for again by the next turn, under another scope: under the same one
// the refusal that is on record would come back for ever.
std::string write_scope(const State& state, std::size_t write, const gateway::Journal& made) {
  auto scope = fmt::format("rollback-{}#{}", state.rollbacks_asked, write);
  auto refused = std::ranges::count_if(made.intents(), [&](const auto& intent) {
    bool own = intent->token.starts_with(scope + "/") || intent->token.starts_with(scope + ".");
    return own && intent->returned && !intent->returned->ok;
  });
  return refused == 0 ? scope : fmt::format("{}.{}", scope, refused);
}

json::Array texts(const std::vector<std::string>& list) { return json::Array(list.begin(), list.end()); }

}  // namespace

json::Object TakenBack::to_json() const {
  json::Array made;
  for (const auto& call : calls) made.push_back(remediation::to_json(call));
  return {{"calls", std::move(made)},
          {"conflicts", texts(conflicts)},
          {"gone", texts(gone)},
          {"kept", texts(kept)},
          {"irreversible", texts(irreversible)},
          {"restored", restored}};
}

std::string taken_back_text(const json::Value& body) {
  auto gone = json::texts(json::at(body, "gone"));
  auto conflicts = json::texts(json::at(body, "conflicts"));
  if (!gone.empty()) {
    bool rest_back = !json::items(json::at(body, "calls")).empty();
    auto rest = rest_back ? "the rest is rolled back" : "nothing was left to roll back";
    return fmt::format("{}: {} was deleted meanwhile, and stays so", rest, fmt::join(gone, ", "));
  }
  if (!conflicts.empty())
    return fmt::format("rolled back, keeping what others changed since: {}", fmt::join(conflicts, ", "));
  bool restored = json::truth(json::at(body, "restored"), true);
  return restored ? "rolled back: as it was before" : "rolled back; what others changed since beside it stays";
}

std::string rollback_stream(const State& state) { return state.id.str() + rollback_suffix; }

Result<TakenBack> take_back(const State& state, gateway::Gateway& gateway, ledger::Ledger& ledger,
                            const Context& context) {
  std::vector<gateway::Journal> journals;
  for (const auto& execution : state.executions) {
    auto journal = TRY(gateway::Journal::read(ledger, gateway.redactor(), execution.str()));
    journals.push_back(std::move(journal));
  }
  TakenBack out;
  std::vector<Made> made;
  auto reader = gateway.reader(state.resource.account, state.resource.region);
  for (const auto& journal : journals)
    for (const auto& intent : journal.intents()) {
      auto output = TRY(output_of(*intent, *reader, gateway, context));
      if (!output) continue;
      if (is_evidence(intent->call))
        out.kept.push_back(intent->call.name() + ": evidence stays");
      else
        made.push_back({intent.get(), std::move(*output)});
    }

  std::optional<aws::Call> expected;
  auto admit = [&](const aws::Call& call, const cloud::Classification&) -> Result<> {
    if (expected && call.name() == expected->name() && call.input == expected->input) return {};
    return fail({.code = Errc::denied, .message = call.name() + " is not part of this rollback", .number = "AR-0004"});
  };
  auto session = TRY(gateway.open({.stream = rollback_stream(state), .account = state.resource.account,
                                   .region = state.resource.region, .control = state.control, .admit = admit,
                                   .learn = {}}));

  for (auto i = made.size(); i-- > 0;) {
    const auto& intent = *made[i].intent;
    CHECK_OK(context.check());
    auto now = TRY(read_settled(*reader, intent.before, gateway, context));
    auto back = cloud::take_back(intent.call, intent.before, made[i].output, now, gateway.catalog());
    if (!back) {
      if (back.error().code != Errc::unsupported) return fail(back.error());
      out.irreversible.push_back(intent.call.name() + ": " + back.error().message);
      continue;
    }
    out.conflicts.insert(out.conflicts.end(), back->conflicts.begin(), back->conflicts.end());
    session->scope(write_scope(state, i, session->journal()));
    for (const auto& call : back->calls) {
      expected = TRY(gateway.normalise(call, state.resource.account, state.resource.region));
      auto answer = session->call(*expected, context);
      if (!answer) return wrap(answer.error(), "taking back {} with {}", intent.call.name(), call.name());
      out.calls.push_back(*expected);
    }
  }
  auto before = before_all(made);
  auto now = TRY(read_settled(*reader, before, gateway, context));
  for (const auto& one : before.resources) {
    const auto* is = now.find(one.resource);
    auto pointer = fmt::format("/{}/{}", one.resource.type, one.resource.id);
    if (!is || is->exists || std::erase(out.conflicts, pointer) == 0) continue;
    out.gone.push_back(fmt::format("{} {}", one.resource.type, one.resource.id));
  }
  if (out.irreversible.empty() && out.conflicts.empty() && out.gone.empty())
    forget_renamed(before, now, gateway.catalog());
  out.restored = fingerprint_of(now, gateway.catalog()) == fingerprint_of(before, gateway.catalog());
  return out;
}

}  // namespace aright::remediation
