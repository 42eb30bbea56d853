#pragma once
// There and back again, for tests of descriptions on any cloud: an arbitrary value by the shape of
// the API is written and read as predicted, and the inverse restores what was there before. Not
// part of the module: tests include it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cloud/arbitrary.h"
#include "cloud/effect.h"
#include "cloud/image.h"
#include "cloud/locate.h"
#include "cloud/template.h"

namespace aright::cloud::round_trip {

struct Subject {
  const Aspect* aspect;
  const Write* write;
  std::string name() const {
    return aspect->type->name + "/" + aspect->name + " " + write->op.name;
  }
};

// Every described write that is no part of a creation.
inline std::vector<Subject> subjects(const Catalog& catalog) {
  std::vector<Subject> out;
  for (const auto* type : catalog.types()) {
    for (const auto& aspect : type->aspects) {
      if (!aspect.token.empty()) continue;
      for (const auto& write : aspect.writes) {
        bool creates = std::ranges::any_of(
            catalog.meanings(type->service, write.op.name),
            [](const Meaning& meaning) { return meaning.create != nullptr; });
        bool stays = write.renames.empty();  // under its id, so that it can be read again
        if (!creates && stays) out.push_back({&aspect, &write});
      }
    }
  }
  return out;
}

// A resource of the type, as somebody might name it.
inline ResourceRef some(const ResourceType& type) {
  ResourceRef ref{"111122223333", "us-east-1", type.name, ""};
  std::vector<std::string> parts;
  auto known = [&](std::string_view name) {
    return json::Value(name == "account"     ? ref.account
                       : name == "region"    ? ref.region
                       : name == "partition" ? "aws"
                                             : "some");
  };
  // Ids that are made of the input have a form to keep.
  if (type.id.starts_with("arn:") || type.id.contains("{input.")) parts.push_back(fill_text(type.id, known));
  for (std::size_t i = parts.size(); i < type.key.size(); ++i)
    parts.push_back(std::string(i + 1 == type.key.size() ? type.id_prefix() : "") + "some" +
                    std::to_string(i));
  if (!type.ids.empty()) {
    ref.id = type.ids.begin()->first;
    return ref;
  }
  ref.id = type.singleton || type.lone ? ref.account : join_key(parts);
  return ref;
}

// Items that name their resource themselves: the tags of Auto Scaling groups.
inline void name_items(const Write& write, const ResourceRef& ref, json::Value& input) {
  if (write.op.by.empty() || write.op.by_arn) return;
  const auto& steps = write.op.by.front().steps();
  const auto& list = write.at.steps().front().member;
  if (steps.size() != 2 || steps.front().member != list) return;
  for (auto& item : input.as_object()[list].as_array())
    item.as_object()[steps.back().member] = ref.id;
}

// One that makes the write, with arbitrary input; nothing where only C++ knows the input.
inline std::optional<aws::Call> arbitrary_call(Arbitrary& arbitrary, const Subject& subject,
                                               const ResourceRef& ref, const Catalog& catalog) {
  const auto& [aspect, write] = subject;
  auto call = address(*aspect->type, write->op, ref);
  json::Value input = std::move(call.input);
  bool said = !write->at.empty() || !write->members.empty();
  if (!said && !write->compute.empty()) return std::nullopt;
  if (said) {
    auto value = arbitrary.written(*aspect, *write, catalog.models());
    if (write->at.empty()) {
      for (const auto& [name, member] : json::members(value))
        input.as_object()[name] = member;
    } else {
      write->at.set(input, std::move(value));
      name_items(*write, ref, input);
    }
  }
  if (!write->entry.empty()) write->entry.set(input, json::Value(arbitrary.word()));
  call.input = std::move(input.as_object());
  return call;
}

// A cloud in which the subject's resource exists. `settle` lets slow changes happen.
struct Stage {
  aws::Caller& cloud;
  const Catalog& catalog;
  std::function<void()> settle = [] {};
};

struct Result {
  bool came_back = false;  // the whole way
  bool refused = false;    // the cloud did not take the arbitrary value
  std::string wrong;       // "": nothing
};

inline std::string unlike(const Aspect& aspect, const Image& found, const Image& wanted,
                          std::string_view what) {
  for (const auto& one : wanted.resources) {
    const auto* other = found.find(one.resource);
    auto value = one.aspects.find(aspect.name);
    if (one.resource.type != aspect.type->name || value == one.aspects.end()) continue;
    if (other == nullptr || !other->aspects.contains(aspect.name))
      return fmt::format("{}: not readable", what);
    const auto& is = other->aspects.at(aspect.name);
    bool nearest = value->second.is_null() && aspect.instead_of_absent &&
                   same(aspect, is, *aspect.instead_of_absent);
    if (!nearest && !same(aspect, is, value->second))
      return fmt::format("{}: {} instead of {}", what, json::print(is), json::print(value->second));
  }
  return "";
}

// What the call must say of the state it changes.
inline void match(aws::Call& call, const Subject& subject, const ResourceRef& ref,
                  const Image& image) {
  const auto& match = subject.write->op.match;
  const auto* one = image.find(ref);
  if (!match || one == nullptr) return;
  auto token = one->aspects.find(match->aspect);
  if (token != one->aspects.end() && !token->second.is_null())
    call.input[match->member] = token->second;
}

inline Result play(const Subject& subject, std::uint64_t seed, const Stage& stage) {
  Arbitrary arbitrary(seed);
  const Context context;
  const auto ref = some(*subject.aspect->type);
  // Some state that described writes lead to; what the cloud refuses is left out.
  for (const auto& first : subject.aspect->writes) {
    auto call = arbitrary_call(arbitrary, {subject.aspect, &first}, ref, stage.catalog);
    if (call && classify(*call, stage.catalog).effect == Effect::write)
      (void)stage.cloud.call(*call, context);
    stage.settle();
  }
  auto call = arbitrary_call(arbitrary, subject, ref, stage.catalog);
  if (!call || !classify(*call, stage.catalog).invertible) return {.came_back = true};
  auto before = read_image(stage.cloud, *call, context, stage.catalog);
  if (!before) return {.wrong = before.error().text()};
  match(*call, subject, ref, *before);
  if (auto done = stage.cloud.call(*call, context); !done) return {.refused = true};
  stage.settle();
  auto now = read_again(stage.cloud, *before, context, stage.catalog);
  if (!now) return {.wrong = now.error().text()};
  std::string wrong;
  if (!subject.write->decided)
    wrong = unlike(*subject.aspect, *now, predict(*call, *before, {}, stage.catalog),
                   "after the write");
  if (!wrong.empty()) return {.wrong = std::move(wrong)};
  auto way = inverse(*call, *before, {}, stage.catalog);
  if (!way) return {.wrong = way.error().code == Errc::unsupported ? "" : way.error().text()};
  for (auto& back : *way) {
    match(back, subject, ref, *now);
    if (auto done = stage.cloud.call(back, context); !done)
      return {.wrong = fmt::format("{} {}: {}", back.operation, json::print(back.input),
                                   done.error().text())};
    stage.settle();
  }
  now = read_again(stage.cloud, *before, context, stage.catalog);
  if (!now) return {.wrong = now.error().text()};
  wrong = unlike(*subject.aspect, *now, *before, "after the inverse");
  return {.came_back = wrong.empty(), .wrong = std::move(wrong)};
}

}  // namespace aright::cloud::round_trip
