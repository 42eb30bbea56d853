#include <array>

#include "aws/client.h"
#include "aws/partition.h"
#include "base/text.h"

namespace aright::aws {

namespace {

// Hosts that are not <prefix>.<region>.<suffix>.
struct Exception {
  std::string_view service;
  std::string_view where;           // a partition, or one region
  std::string_view host;            // {region} stands for the region
  std::string_view signing_region;  // empty: the region itself
};

constexpr std::array exceptions = {
    Exception{"account", "aws", "account.us-east-1.amazonaws.com", "us-east-1"},
    Exception{"account", "aws-cn", "account.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
    Exception{"billingconductor", "aws", "billingconductor.us-east-1.amazonaws.com", "us-east-1"},
    Exception{"budgets", "aws", "budgets.amazonaws.com", "us-east-1"},
    Exception{"budgets", "aws-cn", "budgets.amazonaws.com.cn", "cn-northwest-1"},
    Exception{"ce", "aws", "ce.us-east-1.amazonaws.com", "us-east-1"},
    Exception{"ce", "aws-cn", "ce.cn-northwest-1.amazonaws.com.cn", "cn-northwest-1"},
    Exception{"chime", "aws", "chime.us-east-1.amazonaws.com", "us-east-1"},
    Exception{"cloudfront", "aws", "cloudfront.amazonaws.com", "us-east-1"},
    Exception{"cloudfront", "aws-cn", "cloudfront.cn-northwest-1.amazonaws.com.cn",
              "cn-northwest-1"},
    Exception{"codecatalyst", "aws", "codecatalyst.global.api.aws", ""},
    // Answers in one region only, whatever the caller's is.
    Exception{"globalaccelerator", "aws", "globalaccelerator.us-west-2.amazonaws.com", "us-west-2"},
    Exception{"health", "aws", "global.health.amazonaws.com", "us-east-1"},
    Exception{"health", "aws-cn", "global.health.amazonaws.com.cn", "cn-northwest-1"},
    Exception{"iam", "aws", "iam.amazonaws.com", "us-east-1"},
    Exception{"iam", "aws-cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    Exception{"iam", "aws-us-gov", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    Exception{"iam", "aws-iso", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    Exception{"iam", "aws-iso-b", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
    Exception{"importexport", "aws", "importexport.amazonaws.com", "us-east-1"},
    Exception{"mediaconvert", "cn-northwest-1",
              "subscribe.mediaconvert.cn-northwest-1.amazonaws.com.cn", ""},
    Exception{"networkmanager", "aws", "networkmanager.us-west-2.amazonaws.com", "us-west-2"},
    Exception{"networkmanager", "aws-us-gov", "networkmanager.us-gov-west-1.amazonaws.com",
              "us-gov-west-1"},
    Exception{"organizations", "aws", "organizations.us-east-1.amazonaws.com", "us-east-1"},
    Exception{"organizations", "aws-cn", "organizations.cn-northwest-1.amazonaws.com.cn",
              "cn-northwest-1"},
    Exception{"organizations", "aws-us-gov", "organizations.us-gov-west-1.amazonaws.com",
              "us-gov-west-1"},
    Exception{"resource-explorer-2", "aws", "resource-explorer-2.{region}.api.aws", ""},
    Exception{"resource-explorer-2", "aws-us-gov", "resource-explorer-2.{region}.api.aws", ""},
    Exception{"resource-explorer-2", "aws-cn",
              "resource-explorer-2.{region}.api.amazonwebservices.com.cn", ""},
    Exception{"route53", "aws", "route53.amazonaws.com", "us-east-1"},
    Exception{"route53", "aws-cn", "route53.amazonaws.com.cn", "cn-northwest-1"},
    Exception{"route53", "aws-us-gov", "route53.us-gov.amazonaws.com", "us-gov-west-1"},
    Exception{"route53", "aws-iso", "route53.c2s.ic.gov", "us-iso-east-1"},
    Exception{"route53", "aws-iso-b", "route53.sc2s.sgov.gov", "us-isob-east-1"},
    Exception{"savingsplans", "aws", "savingsplans.amazonaws.com", "us-east-1"},
    Exception{"sdb", "us-east-1", "sdb.amazonaws.com", ""},
    Exception{"shield", "aws", "shield.us-east-1.amazonaws.com", "us-east-1"},
    Exception{"transcribe", "aws-cn", "cn.transcribe.{region}.amazonaws.com.cn", ""},
    Exception{"waf", "aws", "waf.amazonaws.com", "us-east-1"},
};

}  // namespace

Result<ResolvedEndpoint> resolve_endpoint(const model::Service& service, std::string_view region) {
  auto letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (region.empty() || region.find_first_not_of(letters) != region.npos) {
    return fail(Errc::invalid, "'{}' is no region", region);
  }
  const Partition& partition = partition_for(region);
  for (const Exception& one : exceptions) {
    bool here = one.where == partition.name || one.where == region;
    if (one.service != service.name() || !here) continue;
    auto host = replace_all(std::string(one.host), "{region}", region);
    auto signing = one.signing_region.empty() ? region : one.signing_region;
    return ResolvedEndpoint{.url = "https://" + host, .signing_region = std::string(signing)};
  }
  return ResolvedEndpoint{
      .url = fmt::format("https://{}.{}.{}", service.endpoint_prefix(), region, partition.suffix),
      .signing_region = std::string(region)};
}

}  // namespace aright::aws
