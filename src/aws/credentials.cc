#include "aws/credentials.h"

#include <functional>
#include <mutex>

#include "aws/credential_sources.h"
#include "base/text.h"

extern "C" char** environ;

namespace aright::aws {

namespace {

constexpr seconds refresh_before{5 * 60};
constexpr int profile_depth_max = 5;  // of source_profile

class Fixed final : public CredentialProvider {
 public:
  explicit Fixed(Credentials credentials) : credentials_(std::move(credentials)) {}
  Result<Credentials> get(const Context&) override { return credentials_; }

 private:
  const Credentials credentials_;
};

// Holds what was fetched until shortly before it expires. While a refresh fails, what is still
// valid is good enough.
class Cached final : public CredentialProvider {
 public:
  using Fetch = std::function<Result<Credentials>(const Context&)>;
  Cached(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

  Result<Credentials> get(const Context& context) override {
    std::lock_guard lock(mutex_);  // one fetch at a time: the others wait for its result
    bool fresh = held_ && (!held_->expires || clock_.now() + refresh_before < *held_->expires);
    if (fresh) return *held_;
    auto fetched = fetch_(context);
    if (fetched) {
      held_ = *fetched;
    } else if (held_ && clock_.now() < *held_->expires) {
      return *held_;
    }
    return fetched;
  }

 private:
  const Fetch fetch_;
  const Clock& clock_;
  std::mutex mutex_;
  std::optional<Credentials> held_;
};

bool none(const Result<Credentials>& result) {
  return !result && result.error().code == Errc::not_found;
}

std::string setting(const Section& section, std::string_view name) {
  auto found = section.find(std::string(name));
  return found == section.end() ? "" : found->second;
}

class Chain {
 public:
  Chain(ChainOptions options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  Result<Credentials> find(const Context& context) const {
    // A profile that was asked for by name is meant, whatever the environment holds.
    if (options_.profile.empty()) {
      auto found = from_environment(options_.environment);
      if (!none(found)) return found;
    }
    auto profiles = TRY(load_profiles(options_.environment));
    auto name = profile_name(options_);
    bool named = name != "default";
    if (named && !profiles.profiles.contains(name)) {
      return fail(Errc::invalid, "the profile {} is in neither config nor credentials file", name);
    }
    const Section& profile = profiles.profiles[name];
    if (setting(profile, "role_arn").empty()) {
      auto found = web_identity_of_environment(context);
      if (!none(found)) return found;
    }
    auto found = from_profile(profiles, name, context, 0);
    if (none(found)) found = from_container(options_.environment, context);
    if (none(found)) found = from_metadata(options_.environment, context);
    if (none(found))  // nobody goes on behind the chain as a whole: without credentials a caller may do nothing
      return fail(Errc::denied,
                  "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE");
    return found;
  }

 private:
  std::string region_of(const Section& profile) const {
    auto region = setting(profile, "region");
    return default_region(options_, region);
  }

  std::string sts_url() const {
    auto own = variable(options_.environment, "AWS_ENDPOINT_URL_STS");
    return own.empty() ? variable(options_.environment, "AWS_ENDPOINT_URL") : own;
  }

  Result<Credentials> web_identity_of_environment(const Context& context) const {
    const Environment& environment = options_.environment;
    WebIdentity identity{.role_arn = variable(environment, "AWS_ROLE_ARN"),
                         .token_file = variable(environment, "AWS_WEB_IDENTITY_TOKEN_FILE"),
                         .region = default_region(options_),
                         .endpoint_url = sts_url()};
    auto session = variable(environment, "AWS_ROLE_SESSION_NAME");
    if (!session.empty()) identity.session_name = session;
    return from_web_identity(identity, context);
  }

  Result<Credentials> from_profile(Profiles& profiles, const std::string& name,
                                   const Context& context, int depth) const {
    if (depth > profile_depth_max) {
      return fail(Errc::invalid, "source_profile of {} goes round in circles", name);
    }
    if (!profiles.profiles.contains(name)) {
      if (depth == 0) return fail(Errc::not_found, "there is no profile {}", name);
      return fail(Errc::invalid, "source_profile names {}, which does not exist", name);
    }
    const Section& profile = profiles.profiles[name];
    bool role = !setting(profile, "role_arn").empty();
    // A profile that is its own source means its own keys, not its role once more.
    bool own_keys = depth > 0 && !setting(profile, "aws_access_key_id").empty();
    if (role && !own_keys) return from_role(profiles, name, context, depth);
    auto found = from_section(profile);
    if (!none(found)) return found;
    if (!setting(profile, "sso_session").empty() || !setting(profile, "sso_start_url").empty()) {
      return fail(Errc::unsupported,
                  "the profile {} signs in through IAM Identity Center, which is not offered here; "
                  "use `aws configure export-credentials` as its credential_process",
                  name);
    }
    auto command = setting(profile, "credential_process");
    if (!command.empty()) return from_process(command, context);
    return found;
  }

  Result<Credentials> from_role(Profiles& profiles, const std::string& name, const Context& context,
                                int depth) const {
    const Section& profile = profiles.profiles[name];
    auto session = setting(profile, "role_session_name");
    if (session.empty()) session = "aright";
    auto token_file = setting(profile, "web_identity_token_file");
    if (!token_file.empty()) {
      WebIdentity identity{.role_arn = setting(profile, "role_arn"),
                           .session_name = session,
                           .token_file = token_file,
                           .region = region_of(profile),
                           .endpoint_url = sts_url()};
      return from_web_identity(identity, context);
    }
    if (!setting(profile, "mfa_serial").empty()) {
      return fail(Errc::unsupported, "the profile {} asks for a one-time password", name);
    }
    auto source = TRY(source_of(profiles, name, context, depth));
    AssumeRole assume{.role_arn = setting(profile, "role_arn"),
                      .session_name = session,
                      .external_id = setting(profile, "external_id"),
                      .region = region_of(profile),
                      .endpoint_url = sts_url()};
    auto duration = setting(profile, "duration_seconds");
    bool digits = duration.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || duration.size() > 6) {
      return fail(Errc::invalid, "duration_seconds of {} is no number", name);
    }
    if (!duration.empty()) assume.duration = seconds(std::stol(duration));
    return from_assumed_role(source, assume, clock_.now(), context);
  }

