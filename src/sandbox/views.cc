// Lists and single views: filters, pages, and the items themselves.
#include <algorithm>
#include <set>

#include "base/text.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/shapers.h"
#include "sandbox/emulate.h"
#include "sandbox/paging.h"
#include "sandbox/tags.h"
#include "sandbox/validate.h"

namespace aright::sandbox {

json::Value percent_encoded(const json::Value& value) {
  if (value.is_string()) return json::Value(percent_encode(std::string_view(value.get_string())));
  if (const auto* list = value.if_array()) {
    json::Array out;
    for (const auto& item : *list)
      out.push_back(percent_encoded(item));
    return out;
  }
  if (const auto* object = value.if_object()) {
    json::Object out;
    for (const auto& [name, member] : *object)
      out[name] = percent_encoded(member);
    return out;
  }
  return value;
}

json::Value answered(const cloud::Aspect& aspect, json::Value value) {
  if (value.is_null()) return value;
  if (aspect.url_encoded) return percent_encoded(value);
  if (aspect.text && value.is_string()) return json::Value(json::integer(value));
  value = cloud::gathered(aspect, value);
  if (auto* items = value.if_array(); items != nullptr && !aspect.each.empty())
    for (auto& item : *items)
      if (!item.is_object()) item = json::Object{{aspect.each, item}};
  return value;
}

namespace {

using cloud::View;

struct Item {
  const Resource* resource;
  json::Value shown;
};

class Answer {
 public:
  Answer(Scene& scene, const cloud::Meaning& meaning, const model::Service& service,
         const model::Operation& operation)
      : scene_(scene),
        type_(*meaning.type),
        view_(*meaning.view),
        service_(service),
        operation_(operation) {}

  Result<json::Object> list() {
    auto items = TRY(visible());
    for (const auto& filter : view_.filters)
      CHECK_OK(narrow(items, filter));
    json::Value output = json::Object();
    CHECK_OK(cut_page(items, output));
    json::Array shown;
    for (auto& item : items)
      shown.push_back(presented(std::move(item.shown)));
    view_.at.set(output, std::move(shown));
    merge_into(output.as_object(), json::members(scene_.fill(view_.output)));
    return std::move(output.as_object());
  }

  Result<json::Object> get() {
    auto refs = cloud::locate(type_, view_.op, scene_.call);
    if (refs.empty() || refs.front().id.empty())
      return fail(
          missing_member(service_, view_.op.by.empty() ? "Name" : view_.op.by.back().str()));
    if (view_.lacking) return get_several(refs);
    auto* resource = TRY(scene_.need(type_.name, refs.front().id));
    if (resource->ref.account != scene_.call.account)
      return fail(scene_.error("AccessDenied", "", resource));
    json::Value output = json::Object();
    view_.at.set(output, presented(json::Value(scene_.shown(*resource))));
    merge_into(output.as_object(), json::members(scene_.fill(view_.output, resource)));
    return std::move(output.as_object());
  }

 private:
  // What is there, and the names of what is not.
  json::Object get_several(const std::vector<cloud::ResourceRef>& refs) {
    json::Value output = json::Object();
    json::Array shown, lacking;
    for (const auto& ref : refs) {
      const auto* resource = scene_.find(type_.name, ref.id);
      if (resource == nullptr || resource->ref.account != scene_.call.account)
        lacking.emplace_back(cloud::key_parts(type_, ref.id).back());
      else
        shown.push_back(presented(json::Value(scene_.shown(*resource))));
    }
    view_.at.set(output, std::move(shown));
    if (!view_.lacking->empty()) view_.lacking->set(output, std::move(lacking));
    merge_into(output.as_object(), json::members(scene_.fill(view_.output)));
    return std::move(output.as_object());
  }

  Result<std::vector<Item>> visible() {
    auto here = scene_.ref(type_.name, "");
    if (!type_.parent.empty() && !view_.op.by.empty()) {
      auto refs = cloud::locate(type_, view_.op, scene_.call);
      bool unnamed = refs.empty() || refs.front().id.empty();
      if (unnamed && !parent_needed()) return all_below(here);
      if (unnamed) return fail(missing_member(service_, view_.op.by.back().str()));
      auto* parent = TRY(scene_.need(type_.parent, refs.front().id));
      if (parent->ref.account != scene_.call.account)
        return fail(scene_.error("AccessDenied", "", parent));
      here.id = refs.front().id + cloud::key_separator;
    } else if (type_.parent.empty() && view_.op.by.size() < type_.key.size()) {
      // What the input says of the key: a layer's name, and not the version.
      for (const auto& path : view_.op.by) {
        const json::Value input = scene_.call.input;
        auto part = json::text(path.get(input));
        if (part.empty()) break;
        here.id += part + cloud::key_separator;
      }
    }
    return all_below(here);
  }

  // Lists that may be about one parent, or about all.
  bool parent_needed() const {
    const auto& path = view_.op.by.back();
    auto member = path.empty() ? std::nullopt : operation_.input().member(path.steps().front().member);
    return !member || member->required();
  }

