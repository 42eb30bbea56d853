#include "cloud/needs.h"

#include <algorithm>
#include <set>

#include "aws/client.h"
#include "aws/rest_binding.h"
#include "base/text.h"
#include "cloud/effect.h"
#include "cloud/locate.h"
#include "cloud/template.h"
#include "model/model.h"

namespace aright::cloud {

namespace {

constexpr std::size_t arn_parts = 6;

// The next part of an ARN or of its template, which is taken off; the last part is all that is left, colons and all.
std::string_view take_part(std::string_view& rest, bool last) {
  auto end = last ? rest.size() : std::min(rest.find(':'), rest.size());
  auto part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

// What stands before the next ${…} or *, which is taken off with it; `open` says whether there was one.
std::string_view take_literal(std::string_view& form, bool& open) {
  auto at = std::min(form.find("${"), form.find('*'));
  open = at != std::string_view::npos;
  auto literal = form.substr(0, at);
  if (!open) return literal;
  auto end = form[at] == '*' ? at : form.find('}', at);
  form.remove_prefix(end == std::string_view::npos ? form.size() : end + 1);
  return literal;
}

// Called for every call and every template: nothing is copied.
bool part_matches(std::string_view form, std::string_view text) {
  bool open = false;
  auto literal = take_literal(form, open);
  if (!open) return literal == text;
  if (!text.starts_with(literal)) return false;
  text.remove_prefix(literal.size());
  while (true) {
    literal = take_literal(form, open);
    if (!open) return text.ends_with(literal);
    auto found = text.find(literal);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + literal.size());
  }
}

bool of_type(const Permission& permission, std::string_view arn) {
  return std::ranges::any_of(permission.arns, [&](const std::string& form) { return is_of_template(form, arn); });
}

// https://host/111122223333/jobs
std::string queue_arn(const aws::Call& call, std::string_view url) {
  auto parts = split(url, '/');
  if (parts.size() < 2) return "";
  return fmt::format("arn:{}:sqs:{}:{}:{}", aws::partition_of(call.region), call.region,
                     parts[parts.size() - 2], parts.back());
}

void collect_arns(const json::Value& value, std::vector<std::string>& out) {
  if (out.size() >= named_max) return;
  if (value.is_string() && value.get_string().starts_with("arn:")) out.push_back(json::text(value));
  for (const auto& item : json::items(value)) collect_arns(item, out);
}

// ARNs that stand in the input itself, or in a list of it.
std::vector<std::string> in_input(const aws::Call& call, const Permission& permission) {
  std::vector<std::string> found, out;
  for (const auto& [name, value] : call.input) collect_arns(value, found);
  if (auto url = json::text(call.input, "QueueUrl", ""); !url.empty()) found.push_back(queue_arn(call, url));
  std::ranges::copy_if(found, std::back_inserter(out), [&](const auto& arn) { return of_type(permission, arn); });
  return out;
}

const Operation& op_of(const Meaning& meaning) {
  if (meaning.create != nullptr) return meaning.create->op;
  if (meaning.view != nullptr) return meaning.view->op;
  if (meaning.glance != nullptr) return meaning.glance->op;
  return meaning.remove != nullptr ? meaning.remove->op : *meaning.op;
}

constexpr std::string_view of_input = "{input.";

// What stands at a placeholder of an id that is yet to be drawn, as far as the call says it; "*" for the rest.
json::Value coming(const aws::Call& call, const Lookup& known, std::string_view name) {
  json::Value value;
  if (auto path = "{" + std::string(name); path.starts_with(of_input))
    value = json::at(call.input, path.substr(of_input.size()));
  else if (name == "kind")
    value = load_balancer_kind(json::text(call.input, "Type", ""));
  else
    value = known(name);
  return value.is_null() ? json::Value("*") : value;
}

// IAM's ARNs have the path that the call says.
std::string with_path(std::string arn, const aws::Call& call) {
  auto path = call.service == "iam" ? json::text(call.input, "Path", "/") : "/";
  auto slash = arn.rfind('/');
  return path == "/" || slash == std::string::npos ? arn : arn.substr(0, slash) + path + arn.substr(slash + 1);
}

// Of what is yet to come: its id is given, or the service draws it.
std::string coming_arn(const Catalog& catalog, const ResourceType& type, ResourceRef ref, const aws::Call& call) {
  auto known = lookup_of(type, ref);
  if (!type.id.empty() && !ref.id.empty()) ref.id += key_separator;  // what it is part of
  if (type.id.contains(of_input))
    ref.id += fill_text(type.id, [&](std::string_view name) { return coming(call, known, name); });
  else if (!type.id.empty() || !names_one(type, ref))
    ref.id += "*";
  return with_path(catalog.arn(ref), call);
}

// What a resource is a part of, by the first parts of its key; an empty id where it is a part of nothing.
ResourceRef parent_of(const Catalog& catalog, const ResourceType& type, ResourceRef ref) {
  const auto* parent = type.parent.empty() ? nullptr : catalog.type(type.parent);
  auto parts = key_parts(type, ref.id);
  parts.resize(parent == nullptr ? 0 : std::min(parts.size(), parent->key.size()));
  ref.type = type.parent;
  ref.id = join_key(parts);
  return ref;
}

// IAM asks for the resource, or for what it is a part of: where it has no type for the part, and where the call is
// about all parts. An access key's ARN looks like that of a user with a path: what the whole is of, too, is about the
// whole.
std::string asked_for(const Permission& permission, std::string own, std::string whole) {
  auto only_own = [&](const auto& form) { return is_of_template(form, own) && !is_of_template(form, whole); };
  if (std::ranges::any_of(permission.arns, only_own)) return own;
  return of_type(permission, whole) ? whole : "";
}

bool names_something(const Meaning& meaning) {
  return meaning.op != nullptr || meaning.create != nullptr || meaning.remove != nullptr || meaning.view != nullptr ||
         meaning.glance != nullptr;
}

// EC2's resources that the call names by ids, whatever the members are called that hold them.
std::vector<std::string> ec2_named(const aws::Call& call, const Catalog& catalog, const ArnOf& arn_of) {
  std::vector<std::string> out;
  for (const auto& [member, value] : call.input) {
    auto ids = value.is_string() ? std::vector{json::text(value)} : json::texts(value);
    for (const auto* type : catalog.types()) {
      auto prefix = type->service == call.service ? type->id_prefix() : "";
      if (prefix.empty()) continue;
      for (const auto& id : ids)
        if (id.starts_with(prefix)) out.push_back(arn_of({call.account, call.region, type->name, id}));
    }
  }
  return out;
}

// What something is made of: the volume of a snapshot, the database of its copy.
std::vector<std::string> made_of(const aws::Call& call, const Creation& create, const Catalog& catalog,
                                 const ArnOf& arn_of) {
  if (call.service == "ec2") return ec2_named(call, catalog, arn_of);
  auto other = create.like ? json::text(create.like->by.get(json::Value(call.input)), "") : "";
  const auto* type = create.like ? catalog.type(create.like->type) : nullptr;
  if (type == nullptr || other.empty()) return {};
  return {arn_of(at_home(*type, {call.account, call.region, type->name, other}))};
}

std::vector<std::string> described(const aws::Call& call, const Permission& permission, const Catalog& catalog,
                                   const ArnOf& arn_of) {
  std::vector<std::string> out;
  std::set<std::string> parts;  // of what is made
  for (const auto& meaning : catalog.meanings(call.service, call.operation)) {
    if (!names_something(meaning)) continue;
    const auto& type = *meaning.type;
    if (meaning.create != nullptr)
      for (auto& arn : made_of(call, *meaning.create, catalog, arn_of))
        if (of_type(permission, arn)) parts.insert(std::move(arn));
    for (const auto& ref : locate(type, op_of(meaning), call)) {
      auto whole = parent_of(catalog, type, ref);
      std::string own;
      if (meaning.create != nullptr) own = coming_arn(catalog, type, ref, call);
      else if (names_one(type, ref) && !ref.id.empty()) own = arn_of(ref);
      auto arn = asked_for(permission, std::move(own), whole.id.empty() ? "" : arn_of(whole));
      if (!arn.empty() && out.size() < named_max) out.push_back(std::move(arn));
    }
  }
  for (const auto& arn : out) parts.erase(arn);
  out.insert(out.end(), parts.begin(), parts.end());
  return out;
}

// Of an operation that no description explains: what stands in members that are called as a type's key is, one or many.
std::vector<std::string> called_as_keys(const aws::Call& call, const Permission& permission, const Catalog& catalog,
                                        const ArnOf& arn_of) {
  std::vector<std::string> out;
  for (const auto* type : catalog.types()) {
    if (type->service != call.service || type->key.size() != 1) continue;
    auto ids = json::texts(json::at(call.input, type->key[0] + "s"));
    if (auto id = json::text(call.input, type->key[0], ""); !id.empty()) ids.push_back(std::move(id));
    for (auto& id : ids) {
      auto arn = arn_of(at_home(*type, {call.account, call.region, type->name, std::move(id)}));
      if (of_type(permission, arn) && out.size() < named_max) out.push_back(std::move(arn));
    }
  }
  return out;
}

// API Gateway's resources are the paths of its API; those of its second version stand without /v2.
std::vector<std::string> gateway_path(const aws::Call& call) {
  auto service = model::Models::embedded().service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  if (!operation) return {};
  auto target = aws::write_target(*operation, call.input);
  if (!target) return {};
  std::string_view path = *target;
  path = path.substr(0, path.find('?'));
  if (path.starts_with("/v2/")) path.remove_prefix(std::string_view("/v2").size());
  return {fmt::format("arn:{}:apigateway:{}::{}", aws::partition_of(call.region), call.region, path)};
}

// bucket/key?versionId=…
std::vector<std::string> source_of_copy(const aws::Call& call) {
  auto text = json::text(call.input, "CopySource", "");
  text = text.substr(0, text.find('?'));
  if (text.starts_with('/')) text = text.substr(1);
  return {text.starts_with("arn:") ? text : fmt::format("arn:{}:s3:::{}", aws::partition_of(call.region), text)};
}

// What neither descriptions nor ARNs tell; an empty list: nobody can tell.
std::optional<std::vector<std::string>> told_otherwise(const aws::Call& call, const Permission& permission) {
  if (call.service == "apigateway" || call.service == "apigatewayv2") return gateway_path(call);
  bool copies = call.service == "s3" && (call.operation == "CopyObject" || call.operation == "UploadPartCopy");
  if (copies && permission.action == "s3:GetObject") return source_of_copy(call);
  bool by_alias = call.service == "kms" && json::text(call.input, "KeyId", "").contains("alias/");
  if (by_alias) return std::vector<std::string>();  // of the key behind it
  return std::nullopt;
}

}  // namespace

std::string any_of_template(std::string_view form) {
  std::string out;
  while (!form.empty()) {
    auto open = form.find("${");
    out += form.substr(0, open);
    if (open == std::string_view::npos) break;
    out += '*';
    auto close = form.find('}', open);
    form.remove_prefix(close == std::string_view::npos ? form.size() : close + 1);
  }
  return out;
}

bool is_of_template(std::string_view form, std::string_view arn) {
  for (std::size_t part = 1; part <= arn_parts; ++part) {
    bool last = part == arn_parts;
    if (!part_matches(take_part(form, last), take_part(arn, last))) return false;
  }
  return true;
}

std::vector<Permission> permissions_for(const aws::Call& call) {
  static const std::set<std::string, std::less<>> versioned{
      "s3:GetObject",    "s3:GetObjectAcl",    "s3:GetObjectTagging",   "s3:PutObjectAcl",
      "s3:DeleteObject", "s3:PutObjectTagging", "s3:DeleteObjectTagging"};
  auto out = permissions_of(call.service, call.operation);
  if (call.service != "s3") return out;
  constexpr std::string_view object = "Object";
  for (auto& one : out)
    if (versioned.contains(one.action) && !json::text(call.input, "VersionId", "").empty())
      one.action.insert(one.action.find(object) + object.size(), "Version");
  static const std::set<std::string, std::less<>> puts{"PutObject", "CopyObject", "CreateMultipartUpload"};
  if (!puts.contains(call.operation)) return out;
  const auto arns = out.back().arns;
  bool acl = std::ranges::any_of(call.input, [](const auto& member) {
    return member.key() == "ACL" || member.key().starts_with("Grant");
  });
  if (acl) out.push_back({"s3:PutObjectAcl", arns});
  if (call.input.contains("Tagging")) out.push_back({"s3:PutObjectTagging", arns});
  return out;
}

std::string_view load_balancer_kind(std::string_view type) {
  if (type == "network") return "net";
  return type == "gateway" ? "gwy" : "app";
}

std::string ec2_arn(const aws::Call& call, std::string_view kind, std::string_view id) {
  bool images = kind == "image" || kind == "snapshot";  // of nobody's account
  return fmt::format("arn:{}:ec2:{}:{}:{}/{}", aws::partition_of(call.region), call.region,
                     images ? "" : call.account, kind, id.empty() ? "*" : id);
}

std::vector<std::pair<std::string, std::string>> tagging_of(const aws::Call& call, const Catalog& catalog) {
  std::vector<std::pair<std::string, std::string>> out;
  const json::Value input = call.input;
  for (const auto& one : json::items(json::at(input, "TagSpecifications")))
    if (!json::items(json::at(one, "Tags")).empty())
      out.emplace_back("ec2:CreateTags", ec2_arn(call, json::text(one, "ResourceType", "*"), ""));
  if (!out.empty()) return out;
  for (const auto& meaning : catalog.meanings(call.service, call.operation)) {
    if (meaning.create == nullptr) continue;
    for (const auto& aspect : meaning.type->aspects) {
      auto tags = std::ranges::find(aspect.writes, Mode::add, &Write::mode);
      if (!aspect.tags || tags == aspect.writes.end()) continue;
      bool none = taken(*meaning.create, aspect, call.input, {}).is_null();
      auto actions = permissions_of(meaning.type->service, tags->op.name);
      if (none || actions.empty()) continue;
      ResourceRef made{call.account, call.region, meaning.type->name, "*"};
      out.emplace_back(actions.front().action, catalog.arn(at_home(*meaning.type, made)));
    }
  }
  return out;
}

std::vector<std::string> named_arns(const aws::Call& call, const Permission& permission, const Catalog& catalog,
                                    const ArnOf& arn_of) {
  if (auto told = told_otherwise(call, permission)) return std::move(*told);
  auto out = in_input(call, permission);
  if (out.empty()) out = described(call, permission, catalog, arn_of);
  return out.empty() ? called_as_keys(call, permission, catalog, arn_of) : out;
}

}  // namespace aright::cloud
