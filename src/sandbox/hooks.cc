#include "sandbox/hook.h"

namespace aright::sandbox {

// One line for each hook_<service>.cc, here and below.
void add_acm_hooks(Hooks& hooks);
void add_cloudtrail_hooks(Hooks& hooks);
void add_cloudwatch_hooks(Hooks& hooks);
void add_config_hooks(Hooks& hooks);
void add_apigateway_hooks(Hooks& hooks);
void add_apigatewayv2_hooks(Hooks& hooks);
void add_stepfunctions_hooks(Hooks& hooks);
void add_events_hooks(Hooks& hooks);
void add_cloudfront_hooks(Hooks& hooks);
void add_cloudformation_hooks(Hooks& hooks);
void add_ec2_hooks(Hooks& hooks);
void add_autoscaling_hooks(Hooks& hooks);
void add_elb_hooks(Hooks& hooks);
void add_elbv2_hooks(Hooks& hooks);
void add_ecr_hooks(Hooks& hooks);
void add_ecs_hooks(Hooks& hooks);
void add_eks_hooks(Hooks& hooks);
void add_iam_hooks(Hooks& hooks);
void add_kms_hooks(Hooks& hooks);
void add_lambda_hooks(Hooks& hooks);
void add_logs_hooks(Hooks& hooks);
void add_dynamodb_hooks(Hooks& hooks);
void add_efs_hooks(Hooks& hooks);
void add_emr_hooks(Hooks& hooks);
void add_opensearch_hooks(Hooks& hooks);
void add_redshift_hooks(Hooks& hooks);
void add_secretsmanager_hooks(Hooks& hooks);
void add_subnet_group_hooks(Hooks& hooks);
void add_rds_hooks(Hooks& hooks);
void add_sns_hooks(Hooks& hooks);
void add_sqs_hooks(Hooks& hooks);
void add_ssm_hooks(Hooks& hooks);
void add_guardduty_hooks(Hooks& hooks);
void add_securityhub_hooks(Hooks& hooks);
void add_organizations_hooks(Hooks& hooks);
void add_s3_hooks(Hooks& hooks);
void add_s3control_hooks(Hooks& hooks);
void add_sts_hooks(Hooks& hooks);
void add_wafv2_hooks(Hooks& hooks);

const Hooks& Hooks::all() {
  static const Hooks hooks = [] {
    Hooks all;
    add_acm_hooks(all);
    add_cloudtrail_hooks(all);
    add_cloudwatch_hooks(all);
    add_config_hooks(all);
    add_apigateway_hooks(all);
    add_apigatewayv2_hooks(all);
    add_stepfunctions_hooks(all);
    add_events_hooks(all);
    add_cloudfront_hooks(all);
    add_cloudformation_hooks(all);
    add_ec2_hooks(all);
    add_autoscaling_hooks(all);
    add_elb_hooks(all);
    add_elbv2_hooks(all);
    add_ecr_hooks(all);
    add_ecs_hooks(all);
    add_eks_hooks(all);
    add_iam_hooks(all);
    add_kms_hooks(all);
    add_lambda_hooks(all);
    add_logs_hooks(all);
    add_dynamodb_hooks(all);
    add_efs_hooks(all);
    add_emr_hooks(all);
    add_opensearch_hooks(all);
    add_redshift_hooks(all);
    add_secretsmanager_hooks(all);
    add_subnet_group_hooks(all);
    add_rds_hooks(all);
    add_sns_hooks(all);
    add_sqs_hooks(all);
    add_ssm_hooks(all);
    add_guardduty_hooks(all);
    add_securityhub_hooks(all);
    add_organizations_hooks(all);
    add_s3_hooks(all);
    add_s3control_hooks(all);
    add_sts_hooks(all);
    add_wafv2_hooks(all);
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
