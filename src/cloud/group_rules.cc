#include "cloud/group_rules.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::cloud {

namespace {

// Where the source of a rule stands: in a permission, in what is shown, and in what is asked for.
struct RuleSource {
  const char *list, *member, *shown, *asked;
};
constexpr std::array rule_sources{RuleSource{"IpRanges", "CidrIp", "CidrIpv4", "CidrIpv4"},
                                  RuleSource{"Ipv6Ranges", "CidrIpv6", "CidrIpv6", "CidrIpv6"},
                                  RuleSource{"PrefixListIds", "PrefixListId", "PrefixListId", "PrefixListId"},
                                  RuleSource{"UserIdGroupPairs", "GroupId", "ReferencedGroupInfo",
                                             "ReferencedGroupId"}};

// A permission with several sources is as many rules.
json::Array single_rules(const json::Value& permissions) {
  json::Array out;
  for (const auto& permission : json::items(permissions)) {
    auto rest = json::members(permission);
    for (const auto& source : rule_sources) rest.erase(source.list);
    for (const auto& source : rule_sources)
      for (const auto& element : json::items(json::at(permission, source.list))) {
        auto one = rest;
        one[source.list] = json::Array{element};
        out.push_back(std::move(one));
      }
  }
  return out;
}

// What is shown of the rule with this id; null where the group has none.
const json::Value& shown_by_id(const json::Object& input, const json::Value& id) {
  static const json::Value none;
  for (const auto& shown : json::items(json::at(input, "Rules")))
    if (json::at(shown, "SecurityGroupRuleId") == id) return shown;
  return none;
}

// Takes the rule out; false when the set has none like it.
bool take_out(json::Array& rules, const json::Value& shown, bool egress) {
  auto found = std::ranges::find_if(
      rules, [&](const json::Value& rule) { return is_rule_shown_as(rule, shown, egress); });
  if (found == rules.end()) return false;
  rules.erase(found);
  return true;
}

json::Value without_rules_by_id(const json::Object& input, const json::Value& before, bool egress) {
  const auto& ids = json::at(input, "SecurityGroupRuleIds");
  if (!ids.is_array()) return nullptr;
  auto rules = single_rules(before);
  for (const auto& id : ids.get_array()) take_out(rules, shown_by_id(input, id), egress);
  return rules;
}

json::Value with_modified_rules(const json::Object& input, const json::Value& before, bool egress) {
  const auto& updates = json::at(input, "SecurityGroupRules");
  if (!updates.is_array()) return nullptr;
  auto rules = single_rules(before);
  for (const auto& update : updates.get_array())
    if (take_out(rules, shown_by_id(input, json::at(update, "SecurityGroupRuleId")), egress))
      rules.push_back(requested_rule(json::at(update, "SecurityGroupRule")));
  return rules;
}

}  // namespace

std::string protocol_name(const json::Value& given) {
  auto text = lower(json::scalar_text(given));
  if (text == "6") return "tcp";
  if (text == "17") return "udp";
  if (text == "1") return "icmp";
  if (text == "58") return "icmpv6";
  return text == "all" ? "-1" : text;
}

bool is_rule_shown_as(const json::Value& rule, const json::Value& shown, bool egress) {
  constexpr int all_ports = -1;
  if (!shown.is_object() || json::truth(json::at(shown, "IsEgress")) != egress) return false;
  if (json::text(shown, "IpProtocol", "") != json::text(rule, "IpProtocol", "")) return false;
  for (const auto* port : {"FromPort", "ToPort"})
    if (json::integer(json::at(shown, port), all_ports) != json::integer(json::at(rule, port), all_ports)) return false;
  for (const auto& source : rule_sources) {
    const auto& elements = json::items(json::at(rule, source.list));
    if (elements.empty()) continue;
    const auto& told = json::at(shown, source.shown);
    const auto& name = json::at(elements.front(), source.member);
    return told == name || json::at(told, "GroupId") == name;
  }
  return true;
}

json::Object requested_rule(const json::Value& request) {
  json::Object rule{{"IpProtocol", protocol_name(json::at(request, "IpProtocol"))}};
  if (rule["IpProtocol"] != "-1")
    for (const auto* name : {"FromPort", "ToPort"})
      if (const auto& value = json::at(request, name); !value.is_null()) rule[name] = value;
  for (const auto& source : rule_sources) {
    const auto& value = json::at(request, source.asked);
    if (value.is_null()) continue;
    json::Object element{{source.member, value}};
    if (const auto& text = json::at(request, "Description"); !text.is_null()) element["Description"] = text;
    rule[source.list] = json::Array{std::move(element)};
  }
  return rule;
}

json::Value without_ingress_by_id(const json::Object& input, const json::Value& before) {
  return without_rules_by_id(input, before, false);
}
json::Value without_egress_by_id(const json::Object& input, const json::Value& before) {
  return without_rules_by_id(input, before, true);
}
json::Value with_modified_ingress(const json::Object& input, const json::Value& before) {
  return with_modified_rules(input, before, false);
}
json::Value with_modified_egress(const json::Object& input, const json::Value& before) {
  return with_modified_rules(input, before, true);
}

}  // namespace aright::cloud
