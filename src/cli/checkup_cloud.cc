// doctor's look at the policy and at what it names: accounts, their credentials and permissions, and channels.

#include <set>

#include "aws/wire_value.h"
#include "cli/accounts.h"
#include "cli/checkup.h"
#include "cloud/snapshot.h"
#include "nats/client.h"
#include "net/http.h"
#include "remediation/library.h"
#include "remediation/organization.h"
#include "rules/control.h"

namespace aright::cli {

namespace {

using State = Finding::State;

constexpr milliseconds ask_timeout{20'000};  // of one question to the cloud
constexpr milliseconds reach_timeout{5'000};
constexpr seconds skew_good{30}, skew_max{300};  // AWS refuses what is signed five minutes off
constexpr std::size_t accounts_max = 20;         // looked at; what a role may do is mostly the same in all

// What stands between us and the cloud: the network, and the clocks.
Finding clock_of(const Settings& settings) {
  auto url = settings.target;
  if (url == "aws") {
    auto service = model::Models::embedded().service("sts");
    auto resolved = service ? aws::resolve_endpoint(*service, settings.region)
                            : Result<aws::ResolvedEndpoint>(fail(Errc::internal, "there is no sts"));
    if (resolved) url = resolved->url;
  }
  auto endpoint = net::parse_endpoint(url);
  net::Client client(
      {.connect_timeout = reach_timeout, .request_timeout = reach_timeout, .ca_file = {}, .admit_address = {}});
  auto answer =
      endpoint ? client.send(*endpoint, {}, Context::within(reach_timeout * 2)) : std::unexpected(endpoint.error());
  if (!answer)
    return {.about = "network",
            .state = State::fail,
            .what = answer.error().message,
            .next = "look at name resolution, routes and proxies: curl -v " + url};
  static const SystemClock system;
  auto theirs = aws::parse_http_date(answer->headers.get("Date"));
  if (!theirs) return {.about = "clock", .what = url + " answers; it does not tell the time"};
  auto off = std::chrono::abs(system.now() - *theirs);
  auto text = fmt::format("this clock is {} s off from that of {}", off.count() / 1000, url);
  if (off > skew_max)
    return {.about = "clock", .state = State::fail, .what = text, .next = "set it: timedatectl set-ntp true"};
  if (off > skew_good)
    return {.about = "clock", .state = State::warn, .what = text, .next = "keep it by NTP: timedatectl set-ntp true"};
  return {.about = "clock", .what = url + " answers, and the clocks agree"};
}

std::string region_of(const remediation::Target& target, const Settings& settings) {
  return target.regions.empty() ? settings.region : target.regions.front();
}

// A resource of each type that the policy judges is listed, and the first one read.
std::vector<std::string> refused_reads(aws::Caller& cloud, const remediation::Policy& policy,
                                       const remediation::Target& target, const Settings& settings,
                                       std::size_t& types) {
  std::vector<std::string> out;
  std::set<std::string> seen;
  static const SystemClock clock;
  for (const auto& enabled : policy.controls) {
    const auto* control = policy.known->find(enabled.id);
    if (!control || !policy.enabled(enabled.id, target.account) || !seen.insert(control->resource_type).second)
      continue;
    const auto* rule = rules::Controls::rule_of(*control);
    auto context = Context::within(ask_timeout);
    bool read = false;
    auto listed =
        cloud::each_resource(cloud, control->resource_type, target.account, region_of(target, settings), context,
                             [&](cloud::ResourceRef ref) -> Result<> {
                               read = true;
                               auto snapshot = cloud::read_snapshot(
                                   cloud, ref, rule ? rule->aspects : std::vector<std::string>{}, clock, context);
                               if (!snapshot && snapshot.error().code != Errc::not_found)
                                 return fail(snapshot.error());
                               if (snapshot && !snapshot->unreadable.empty())
                                 return fail(Errc::denied, "{}", snapshot->unreadable.begin()->second);
                               return fail(Errc::cancelled, "one is enough");
                             });
    ++types;
    bool good =
        listed || (read && listed.error().code == Errc::cancelled) || listed.error().code == Errc::unsupported;
    if (!good) out.push_back(control->resource_type + ": " + listed.error().message);
  }
  return out;
}

Finding recorder(aws::Caller& cloud, const remediation::Target& target, const Settings& settings) {
  auto about = "recorder " + target.account;
  aws::Call ask{.service = "config",
                .operation = "DescribeConfigurationRecorderStatus",
                .region = region_of(target, settings),
                .account = target.account,
                .input = {}};
  auto answer = cloud.call(ask, Context::within(ask_timeout));
  if (!answer)
    return {.about = about,
            .state = State::warn,
            .what = "AWS Config cannot be asked: " + answer.error().message,
            .next = "allow config:DescribeConfigurationRecorderStatus; aright itself works without AWS Config"};
  const auto& recorders = json::items(json::at(*answer, "ConfigurationRecordersStatus"));
  for (const auto& one : recorders)
    if (json::truth(json::at(one, "recording")))
      return {.about = about, .what = "AWS Config records in " + ask.region};
  return {.about = about,
          .state = State::warn,
          .what = fmt::format("AWS Config {} in {}", recorders.empty() ? "has no recorder" : "does not record",
                              ask.region),
          .next = "events of AWS Config do not come; scans and CloudTrail's events find the same things later"};
}

Findings look_at_account(aws::Caller& cloud, const remediation::Policy& policy, const remediation::Target& target,
                         const Settings& settings) {
  auto about = "credentials " + target.account;
  aws::Call who{.service = "sts",
                .operation = "GetCallerIdentity",
                .region = region_of(target, settings),
                .account = target.account,
                .input = {}};
  auto identity = cloud.call(who, Context::within(ask_timeout));
  if (!identity) {
    auto next =
        target.role.empty()
            ? std::string(
                  "set AWS_PROFILE or the keys in the environment; aws sts get-caller-identity shows whose they are")
            : "let your own identity assume " + target.role + ", and look at that role's trust policy";
    return {{.about = about, .state = State::fail, .what = identity.error().message, .next = next}};
  }
  Findings out{{.about = about, .what = json::text(*identity, "Arn")}};
  std::size_t types = 0;
  auto refused = refused_reads(cloud, policy, target, settings, types);
  if (refused.empty()) {
    out.push_back({.about = "reads " + target.account,
                   .what = fmt::format("{} types of resources can be listed and read", types)});
  } else {
    out.push_back({.about = "reads " + target.account,
                   .state = State::fail,
                   .what = fmt::format("{}", fmt::join(refused, "\n")),
                   .next = "allow these actions to the role; docs/coverage.md names what each type needs"});
  }
  out.push_back(recorder(cloud, target, settings));
  return out;
}

Finding channel_reached(const notify::Channel& channel) {
  auto way = notify::way_of(channel);
  auto about = "channel " + channel.name;
  auto url = channel.webhook_url;
  if (channel.mail) url = "http://" + channel.mail->server.substr(channel.mail->server.find("://") + 3);
  auto tried = fmt::format("aright notify test {} sends a message", channel.name);
  if (channel.nats) {
    auto address = nats::read_address(channel.nats->server.urls.front());
    if (address) url = fmt::format("http://{}:{}", address->host, address->port);
  }
  if (url.empty()) return {.about = about, .what = fmt::format("{} {}: {}", way.kind, way.to, tried)};
  auto endpoint = net::parse_endpoint(url);
  auto reached = endpoint
                     ? net::reach(*endpoint, {.connect_timeout = reach_timeout, .ca_file = {}, .admit_address = {}},
                                  Context::within(reach_timeout))
                     : Result<>(std::unexpected(endpoint.error()));
  if (reached) return {.about = about, .what = fmt::format("{} {} can be reached: {}", way.kind, way.to, tried)};
  return {.about = about,
          .state = State::fail,
          .what = fmt::format("{} {}: {}", way.kind, way.to, reached.error().message),
          .next = "look at the address and at firewalls; messages wait, and are tried again for hours"};
}

}  // namespace

Findings look_at_policy(const Settings& settings, std::optional<remediation::Policy>& policy) {
  auto source = find_policy(settings);
  if (!source)
    return {{.about = "policy",
             .state = State::fail,
             .what = source.error().message,
             .next = "say which one: --policy FILE"}};
  auto parsed = remediation::parse_policy(source->text, source->directory);
  auto library = parsed ? remediation::Library::open(*parsed) : std::unexpected(parsed.error());
  if (!library)
    return {{.about = "policy",
             .state = State::fail,
             .what = library.error().message,
             .next = "aright policy check shows each fault with its place; docs/guide/policy.md has each member"}};
  auto text =
      fmt::format("{}: {} controls in {} targets", source->origin, parsed->controls.size(), parsed->targets.size());
  policy = std::move(*parsed);
  Findings out;
  for (const auto& person : policy->principals)
    if (!person.access_key.id.empty())
      if (auto secret = secret_of(person.access_key, source->directory); !secret)
        out.push_back({.about = "access key",
                       .state = State::fail,
                       .what = fmt::format("that of {} has no secret: {}", person.name, secret.error().message),
                       .next = "put it there, or take the access_key out of the policy: until then it is nobody's"});
  if (source->directory == "." && source->origin.starts_with("the demonstration"))
    out.insert(out.begin(), {.about = "policy",
                             .state = State::warn,
                             .what = text,
                             .next = "write aright.yaml, or say --policy FILE: this one is for trying out"});
  else
    out.insert(out.begin(), {.about = "policy", .what = text});
  return out;
}

Findings look_at_cloud(const Settings& settings, const remediation::Policy& policy) {
  if (settings.target.empty() || settings.target == "sandbox")
    return {{.about = "cloud",
             .state = State::warn,
             .what = "no cloud is named: credentials and permissions were not looked at",
             .next = "say --aws or --endpoint-url URL, as you do to aright serve"}};
  Findings out{clock_of(settings)};
  if (out.back().state == State::fail) return out;
  static const SystemClock clock;
  auto expanded = policy;
  Accounts accounts({.policy = &expanded,
                     .endpoint_url = settings.target == "aws" ? "" : settings.target,
                     .region = settings.region,
                     .profile = settings.profile,
                     .execution_role = {}},
                    clock);
  auto members = remediation::expand_organization(expanded, accounts, model::Models::embedded(), settings.region,
                                                  Context::within(organization_timeout));
  if (!members) {
    out.push_back(
        {.about = "organization",
         .state = State::fail,
         .what = members.error().message,
         .next = "allow organizations:ListAccounts and its like to these credentials, in the management account"});
    return out;
  }
  for (std::size_t i = 0; i < expanded.targets.size() && i < accounts_max; ++i)
    for (auto& one : look_at_account(accounts, expanded, expanded.targets[i], settings))
      out.push_back(std::move(one));
  if (expanded.targets.size() > accounts_max)
    out.push_back({.about = "accounts",
                   .what = fmt::format("the first {} of {} were looked at", accounts_max, expanded.targets.size())});
  return out;
}

Findings look_at_channels(const remediation::Policy& policy) {
  Findings out;
  for (const auto& channel : policy.channels)
    out.push_back(channel_reached(channel));
  return out;
}

}  // namespace aright::cli
