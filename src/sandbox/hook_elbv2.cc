// Load balancers of the second kind: their ARNs, where they stand, what their listeners and rules
// refer to.
#include <algorithm>
#include <array>
#include <set>

#include "aws/client.h"
#include "base/text.h"
#include "cloud/needs.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::elbv2_hooks {

namespace {

constexpr std::string_view balancer_type = "AWS::ElasticLoadBalancingV2::LoadBalancer";
constexpr std::string_view listener_type = "AWS::ElasticLoadBalancingV2::Listener";
constexpr std::string_view rule_type = "AWS::ElasticLoadBalancingV2::ListenerRule";
constexpr std::string_view target_group_type = "AWS::ElasticLoadBalancingV2::TargetGroup";

constexpr std::size_t id_length = 16;
constexpr std::size_t subnets_min = 2;  // of an application load balancer
constexpr int port_max = 65535;

const json::Value& attribute(const Resource& balancer, std::string_view key) {
  static const json::Value none;
  for (const auto& one : json::items(balancer.aspect("LoadBalancerAttributes")))
    if (json::text(one, "Key", "") == key) return json::at(one, "Value");
  return none;
}

json::Array asked_subnets(const Scene& scene) {
  auto subnets = json::items(scene.input("Subnets"));
  for (const auto& mapping : json::items(scene.input("SubnetMappings")))
    subnets.push_back(json::at(mapping, "SubnetId"));
  return subnets;
}

struct Place {
  std::string vpc_id;
  json::Array zones;
};

// Where the subnets are; an application load balancer needs two, in different zones.
Result<Place> place_of(Scene& scene, const json::Array& subnets, bool application) {
  Place place;
  std::set<std::string> zones;
  for (const auto& id : subnets) {
    const auto* subnet = scene.find(subnet_type, json::text(id));
    if (subnet == nullptr)
      return fail(scene.error("SubnetNotFound",
                              fmt::format("The subnet ID '{}' does not exist", json::text(id))));
    place.vpc_id = json::text(subnet->aspect("VpcId"));
    zones.insert(json::text(subnet->aspect("AvailabilityZone")));
    place.zones.push_back(json::Object{{"ZoneName", subnet->aspect("AvailabilityZone")},
                                       {"SubnetId", subnet->ref.id},
                                       {"LoadBalancerAddresses", json::Array()}});
  }
  if (application && zones.size() < subnets_min)
    return fail(
        scene.error("ValidationError",
                    "At least two subnets in two different Availability Zones must be specified"));
  return place;
}

Result<json::Object> create_balancer(Scene& scene) {
  auto name = scene.text("Name"), type = scene.text("Type", "application");
  for (const auto* one : own(scene, balancer_type)) {
    if (json::text(one->aspect("Name")) != name) continue;
    if (json::text(one->aspect("Type")) != type)
      return fail(scene.error("DuplicateLoadBalancerName"));
    return json::Object{{"LoadBalancers", json::Array{scene.shown(*one)}}};
  }
  bool application = type == "application";
  auto place = TRY(place_of(scene, asked_subnets(scene), application));
  if (application) CHECK_OK(check_groups(scene, scene.input("SecurityGroups"), place.vpc_id));
  auto id = fmt::format("arn:{}:elasticloadbalancing:{}:{}:loadbalancer/{}/{}/{}",
                        aws::partition_of(scene.call.region), scene.call.region, scene.call.account,
                        cloud::load_balancer_kind(type), name, scene.ids.hex(id_length));
  auto* made = TRY(scene.create(balancer_type, id));
  made->set("VpcId", json::Value(place.vpc_id));
  json::Array subnets;
  for (const auto& zone : place.zones)
    subnets.push_back(json::at(zone, "SubnetId"));
  made->set("Subnets", std::move(subnets));
  made->set("DNSName", json::Value(fmt::format("{}-{}.{}.elb.amazonaws.com", name,
                                               scene.ids.digits(10), scene.call.region)));
  if (application && made->aspect("SecurityGroups").is_null())
    if (const auto* group = default_group(scene, place.vpc_id))
      made->set("SecurityGroups", json::Array{json::Value(group->ref.id)});
  if (!application) {
    json::Array kept;
    for (const auto& one : json::items(made->aspect("LoadBalancerAttributes")))
      if (!json::text(one, "Key", "").starts_with("routing.http") &&
          !json::text(one, "Key", "").starts_with("idle_timeout"))
        kept.push_back(
            json::text(one, "Key", "") == "load_balancing.cross_zone.enabled"
                ? json::Value(json::Object{{"Key", json::at(one, "Key")}, {"Value", "false"}})
                : one);
    made->set("LoadBalancerAttributes", std::move(kept));
  }
  return json::Object{{"LoadBalancers", json::Array{scene.shown(*made)}}};
}

json::Value balancer_zones(const Scene& scene, const Resource& balancer) {
  json::Array zones;
  for (const auto& id : json::items(balancer.aspect("Subnets"))) {
    json::Object zone{{"SubnetId", id}};
    if (const auto* subnet = scene.find(subnet_type, json::text(id)))
      zone["ZoneName"] = subnet->aspect("AvailabilityZone");
    zones.push_back(std::move(zone));
  }
  return zones.empty() ? json::Value() : json::Value(std::move(zones));
}

Result<> check_delete_balancer(Scene& scene) {
  auto* balancer = TRY(scene.need(balancer_type, scene.text("LoadBalancerArn")));
  if (attribute(*balancer, "deletion_protection.enabled") == json::Value("true"))
    return fail(scene.error("OperationNotPermitted", "", balancer));
  for (std::string_view type : {listener_type, rule_type}) {
    for (const auto* one : own(scene, type)) {
      auto path = balancer->ref.id.substr(balancer->ref.id.find("loadbalancer/") +
                                          std::string("loadbalancer/").size());
      if (one->ref.id.contains("/" + path + "/")) scene.erase(cloud::ResourceRef(one->ref));
    }
  }
  return {};
}

// Whether load balancers have an attribute of this name.
bool knows_attribute(const Scene& scene, std::string_view key) {
  const auto* described = scene.catalog.type(balancer_type)->aspect("LoadBalancerAttributes");
  return std::ranges::any_of(json::items(*described->initial), [&](const json::Value& one) {
    return json::text(one, "Key", "") == key;
  });
}

Result<> check_attributes(Scene& scene) {
  auto* balancer = TRY(scene.need(balancer_type, scene.text("LoadBalancerArn")));
  auto bucket = json::text(attribute(*balancer, "access_logs.s3.bucket"));
  bool logs = false;
  for (const auto& one : json::items(scene.input("Attributes"))) {
    auto key = json::text(one, "Key", "");
    if (!knows_attribute(scene, key))
      return fail(
          scene.error("ValidationError",
                      fmt::format("Load balancer attribute key '{}' is not recognized", key)));
    if (key == "access_logs.s3.bucket") bucket = json::text(one, "Value", "");
    if (key == "access_logs.s3.enabled") logs = json::text(one, "Value", "") == "true";
  }
  if (!logs) return {};
  if (bucket.empty())
    return fail(scene.error("InvalidConfigurationRequest",
                            "Access logs need a bucket: access_logs.s3.bucket is not set"));
  if (scene.find("AWS::S3::Bucket", bucket) != nullptr) return {};
  return fail(scene.error(
      "InvalidConfigurationRequest",
      fmt::format("Access Denied for bucket: {}. Please check S3bucket permission", bucket)));
}

Result<> check_security_groups(Scene& scene) {
  auto* balancer = TRY(scene.need(balancer_type, scene.text("LoadBalancerArn")));
  return check_groups(scene, scene.input("SecurityGroups"), json::text(balancer->aspect("VpcId")));
}

// The target groups that actions forward to.
std::vector<std::string> forwarded_to(const json::Value& actions) {
  std::vector<std::string> out;
  for (const auto& action : json::items(actions)) {
    if (auto one = json::text(action, "TargetGroupArn", ""); !one.empty()) out.push_back(one);
    for (const auto& group : json::items(json::at(action, {"ForwardConfig", "TargetGroups"})))
      out.push_back(json::text(group, "TargetGroupArn", ""));
  }
  return out;
}

Result<> check_actions(Scene& scene, const json::Value& actions) {
  for (const auto& group : forwarded_to(actions))
    CHECK_OK(scene.need(target_group_type, group));
  return {};
}

Result<> check_listener(Scene& scene, std::string_view balancer, std::string_view itself,
                        const std::string& protocol) {
  auto port = json::integer(scene.input("Port"), 1);
  if (port < 1 || port > port_max)
    return fail(scene.error("ValidationError", fmt::format("'{}' is not a valid port", port)));
  for (const auto* one : own(scene, listener_type))
    if (one->ref.id != itself && json::text(one->aspect("LoadBalancerArn")) == balancer &&
        one->aspect("Port") == scene.input("Port"))
      return fail(scene.error("DuplicateListener"));
  bool secure = protocol == "HTTPS" || protocol == "TLS";
  if (secure && json::items(scene.input("Certificates")).empty() && itself.empty())
    return fail(
        scene.error("CertificateNotFound",
                    fmt::format("A certificate must be specified for {} listeners", protocol)));
  return check_actions(scene, scene.input("DefaultActions"));
}

Result<> check_create_listener(Scene& scene) {
  CHECK_OK(scene.need(balancer_type, scene.text("LoadBalancerArn")));
  return check_listener(scene, scene.text("LoadBalancerArn"), "", scene.text("Protocol"));
}

Result<> check_modify_listener(Scene& scene) {
  auto* listener = TRY(scene.need(listener_type, scene.text("ListenerArn")));
  return check_listener(scene, json::text(listener->aspect("LoadBalancerArn")), listener->ref.id,
                        "");
}

Result<> finish_listener(Scene& scene, json::Object& output) {
  auto& listener = scene.world.edit(scene.created.front());
  bool secure = json::text(listener.aspect("Protocol")) == "HTTPS" ||
                json::text(listener.aspect("Protocol")) == "TLS";
  if (secure && listener.aspect("SslPolicy").is_null())
    listener.set("SslPolicy", "ELBSecurityPolicy-2016-08");
  output["Listeners"] = json::Array{scene.shown(listener)};
  return {};
}

Result<> check_priority(Scene& scene, std::string_view listener, const json::Value& priority,
                        std::string_view itself) {
  auto path = listener.substr(listener.find("listener/") + std::string_view("listener/").size());
  for (const auto* one : own(scene, rule_type))
    if (one->ref.id != itself && one->ref.id.contains(fmt::format("listener-rule/{}/", path)) &&
        json::scalar_text(one->aspect("Priority")) == json::scalar_text(priority))
      return fail(scene.error("PriorityInUse", fmt::format("Priority '{}' is currently in use",
                                                           json::scalar_text(priority))));
  return {};
}

Result<> check_create_rule(Scene& scene) {
  CHECK_OK(scene.need(listener_type, scene.text("ListenerArn")));
  CHECK_OK(check_priority(scene, scene.text("ListenerArn"), scene.input("Priority"), ""));
  return check_actions(scene, scene.input("Actions"));
}

Result<> check_modify_rule(Scene& scene) {
  CHECK_OK(scene.need(rule_type, scene.text("RuleArn")));
  return check_actions(scene, scene.input("Actions"));
}

Result<> finish_rule(Scene& scene, json::Object& output) {
  auto& rule = scene.world.edit(scene.created.front());
  rule.set("Priority", json::Value(json::scalar_text(rule.aspect("Priority"))));
  output["Rules"] = json::Array{scene.shown(rule)};
  return {};
}

// Its ARN says which listener a rule is of.
Result<> finish_describe_rules(Scene& scene, json::Object& output) {
  auto listener = scene.text("ListenerArn");
  if (listener.empty()) return {};
  CHECK_OK(scene.need(listener_type, listener));
  auto path = listener.substr(listener.find("listener/") + std::string("listener/").size());
  json::Array rules;
  for (const auto& rule : json::items(json::at(output, "Rules")))
    if (json::text(rule, "RuleArn", "").contains("listener-rule/" + path + "/")) rules.push_back(rule);
  output["Rules"] = std::move(rules);
  return {};
}

Result<json::Object> set_priorities(Scene& scene) {
  json::Array shown;
  for (const auto& one : json::items(scene.input("RulePriorities"))) {
    auto* rule = TRY(scene.need(rule_type, json::text(one, "RuleArn", "")));
    rule->set("Priority", json::Value(json::scalar_text(json::at(one, "Priority"))));
    shown.push_back(scene.shown(*rule));
  }
  return json::Object{{"Rules", std::move(shown)}};
}

Result<> check_target_group(Scene& scene) {
  for (const auto* one : own(scene, target_group_type))
    if (one->aspect("Name") == scene.input("Name"))
      return fail(scene.error("DuplicateTargetGroupName"));
  bool lambda = scene.text("TargetType") == "lambda";
  if (lambda) return {};
  for (const auto* member : {"Protocol", "Port", "VpcId"})
    if (scene.input(member).is_null())
      return fail(
          scene.error("ValidationError", fmt::format("A {} must be specified", lower(member))));
  if (scene.find(vpc_type, scene.text("VpcId")) != nullptr) return {};
  return fail(scene.error("ValidationError",
                          fmt::format("The VPC ID '{}' is not found", scene.text("VpcId"))));
}

// The load balancers whose listeners and rules forward to it.
json::Value balancers_of(const Scene& scene, const Resource& group) {
  std::set<std::string> found;
  for (const auto* listener : own(scene, listener_type)) {
    auto groups = forwarded_to(listener->aspect("DefaultActions"));
    if (std::ranges::find(groups, group.ref.id) != groups.end())
      found.insert(json::text(listener->aspect("LoadBalancerArn")));
  }
  for (const auto* rule : own(scene, rule_type)) {
    auto groups = forwarded_to(rule->aspect("Actions"));
    if (std::ranges::find(groups, group.ref.id) == groups.end()) continue;
    for (const auto* listener : own(scene, listener_type)) {
      auto path = listener->ref.id.substr(listener->ref.id.find("listener/") +
                                          std::string("listener/").size());
      if (rule->ref.id.contains(path))
        found.insert(json::text(listener->aspect("LoadBalancerArn")));
    }
  }
  json::Array out;
  for (const auto& arn : found)
    out.emplace_back(arn);
  return out;
}

Result<> check_delete_target_group(Scene& scene) {
  auto* group = TRY(scene.need(target_group_type, scene.text("TargetGroupArn")));
  if (json::items(balancers_of(scene, *group)).empty()) return {};
  return fail(scene.error("ResourceInUse", "", group));
}

Result<json::Object> describe_health(Scene& scene) {
  auto* group = TRY(scene.need(target_group_type, scene.text("TargetGroupArn")));
  bool used = !json::items(balancers_of(scene, *group)).empty();
  json::Array out;
  for (const auto& target : json::items(group->aspect("Targets"))) {
    auto shown = json::members(target);
    if (!shown.contains("Port")) shown["Port"] = group->aspect("Port");
    json::Object health{{"State", used ? "healthy" : "unused"}};
    if (!used) health["Reason"] = "Target.NotInUse";
    out.push_back(json::Object{{"Target", std::move(shown)},
                               {"HealthCheckPort", json::scalar_text(group->aspect("Port"))},
                               {"TargetHealth", std::move(health)}});
  }
  return json::Object{{"TargetHealthDescriptions", std::move(out)}};
}

Result<json::Object> describe_policies(Scene& scene) {
  constexpr std::array policies{"ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS-1-2-2017-01",
                                "ELBSecurityPolicy-TLS13-1-2-2021-06",
                                "ELBSecurityPolicy-TLS13-1-3-2021-06"};
  json::Array out;
  auto asked = json::texts(scene.input("Names"));
  for (const std::string name : policies)
    if (asked.empty() || std::ranges::find(asked, name) != asked.end())
      out.push_back(json::Object{{"Name", name}});
  return json::Object{{"SslPolicies", std::move(out)}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("elbv2:CreateLoadBalancer", create_balancer);
  hooks.emulate("elbv2:DescribeSSLPolicies", describe_policies);
  hooks.emulate("elbv2:DescribeTargetHealth", describe_health);
  hooks.emulate("elbv2:SetRulePriorities", set_priorities);
  hooks.check("elbv2:CreateListener", check_create_listener);
  hooks.finish("elbv2:CreateListener", finish_listener);
  hooks.check("elbv2:ModifyListener", check_modify_listener);
  hooks.check("elbv2:CreateRule", check_create_rule);
  hooks.finish("elbv2:CreateRule", finish_rule);
  hooks.finish("elbv2:DescribeRules", finish_describe_rules);
  hooks.check("elbv2:ModifyRule", check_modify_rule);
  hooks.check("elbv2:CreateTargetGroup", check_target_group);
  hooks.check("elbv2:DeleteTargetGroup", check_delete_target_group);
  hooks.check("elbv2:DeleteLoadBalancer", check_delete_balancer);
  hooks.check("elbv2:ModifyLoadBalancerAttributes", check_attributes);
  hooks.check("elbv2:SetSecurityGroups", check_security_groups);
  hooks.derive("AWS::ElasticLoadBalancingV2::LoadBalancer/Subnets", balancer_zones);
  hooks.derive("AWS::ElasticLoadBalancingV2::TargetGroup/LoadBalancerArns", balancers_of);
}

}  // namespace aright::sandbox::elbv2_hooks
