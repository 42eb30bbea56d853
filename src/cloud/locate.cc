#include "cloud/locate.h"

#include <algorithm>

#include "aws/client.h"
#include "base/text.h"

namespace aright::cloud {

std::string_view home_region(std::string_view region) {
  auto partition = aws::partition_of(region);
  if (partition == "aws-cn") return "cn-north-1";
  if (partition == "aws-us-gov") return "us-gov-west-1";
  if (partition == "aws-iso") return "us-iso-east-1";
  if (partition == "aws-iso-b") return "us-isob-east-1";
  return "us-east-1";
}

bool well_formed(const ResourceType& type, std::string_view id) {
  constexpr std::size_t digits = 17, digits_of_old = 8;
  if (!id.starts_with(type.id_prefix())) return false;
  id.remove_prefix(type.id_prefix().size());
  return (id.size() == digits || id.size() == digits_of_old) &&
         id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string join_key(const std::vector<std::string>& parts) {
  std::string id;
  for (const auto& part : parts) {
    if (&part != &parts.front()) id += key_separator;
    id += part;
  }
  return id;
}

std::string listed_id(const ResourceType& type, const View& list, const ResourceRef& here,
                      const json::Value& item) {
  if (list.id.empty()) {
    auto named = list.arns ? match_arn(type, json::scalar_text(item)) : std::nullopt;
    if (named) return named->id;
  }
  auto parts = key_parts(type, here.id);
  if (list.id.empty()) {
    parts.back() = json::scalar_text(item);
    return join_key(parts);
  }
  parts.resize(type.key.size() - std::min(type.key.size(), list.id.size()));
  for (const auto& path : list.id)
    parts.push_back(json::scalar_text(path.get(item)));
  return join_key(parts);
}

std::vector<std::string> key_parts(const ResourceType& type, std::string_view id) {
  std::vector<std::string> parts;
  while (parts.size() + 1 < type.key.size()) {
    auto end = id.find(key_separator);
    parts.emplace_back(id.substr(0, end));
    id = end == std::string_view::npos ? std::string_view() : id.substr(end + 1);
  }
  parts.emplace_back(id);  // the last part may hold separators of its own
  return parts;
}

bool names_one(const ResourceType& type, const ResourceRef& ref) {
  return !key_parts(type, ref.id).back().empty();
}

ResourceRef at_home(const ResourceType& type, ResourceRef ref) {
  if (type.scope == Scope::account) ref.region = home_region(ref.region);
  return ref;
}

Lookup lookup_of(const ResourceType& type, const ResourceRef& ref) {
  return [&type, ref, parts = key_parts(type, ref.id)](std::string_view name) -> json::Value {
    if (name == "account") return json::Value(ref.account);
    if (name == "region") return json::Value(ref.region);
    if (name == "partition") return json::Value(aws::partition_of(ref.region));
    if (name == "id") return json::Value(ref.id);
    if (name == "arn") return json::Value(arn_of(type, ref));
    for (std::size_t i = 0; i < type.key.size(); ++i)
      if (type.key[i] == name) return json::Value(parts[i]);
    return nullptr;
  };
}

namespace {

// What comes before the name is what is meant where nothing is said.
bool is_usual(const ResourceType& type, std::string_view id) {
  auto parts = key_parts(type, id);
  parts.pop_back();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto meant = type.otherwise.find(type.key[i]);
    if (meant == type.otherwise.end() || meant->second != parts[i]) return false;
  }
  return true;
}

}  // namespace

std::string arn_of(const ResourceType& type, const ResourceRef& ref) {
  if (ref.id.empty()) return "";
  auto known = lookup_of(type, ref);
  auto or_any = [&](std::string_view name) {
    auto value = known(name);
    return value.is_null() ? json::Value("*") : value;
  };
  bool usual = !type.usual_arn.empty() && is_usual(type, ref.id);
  return fill_text(usual ? type.usual_arn : type.arn, or_any);
}

namespace {

bool key_is_arn(const ResourceType& type) {
  if (type.key.size() != 1 || type.arn.size() != type.key[0].size() + 2) return false;
  return type.arn.front() == '{' && type.arn.back() == '}' && type.arn.compare(1, type.key[0].size(), type.key[0]) == 0;
}

// arn:partition:service:…: a template that spells out another service than the ARN's does not match it.
bool may_match(std::string_view form, std::string_view arn) {
  for (int colons = 0; colons < 2; ++colons) {
    auto in_form = form.find(':'), in_arn = arn.find(':');
    if (in_form == form.npos || in_arn == arn.npos) return true;
    form.remove_prefix(in_form + 1);
    arn.remove_prefix(in_arn + 1);
  }
  auto wanted = form.substr(0, form.find(':'));
  return wanted.contains('{') || wanted == arn.substr(0, arn.find(':'));
}

}  // namespace

std::optional<ResourceRef> match_arn(const ResourceType& type, std::string_view arn) {
  if (arn.starts_with("arn:") && !may_match(key_is_arn(type) ? type.id : type.arn, arn)) return std::nullopt;
  if (arn.ends_with(":*")) arn.remove_suffix(2);  // log groups are written both ways
  if (key_is_arn(type)) {                         // the form of its ids tells it from other ARNs
    auto told = match_text(type.id, arn);
    if (!told) return std::nullopt;
    return ResourceRef{(*told)["account"], (*told)["region"], type.name, std::string(arn)};
  }
  auto found = match_text(type.arn, arn);
  if (!found && !type.usual_arn.empty()) found = match_text(type.usual_arn, arn);
  // An ARN may stand in another one.
  if (!found || (*found)["account"].contains(':') || (*found)["region"].contains(':')) return std::nullopt;
  ResourceRef ref{.account = (*found)["account"], .region = (*found)["region"], .type = type.name};
  std::vector<std::string> parts;
  for (const auto& name : type.key) {
    auto part = found->find(name);
    if (part == found->end())
      if (auto meant = type.otherwise.find(name); meant != type.otherwise.end()) part = found->insert(*meant).first;
    if (part == found->end() || part->second.empty()) return std::nullopt;
    if (type.plain_id && part->second.find('/') != std::string::npos) return std::nullopt;
    parts.push_back(part->second);
  }
  ref.id = type.lone ? ref.account : join_key(parts);
  return ref;
}

namespace {

bool looks_like_another_type(const ResourceType& type, std::string_view id) {
  if (!type.known_as.empty()) return false;
  auto prefix = type.id_prefix();
  return !prefix.empty() && prefix.find('/') == std::string_view::npos && !id.starts_with(prefix);
}

// What belongs to something else is called by its ARN: the web ACL before a load balancer.
bool named_by_foreign_arn(const ResourceType& type, const Operation& op) {
  return !op.by_arn && type.key.size() == 1 && type.id.empty() && type.key[0].ends_with("Arn");
}

// The resource a single text names: an id, or an ARN of this type.
std::optional<ResourceRef> named(const ResourceType& type, const Operation& op, ResourceRef ref,
                                 const std::string& text) {
  if (text.starts_with("arn:") && !key_is_arn(type)) {
    auto from_arn = match_arn(type, text);
    if (!from_arn && !named_by_foreign_arn(type, op)) return std::nullopt;
    ref.id = from_arn ? from_arn->id : text;
    return ref;
  }
  if (op.by_arn && !key_is_arn(type)) return std::nullopt;
  // Where one operation takes ARNs of many types, their form tells them apart.
  if (text.starts_with("arn:") && !match_arn(type, text)) return std::nullopt;
  if (looks_like_another_type(type, text)) return std::nullopt;
  ref.id = text;
  return ref;
}

// A part of a longer key: by its name, by its ARN, or left out.
std::string part_of(const ResourceType& type, std::size_t index, std::string text) {
  if (text.starts_with("arn:")) {
    bool of_parent = index + 1 < type.key.size();
    if (of_parent && type.otherwise.contains(type.key[index])) return text.substr(text.rfind('/') + 1);
    // The ARN of what a leading part names is the beginning of this one's.
    auto name = "{" + type.key[index] + "}";
    auto end = type.arn.find(name);
    if (of_parent && end != std::string::npos)
      if (auto found = match_text(type.arn.substr(0, end + name.size()), text)) return (*found)[type.key[index]];
    if (auto whole = match_arn(type, text)) return key_parts(type, whole->id).back();
  }
  if (!text.empty() || index >= type.key.size()) return text;
  auto meant = type.otherwise.find(type.key[index]);
  return meant == type.otherwise.end() ? text : meant->second;
}

// Input that says it is about another type.
bool about_another(const Operation& op, const json::Object& input) {
  return std::ranges::any_of(op.about, [&](const auto& says) {
    return json::at(input, says.key()) != says.value();
  });
}

// {Id, ProductArn} of each item of one list.
bool of_one_list(const Operation& op) {
  auto lists = [&](const Path& path) {
    return path.steps().size() == 2 && path.steps().front().each && !path.steps().back().each &&
           path.steps().front() == op.by.back().steps().front();
  };
  return op.by.size() > 1 && lists(op.by.back()) && lists(op.by[op.by.size() - 2]);
}

std::vector<ResourceRef> locate_items(const ResourceType& type, const Operation& op, const json::Value& input,
                                      ResourceRef here) {
  std::vector<ResourceRef> out;
  for (const auto& item : json::items(json::at(input, op.by.back().steps().front().member))) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < op.by.size(); ++i) {
      const auto& steps = op.by[i].steps();
      bool inside = steps.size() == 2 && steps.front().each;
      auto value = inside ? json::at(item, steps.back().member) : op.by[i].get(input);
      parts.push_back(part_of(type, i, json::scalar_text(value)));
    }
    here.id = join_key(parts);
    out.push_back(here);
  }
  here.id.clear();
  if (out.empty()) out.push_back(here);
  return out;
}

