// Security groups: a set of rules, each with one source, and an id for each.
#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/cidr.h"
#include "cloud/effect.h"
#include "cloud/group_rules.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_group_hooks {

namespace {

constexpr std::size_t rules_max = 60;  // in one direction of one group
constexpr std::size_t rule_id_length = 17;

enum class Direction { ingress, egress };
constexpr std::array directions{Direction::ingress, Direction::egress};

std::string_view aspect_of(Direction direction) {
  return direction == Direction::ingress ? "SecurityGroupIngress" : "SecurityGroupEgress";
}

const cloud::Aspect& described(const Scene& scene, Direction direction) {
  return *scene.catalog.type(group_type)->aspect(aspect_of(direction));
}

// Where the source of a rule stands.
struct Source {
  const char *list, *member, *rule_member;
};
constexpr std::array sources{Source{"IpRanges", "CidrIp", "CidrIpv4"},
                             Source{"Ipv6Ranges", "CidrIpv6", "CidrIpv6"},
                             Source{"PrefixListIds", "PrefixListId", "PrefixListId"},
                             Source{"UserIdGroupPairs", "GroupId", "ReferencedGroupInfo"}};

const Source* source_of(const json::Value& rule) {
  auto found = std::ranges::find_if(sources, [&](const Source& source) {
    return !json::items(json::at(rule, source.list)).empty();
  });
  return found == sources.end() ? nullptr : &*found;
}
const json::Value& element_of(const json::Value& rule) {
  static const json::Value none;
  const auto* source = source_of(rule);
  return source == nullptr ? none : json::items(json::at(rule, source->list)).front();
}

// What makes it the same rule, as a text.
std::string key_of(const Scene& scene, Direction direction, const json::Value& rule) {
  auto side = direction == Direction::egress ? "out " : "in ";
  return side + json::canonical(cloud::identity(described(scene, direction), rule));
}

// A rule that came with an import has no id of its own yet: one is told from what it is. Of a group that a rehearsal
// found in the cloud below, that cloud's are known.
std::string rule_id(const Scene& scene, const Resource& group, Direction direction,
                    const json::Value& rule) {
  auto key = key_of(scene, direction, rule);
  const auto& known = json::at(group.internals, "rules");
  if (const auto& id = json::at(known, key); !id.is_null()) return json::text(id);
  for (const auto& shown : json::items(group.aspect("Rules")))
    if (cloud::is_rule_shown_as(rule, shown, direction == Direction::egress)) return json::text(shown, "SecurityGroupRuleId", "");
  return "sgr-" + to_hex(sha256(group.ref.id + key)).substr(0, rule_id_length);
}

void keep_id(const Scene& scene, Resource& group, Direction direction, const json::Value& rule,
             std::string id) {
  auto& known = group.internals["rules"];
  if (!known.is_object()) known = json::Object();
  known.get_object()[key_of(scene, direction, rule)] = std::move(id);
}

void forget_id(const Scene& scene, Resource& group, Direction direction, const json::Value& rule) {
  if (auto* known = group.internals["rules"].if_object())
    known->erase(key_of(scene, direction, rule));
}

// As DescribeSecurityGroupRules shows it.
json::Object shown_rule(const Scene& scene, const Resource& group, Direction direction,
                        const json::Value& rule) {
  constexpr int all_ports = -1;
  const auto& element = element_of(rule);
  const auto* source = source_of(rule);
  json::Object out{{"SecurityGroupRuleId", rule_id(scene, group, direction, rule)},
                   {"GroupId", group.ref.id},
                   {"GroupOwnerId", group.ref.account},
                   {"IsEgress", direction == Direction::egress},
                   {"IpProtocol", json::at(rule, "IpProtocol")},
                   {"FromPort", all_ports},
                   {"ToPort", all_ports},
                   {"Tags", json::Array()}};
  for (const auto* port : {"FromPort", "ToPort"})
    if (const auto& value = json::at(rule, port); !value.is_null()) out[port] = value;
  if (const auto& text = json::at(element, "Description"); !text.is_null())
    out["Description"] = text;
  if (source == nullptr) return out;
  if (source->member == std::string_view("GroupId"))
    out[source->rule_member] =
        json::Object{{"GroupId", json::at(element, "GroupId")}, {"UserId", group.ref.account}};
  else
    out[source->rule_member] = json::at(element, source->member);
  return out;
}

json::Array rules_of(const Scene& scene, const Resource& group, Direction direction) {
  return json::items(
      cloud::exploded(described(scene, direction), group.aspect(aspect_of(direction))));
}

json::Value normal_permission(const cloud::Aspect& aspect, const json::Value& given) {
  auto permission = json::members(cloud::masked(aspect, given));
  auto protocol = cloud::protocol_name(json::at(given, "IpProtocol"));
  permission["IpProtocol"] = protocol;
  if (protocol != "-1") return permission;
  permission.erase("FromPort");
  permission.erase("ToPort");
  return permission;
}

// The rules that an input names, however it names them: the flat parameters of old, ids, numbers of
// protocols.
Result<json::Object> normal_input(Scene& scene, const Resource& group, Direction direction) {
  json::Array permissions;
  for (const auto& permission : json::items(scene.input("IpPermissions")))
    permissions.push_back(normal_permission(described(scene, direction), permission));
  json::Object flat;
  for (const auto* name : {"IpProtocol", "FromPort", "ToPort"})
    if (const auto& value = scene.input(name); !value.is_null()) flat[name] = value;
  if (const auto& cidr = scene.input("CidrIp"); !cidr.is_null()) {
    flat["IpRanges"] = json::Array{json::Object{{"CidrIp", cidr}}};
    permissions.push_back(normal_permission(described(scene, direction), flat));
  }
  auto all = rules_of(scene, group, direction);
  for (const auto& id : json::items(scene.input("SecurityGroupRuleIds"))) {
    auto found = std::ranges::find_if(all, [&](const json::Value& rule) {
      return rule_id(scene, group, direction, rule) == json::text(id);
    });
    if (found == all.end())
      return fail(scene.error(
          "InvalidSecurityGroupRuleId.NotFound",
          fmt::format("The security group rule ID '{}' does not exist", json::text(id))));
    permissions.push_back(*found);
  }
  json::Object input{{"GroupId", group.ref.id}, {"IpPermissions", std::move(permissions)}};
  for (const auto* name : {"TagSpecifications", "DryRun"})
    if (const auto& value = scene.input(name); !value.is_null()) input[name] = value;
  return input;
}

// The group that the call names: by id, or by name in the default VPC.
Result<Resource*> named_group(Scene& scene) {
  if (auto id = scene.text("GroupId"); !id.empty()) return scene.need(group_type, id);
  auto name = scene.text("GroupName");
  if (name.empty())
    return fail(scene.error("MissingParameter",
                            "The request must contain the parameter groupName or groupId"));
  const auto* vpc = default_vpc(scene);
  if (const auto* group = vpc == nullptr ? nullptr : group_named(scene, vpc->ref.id, name))
    return &scene.world.edit(group->ref);
  return fail(
      scene.error("InvalidGroup.NotFound",
                  fmt::format("The security group '{}' does not exist in default VPC", name)));
}

Result<> check_source(Scene& scene, const json::Value& rule) {
  const auto& element = element_of(rule);
  auto v4 = json::text(element, "CidrIp", ""), v6 = json::text(element, "CidrIpv6", "");
  auto is_block = [](const std::string& text, bool six) {
    return text.empty() || (cloud::masked_cidr(text) && (text.find(':') != std::string::npos) == six);
  };
  if (!is_block(v4, false) || !is_block(v6, true))
    return fail(
        scene.error("InvalidParameterValue", fmt::format("CIDR block {} is malformed", v4 + v6)));
  const auto& groups = json::items(json::at(rule, "UserIdGroupPairs"));
  if (groups.empty()) return {};
  auto id = json::text(element, "GroupId", "");
  if (id.empty())
    return fail(scene.error("InvalidParameterValue",
                            "Groups are named by their ids outside of the default VPC"));
  auto known = scene.need(group_type, id);
  return known ? Result<>() : fail(known.error());
}

Result<> check_ports(Scene& scene, const json::Value& rule) {
  constexpr int port_max = 65535;
  auto protocol = json::text(rule, "IpProtocol", "");
  if (protocol.empty())
    return fail(
        scene.error("MissingParameter", "The request must contain the parameter ipProtocol"));
  if (protocol != "tcp" && protocol != "udp") return {};
  auto from = json::integer(json::at(rule, "FromPort"), -2),
       to = json::integer(json::at(rule, "ToPort"), -2);
  if (from == -2 || to == -2)
    return fail(scene.error(
        "InvalidParameterValue",
        "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."));
  if (from < 0 || to > port_max || from > to)
    return fail(scene.error("InvalidParameterValue",
                            fmt::format("Invalid TCP/UDP port range ({}:{})", from, to)));
  return {};
}

std::string spoken(const json::Value& rule) {
  const auto* source = source_of(rule);
  auto peer = source == nullptr ? std::string()
                                : json::scalar_text(json::at(element_of(rule), source->member));
  auto protocol = json::text(rule, "IpProtocol", "");
  if (protocol == "-1") return fmt::format("peer: {}, ALL, ALLOW", peer);
  for (char& c : protocol)
    c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return fmt::format("peer: {}, {}, from port: {}, to port: {}, ALLOW", peer, protocol,
                     json::scalar_text(json::at(rule, "FromPort")),
                     json::scalar_text(json::at(rule, "ToPort")));
}

json::Array asked_rules(const Scene& scene, Direction direction) {
  return json::items(cloud::exploded(described(scene, direction), scene.input("IpPermissions")));
}

bool among(const Scene& scene, Direction direction, const json::Array& rules,
           const json::Value& rule) {
  return std::ranges::any_of(rules, [&](const json::Value& other) {
    return key_of(scene, direction, other) == key_of(scene, direction, rule);
  });
}

// Without rules there is nothing to do, and AWS says so.
Result<json::Array> some_rules(Scene& scene, Direction direction) {
  auto rules = asked_rules(scene, direction);
  if (rules.empty())
    return fail(
        scene.error("MissingParameter",
                    "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided."));
  return rules;
}

Result<json::Object> authorize(Scene& scene, Direction direction) {
  auto* group = TRY(named_group(scene));
  auto input = TRY(normal_input(scene, *group, direction));
  if (input != scene.call.input) return scene.also("ec2", scene.call.operation, std::move(input));
  auto rules = TRY(some_rules(scene, direction));
  auto there = rules_of(scene, *group, direction);
  for (const auto& rule : rules) {
    CHECK_OK(check_ports(scene, rule));
    CHECK_OK(check_source(scene, rule));
    if (among(scene, direction, there, rule))
      return fail(
          scene.error("InvalidPermission.Duplicate",
                      fmt::format("the specified rule \"{}\" already exists", spoken(rule))));
    there.push_back(rule);
  }
  if (there.size() > rules_max)
    return fail(scene.error("RulesPerSecurityGroupLimitExceeded",
                            "The maximum number of rules per security group has been reached."));
  CHECK_OK(scene.by_description());
  json::Array shown;
  for (const auto& rule : rules) {
    keep_id(scene, *group, direction, rule, "sgr-" + scene.ids.hex(rule_id_length));
    shown.push_back(shown_rule(scene, *group, direction, rule));
  }
  return json::Object{{"Return", true}, {"SecurityGroupRules", std::move(shown)}};
}

Result<json::Object> revoke(Scene& scene, Direction direction) {
  auto* group = TRY(named_group(scene));
  auto input = TRY(normal_input(scene, *group, direction));
  if (input != scene.call.input) return scene.also("ec2", scene.call.operation, std::move(input));
  auto rules = TRY(some_rules(scene, direction));
  auto there = rules_of(scene, *group, direction);
  for (const auto& rule : rules)
    if (!among(scene, direction, there, rule))
      return fail(scene.error("InvalidPermission.NotFound"));
  CHECK_OK(scene.by_description());
  for (const auto& rule : rules)
    forget_id(scene, *group, direction, rule);
  return json::Object{{"Return", true}};
}

Result<json::Object> describe(Scene& scene, Direction direction) {
  auto* group = TRY(named_group(scene));
  json::Array named = json::items(scene.input("IpPermissions"));
  for (const auto& one : json::items(scene.input("SecurityGroupRuleDescriptions"))) {
    auto all = rules_of(scene, *group, direction);
    auto found = std::ranges::find_if(all, [&](const json::Value& rule) {
      return rule_id(scene, *group, direction, rule) == json::text(one, "SecurityGroupRuleId", "");
    });
    if (found == all.end()) return fail(scene.error("InvalidSecurityGroupRuleId.NotFound"));
    auto& element = found->as_object()[source_of(*found)->list].as_array().front().as_object();
    element["Description"] = json::at(one, "Description");
    named.push_back(*found);
  }
  json::Object input{{"GroupId", group->ref.id}};
  json::Array permissions;
  for (const auto& permission : named)
    permissions.push_back(normal_permission(described(scene, direction), permission));
  input["IpPermissions"] = std::move(permissions);
  if (input != scene.call.input) return scene.also("ec2", scene.call.operation, std::move(input));
  auto there = rules_of(scene, *group, direction);
  for (const auto& rule : TRY(some_rules(scene, direction)))
    if (!among(scene, direction, there, rule))
      return fail(scene.error("InvalidPermission.NotFound"));
  CHECK_OK(scene.by_description());
  return json::Object{{"Return", true}};
}

// Replaces the rule with this id, which it keeps; false when it is not of this direction.
Result<bool> modify(Scene& scene, Resource& group, Direction direction, const json::Value& update) {
  auto id = json::text(update, "SecurityGroupRuleId", "");
  auto rules = rules_of(scene, group, direction);
  auto found = std::ranges::find_if(
      rules, [&](const json::Value& rule) { return rule_id(scene, group, direction, rule) == id; });
  if (found == rules.end()) return false;
  forget_id(scene, group, direction, *found);
  rules.erase(found);
  auto rule = cloud::masked(described(scene, direction), cloud::requested_rule(json::at(update, "SecurityGroupRule")));
  CHECK_OK(check_ports(scene, rule));
  CHECK_OK(check_source(scene, rule));
  if (among(scene, direction, rules, rule))
    return fail(scene.error("InvalidPermission.Duplicate",
                            fmt::format("the specified rule \"{}\" already exists", spoken(rule))));
  keep_id(scene, group, direction, rule, id);
  rules.push_back(std::move(rule));
  group.set(aspect_of(direction), std::move(rules));
  return true;
}

Result<json::Object> modify_rules(Scene& scene) {
  auto* group = TRY(named_group(scene));
  for (const auto& update : json::items(scene.input("SecurityGroupRules"))) {
    bool known = false;
    for (auto direction : directions) {
      bool here = TRY(modify(scene, *group, direction, update));
      known = known || here;
    }
    if (!known)
      return fail(scene.error("InvalidSecurityGroupRuleId.NotFound",
                              fmt::format("The security group rule ID '{}' does not exist",
                                          json::text(update, "SecurityGroupRuleId", ""))));
  }
  return json::Object{{"Return", true}};
}

// The groups whose rules are asked for, each as a whole: a list knows no ids of rules.
std::vector<const Resource*> asked_groups(const Scene& scene) {
  std::vector<std::string> named;
  for (const auto& filter : json::items(scene.input("Filters")))
    if (json::text(filter, "Name", "") == "group-id") named = json::texts(json::at(filter, "Values"));
  if (named.empty())
    for (const auto* group : own(scene, group_type)) named.push_back(group->ref.id);
  std::vector<const Resource*> out;
  for (const auto& id : named)
    if (const auto* group = scene.find(group_type, id)) out.push_back(group);
  return out;
}

bool matches(const json::Value& filters, const json::Object& rule) {
  return std::ranges::all_of(json::items(filters), [&](const json::Value& filter) {
    auto name = json::text(filter, "Name", "");
    auto value = name == "group-id"                 ? json::text(rule, "GroupId")
                 : name == "security-group-rule-id" ? json::text(rule, "SecurityGroupRuleId")
                                                    : "";
    auto values = json::texts(json::at(filter, "Values"));
    return std::ranges::find(values, value) != values.end();
  });
}

Result<json::Object> describe_rules(Scene& scene) {
  json::Array out;
  auto wanted = json::texts(scene.input("SecurityGroupRuleIds"));
  for (const auto* group : asked_groups(scene)) {
    for (auto direction : directions) {
      for (const auto& rule : rules_of(scene, *group, direction)) {
        auto shown = shown_rule(scene, *group, direction, rule);
        auto id = json::text(shown, "SecurityGroupRuleId");
        if (!wanted.empty() && std::ranges::find(wanted, id) == wanted.end()) continue;
        if (matches(scene.input("Filters"), shown)) out.push_back(std::move(shown));
      }
    }
  }
  if (out.size() < wanted.size())
    return fail(scene.error(
        "InvalidSecurityGroupRuleId.NotFound",
        fmt::format("The security group rule IDs '{}' do not all exist", fmt::join(wanted, ", "))));
  return json::Object{{"SecurityGroupRules", std::move(out)}};
}

Result<json::Object> create_group(Scene& scene) {
  auto name = scene.text("GroupName"), vpc_id = scene.text("VpcId");
  if (name == "default")
    return fail(
        scene.error("InvalidParameterValue", "Cannot use reserved security group name: default"));
  if (name.starts_with("sg-"))
    return fail(
        scene.error("InvalidParameterValue",
                    fmt::format("Invalid group name '{}'. It may not start with 'sg-'.", name)));
  if (vpc_id.empty()) {
    const auto* vpc = default_vpc(scene);
    if (vpc == nullptr) return fail(scene.error("VPCIdNotSpecified"));
    auto input = scene.call.input;
    input["VpcId"] = vpc->ref.id;
    return scene.also("ec2", "CreateSecurityGroup", std::move(input));
  }
  CHECK_OK(scene.need(vpc_type, vpc_id));
  if (group_named(scene, vpc_id, name) != nullptr) return fail(scene.error("InvalidGroup.Duplicate"));
  auto output = TRY(scene.by_description());
  number_rules(scene, scene.world.edit(scene.created.back()));
  return output;
}

Result<> fill_permissions(Scene&, json::Object& output) {
  auto& groups = output["SecurityGroups"];
  const std::vector<std::string_view> directions{"IpPermissions", "IpPermissionsEgress"};
  fill_lists(groups, directions);
  if (!groups.is_array()) return {};
  for (auto& group : groups.get_array())
    for (auto member : directions)
      fill_lists(group.as_object()[member], {"IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"});
  return {};
}

bool refers_to(const Scene& scene, const Resource& group, std::string_view id) {
  return std::ranges::any_of(directions, [&](Direction direction) {
    auto rules = rules_of(scene, group, direction);
    return std::ranges::any_of(rules, [&](const json::Value& rule) {
      return json::text(element_of(rule), "GroupId", "") == id;
    });
  });
}

Result<json::Object> delete_group(Scene& scene) {
  if (!scene.text("GroupId").empty()) return scene.by_description();
  auto* group = TRY(named_group(scene));
  return scene.also("ec2", "DeleteSecurityGroup", {{"GroupId", group->ref.id}});
}

Result<> check_delete(Scene& scene) {
  auto* group = TRY(named_group(scene));
  const auto& id = group->ref.id;
  if (json::text(group->aspect("GroupName")) == "default")
    return fail(scene.error(
        "CannotDelete",
        fmt::format("the specified group: \"{}\" name: \"default\" cannot be deleted by a user",
                    id)));
  bool used = !users_of_group(scene, id).empty() ||
              std::ranges::any_of(own(scene, group_type), [&](const Resource* other) {
                return other->ref.id != id && refers_to(scene, *other, id);
              });
  if (used)
    return fail(
        scene.error("DependencyViolation", fmt::format("resource {} has a dependent object", id)));
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  using enum Direction;
  hooks.emulate("ec2:AuthorizeSecurityGroupIngress",
                [](Scene& scene) { return authorize(scene, ingress); });
  hooks.emulate("ec2:AuthorizeSecurityGroupEgress",
                [](Scene& scene) { return authorize(scene, egress); });
  hooks.emulate("ec2:RevokeSecurityGroupIngress",
                [](Scene& scene) { return revoke(scene, ingress); });
  hooks.emulate("ec2:RevokeSecurityGroupEgress",
                [](Scene& scene) { return revoke(scene, egress); });
  hooks.emulate("ec2:UpdateSecurityGroupRuleDescriptionsIngress",
                [](Scene& scene) { return describe(scene, ingress); });
  hooks.emulate("ec2:UpdateSecurityGroupRuleDescriptionsEgress",
                [](Scene& scene) { return describe(scene, egress); });
  hooks.emulate("ec2:ModifySecurityGroupRules", modify_rules);
  hooks.emulate("ec2:DescribeSecurityGroupRules", describe_rules);
  hooks.emulate("ec2:CreateSecurityGroup", create_group);
  hooks.check("ec2:DeleteSecurityGroup", check_delete);
  hooks.emulate("ec2:DeleteSecurityGroup", delete_group);
  hooks.finish("ec2:DescribeSecurityGroups", fill_permissions);
}

}  // namespace aright::sandbox::ec2_group_hooks

namespace aright::sandbox {

void number_rules(Scene& scene, Resource& group) {
  for (auto direction : ec2_group_hooks::directions)
    for (const auto& rule : ec2_group_hooks::rules_of(scene, group, direction))
      ec2_group_hooks::keep_id(scene, group, direction, rule, "sgr-" + scene.ids.hex(ec2_group_hooks::rule_id_length));
}

Result<> check_groups(Scene& scene, const json::Value& group_ids, std::string_view vpc_id) {
  for (const auto& id : json::items(group_ids)) {
    auto* group = TRY(scene.need(group_type, json::text(id)));
    if (json::text(group->aspect("VpcId")) != vpc_id)
      return fail(scene.error("InvalidGroup.NotFound",
                              fmt::format("The security group '{}' does not exist in VPC '{}'",
                                          json::text(id), vpc_id)));
  }
  return {};
}

json::Array group_identifiers(const Scene& scene, const json::Value& group_ids) {
  json::Array out;
  for (const auto& id : json::items(group_ids)) {
    json::Object one{{"GroupId", id}};
    if (const auto* group = scene.find(group_type, json::text(id)))
      one["GroupName"] = group->aspect("GroupName");
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace aright::sandbox
