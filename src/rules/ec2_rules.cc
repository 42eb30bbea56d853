// What Config's managed rules say about security groups and instances, and one rule of our own.

#include <algorithm>
#include <set>

#include "base/text.h"
#include "rules/judge.h"

namespace aright::rules {

namespace {

constexpr int ssh_port = 22;

struct Ports {
  std::int64_t first, last;

  bool hold(std::int64_t port) const { return first <= port && port <= last; }
  std::string text() const { return first == last ? std::to_string(first) : fmt::format("{}-{}", first, last); }
};

bool from_everywhere(const json::Value& rule) {
  return json::text(rule, "CidrIp", "") == "0.0.0.0/0" || json::text(rule, "CidrIpv6", "") == "::/0";
}

// The TCP ports that a rule opens; none when it is about another protocol.
std::optional<Ports> tcp_ports(const json::Value& rule) {
  auto protocol = json::text(rule, "IpProtocol", "");
  if (protocol == "-1") return Ports{0, 65535};
  if (protocol != "tcp" && protocol != "6") return std::nullopt;
  auto first = json::integer(json::at(rule, "FromPort"), 0);
  if (first == -1) return Ports{0, 65535};
  return Ports{first, json::integer(json::at(rule, "ToPort"), 65535)};
}

Evaluation judge_ports(const Subject& subject, const std::set<std::int64_t>& blocked) {
  if (auto blind = unreadable(subject.resource, {"SecurityGroupIngress"})) return *blind;
  std::vector<std::string> open;
  for (const auto& rule : json::items(json::at(subject.resource.properties, "SecurityGroupIngress"))) {
    auto ports = tcp_ports(rule);
    if (!ports || !from_everywhere(rule)) continue;
    for (auto port : blocked) {
      if (!ports->hold(port)) continue;
      auto source = json::text(rule, "CidrIp", json::text(rule, "CidrIpv6", ""));
      open.push_back(fmt::format("port {} (rule for {}) from {}", port, ports->text(), source));
    }
  }
  if (open.empty()) return compliant("No blocked port is open to the world.");
  return non_compliant(fmt::format("Open to the world: {}.", fmt::join(open, ", ")));
}

Evaluation judge_ssh(const Subject& subject, const json::Object&) { return judge_ports(subject, {ssh_port}); }

// blockedPort1 … blockedPort5, and the newer blockedPorts with a list.
Evaluation judge_common_ports(const Subject& subject, const json::Object& parameters) {
  std::set<std::int64_t> blocked;
  for (const auto& [key, value] : parameters) {
    if (!std::string_view(key).starts_with("blockedPort")) continue;
    for (const auto& text : split(json::scalar_text(value), ',')) {
      auto port = json::integer(json::Value(trim(text)), -1);
      if (port < 0 || port > 65535)
        return insufficient(fmt::format("The parameter {} is no port: {}.", std::string_view(key), text));
      blocked.insert(port);
    }
  }
  return judge_ports(subject, blocked);
}

// The ports that a rule opens of one protocol; none when it is about another one.
std::optional<Ports> ports_of(const json::Value& rule, std::string_view protocol) {
  if (protocol == "tcp") return tcp_ports(rule);
  auto named = json::text(rule, "IpProtocol", "");
  if (named == "-1") return Ports{0, 65535};
  if (named != "udp" && named != "17") return std::nullopt;
  return Ports{json::integer(json::at(rule, "FromPort"), 0), json::integer(json::at(rule, "ToPort"), 65535)};
}

// The first port of the range that none of these ranges holds.
std::optional<std::int64_t> first_outside(Ports ports, const json::Value& ranges) {
  for (auto port = ports.first; port <= ports.last;) {
    std::int64_t next = port;
    for (const auto& range : json::items(ranges)) {
      Ports held{json::integer(json::at(range, "From"), 0), json::integer(json::at(range, "To"), -1)};
      if (held.hold(port)) next = std::max(next, held.last + 1);
    }
    if (next == port) return port;
    port = next;
  }
  return std::nullopt;
}

Evaluation judge_authorized_ports(const Subject& subject, const json::Object& parameters) {
  if (auto blind = unreadable(subject.resource, {"SecurityGroupIngress"})) return *blind;
  std::vector<std::string> open;
  for (const auto& rule : json::items(json::at(subject.resource.properties, "SecurityGroupIngress"))) {
    if (!from_everywhere(rule)) continue;
    for (auto [protocol, parameter] : {std::pair{"tcp", "authorizedTcpPorts"}, {"udp", "authorizedUdpPorts"}}) {
      auto ports = ports_of(rule, protocol);
      if (!ports) continue;
      if (auto port = first_outside(*ports, json::at(parameters, parameter)))
        open.push_back(fmt::format("{} port {} (rule for {})", protocol, *port, ports->text()));
    }
  }
  if (open.empty()) return compliant("Only authorized ports are open to the world.");
  return non_compliant(fmt::format("Open to the world, and not authorized: {}.", fmt::join(open, ", ")));
}

std::string state_of(const cloud::Snapshot& instance) {
  return json::text(json::at(instance.facts, "State"), "Name", "");
}

bool gone(const cloud::Snapshot& instance) {
  auto state = state_of(instance);
  return state == "terminated" || state == "shutting-down";
}

std::optional<Evaluation> judge_tokens(const cloud::Snapshot& instance) {
  if (gone(instance)) return not_applicable("The instance is terminated.");
  if (auto blind = unreadable(instance, {"MetadataOptions"})) return *blind;
  const auto& options = json::at(instance.properties, "MetadataOptions");
  if (options.is_null()) return insufficient("The instance shows no metadata options.");
  if (json::text(options, "HttpEndpoint", "") == "disabled" || json::text(options, "HttpTokens", "") == "required")
    return std::nullopt;
  return non_compliant("The metadata service answers without a session token (HttpTokens is optional).");
}

Evaluation judge_imdsv2(const Subject& subject, const json::Object&) {
  auto fault = judge_tokens(subject.resource);
  return fault ? *fault : compliant("The metadata service requires session tokens.");
}

Evaluation judge_isolated(const Subject& subject, const json::Object&) {
  if (gone(subject.resource)) return not_applicable("The instance is terminated.");
  if (auto blind = unreadable(subject.resource, {"SecurityGroupIds"})) return *blind;
  auto ids = json::texts(json::at(subject.resource.properties, "SecurityGroupIds"));
  if (ids.size() != subject.related.size() || ids.empty())
    return insufficient("Not all security groups of the instance could be read.");
  std::vector<std::string> open;
  for (const auto& group : subject.related) {
    if (auto blind = unreadable(group, {"SecurityGroupIngress", "SecurityGroupEgress"})) return *blind;
    for (auto direction : {"SecurityGroupIngress", "SecurityGroupEgress"})
      if (!json::items(json::at(group.properties, direction)).empty()) {
        open.push_back(group.ref.id);
        break;
      }
  }
  if (open.empty()) return compliant("No security group of the instance lets anything in or out.");
  return non_compliant(fmt::format("Lets traffic through: {}.", fmt::join(open, ", ")));
}

Evaluation judge_contained(const Subject& subject, const json::Object& parameters) {
  auto fault = judge_tokens(subject.resource);
  return fault ? *fault : judge_isolated(subject, parameters);
}

}  // namespace

std::vector<Rule> ec2_rules() {
  const Related groups{"AWS::EC2::SecurityGroup", "SecurityGroupIds", {"SecurityGroupIngress", "SecurityGroupEgress"}};
  return {
      {"ARIGHT_EC2_INSTANCE_CONTAINED", "AWS::EC2::Instance", {"MetadataOptions", "SecurityGroupIds", "State"}, {},
       {groups}, judge_contained},
      {"ARIGHT_EC2_INSTANCE_ISOLATED", "AWS::EC2::Instance", {"SecurityGroupIds", "State"}, {}, {groups},
       judge_isolated},
      {"EC2_IMDSV2_CHECK", "AWS::EC2::Instance", {"MetadataOptions", "State"}, {}, {}, judge_imdsv2},
      {"INCOMING_SSH_DISABLED", "AWS::EC2::SecurityGroup", {"SecurityGroupIngress"}, {}, {}, judge_ssh},
      {"RESTRICTED_INCOMING_TRAFFIC", "AWS::EC2::SecurityGroup", {"SecurityGroupIngress"}, {}, {}, judge_common_ports},
      {"VPC_SG_OPEN_ONLY_TO_AUTHORIZED_PORTS", "AWS::EC2::SecurityGroup", {"SecurityGroupIngress"}, {}, {},
       judge_authorized_ports},
  };
}

}  // namespace aright::rules
