#include "cloud/provision.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "cloud/description_check.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/shapers.h"
#include "cloud/template.h"

namespace aright::cloud {

namespace {

std::optional<model::Operation> operation(const ResourceType& type, const std::string& name,
                                          const Catalog& catalog) {
  auto service = catalog.models().service(type.service);
  return service ? service->operation(name) : std::nullopt;
}

// A member by its name, or by one that differs in capitals only: pascal case has no inverse of its
// own.
std::optional<model::Member> member_like(const model::Shape& shape, std::string_view name) {
  if (auto exact = shape.member(name)) return exact;
  for (const auto& member : shape.members())
    if (lower(member.name()) == lower(name)) return member;
  return std::nullopt;
}

json::Value fitted(const model::Shape& shape, const json::Value& value);

json::Value fitted_map(const model::Shape& shape, const json::Value& value) {
  json::Object out;
  for (const auto& item : json::items(value))  // tags are a list in templates
    out[json::text(item, "Key", "")] = fitted(shape.element(), json::at(item, "Value"));
  for (const auto& [name, member] : json::members(value))
    out[name] = fitted(shape.element(), member);
  return out;
}

// The value with the API's names and types: templates may write numbers and flags as texts, and
// documents as objects.
json::Value fitted(const model::Shape& shape, const json::Value& value) {
  auto text = json::scalar_text(value);
  switch (shape.type()) {
    case model::Type::structure: {
      if (!value.is_object()) return value;
      json::Object out;
      for (const auto& [name, member] : value.get_object()) {
        auto known = member_like(shape, name);
        out[known ? std::string(known->name()) : std::string(name)] =
            known ? fitted(known->shape(), member) : member;
      }
      return out;
    }
    case model::Type::list: {
      json::Array out;
      for (const auto& item : value.is_array() ? value.get_array() : json::Array{value})
        out.push_back(fitted(shape.element(), item));
      return out;
    }
    case model::Type::map:
      return fitted_map(shape, value);
    case model::Type::boolean:
      return value.is_string() ? json::Value(lower(text) == "true") : value;
    case model::Type::integer:
    case model::Type::floating: {
      auto number = value.is_string() ? json::parse(text) : Result<json::Value>(value);
      return number && number->is_number() ? *number : value;
    }
    case model::Type::string:
      return value.is_string() || value.is_null() ? value : json::Value(text);
    case model::Type::timestamp:
    case model::Type::blob:
      return value;
  }
  return value;
}

// Where the API has the aspect's value, as far as any operation tells.
std::optional<model::Shape> shape_of(const Aspect& aspect, bool& items, const Catalog& catalog) {
  const auto& type = *aspect.type;
  for (const auto& write : aspect.writes) {
    bool says = write.mode == Mode::replace || write.mode == Mode::add || write.mode == Mode::patch;
    auto op = operation(type, write.op.name, catalog);
    if (!says || !op || !op->input() || !write.to.is_null()) continue;
    if (!write.item.is_null()) continue;  // takes a part of each item only
    if (write.at.empty() && write.mode != Mode::patch) continue;
    items = write.at.many() || (write.mode == Mode::add && write.at.empty() == false && aspect.set);
    return shape_at(op->input(), write.at);
  }
  for (const auto& create : type.creates) {
    auto from = create.takes.find(aspect.name);
    auto op = operation(type, create.op.name, catalog);
    if (from == create.takes.end() || !from->second.is_string() || !op) continue;
    auto path = Path::parse(from->second.get_string());
    if (!path || from->second.get_string().find('{') != json::String::npos) continue;
    items = path->many();
    return shape_at(op->input(), *path);
  }
  return std::nullopt;
}

// Moves turned round, for one item. Where several members became one, the way is the one that other
// members of the item take, or the shortest.
std::map<std::string, std::string> turned(const std::map<std::string, std::string>& moves,
                                          const json::Value& item) {
  std::map<std::string, std::vector<std::string>> ways;
  for (const auto& [from, to] : moves)
    if (!to.empty() && !to.ends_with("[]")) ways[to].push_back(from);
  auto above = [](const std::string& path) { return path.substr(0, path.rfind('.') + 1); };
  std::map<std::string, std::string> out;
  for (auto& [to, from] : ways) {
    std::ranges::stable_sort(from, {}, &std::string::size);
    out[to] = from.front();
    if (from.size() == 1) continue;
    for (const auto& [other, sources] : ways)
      if (sources.size() == 1 && !json::at(item, other).is_null())
        for (const auto& way : from)
          if (!above(way).empty() && above(way) == above(sources.front())) out[to] = way;
  }
  return out;
}

json::Value moved_back(const Shaping& shape, const json::Value& value) {
  if (const auto* list = value.if_array()) {
    json::Array out;
    for (const auto& item : *list)
      out.push_back(moved_back(shape, item));
    return out;
  }
  Shaping back{.moves = turned(shape.moves, value)};
  return back.moves.empty() ? value : shaped(back, value);
}

}  // namespace

json::Value unshaped(const Aspect& aspect, const json::Value& property, const Catalog& catalog) {
  const auto& shape = aspect.shape;
  auto value = property;
  if (!shape.wrap.empty()) value = json::Value(json::at(property, shape.wrap));
  if (auto back = find_unshaper(shape.shaper)) value = back(value);
  if (!shape.moves.empty()) value = moved_back(shape, value);
  for (const auto& name : shape.json_members)
    if (auto* members = value.if_object(); members != nullptr && members->contains(name))
      if (auto& document = (*members)[name]; !document.is_string())
        document = json::Value(json::print(document));
  if (shape.json_text && !value.is_string()) value = json::Value(json::print(value));
  if (!shape.pick.empty()) value = json::Object{{shape.pick, std::move(value)}};
  bool items = false;
  auto api = shape_of(aspect, items, catalog);
  if (!api) return value;
  if (!items || !value.is_array()) return fitted(*api, value);
  json::Array out;
  for (const auto& item : value.get_array())
    out.push_back(fitted(*api, item));
  return out;
}

namespace {

// The member of the creation's input that a property names: BucketName is Bucket, TopicName is
// Name.
std::optional<std::string> named_member(const model::Shape& input, const std::string& property) {
  for (const auto& member : input.members()) {
    auto name = lower(member.name()), asked = lower(property);
    if (name == asked || name + "name" == asked) return std::string(member.name());
  }
  if (property.ends_with("Name"))
    if (auto member = member_like(input, "Name")) return std::string(member->name());
  return std::nullopt;
}

// Where the creation names the resource within a document of its input: ConfigRule.ConfigRuleName; or its key by
// another name there: AccountDetails[].AccountId for MemberId.
const Path* naming_path(const ResourceType& type, std::string_view property) {
  if (type.create() == nullptr) return nullptr;
  const auto& by = type.create()->op.by;
  for (std::size_t i = 0; i < by.size(); ++i) {
    bool named = by[i].steps().size() > 1 && by[i].steps().back().member == property;
    bool keyed = by[i].many() && by.size() == type.key.size() && type.key[i] == property;
    if (named || keyed) return &by[i];
  }
  return nullptr;
}

// Aspects whose members are properties themselves take what no other aspect is about.
const Aspect* spread_aspect(const ResourceType& type, const std::string& property,
                            const Catalog& catalog) {
  for (const auto& aspect : type.aspects) {
    bool items = false;
    if (!aspect.shape.spread) continue;
    auto shape = shape_of(aspect, items, catalog);
    if (shape && *shape && member_like(*shape, property)) return &aspect;
  }
  return nullptr;
}

bool is_key(const ResourceType& type, const std::string& property) {
  return std::ranges::any_of(type.key, [&](const auto& part) { return lower(part) == lower(property); });
}

bool has_write(const Aspect& aspect, std::initializer_list<Mode> modes) {
  return std::ranges::any_of(aspect.writes, [&](const Write& write) {
    return std::ranges::find(modes, write.mode) != modes.end();
  });
}

// Items that are there from the start, and that nothing takes away, stay beside those that are named.
json::Value with_lasting(const Aspect& aspect, json::Value value) {
  bool lasts = has_write(aspect, {Mode::add}) && !has_write(aspect, {Mode::drop, Mode::replace, Mode::clear});
  if (!lasts || aspect.identity.empty() || !value.is_array() || !aspect.initial) return value;
  for (const auto& there : json::items(*aspect.initial)) {
    auto is_it = [&](const json::Value& item) { return identity(aspect, item) == identity(aspect, there); };
    if (std::ranges::none_of(value.get_array(), is_it)) value.get_array().push_back(there);
  }
  return value;
}

}  // namespace

Result<Wanted> wanted(const ResourceType& type, const json::Object& properties,
                      const Catalog& catalog) {
  Wanted out;
  std::map<const Aspect*, json::Object> spread;
  auto op = type.create() ? operation(type, type.create()->op.name, catalog) : std::nullopt;
  for (const auto& [name, value] : properties) {
    std::string property = name;
    const auto* aspect = type.aspect(property);
    if (aspect != nullptr && !aspect->fact) {
      out.aspects[property] = normal(*aspect, with_lasting(*aspect, unshaped(*aspect, value, catalog)));
    } else if (const auto* path = naming_path(type, property)) {
      out.named[path->str()] = value;
    } else if (auto member = op ? named_member(op->input(), property) : std::nullopt;
               member && (is_key(type, property) || spread_aspect(type, property, catalog) == nullptr)) {
      out.named[*member] = fitted(op->input().member(*member)->shape(), value);
    } else if (const auto* within = spread_aspect(type, property, catalog)) {
      spread[within][property] = value;
    } else {
      return fail(Errc::invalid, "Encountered unsupported property {}", property);
    }
  }
  for (const auto& [aspect, members] : spread)
    out.aspects[aspect->name] = normal(*aspect, unshaped(*aspect, members, catalog));
  return out;
}

namespace {

// Where the creation takes the aspect as it is.
const Write* creating_write(const ResourceType& type, const Aspect& aspect) {
  for (const auto& write : aspect.writes)
    if (write.op.name == type.create()->op.name && write.compute.empty() && write.to.is_null() &&
        (write.mode == Mode::replace || write.mode == Mode::patch ||
         (write.mode == Mode::add && !write.at.empty() && write.item.is_null())))
      return &write;
  return nullptr;
}

// What the creation must hold for the value to be this one: Activate: true.
const json::Object* constant_input(const ResourceType& type, const Aspect& aspect, const json::Value& value) {
  for (const auto& write : aspect.writes)
    if (write.op.name == type.create()->op.name && write.mode == Mode::constant && same(aspect, write.to, value))
      return &write.when;
  return nullptr;
}

// A template of the first value, read backwards: {Rank: "{input.Rank}"} says where the value's Rank goes.
bool say_members(const json::Value& form, const json::Value& value, json::Value& input) {
  constexpr std::string_view begin = "{input.";
  for (const auto& [name, member] : json::members(value)) {
    auto place = json::text(json::at(form, name), "");
    if (!place.starts_with(begin) || !place.ends_with('}')) return false;
    auto path = Path::parse(place.substr(begin.size(), place.size() - begin.size() - 1));
    if (!path) return false;
    path->set(input, member);
  }
  return value.is_object();
}

bool say_taken(const model::Shape& shape, const json::Value& from, const json::Value& value, json::Value& input) {
  if (from.is_object()) return say_members(from, value, input);
  if (!from.is_string()) return false;
  auto names = placeholders(from);
  constexpr std::string_view of_input = "input.";
  if (names.size() == 1 && names[0].starts_with(of_input) && from.get_string() == "{" + names[0] + "}") {
    auto member = shape.member(names[0].substr(of_input.size()));
    if (member) input.as_object()[member->name()] = fitted(member->shape(), value);
    return member.has_value();
  }
  if (!names.empty()) return false;
  auto path = Path::parse(from.get_string());
  if (path) path->set(input, value);
  return path.has_value();
}

bool say_written(const Write& write, const json::Value& value, json::Value& input) {
  if (write.mode != Mode::patch && !write.at.empty()) {
    write.at.set(input, value);
    return true;
  }
  if (write.mode == Mode::patch && !write.at.empty()) {
    auto document = json::members(write.at.get(input));
    for (const auto& [name, member] : json::members(value))
      document[name] = member;
    write.at.set(input, std::move(document));
    return true;
  }
  for (const auto& [name, member] : json::members(value))
    input.as_object()[name] = member;
  return write.mode == Mode::patch && write.at.empty();
}

bool say(const ResourceType& type, const model::Shape& shape, const Aspect& aspect, const json::Value& value,
         json::Value& input) {
  auto from = type.create()->takes.find(aspect.name);
  if (from != type.create()->takes.end() && say_taken(shape, from->second, value, input)) return true;
  if (const auto* when = constant_input(type, aspect, value)) {
    for (const auto& [name, member] : *when) input.as_object()[name] = member;
    return true;
  }
  if (const auto* write = creating_write(type, aspect)) return say_written(*write, value, input);
  auto member = aspect.writes.empty() ? member_like(shape, aspect.name) : std::nullopt;  // only ever said then
  if (member) input.as_object()[member->name()] = value;
  return member.has_value();
}

// Whether an aspect says it already, perhaps in a list: StandardsSubscriptionRequests[].StandardsArn.
bool is_taken(const Creation& create, const std::string& place) {
  return std::ranges::any_of(create.takes, [&](const auto& take) {
    return take.second.is_string() && replace_all(std::string(take.second.get_string()), "[]", "") == place;
  });
}

// What a template leaves out and CloudFormation says all the same.
void say_rest(const Creation& create, const ResourceRef& where, const std::string& name, json::Value& input) {
  constexpr std::string_view unsaid = "us-east-1";  // where S3 takes no location
  auto lookup = [&](std::string_view asked) {
    if (asked == "name") return json::Value(name);
    if (asked == "lower_name") return json::Value(lower(name));
    return asked == "location" && where.region != unsaid ? json::Value(where.region) : json::Value();
  };
  for (const auto& [place, said] : create.stack)
    if (auto value = fill(said, lookup); !value.is_null() && place.get(input).is_null())
      place.set(input, std::move(value));
}

// The place that names the resource, where its creation leaves that to the caller.
std::string naming_place(const ResourceType& type, const model::Shape& input) {
  if (type.id.empty()) {
    const auto& by = type.create()->op.by;
    return by.empty() || by.back().empty() ? "" : by.back().str();
  }
  for (std::string_view name : placeholders(json::Value(type.id)))
    if (name.starts_with("input.")) {
      auto place = std::string(name.substr(6, name.find('#') - 6));
      return is_taken(*type.create(), place) && !input.member(place) ? "" : place;
    }
  for (const auto* name : {"Name", "name"})
    if (auto member = input.member(name); member && member->required()) return name;
  return "";
}

}  // namespace

Result<Making> making(const ResourceType& type, const Wanted& wanted, const ResourceRef& where,
                      const std::string& name, const Catalog& catalog) {
  if (type.create() == nullptr) return fail(Errc::unsupported, "nothing creates {}", type.name);
  auto op = operation(type, type.create()->op.name, catalog);
  if (!op) return fail(Errc::internal, "{} has no operation", type.name);
  auto nowhere = where;
  nowhere.id.clear();
  Making out{.create = address(type, type.create()->op, nowhere)};
  json::Value input = std::move(out.create.input);
  for (const auto& [aspect, value] : wanted.aspects)
    if (!value.is_null() && say(type, op->input(), *type.aspect(aspect), value, input))
      out.taken.push_back(aspect);
  for (const auto& [place, value] : wanted.named)
    if (auto path = Path::parse(place)) path->set(input, value);
  say_rest(*type.create(), where, name, input);
  if (auto naming = Path::parse(naming_place(type, op->input())); naming && !naming->empty())
    if (naming->get(input).is_null()) naming->set(input, json::Value(name));
  for (const auto& member : op->input().members())  // a caller's mark, where there must be one
    if (member.required() && member.idempotency_token() && json::at(input, member.name()).is_null())
      input.as_object()[member.name()] = name;
  out.create.input = std::move(input.as_object());
  return out;
}

Result<std::vector<aws::Call>> alteration(const ResourceType& type, const ResourceRef& ref,
                                          const std::map<std::string, json::Value>& from,
                                          const std::map<std::string, json::Value>& to) {
  std::vector<aws::Call> out;
  for (const auto& aspect : type.aspects) {
    auto was = from.find(aspect.name), will = to.find(aspect.name);
    if (was == from.end() && will == to.end()) continue;
    auto first = aspect.initial.value_or(nullptr);
    auto goal = will == to.end() ? first : will->second;
    auto calls = TRY(transition(aspect, ref, was == from.end() ? first : was->second, goal));
    std::ranges::move(calls, std::back_inserter(out));
  }
  return joined(std::move(out));
}

}  // namespace aright::cloud