  // Those that the input names by their ids, so that not all are looked through. Nothing: it names none, or one in
  // another way, or one that is not there; but where a list asks the owners one by one, those that are there.
  std::optional<std::vector<const Resource*>> named() const {
    bool by_owner = !type_.list->of.empty();
    if (view_.id.size() != 1 || (!by_owner && type_.key.size() != 1)) return std::nullopt;
    const json::Value input = scene_.call.input;
    for (const auto& filter : view_.filters) {
      if (filter.kind != View::Filter::Kind::any || filter.item.str() != view_.id.front().str()) continue;
      auto ids = filter.input.select(input);
      if (ids.empty() && json::items(filter.input.get(input)).empty()) continue;
      std::map<cloud::ResourceRef, const Resource*> out;  // in the order of the whole list
      for (const auto* id : ids)
        if (const auto* resource = scene_.find(type_.name, json::text(*id))) out[resource->ref] = resource;
        else if (!by_owner) return std::nullopt;
      std::vector<const Resource*> found;
      for (const auto& [ref, resource] : out) found.push_back(resource);
      return found;
    }
    return std::nullopt;
  }

  // What the service made itself: what the input asks for, and what others here name.
  std::set<std::string> built_in_and_named() const {
    std::set<std::string> out;
    if (type_.built_in.empty()) return out;
    auto note = [&](const json::Value& value) {
      auto id = json::text(value);
      if (type_.lower) id = lower(id);
      if (scene_.is_built_in(type_, id)) out.insert(std::move(id));
    };
    const json::Value input = scene_.call.input;
    for (const auto& filter : view_.filters)
      for (const auto* value : filter.input.select(input)) note(*value);
    for (const auto* other : scene_.catalog.types())
      for (const auto& aspect : other->aspects) {
        if (!aspect.refers || aspect.refers->type != type_.name) continue;
        for (const auto* one : scene_.world.all(scene_.ref(other->name, ""))) note(scene_.value(*one, aspect.name));
      }
    return out;
  }

  Result<std::vector<Item>> all_below(const cloud::ResourceRef& here) {
    for (const auto& id : type_.always)
      (void)TRY(scene_.need(type_.name, id));
    for (const auto& id : built_in_and_named()) (void)TRY(scene_.need(type_.name, id));
    std::vector<Item> items;
    auto these = named();
    for (const auto* resource : these ? std::move(*these) : scene_.world.all(here)) {
      if (resource->ref.account != scene_.call.account) continue;
      json::Value shown = scene_.shown(*resource);
      auto parts = cloud::key_parts(type_, resource->ref.id);
      for (std::size_t i = 0; i < view_.id.size(); ++i) {
        const auto& part = parts[parts.size() - view_.id.size() + i];
        if (view_.id[i].get(shown).is_null() || view_.id[i].empty())
          view_.id[i].set(shown, json::Value(part));
      }
      if (view_.id.empty()) shown = json::Value(view_.arns ? scene_.arn(*resource) : parts.back());
      items.push_back({resource, std::move(shown)});
    }
    return items;
  }

  Result<> narrow(std::vector<Item>& items, const View::Filter& filter) {
    const json::Value input = scene_.call.input;
    const auto& said = filter.input.get(input);
    const auto& asked = said.is_null() ? filter.otherwise : said;
    if (asked.is_null()) return {};
    switch (filter.kind) {
      case View::Filter::Kind::equals:
        std::erase_if(items,
                      [&](const Item& item) { return filter.item.get(item.shown) != asked; });
        return {};
      case View::Filter::Kind::prefix: {
        auto prefix = json::text(asked);
        std::erase_if(items, [&](const Item& item) {
          return !json::text(filter.item.get(item.shown)).starts_with(prefix);
        });
        return {};
      }
      case View::Filter::Kind::any:
        return narrow_to_any(items, filter, input);
      case View::Filter::Kind::named:
        return narrow_by_names(items, filter, asked);
    }
    return {};
  }

  Result<> narrow_to_any(std::vector<Item>& items, const View::Filter& filter,
                         const json::Value& input) {
    std::vector<std::string> wanted;
    if (filter.input.many()) {
      for (const auto* value : filter.input.select(input))
        wanted.push_back(json::scalar_text(*value));
    } else if (const auto& asked = filter.input.get(input); !asked.is_null()) {
      wanted = asked.is_array() ? json::texts(asked) : std::vector{json::scalar_text(asked)};
    }
    if (wanted.empty() && !filter.otherwise.is_null()) wanted.push_back(json::scalar_text(filter.otherwise));
    if (type_.lower)
      for (auto& text : wanted)
        if (!text.starts_with("arn:")) text = lower(text);
    if (wanted.empty()) return {};
    auto has = [&](const Item& item, const std::string& text) {
      if (text.starts_with("arn:") && scene_.arn(*item.resource) == text) return true;
      auto values = filter.item.select(item.shown);
      return std::ranges::any_of(
          values, [&](const auto* value) { return json::scalar_text(*value) == text; });
    };
    for (const auto& text : wanted) {
      if (filter.missing.empty()) break;
      if (std::ranges::any_of(items, [&](const Item& item) { return has(item, text); })) continue;
      bool by_id = !type_.malformed.empty() && filter.item.str() == type_.key.back();
      if (by_id && !cloud::well_formed(type_, text))
        return fail(scene_.error(type_.malformed, fmt::format("Invalid id: \"{}\"", text)));
      Resource lacking{.ref = scene_.ref(type_.name, text)};
      return fail(scene_.error(filter.missing, "", &lacking));
    }
    std::erase_if(items, [&](const Item& item) {
      return std::ranges::none_of(wanted, [&](const std::string& text) { return has(item, text); });
    });
    return {};
  }

