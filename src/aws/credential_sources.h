#pragma once
// One function for each place where credentials come from; credentials.cc puts them in order. Any
// thread; each fails with not_found when its source is not configured, and with another code when
// it is and does not work.

#include "aws/credentials.h"
#include "aws/profile.h"

namespace aright::aws {

inline constexpr milliseconds metadata_timeout{1'000};     // IMDS answers at once or is not there
inline constexpr milliseconds credential_timeout{30'000};  // any other source
inline constexpr std::size_t credential_bytes_max = 64u << 10;

Result<Credentials> from_environment(const Environment& environment);
Result<Credentials> from_section(const Section& profile);
// Runs the command, split as a shell would but without one, and reads its JSON (Version 1).
Result<Credentials> from_process(const std::string& command, const Context& context);
// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI; a full URI over http must be loopback or a
// container host's.
Result<Credentials> from_container(const Environment& environment, const Context& context);
// IMDSv2 only: without a session token there is nothing.
Result<Credentials> from_metadata(const Environment& environment, const Context& context);

Result<Credentials> from_assumed_role(const Credentials& source, const AssumeRole& role,
                                      Timestamp now, const Context& context);
struct WebIdentity {
  std::string role_arn, session_name = "aright", token_file, region, endpoint_url;
};
Result<Credentials> from_web_identity(const WebIdentity& identity, const Context& context);

}  // namespace aright::aws
