// Classic load balancers: what they refer to, and the policies of their listeners.
#include <algorithm>

#include "sandbox/ec2.h"

namespace aright::sandbox::elb_hooks {

namespace {

constexpr std::string_view balancer_type = "AWS::ElasticLoadBalancing::LoadBalancer";

Result<Resource*> named_balancer(Scene& scene) {
  return scene.need(balancer_type, scene.text("LoadBalancerName"));
}

Result<> check_subnets(Scene& scene) {
  for (const auto& id : json::items(scene.input("Subnets")))
    if (scene.find(subnet_type, json::text(id)) == nullptr)
      return fail(scene.error("SubnetNotFound",
                              fmt::format("The subnet ID '{}' does not exist", json::text(id))));
  return {};
}

Result<> check_ports(Scene& scene, const json::Value& existing) {
  for (const auto& listener : json::items(scene.input("Listeners"))) {
    auto protocol = json::text(listener, "Protocol", "");
    bool secure = protocol == "HTTPS" || protocol == "SSL";
    if (secure && json::at(listener, "SSLCertificateId").is_null())
      return fail(scene.error("CertificateNotFound",
                              fmt::format("A certificate is needed for {} listeners", protocol)));
    for (const auto& other : json::items(existing))
      if (json::at(other, "LoadBalancerPort") == json::at(listener, "LoadBalancerPort") &&
          other != listener)
        return fail(scene.error("DuplicateListener"));
  }
  return {};
}

Result<> check_create(Scene& scene) {
  if (scene.input("Subnets").is_null() && scene.input("AvailabilityZones").is_null())
    return fail(
        scene.error("ValidationError", "Either AvailabilityZones or SubnetIds must be specified"));
  CHECK_OK(check_subnets(scene));
  return check_ports(scene, nullptr);
}

Result<> finish_create(Scene& scene, json::Object&) {
  auto* balancer = TRY(named_balancer(scene));
  json::Array zones = json::items(balancer->aspect("AvailabilityZones"));
  for (const auto& id : json::items(balancer->aspect("Subnets"))) {
    const auto* subnet = scene.find(subnet_type, json::text(id));
    balancer->set("VPCId", subnet->aspect("VpcId"));
    if (std::ranges::find(zones, subnet->aspect("AvailabilityZone")) == zones.end())
      zones.push_back(subnet->aspect("AvailabilityZone"));
  }
  balancer->set("AvailabilityZones", std::move(zones));
  return {};
}

Result<> check_listeners(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  return check_ports(scene, balancer->aspect("Listeners"));
}

Result<> check_instances(Scene& scene) {
  for (const auto& one : json::items(scene.input("Instances")))
    if (scene.find(instance_type, json::text(one, "InstanceId", "")) == nullptr)
      return fail(scene.error("InvalidInstance", fmt::format("Could not find EC2 instance {}.",
                                                             json::text(one, "InstanceId", ""))));
  return {};
}

Result<json::Object> describe_health(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  json::Array out;
  for (const auto& one : json::items(balancer->aspect("Instances"))) {
    auto id = json::text(one, "InstanceId", "");
    const auto* instance = scene.find(instance_type, id);
    bool runs =
        instance != nullptr && json::text(scene.value(*instance, "State"), "Name", "") == "running";
    out.push_back(json::Object{{"InstanceId", id},
                               {"State", runs ? "InService" : "OutOfService"},
                               {"ReasonCode", runs ? "N/A" : "Instance"},
                               {"Description", runs ? "N/A" : "Instance is not running."}});
  }
  return json::Object{{"InstanceStates", std::move(out)}};
}

json::Value& policies_of(Resource& balancer) {
  auto& policies = balancer.internals["policies"];
  if (!policies.is_object()) policies = json::Object();
  return policies;
}

Result<json::Object> create_policy(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  auto& policies = policies_of(*balancer).get_object();
  auto name = scene.text("PolicyName");
  if (policies.contains(name)) return fail(scene.error("DuplicatePolicyName"));
  json::Array attributes;
  for (const auto& one : json::items(scene.input("PolicyAttributes")))
    attributes.push_back(json::Object{{"AttributeName", json::at(one, "AttributeName")},
                                      {"AttributeValue", json::at(one, "AttributeValue")}});
  policies[name] = json::Object{{"PolicyName", name},
                                {"PolicyTypeName", scene.text("PolicyTypeName")},
                                {"PolicyAttributeDescriptions", std::move(attributes)}};
  return json::Object();
}

Result<json::Object> delete_policy(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  policies_of(*balancer).get_object().erase(scene.text("PolicyName"));
  return json::Object();
}

Result<json::Object> describe_policies(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  json::Array out;
  for (const auto& [name, policy] : policies_of(*balancer).get_object()) {
    auto asked = json::texts(scene.input("PolicyNames"));
    if (asked.empty() || std::ranges::find(asked, name) != asked.end()) out.push_back(policy);
  }
  return json::Object{{"PolicyDescriptions", std::move(out)}};
}

// The listener on a port, as the aspect holds it.
Result<json::Object*> listener_on(Scene& scene, json::Array& listeners) {
  for (auto& listener : listeners)
    if (json::at(listener, "LoadBalancerPort") == scene.input("LoadBalancerPort"))
      return &listener.as_object();
  return fail(scene.error("ListenerNotFound"));
}

Result<json::Object> set_certificate(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  auto listeners = json::items(balancer->aspect("Listeners"));
  auto* listener = TRY(listener_on(scene, listeners));
  (*listener)["SSLCertificateId"] = scene.input("SSLCertificateId");
  balancer->set("Listeners", std::move(listeners));
  return json::Object();
}

Result<json::Object> set_policies(Scene& scene) {
  auto* balancer = TRY(named_balancer(scene));
  auto listeners = json::items(balancer->aspect("Listeners"));
  auto* listener = TRY(listener_on(scene, listeners));
  for (const auto& name : json::texts(scene.input("PolicyNames")))
    if (!policies_of(*balancer).get_object().contains(name))
      return fail(
          scene.error("PolicyNotFound", fmt::format("There is no policy with name {}", name)));
  auto& used = balancer->internals["listener_policies"];
  if (!used.is_object()) used = json::Object();
  used.get_object()[json::scalar_text(json::at(*listener, "LoadBalancerPort"))] =
      scene.input("PolicyNames");
  return json::Object();
}

// Views show each listener with the names of its policies.
json::Value shown_listeners(const Scene&, const Resource& balancer) {
  json::Array out;
  for (const auto& listener : json::items(balancer.aspect("Listeners"))) {
    auto port = json::scalar_text(json::at(listener, "LoadBalancerPort"));
    out.push_back(json::Object{
        {"Listener", listener},
        {"PolicyNames",
         json::items(json::at(json::at(balancer.internals, "listener_policies"), port))}});
  }
  return out.empty() ? json::Value() : json::Value(std::move(out));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("elb:CreateLoadBalancer", check_create);
  hooks.finish("elb:CreateLoadBalancer", finish_create);
  hooks.check("elb:AttachLoadBalancerToSubnets", check_subnets);
  hooks.check("elb:CreateLoadBalancerListeners", check_listeners);
  hooks.check("elb:RegisterInstancesWithLoadBalancer", check_instances);
  hooks.emulate("elb:DescribeInstanceHealth", describe_health);
  hooks.emulate("elb:CreateLoadBalancerPolicy", create_policy);
  hooks.emulate("elb:DeleteLoadBalancerPolicy", delete_policy);
  hooks.emulate("elb:DescribeLoadBalancerPolicies", describe_policies);
  hooks.emulate("elb:SetLoadBalancerListenerSSLCertificate", set_certificate);
  hooks.emulate("elb:SetLoadBalancerPoliciesOfListener", set_policies);
  hooks.derive("AWS::ElasticLoadBalancing::LoadBalancer/Listeners", shown_listeners);
}

}  // namespace aright::sandbox::elb_hooks
