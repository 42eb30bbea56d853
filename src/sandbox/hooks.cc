#include "sandbox/hook.h"

namespace aright::sandbox {

// One line for each hook_<service>.cc, here and below.
namespace acm_hooks { void add(Hooks& hooks); }
namespace cloudtrail_hooks { void add(Hooks& hooks); }
namespace cloudwatch_hooks { void add(Hooks& hooks); }
namespace config_hooks { void add(Hooks& hooks); }
namespace apigateway_hooks { void add(Hooks& hooks); }
namespace apigatewayv2_hooks { void add(Hooks& hooks); }
namespace stepfunctions_hooks { void add(Hooks& hooks); }
namespace events_hooks { void add(Hooks& hooks); }
namespace scheduler_hooks { void add(Hooks& hooks); }
namespace cloudfront_hooks { void add(Hooks& hooks); }
namespace cloudformation_hooks { void add(Hooks& hooks); }
namespace ec2_hooks { void add(Hooks& hooks); }
namespace autoscaling_hooks { void add(Hooks& hooks); }
namespace elb_hooks { void add(Hooks& hooks); }
namespace elbv2_hooks { void add(Hooks& hooks); }
namespace ecr_hooks { void add(Hooks& hooks); }
namespace ecs_hooks { void add(Hooks& hooks); }
namespace eks_hooks { void add(Hooks& hooks); }
namespace iam_hooks { void add(Hooks& hooks); }
namespace kms_hooks { void add(Hooks& hooks); }
namespace lambda_hooks { void add(Hooks& hooks); }
namespace logs_hooks { void add(Hooks& hooks); }
namespace dynamodb_hooks { void add(Hooks& hooks); }
namespace efs_hooks { void add(Hooks& hooks); }
namespace emr_hooks { void add(Hooks& hooks); }
namespace opensearch_hooks { void add(Hooks& hooks); }
namespace redshift_hooks { void add(Hooks& hooks); }
namespace secretsmanager_hooks { void add(Hooks& hooks); }
namespace subnet_group_hooks { void add(Hooks& hooks); }
namespace rds_hooks { void add(Hooks& hooks); }
namespace sns_hooks { void add(Hooks& hooks); }
namespace sqs_hooks { void add(Hooks& hooks); }
namespace ssm_hooks { void add(Hooks& hooks); }
namespace guardduty_hooks { void add(Hooks& hooks); }
namespace securityhub_hooks { void add(Hooks& hooks); }
namespace organizations_hooks { void add(Hooks& hooks); }
namespace s3_setting_hooks { void add(Hooks& hooks); }
namespace s3_hooks { void add(Hooks& hooks); void add_control(Hooks& hooks); }
namespace tagging_hooks { void add(Hooks& hooks); }
namespace sts_hooks { void add(Hooks& hooks); }
namespace wafv2_hooks { void add(Hooks& hooks); }

const Hooks& Hooks::all() {
  static const Hooks hooks = [] {
    Hooks all;
    acm_hooks::add(all);
    cloudtrail_hooks::add(all);
    cloudwatch_hooks::add(all);
    config_hooks::add(all);
    apigateway_hooks::add(all);
    apigatewayv2_hooks::add(all);
    stepfunctions_hooks::add(all);
    events_hooks::add(all);
    scheduler_hooks::add(all);
    cloudfront_hooks::add(all);
    cloudformation_hooks::add(all);
    ec2_hooks::add(all);
    autoscaling_hooks::add(all);
    elb_hooks::add(all);
    elbv2_hooks::add(all);
    ecr_hooks::add(all);
    ecs_hooks::add(all);
    eks_hooks::add(all);
    iam_hooks::add(all);
    kms_hooks::add(all);
    lambda_hooks::add(all);
    logs_hooks::add(all);
    dynamodb_hooks::add(all);
    efs_hooks::add(all);
    emr_hooks::add(all);
    opensearch_hooks::add(all);
    redshift_hooks::add(all);
    secretsmanager_hooks::add(all);
    subnet_group_hooks::add(all);
    rds_hooks::add(all);
    sns_hooks::add(all);
    sqs_hooks::add(all);
    ssm_hooks::add(all);
    guardduty_hooks::add(all);
    securityhub_hooks::add(all);
    organizations_hooks::add(all);
    tagging_hooks::add(all);
    s3_hooks::add(all);
    s3_setting_hooks::add(all);
    s3_hooks::add_control(all);
    sts_hooks::add(all);
    wafv2_hooks::add(all);
    return all;
  }();
  return hooks;
}

namespace {

template <typename Hook>
const Hook* find(const std::map<std::string, Hook, std::less<>>& hooks, std::string_view name) {
  auto found = hooks.find(name);
  return found == hooks.end() ? nullptr : &found->second;
}

}  // namespace

const Emulate* Hooks::find_emulate(std::string_view operation) const { return find(emulate_, operation); }
const Check* Hooks::find_check(std::string_view operation) const { return find(check_, operation); }
const Finish* Hooks::find_finish(std::string_view operation) const { return find(finish_, operation); }
const Derive* Hooks::find_derive(std::string_view aspect) const { return find(derive_, aspect); }

std::vector<std::string> Hooks::names() const {
  std::vector<std::string> out;
  for (const auto& [name, hook] : check_) out.push_back("check " + name);
  for (const auto& [name, hook] : derive_) out.push_back("derive " + name);
  for (const auto& [name, hook] : emulate_) out.push_back("emulate " + name);
  for (const auto& [name, hook] : finish_) out.push_back("finish " + name);
  return out;
}

}  // namespace aright::sandbox
