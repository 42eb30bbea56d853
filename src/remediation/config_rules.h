#pragma once
// What PutConfigRule and PutConformancePack would make, in a policy: each Config rule becomes the control that judges
// by it, with the rule's parameters and scope. Part of reading a policy. Pure.

#include "cloudformation/parameters.h"
#include "remediation/policy.h"
#include "rules/conformance_pack.h"

namespace aright::remediation {

inline constexpr std::string_view clocked_prefix = "config-rule/";  // of the schedules by which Config rules are asked

// The accounts and regions of the targets as what templates call AWS::AccountId and AWS::Region; empty where there are
// several.
cloudformation::Place place_of(const std::vector<Target>& targets);

// Puts the rules into the policy: its held_rules, controls, and what is known. A control that holds already with other
// parameters or another scope stays as it is; then the rule becomes a control of its own, by the rule's name.
class RuleHolder {
 public:
  explicit RuleHolder(Policy& policy);
  // What is known becomes part of the policy at last.
  ~RuleHolder();
  RuleHolder(const RuleHolder&) = delete;

  // What rules are made of, whichever other rules there are.
  const rules::Controls& described() const { return *policy_.described; }
  void hold(const rules::ConfigRule& rule, const std::string& pack);
  void hold(const rules::ConformancePack& pack, const std::string& name);

 private:
  std::string hold_judge(const rules::ConfigRule& rule, rules::Control judge, const std::string& pack);
  bool taken(const std::string& id) const;

  Policy& policy_;
  std::vector<rules::Control> made_;
};

}  // namespace aright::remediation