std::vector<ResourceRef> as_written(const ResourceType& type, const Operation& op,
                                    const aws::Call& call) {
  if (about_another(op, call.input)) return {};
  ResourceRef here =
      at_home(type, {.account = call.account, .region = call.region, .type = type.name, .id = ""});
  if (op.by.empty()) {
    if ((type.singleton || type.lone) && type.key.empty()) here.id = call.account;
    return {here};
  }
  json::Value input = call.input;
  if (of_one_list(op)) return locate_items(type, op, input, here);
  std::string before;  // the leading parts of the key
  for (std::size_t i = 0; i + 1 < op.by.size(); ++i)
    before += part_of(type, i, json::scalar_text(op.by[i].get(input))) + key_separator;

  std::vector<ResourceRef> out;
  bool only_parent = op.by.size() < type.key.size() && !op.by_arn;  // its id has a form of its own
  auto last = op.by.back().select(input);
  json::Value meant;
  if (last.empty() && !op.by_arn) meant = part_of(type, op.by.size() - 1, "");
  if (!json::text(meant).empty()) last.push_back(&meant);
  for (const auto* value : last) {
    auto text = json::scalar_text(*value);
    if (before.empty() && !only_parent) {
      auto ref = named(type, op, here, text);
      if (ref) out.push_back(std::move(*ref));
    } else if (!text.empty()) {
      here.id = before + part_of(type, op.by.size() - 1, std::move(text));
      out.push_back(here);
    }
  }
  here.id.clear();
  if (last.empty()) out.push_back(here);
  return out;
}

}  // namespace

