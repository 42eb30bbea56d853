#include "cloud/target.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "cloud/effect.h"
#include "cloud/locate.h"
#include "json/diff.h"

namespace aright::cloud {

bool Target::one() const {
  return names_one(type(), ref);
}

Effect Target::effect() const {
  if (meaning->remove != nullptr) return Effect::remove;
  if (meaning->create != nullptr) return Effect::create;
  return meaning->writes.empty() ? Effect::read : Effect::write;
}

std::string Target::pointer() const {
  return "/" + json::pointer_escape(ref.type) + "/" + json::pointer_escape(ref.id);
}

std::vector<Target> targets(const aws::Call& call, const Catalog& catalog) {
  std::vector<Target> out;
  for (const auto& meaning : catalog.meanings(call.service, call.operation)) {
    const auto& op = meaning.naming();
    bool children = !op.by.empty() && !op.by_arn && op.by.size() < meaning.type->key.size();
    for (auto& ref : locate(*meaning.type, op, call)) {
      if (children) ref.id += key_separator;
      out.push_back({&meaning, std::move(ref)});
    }
  }
  return out;
}

std::vector<std::string> unexplained(const aws::Call& call, const Catalog& catalog) {
  std::vector<std::string> out;
  bool first = true;
  for (const auto& meaning : catalog.meanings(call.service, call.operation)) {
    auto strange = strangers(*meaning.type, meaning.naming(), call);
    if (std::exchange(first, false)) out = strange;
    std::erase_if(out, [&](const std::string& name) {
      return std::ranges::find(strange, name) == strange.end();
    });
  }
  return out;
}

namespace {

// Members that say how a call is made, not what it changes.
constexpr std::array manner{"DryRun",
                            "ClientToken",
                            "ClientRequestToken",
                            "ContentMD5",
                            "ChecksumAlgorithm",
                            "ExpectedBucketOwner",
                            "RequestPayer",
                            "MFA"};

void note(const Path& path, std::set<std::string>& known) {
  if (!path.empty()) known.insert(path.steps().front().member);
}

void note(const Operation& op, std::set<std::string>& known) {
  for (const auto& path : op.by)
    note(path, known);
  for (const auto& [name, value] : op.with)
    known.insert(name);
  known.insert(op.ignores.begin(), op.ignores.end());
  if (op.match) known.insert(op.match->member);
}

void note(const Write& write, std::set<std::string>& known) {
  note(write.op, known);
  note(write.at, known);
  note(write.entry, known);
  known.insert(write.members.begin(), write.members.end());
  for (const auto& name : placeholders(write.item))
    known.insert(name);
}

void note(const Creation& create, std::set<std::string>& known) {
  note(create.op, known);
  constexpr std::string_view input = "input.";
  for (const auto& [aspect, from] : create.takes) {
    auto names = placeholders(from);
    if (names.empty()) names.push_back(std::string(input) + json::text(from));
    for (std::string_view name : names)
      if (name.starts_with(input))
        known.insert(std::string(
            name.substr(input.size(), name.find_first_of(".[", input.size()) - input.size())));
  }
}

}  // namespace

namespace {

// Paths of patch operations that no aspect is about.
std::vector<std::string> unexplained_amendments(const aws::Call& call, const Catalog& catalog) {
  const json::Value input = call.input;
  std::map<std::string, bool> paths;  // → explained
  for (const auto& meaning : catalog.meanings(call.service, call.operation)) {
    for (auto [aspect, write] : meaning.writes) {
      if (write->mode != Mode::amend) continue;
      for (const auto& one : json::items(write->at.get(input)))
        paths[json::text(one, "path", "")] |= amends(*write, one);
    }
  }
  std::vector<std::string> out;
  for (const auto& [path, explained] : paths)
    if (!explained) out.push_back(path);
  return out;
}

}  // namespace

std::vector<std::string> unexplained_input(const aws::Call& call, const Catalog& catalog) {
  std::set<std::string> known(manner.begin(), manner.end());
  for (const auto& meaning : catalog.meanings(call.service, call.operation)) {
    note(*meaning.op, known);
    if (meaning.create != nullptr) note(*meaning.create, known);
    for (auto [aspect, write] : meaning.writes) {
      note(*write, known);
      if (!write->compute.empty()) return {};  // the function knows its input
    }
  }
  auto amendments = unexplained_amendments(call, catalog);
  auto service = catalog.models().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  auto out = std::move(amendments);
  for (const auto& [name, value] : call.input) {
    if (known.contains(std::string(name))) continue;
    auto member = operation && operation->input() ? operation->input().member(name) : std::nullopt;
    if (!member || !member->idempotency_token()) out.emplace_back(name);
  }
  return out;
}

json::Object essential_input(const aws::Call& call, const Catalog& catalog) {
  auto out = call.input;
  for (const auto& meaning : catalog.meanings(call.service, call.operation))
    if (const auto* match = meaning.match()) out.erase(match->member);
  for (const auto* name : {"ClientToken", "ClientRequestToken", "clientToken", "clientRequestToken"})
    out.erase(name);
  auto service = catalog.models().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  for (const auto& [name, value] : call.input) {
    auto member = operation && operation->input() ? operation->input().member(name) : std::nullopt;
    if (member && member->idempotency_token()) out.erase(name);
  }
  return out;
}

std::vector<const Aspect*> aspects_of(const Target& target, const aws::Call& call) {
  const auto& meaning = *target.meaning;
  if (meaning.remove != nullptr) return {};
  std::vector<const Aspect*> out = meaning.reads;
  for (auto [aspect, write] : meaning.writes) {
    if (!engages(*write, call.input)) continue;
    out.push_back(aspect);
    if (!write->beside.empty()) out.push_back(target.type().aspect(write->beside));
  }
  if (const auto* match = meaning.match(); match != nullptr && meaning.create == nullptr)
    out.push_back(target.type().aspect(match->aspect));
  if (meaning.create != nullptr)
    for (const auto& [name, from] : meaning.create->takes)
      out.push_back(target.type().aspect(name));
  std::ranges::sort(out, {}, &Aspect::name);
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

aws::Call informed(const Target& target, aws::Call call, const std::map<std::string, json::Value>& aspects) {
  for (auto [aspect, write] : target.meaning->writes) {
    if (write->compute.empty()) continue;
    if (target.one()) call.input["arn"] = arn_of(target.type(), target.ref);
    if (auto beside = aspects.find(write->beside); beside != aspects.end()) call.input[write->beside] = beside->second;
  }
  return call;
}

json::Value after_call(const Target& target, const Aspect& aspect, const aws::Call& call,
                       const json::Value& before) {
  auto value = before;
  if (const auto* create = target.meaning->create) {
    auto first = taken(*create, aspect, call.input, lookup_of(target.type(), target.ref));
    if (!first.is_null()) value = std::move(first);
  }
  for (auto [written, write] : target.meaning->writes)
    if (written == &aspect) value = apply(aspect, *write, call.input, value);
  return normal(aspect, std::move(value));
}

json::Value after_call(const Target& target, const Aspect& aspect, const aws::Call& call,
                       const json::Value& before, const json::Value& read) {
  bool decided = std::ranges::any_of(target.meaning->writes, [&](const auto& pair) {
    return pair.first == &aspect && pair.second->decided && engages(*pair.second, call.input);
  });
  bool happened = !read.is_null() && !same(aspect, before, read);
  return decided && happened ? read : after_call(target, aspect, call, before);
}

const Write* renamed(const Target& target, const aws::Call& call) {
  if (target.effect() != Effect::write) return nullptr;
  for (auto [aspect, write] : target.meaning->writes)
    if (!write->renames.empty() && engages(*write, call.input)) return write;
  return nullptr;
}

std::optional<ResourceRef> new_name(const Target& target, const aws::Call& call, const json::Value& output) {
  const auto* write = renamed(target, call);
  auto id = write == nullptr ? std::string() : json::scalar_text(write->renames.get(output));
  if (id.empty()) return std::nullopt;
  auto ref = target.ref;
  ref.id = std::move(id);
  return ref;
}

ResourceRef collection_of(ResourceRef ref) {
  ref.id.clear();
  return ref;
}

std::vector<ResourceRef> born(const Target& target, const json::Object& output) {
  std::vector<ResourceRef> out;
  const json::Value root = output;
  const auto& create = *target.meaning->create;
  if (create.id.empty()) return out;
  for (const auto* id : create.id.select(root)) {
    out.push_back(target.ref);
    auto text = json::scalar_text(*id);
    auto named = match_arn(target.type(), text);
    out.back().id += named ? key_parts(target.type(), named->id).back() : text;
  }
  return out;
}

}  // namespace aright::cloud
