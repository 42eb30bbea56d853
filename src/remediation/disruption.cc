#include "remediation/disruption.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/classify.h"

namespace aright::remediation {

namespace {

struct Known {
  std::string_view operation;  // * stands for anything
  Disruption disruption;
  std::string_view when = "";  // only with this member of the input true
};

// What calls do beside changing a setting, by their names: AWS has a handful of verbs for it.
constexpr Known known[]{
    {"*:Stop*", Disruption::stop},
    {"*:Terminate*", Disruption::stop},
    {"*:Shutdown*", Disruption::stop},
    {"ec2:DetachVolume", Disruption::stop},
    {"kms:ScheduleKeyDeletion", Disruption::stop},
    {"kms:DisableKey", Disruption::stop},
    {"*:Reboot*", Disruption::restart},
    {"*:Restart*", Disruption::restart},
    {"*:Failover*", Disruption::restart},
    {"*:Modify*", Disruption::restart, "ApplyImmediately"},
    {"ecs:UpdateService", Disruption::restart, "forceNewDeployment"},
    {"opensearch:UpdateDomainConfig", Disruption::restart},
    {"*:Revoke*", Disruption::access},
    {"*:Detach*", Disruption::access},
    {"*:Disassociate*", Disruption::access},
    {"*:Remove*Permission", Disruption::access},
    {"*:Put*PublicAccessBlock", Disruption::access},
    {"*:Put*Policy", Disruption::access},
    {"*:Set*Policy", Disruption::access},
    {"*:Put*Acl", Disruption::access},
    {"iam:UpdateAccessKey", Disruption::access},
    {"iam:DeleteAccessKey", Disruption::access},
    {"iam:DeleteLoginProfile", Disruption::access},
    {"iam:Delete*Policy", Disruption::access},
    {"ec2:ReplaceNetworkAclEntry", Disruption::access},
    {"ec2:ModifySnapshotAttribute", Disruption::access},
    {"ec2:ModifyImageAttribute", Disruption::access},
    {"ec2:ModifyNetworkInterfaceAttribute", Disruption::access},
    {"ec2:ModifyInstanceAttribute", Disruption::access, "Groups"},
};

Disruption disruption_of(const aws::Call& call) {
  auto is_this = [&](const Known& one) {
    bool applies = one.when.empty() || json::truth(json::at(call.input, one.when)) ||
                   json::at(call.input, one.when).is_array();
    return applies && glob_match(one.operation, call.name());
  };
  const auto* found = std::ranges::find_if(known, is_this);
  if (found != std::end(known)) return found->disruption;
  auto effect = cloud::classify(call).effect;
  // What is gone may have been in use; what nobody described may do anything.
  bool harsh = effect == cloud::Effect::remove || effect == cloud::Effect::unknown;
  return harsh ? Disruption::stop : Disruption::none;
}

}  // namespace

std::string_view name(Disruption disruption) {
  switch (disruption) {
    case Disruption::none: return "none";
    case Disruption::access: return "access";
    case Disruption::restart: return "restart";
    case Disruption::stop: break;
  }
  return "stop";
}

Disruption disruption_of(const Plan& plan) {
  auto worst = Disruption::none;
  for (const auto& write : plan.writes) worst = std::max(worst, disruption_of(write.call));
  return plan.unrehearsed.empty() ? worst : Disruption::stop;
}

std::string_view name(Confidence confidence) {
  switch (confidence) {
    case Confidence::partial: return "partial";
    case Confidence::rehearsed: return "rehearsed";
    case Confidence::proven: break;
  }
  return "proven";
}

Confidence confidence_of(const Plan& plan) {
  if (!plan.unrehearsed.empty()) return Confidence::partial;
  return plan.meets_control() && plan.harmed().empty() ? Confidence::proven : Confidence::rehearsed;
}

}  // namespace aright::remediation