std::vector<ResourceRef> locate(const ResourceType& type, const Operation& op,
                                const aws::Call& call) {
  auto refs = as_written(type, op, call);
  if (type.lower)
    for (auto& ref : refs)
      ref.id = lower(ref.id);
  return refs;
}

std::vector<std::string> strangers(const ResourceType& type, const Operation& op,
                                   const aws::Call& call) {
  std::vector<std::string> out;
  if (op.by.size() != 1 || type.key.size() > 1) return out;
  const json::Value input = call.input;
  for (const auto* value : op.by.front().select(input))
    if (auto text = json::scalar_text(*value); !named(type, op, {}, text))
      out.push_back(std::move(text));
  return out;
}

aws::Call address(const ResourceType& type, const Operation& op, const ResourceRef& ref) {
  json::Value input = json::Object();
  auto lookup = lookup_of(type, ref);
  if (op.by_arn) {
    op.by.front().set(input, json::Value(arn_of(type, ref)));
  } else if (!ref.id.empty()) {
    auto parts = key_parts(type, ref.id);
    for (std::size_t i = 0; i < op.by.size() && i < parts.size(); ++i)
      op.by[i].set(input, json::Value(parts[i]));
  }
  auto along = fill(op.with, lookup);
  for (auto& [name, value] : along.as_object())
    input.as_object()[name] = value;
  return {.service = type.service,
          .operation = op.name,
          .region = ref.region,
          .account = ref.account,
          .input = std::move(input.as_object())};
}

}  // namespace aright::cloud
