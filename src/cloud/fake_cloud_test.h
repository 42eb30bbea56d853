#pragma once
// A cloud for tests: remembers aspects, and behaves as the descriptions say and no better. One
// thread.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/target.h"

namespace aright::cloud {

inline constexpr const char* account = "111122223333";

inline json::Value value(std::string_view text) { return *json::parse(text); }

class FakeCloud final : public aws::Caller {
 public:
  explicit FakeCloud(const Catalog& catalog) : catalog_(catalog) {}

  std::vector<aws::Call> calls, writes;
  std::set<std::string> denied;      // operations
  std::set<std::string> unanswered;  // operations that take effect, and whose answer never comes
  using Aspects = std::map<std::string, json::Value>;

  Aspects& at(std::string_view type, std::string_view id) {
    return resources_[{std::string(type), std::string(id)}];
  }
  bool has(std::string_view type, std::string_view id) const {
    return resources_.contains({std::string(type), std::string(id)});
  }

  Result<json::Object> call(const aws::Call& call, const Context&) override {
    calls.push_back(call);
    if (denied.contains(call.operation))
      return fail({.code = Errc::denied,
                   .message = "Access Denied",
                   .wire_code = "AccessDenied",
                   .http_status = 403});
    json::Value output = json::Object();
    bool reads = true;
    const auto all = targets(call, catalog_);
    bool somebody = std::ranges::any_of(all, [&](const Target& one) { return there(one); });
    for (const auto& target : all) {
      if (somebody && of_another_type(target)) continue;
      reads = reads && target.effect() == Effect::read;
      CHECK_OK(perform(target, call, output));
    }
    if (!reads) writes.push_back(call);
    if (unanswered.contains(call.operation))
      return fail(
          {.code = Errc::deadline, .message = "no answer", .retry = Retry::unknown_outcome});
    return std::move(output.as_object());
  }

 private:
  using Key = std::pair<std::string, std::string>;

  static std::unexpected<Error> wire(std::string code) {
    return fail({.code = Errc::invalid, .message = code, .wire_code = code, .http_status = 400});
  }

  bool there(const Target& target) const {
    return resources_.contains({target.type().name, target.ref.id});
  }

  // Types may share names and operations: then the one that is there is meant.
  bool of_another_type(const Target& target) const {
    bool lists = target.meaning->view != nullptr && target.meaning->view->many;
    return target.meaning->create == nullptr && !lists && !target.type().singleton && !there(target);
  }

  Result<> perform(const Target& target, const aws::Call& call, json::Value& output) {
    const auto& meaning = *target.meaning;
    const auto& type = target.type();
    Key key{type.name, target.ref.id};
    if (meaning.create != nullptr) return create(target, call, output);
    if (meaning.view != nullptr && meaning.view->many) return list(target, output);
    if (!target.one()) return wire("MissingParameter");
    if (!resources_.contains(key) && !type.singleton) return wire(type.missing.front());
    if (meaning.remove != nullptr) {
      resources_.erase(key);
      return {};
    }
    auto& aspects = resources_[key];
    if (meaning.view != nullptr) meaning.view->at.set(output, shown(type, target.ref.id, aspects));
    for (const auto* aspect : meaning.reads)
      CHECK_OK(read(*aspect, call, aspects[aspect->name], output));
    for (const auto* aspect : aspects_of(target, call))
      aspects[aspect->name] = after_call(target, *aspect, call, aspects[aspect->name]);
    return {};
  }

  static Result<> read(const Aspect& aspect, const aws::Call& call, const json::Value& value,
                       json::Value& output) {
    if (!aspect.read || (aspect.one && aspect.one->op.name == call.operation)) return {};
    if (!asks_for(*aspect.read, call.input)) return {};
    if (aspect.read->each && aspect.read->each->name == call.operation) {
      auto name = json::text(aspect.read->each_name.get(json::Value(call.input)));
      aspect.read->each_at.set(output, json::at(value, name));
      return {};
    }
    if (value.is_null() && !aspect.read->absent.empty()) return wire(aspect.read->absent);
    if (value.is_null()) {
      if (aspect.nothing) aspect.read->at.set(output, *aspect.nothing);
      return {};
    }
    if (!aspect.read->each) {
      aspect.read->at.set(output, value);
      return {};
    }
    json::Array names;
    for (const auto& [name, entry] : json::members(value))
      names.push_back(json::Value(name));
    aspect.read->at.set(output, std::move(names));
    return {};
  }

  Result<> create(const Target& target, const aws::Call& call, json::Value& output) {
    auto ref = target.ref;
    if (target.births()) ref.id += fmt::format("{}{:04}", target.type().id_prefix(), ++born_);
    const auto& create = *target.meaning->create;
    auto [found, fresh] = resources_.try_emplace({ref.type, ref.id});
    if (!fresh && !create.updates) return wire(create.exists.empty() ? "Exists" : create.exists);
    for (const auto& aspect : target.type().aspects)
      if (fresh && aspect.initial) found->second[aspect.name] = *aspect.initial;
    for (const auto* aspect : aspects_of(target, call)) {
      auto& value = found->second[aspect->name];
      value = after_call(target, *aspect, call, value);
    }
    if (!create.id.empty())
      create.id.set(output, json::Value(key_parts(target.type(), ref.id).back()));
    return {};
  }

  static void show(json::Value& out, const Path& at, const json::Value& value) {
    if (!at.empty()) return at.set(out, value);
    for (const auto& [name, member] : json::members(value))
      out.as_object()[name] = member;
  }

  static json::Value shown(const ResourceType& type, const std::string& id,
                           const Aspects& aspects) {
    json::Value out = json::Object();
    auto parts = key_parts(type, id);
    const auto* view = type.list ? &*type.list : &*type.get;
    if (!view->id.empty()) view->id.back().set(out, json::Value(parts.back()));
    for (const auto& aspect : type.aspects)
      if (auto found = aspects.find(aspect.name);
          aspect.shown && found != aspects.end() && !found->second.is_null())
        show(out, *aspect.shown, found->second);
    return out;
  }

  Result<> list(const Target& target, json::Value& output) {
    json::Array items;
    for (const auto& [key, aspects] : resources_)
      if (key.first == target.ref.type && key.second.starts_with(target.ref.id))
        items.push_back(shown(target.type(), key.second, aspects));
    if (!items.empty()) target.meaning->view->at.set(output, std::move(items));
    return {};
  }

  const Catalog& catalog_;
  std::map<Key, Aspects> resources_;
  int born_ = 0;
};

}  // namespace aright::cloud