  // [{Name, Values}]: all names must match, each by one of its values, * and ? being wildcards.
  Result<> narrow_by_names(std::vector<Item>& items, const View::Filter& filter,
                           const json::Value& asked) {
    for (const auto& one : json::items(asked)) {
      auto name = json::text(one, "Name", json::text(one, "Key", ""));
      auto values = json::texts(json::at(one, "Values"));
      if (!name.starts_with("tag:") && name != "tag-key" && !filter.names.contains(name))
        return fail(
            input_error(service_, "Filters", fmt::format("The filter '{}' is invalid", name)));
      std::erase_if(items, [&](const Item& item) {
        auto texts = texts_of(filter, name, item);
        return std::ranges::none_of(texts, [&](const std::string& text) {
          return std::ranges::any_of(
              values, [&](const std::string& glob) { return glob_match(glob, text); });
        });
      });
    }
    return {};
  }

  std::vector<std::string> texts_of(const View::Filter& filter, const std::string& name,
                                    const Item& item) const {
    std::vector<std::string> out;
    if (auto known = filter.names.find(name); known != filter.names.end()) {
      for (const auto* value : known->second.select(item.shown))
        out.push_back(json::scalar_text(*value));
      return out;
    }
    for (const auto& aspect : type_.aspects) {
      if (!aspect.tags) continue;
      for (const auto& [key, value] : tags_in(scene_.value(*item.resource, aspect.name)))
        add_tag(out, name, key, value);
    }
    return out;
  }

  static void add_tag(std::vector<std::string>& out, std::string_view filter, std::string_view key,
                      std::string value) {
    if (filter == "tag-key")
      out.emplace_back(key);
    else if (filter.substr(4) == key)
      out.push_back(std::move(value));
  }

  json::Value presented(json::Value shown) const {
    if (view_.show.empty() || !shown.is_object()) return shown;
    json::Object out;
    for (const auto& name : view_.show)
      if (const auto& member = json::at(shown, name); !member.is_null()) out[name] = member;
    return out;
  }

  // Keeps one page of the items. The token names the last item of the page before, so that pages
  // stay right while items come and go.
  Result<> cut_page(std::vector<Item>& items, json::Value& output) {
    auto pagination = pages_of(operation_);
    if (!pagination) return {};
    std::size_t limit = page_items_max;
    if (!pagination->limit_key.empty()) {
      auto asked = json::integer(scene_.input(pagination->limit_key), page_items_max);
      if (asked >= 1) limit = std::min<std::size_t>(limit, static_cast<std::size_t>(asked));
    }
    if (scene_.page_items) limit = std::min(limit, *scene_.page_items);
    const auto& asks = pagination->input_tokens.front();
    auto token = json::text(scene_.input(asks));
    if (!token.empty()) {
      auto after = read_page_token(operation_.name(), token);
      if (!after) return fail(bad_token(scene_, asks));
      std::erase_if(items, [&](const Item& item) { return item.resource->ref.id <= *after; });
    }
    bool more = items.size() > limit;
    if (more) items.resize(limit);
    set(output, pagination->more_results, json::Value(more));
    if (more && !pagination->output_tokens.empty())
      set(output, pagination->output_tokens.front(),
          json::Value(page_token(operation_.name(), items.back().resource->ref.id)));
    return {};
  }

  static void set(json::Value& output, std::string_view path, json::Value value) {
    auto parsed = cloud::Path::parse(path.substr(0, path.find(' ')));
    if (parsed && !parsed->empty()) parsed->set(output, std::move(value));
  }

  Scene& scene_;
  const cloud::ResourceType& type_;
  const View& view_;
  const model::Service& service_;
  const model::Operation& operation_;
};

}  // namespace

Result<json::Object> answer_view(Scene& scene, const cloud::Meaning& meaning) {
  auto service = scene.catalog.models().service(scene.call.service);
  auto operation = service->operation(scene.call.operation);
  Answer answer(scene, meaning, *service, *operation);
  return meaning.view->many ? answer.list() : answer.get();
}

}  // namespace aright::sandbox
