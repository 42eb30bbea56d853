#include <array>

#include "aws/client.h"
#include "aws/partition.h"

namespace aright::aws {

namespace {

// One endpoint for a whole partition. An empty host means that the partition has none, and the
// regional one is used.
struct GlobalEndpoint {
  std::string_view service, partition, host, signing_region;
};

constexpr std::array global_endpoints = {
    GlobalEndpoint{"iam", "aws", "iam.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"iam", "aws-cn", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"},
    GlobalEndpoint{"iam", "aws-us-gov", "iam.us-gov.amazonaws.com", "us-gov-west-1"},
    GlobalEndpoint{"iam", "aws-iso", "iam.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"},
    GlobalEndpoint{"iam", "aws-iso-b", "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"},
    GlobalEndpoint{"cloudfront", "aws", "cloudfront.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"cloudfront", "aws-cn", "cloudfront.cn-northwest-1.amazonaws.com.cn",
                   "cn-northwest-1"},
    GlobalEndpoint{"route53", "aws", "route53.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"route53", "aws-cn", "route53.amazonaws.com.cn", "cn-northwest-1"},
    GlobalEndpoint{"route53", "aws-us-gov", "route53.us-gov.amazonaws.com", "us-gov-west-1"},
    GlobalEndpoint{"organizations", "aws", "organizations.us-east-1.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"organizations", "aws-cn", "organizations.cn-northwest-1.amazonaws.com.cn",
                   "cn-northwest-1"},
    GlobalEndpoint{"organizations", "aws-us-gov", "organizations.us-gov-west-1.amazonaws.com",
                   "us-gov-west-1"},
    GlobalEndpoint{"waf", "aws", "waf.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"shield", "aws", "shield.us-east-1.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"budgets", "aws", "budgets.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"ce", "aws", "ce.us-east-1.amazonaws.com", "us-east-1"},
    GlobalEndpoint{"globalaccelerator", "aws", "globalaccelerator.us-west-2.amazonaws.com",
                   "us-west-2"},
};

}  // namespace

Result<ResolvedEndpoint> resolve_endpoint(const model::Service& service, std::string_view region) {
  auto letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (region.empty() || region.find_first_not_of(letters) != region.npos) {
    return fail(Errc::invalid, "'{}' is no region", region);
  }
  const Partition& partition = partition_for(region);
  for (const GlobalEndpoint& global : global_endpoints) {
    if (global.service != service.name() || global.partition != partition.name) continue;
    return ResolvedEndpoint{.url = fmt::format("https://{}", global.host),
                            .signing_region = std::string(global.signing_region)};
  }
  return ResolvedEndpoint{
      .url = fmt::format("https://{}.{}.{}", service.endpoint_prefix(), region, partition.suffix),
      .signing_region = std::string(region)};
}

}  // namespace aright::aws