  Result<Credentials> source_of(Profiles& profiles, const std::string& name, const Context& context,
                                int depth) const {
    auto other = setting(profiles.profiles[name], "source_profile");
    auto kind = setting(profiles.profiles[name], "credential_source");
    if (other.empty() == kind.empty()) {
      return fail(Errc::invalid,
                  "the profile {} has role_arn and needs either source_profile or "
                  "credential_source",
                  name);
    }
    Result<Credentials> source;
    if (!other.empty()) {
      source = from_profile(profiles, other, context, depth + 1);
    } else if (kind == "Environment") {
      source = from_environment(options_.environment);
    } else if (kind == "EcsContainer") {
      source = from_container(options_.environment, context);
    } else if (kind == "Ec2InstanceMetadata") {
      source = from_metadata(options_.environment, context);
    } else {
      return fail(Errc::invalid, "the profile {} has an unknown credential_source {}", name, kind);
    }
    if (none(source)) return fail(Errc::invalid, "the source of {} has no credentials", name);
    return source;
  }

  const ChainOptions options_;
  const Clock& clock_;
};

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    auto equals = text.find('=');
    if (equals == text.npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::shared_ptr<CredentialProvider> fixed_credentials(Credentials credentials) {
  return std::make_shared<Fixed>(std::move(credentials));
}

std::shared_ptr<CredentialProvider> default_chain(ChainOptions options, const Clock& clock) {
  auto chain = std::make_shared<Chain>(std::move(options), clock);
  auto fetch = [chain](const Context& context) { return chain->find(context); };
  return std::make_shared<Cached>(fetch, clock);
}

std::shared_ptr<CredentialProvider> assume_role(std::shared_ptr<CredentialProvider> source,
                                                AssumeRole role, const Clock& clock) {
  auto fetch = [source = std::move(source), role = std::move(role),
                &clock](const Context& context) -> Result<Credentials> {
    auto keys = TRY(source->get(context));
    return from_assumed_role(keys, role, clock.now(), context);
  };
  return std::make_shared<Cached>(fetch, clock);
}

std::string default_region(const ChainOptions& options, std::string_view chosen) {
  if (!chosen.empty()) return std::string(chosen);
  for (std::string_view name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    auto value = variable(options.environment, name);
    if (!value.empty()) return value;
  }
  if (auto profiles = load_profiles(options.environment)) {
    auto region = setting(profiles->profiles[profile_name(options)], "region");
    if (!region.empty()) return region;
  }
  return "us-east-1";
}

}  // namespace aright::aws
