#pragma once
// Where credentials come from. Providers cache, and refresh five minutes before expiry;
// thread-safe.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/signature.h"
#include "base/context.h"

namespace aright::aws {

class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  // Fails with not_found when this source has none (the chain goes on), other codes when it is
  // broken (the chain stops).
  virtual Result<Credentials> get(const Context& context) = 0;
};

using Environment = std::map<std::string, std::string>;
Environment process_environment();

std::shared_ptr<CredentialProvider> fixed_credentials(Credentials credentials);

struct ChainOptions {
  Environment environment;  // AWS_* variables, HOME
  std::string profile;      // overrides AWS_PROFILE
};
// environment, profile (config and credentials files: keys, credential_process, role_arn with
// source_profile or credential_source, web identity, sso is reported as unsupported), web identity,
// container, IMDSv2: in the SDKs' order.
std::shared_ptr<CredentialProvider> default_chain(ChainOptions options, const Clock& clock);

struct AssumeRole {
  std::string role_arn, session_name = "aright", external_id, session_policy;
  std::vector<std::string> policy_arns;
  seconds duration{3600};
  std::string region = "us-east-1";
  std::string endpoint_url;  // of STS; empty: AWS
};
std::shared_ptr<CredentialProvider> assume_role(std::shared_ptr<CredentialProvider> source,
                                                AssumeRole role, const Clock& clock);

// The region: `chosen`, else AWS_REGION, AWS_DEFAULT_REGION, the profile's, else us-east-1.
std::string default_region(const ChainOptions& options, std::string_view chosen = "");

}  // namespace aright::aws
