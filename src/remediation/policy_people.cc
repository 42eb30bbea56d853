#include "remediation/policy_people.h"

#include <algorithm>

#include "bus/target.h"
#include "net/http.h"
#include "notify/format.h"
#include "remediation/policy_parts.h"

namespace aright::remediation {

namespace {

constexpr seconds times_max{30 * 86'400};
const std::vector<std::string> role_names{"viewer", "operator", "approver", "admin"};
constexpr const char* no_notice = "nothing";  // of those that all hear; what names the channel reaches it all the same
const std::vector<std::string> notices_told{"event",       "approval_requested", "approval_reminder",
                                            "resolved",    "escalated",          "rolled_back",
                                            "exception_ends", "exception_void",  no_notice};
constexpr std::int64_t digest_s_max = 7 * 86'400;

std::optional<notify::Mail> read_mail(Reader& in) {
  notify::Mail mail{.server = in.required_text("server"),
                    .from = in.required_text("from"),
                    .to = in.texts("to"),
                    .user = in.text("user"),
                    .password = Secret(in.text("password")),
                    .plaintext = in.truth("plaintext", false)};
  bool smtp = mail.server.starts_with("smtp://") || mail.server.starts_with("smtps://");
  if (!smtp) in.fault("server", "write smtp://HOST:PORT or smtps://HOST:PORT");
  if (mail.to.empty()) in.fault("to", "this is required");
  if (mail.plaintext && !mail.user.empty()) in.fault("plaintext", "a password is not sent without TLS");
  return mail;
}

notify::NatsSubject read_nats_subject(Reader& in) {
  notify::NatsSubject out{.server = read_nats_server(in), .subject = in.required_text("subject")};
  if (!out.subject.empty() && !nats::is_subject(out.subject))
    in.fault("subject", fmt::format("'{}' is no subject of NATS to publish on", out.subject));
  return out;
}

void read_format(Reader& in, notify::Channel& channel) {
  channel.words = in.text("words");
  auto format = in.word("format", {"aright", "slack", "teams", "pagerduty", "jira", "own"},
                        channel.words.empty() ? "aright" : "own");
  channel.format = notify::parse_format(format).value_or(notify::Format::aright);
  channel.key = Secret(in.text("key"));
  channel.project = in.text("project");
  channel.issue_type = in.text("issue_type", "Task");
  using notify::Format;
  if (channel.format != Format::aright && channel.webhook_url.empty()) in.fault("format", "only a webhook has one");
  bool keyed = channel.format == Format::pagerduty || channel.format == Format::jira;
  if (!keyed && !channel.key.empty()) in.fault("key", "only pagerduty and jira have one");
  if (channel.format != Format::jira)
    for (auto member : {"project", "issue_type"})
      if (in.has(member)) in.fault(member, "only jira has one");
  if (keyed && channel.key.empty()) in.fault("key", fmt::format("{} needs one", name(channel.format)));
  if (channel.format == Format::jira && channel.project.empty()) in.fault("project", "jira needs one");
  if (channel.format != Format::own) return;
  auto words = notify::fill(channel.words, {.id = "", .kind = "", .subject = "", .body = {}});
  if (!words) in.fault("words", "these must be JSON: " + words.error().message);
}

void check_arn(Reader& in, std::string_view member, const std::string& arn, std::string_view service) {
  if (arn.empty()) return;
  auto read = bus::read_arn(arn);
  if (read && read->service == service) return;
  in.fault(member, fmt::format("'{}' is not the ARN of one of {}", arn, service));
}

bool is_principal(const Policy& policy, std::string_view name) {
  return std::ranges::find(policy.principals, name, &Principal::name) != policy.principals.end();
}

Group read_group(Reader& in, const Policy& policy) {
  Group group{.members = in.texts("members"), .tell = in.text("tell")};
  if (group.members.empty()) in.fault("members", "a group without members approves nothing");
  for (const auto& member : group.members)
    if (!is_principal(policy, member)) in.fault("members", fmt::format("there is no principal '{}'", member));
  if (!group.tell.empty() && !policy.channel_named(group.tell))
    in.fault("tell", fmt::format("there is no channel '{}'", group.tell));
  return group;
}

Rung read_rung(Reader& in, const Approvers& approvers) {
  Rung rung{.group = in.required_text("group"),
            .needed = static_cast<int>(in.integer("needed", 1, 1, voices_max)),
            .wait = seconds(in.integer("wait_s", 0, 0, times_max.count()))};
  if (!approvers.groups.contains(rung.group)) in.fault("group", fmt::format("there is no group '{}'", rung.group));
  return rung;
}

// Enough people, and a next rung only after a while.
void check_ladder(Reader& in, std::string_view member, const Ladder& ladder, const Approvers& approvers) {
  if (ladder.empty() || ladder.size() > rungs_max)
    return in.fault(member, fmt::format("a ladder has from 1 to {} rungs", rungs_max));
  std::set<std::string> asked;
  for (std::size_t i = 0; i < ladder.size(); ++i) {
    if (auto group = approvers.groups.find(ladder[i].group); group != approvers.groups.end())
      asked.insert(group->second.members.begin(), group->second.members.end());
    if (std::cmp_greater(ladder[i].needed, asked.size()))
      in.fault(member, fmt::format("rung {} needs {} people, and {} are asked by then", i + 1, ladder[i].needed,
                                   asked.size()));
    if (i + 1 < ladder.size() && ladder[i].wait.count() == 0)
      in.fault(member, fmt::format("rung {} says with wait_s when the next one is asked", i + 1));
  }
}

Delegation read_delegation(Reader& in, const Policy& policy) {
  Delegation delegation{.from = in.required_text("from"),
                        .to = in.required_text("to"),
                        .begins = in.instant("begins").value_or(Timestamp{}),
                        .ends = in.instant("ends").value_or(Timestamp{})};
  for (auto member : {"from", "to"}) {
    auto who = std::string_view(member) == "from" ? delegation.from : delegation.to;
    if (!is_principal(policy, who)) in.fault(member, fmt::format("there is no principal '{}'", who));
  }
  if (delegation.ends <= delegation.begins) in.fault("ends", "a delegation ends after it begins");
  return delegation;
}

std::optional<notify::Quiet> read_quiet(Reader& in) {
  auto zone = calendar::Zone::find(in.text("timezone", "UTC"));
  auto hours = in.texts("hours"), days = in.texts("days"), except = in.words("except", notices_told);
  if (!zone) {
    in.fault("timezone", zone.error().message);
    return std::nullopt;
  }
  notify::Quiet quiet{.zone = *zone, .except = std::move(except)};
  for (const auto& text : hours)
    quiet.hours.push_back(in.value_of("hours", notify::parse_quiet_hours(text), {0, 1}));
  for (const auto& text : days) quiet.days.insert(in.value_of("days", notify::parse_weekday(text), 0));
  if (hours.size() > notify::quiet_spans_max)
    in.fault("hours", fmt::format("these are more than {} spans", notify::quiet_spans_max));
  else if (hours.empty() && days.empty()) in.fault("hours", "say hours, or days");
  else if (!notify::leaves_time(quiet)) in.fault("hours", "a channel that is always quiet never hears anything");
  return quiet;
}

// A link answers as the person whose channel it is in: nobody else may read there, and nobody on the way.
std::string why_not_private(const notify::Channel& channel) {
  using notify::Format;
  if (channel.mail) return channel.mail->to.size() == 1 ? "" : "it goes to more than one address";
  if (channel.webhook_url.empty()) return "whoever subscribes reads there";
  if (channel.format == Format::jira || channel.format == Format::pagerduty) return "a team reads there";
  bool sealed = channel.webhook_url.starts_with("https://") || channel.allow_internal;
  return sealed ? "" : "it has no TLS";
}

bool is_public_url(const std::string& url) {
  auto read = net::parse_endpoint(url);
  if (!read || url.ends_with('/') || url.find_first_of("?#@\"<>| ") != std::string::npos) return false;
  bool here = read->host == "localhost" || read->host == "127.0.0.1" || read->host == "::1";
  return read->unix_socket.empty() && (read->tls || here);
}

}  // namespace

notify::Channel read_channel(Reader& in) {
  notify::Channel out{.name = in.required_text("name"),
                      .webhook_url = in.text("webhook"),
                      .sns_topic_arn = in.text("sns"),
                      .queue_arn = in.text("sqs"),
                      .bus_arn = in.text("events"),
                      .signing_key = Secret(in.text("signing_key")),
                      .allow_internal = in.truth("allow_internal", false),
                      .on = in.words("on", notices_told)};
  if (out.on.empty() && in.has("on")) out.on.emplace_back(no_notice);
  in.one("mail", [&](Reader& item) { out.mail = read_mail(item); });
  in.one("nats", [&](Reader& item) { out.nats = read_nats_subject(item); });
  out.digest = seconds(in.integer("digest_s", 0, 0, digest_s_max));
  in.one("quiet", [&](Reader& item) { out.quiet = read_quiet(item); });
  if (auto authority = out.webhook_url.substr(0, out.webhook_url.find('/', sizeof "https://" - 1));
      authority.contains('@'))
    in.fault("webhook", "no user and password in an address: sign with signing_key, or use a header of the receiver's");
  if (!out.signing_key.empty() && out.webhook_url.empty()) in.fault("signing_key", "only a webhook is signed");
  check_arn(in, "sqs", out.queue_arn, "sqs");
  check_arn(in, "events", out.bus_arn, "events");
  read_format(in, out);
  int ways = !out.webhook_url.empty() + !out.sns_topic_arn.empty() + !out.queue_arn.empty() + !out.bus_arn.empty() +
             out.mail.has_value() + out.nats.has_value();
  if (ways != 1) in.fault("webhook", "give one of webhook, sns, sqs, events, nats and mail");
  return out;
}

Principal read_principal(Reader& in) {
  Principal out{.name = in.required_text("name"), .arn = in.text("arn"),
                .roles = in.words("roles", role_names),
                .token_sha256 = in.text("token_sha256"), .tell = in.text("tell")};
  in.one("access_key", [&](Reader& item) {
    out.access_key = {.id = item.required_text("id"), .secret_env = item.text("secret_env"),
                      .secret_file = item.text("secret_file")};
    if (out.access_key.secret_env.empty() == out.access_key.secret_file.empty())
      item.fault("secret_env", "give either secret_env or secret_file; the secret itself does not stand here");
  });
  return out;
}

void read_approvers(Reader& in, Policy& policy) {
  auto& approvers = policy.approvers;
  in.each_named("groups", [&](const std::string& name, Reader& item) {
    approvers.groups[name] = read_group(item, policy);
  });
  in.each_list("ladders",
               [&](const std::string& name, Reader& item) {
                 approvers.ladders[name].push_back(read_rung(item, approvers));
               },
               [&](const std::string& name, Reader& all) {
                 check_ladder(all, name, approvers.ladders[name], approvers);
               });
  in.each("delegations", [&](Reader& item) { approvers.delegations.push_back(read_delegation(item, policy)); });
  approvers.expires = seconds(in.integer("approval_expires_s", 24 * 3600, 60, times_max.count()));
  approvers.remind = seconds(in.integer("approval_remind_s", 0, 0, times_max.count()));
  for (const auto& rule : policy.decide)
    if (!rule.ladder.empty() && !approvers.ladders.contains(rule.ladder))
      in.fault("decide", fmt::format("rule '{}': there is no ladder '{}'", rule.name, rule.ladder));
}

void read_links(Reader& in, Policy& policy) {
  policy.public_url = in.text("public_url");
  if (!policy.public_url.empty() && !is_public_url(policy.public_url))
    in.fault("public_url", "write https://HOST, with a path if there is one, and no slash at its end");
  std::map<std::string, std::string> owners;
  for (const auto& [name, group] : policy.approvers.groups)
    if (!group.tell.empty()) owners[group.tell] = "the group " + name;
  for (const auto& person : policy.principals) {
    if (person.tell.empty()) continue;
    auto refuse = [&](std::string_view why) {
      in.fault("principals", fmt::format("'{}': tell: {}", person.name, why));
    };
    const auto* channel = policy.channel_named(person.tell);
    auto [owner, fresh] = owners.emplace(person.tell, person.name);
    if (!policy.approver(person.name)) refuse("only who may approve is asked");
    if (!fresh) refuse(fmt::format("{} has the channel '{}' already", owner->second, person.tell));
    if (!channel) refuse(fmt::format("there is no channel '{}'", person.tell));
    else if (auto why = why_not_private(*channel); !why.empty())
      refuse(fmt::format("the channel '{}' is not one person's own: {}", person.tell, why));
  }
}

SignOn read_sign_on(Reader& in, const Policy& policy) {
  SignOn out{.issuer = in.required_text("issuer"),
             .client_id = in.required_text("client_id"),
             .client_secret = Secret(in.text("client_secret")),
             .scopes = in.texts("scopes"),
             .name_claim = in.text("name_claim", "sub"),
             .groups_claim = in.text("groups_claim", "groups"),
             .session = in.duration("session_s", session_default, seconds(60), session_max),
             .allow_internal = in.truth("allow_internal", false)};
  in.each("roles", [&](Reader& item) {
    GroupRoles one{.groups = item.texts("groups"), .roles = item.words("roles", role_names)};
    if (one.groups.empty()) item.fault("groups", "this is required");
    if (one.roles.empty()) item.fault("roles", "this is required");
    out.roles.push_back(std::move(one));
  });
  if (!is_public_url(out.issuer)) in.fault("issuer", "write it as the issuer does, https://… and no slash at the end");
  if (policy.public_url.empty()) in.fault("issuer", "people come back to public_url, which is not there");
  return out;
}

Escalations read_escalations(Reader& in, const Policy& policy) {
  Escalations out;
  out.stuck_after = seconds(in.integer("stuck_after_s", stuck_after_default.count(), 60, times_max.count()));
  auto read = [&](const std::string& member, EscalationLadder& ladder) {
    in.each(member, [&](Reader& item) {
      EscalationRung rung{.tell = item.required_text("tell"),
                          .wait = seconds(item.integer("wait_s", 0, 0, times_max.count()))};
      if (!policy.channel_named(rung.tell)) item.fault("tell", fmt::format("there is no channel '{}'", rung.tell));
      ladder.push_back(std::move(rung));
    });
    if (ladder.size() > escalation_rungs_max)
      in.fault(member, fmt::format("a ladder has {} rungs at most", escalation_rungs_max));
    for (std::size_t i = 0; i + 1 < ladder.size(); ++i)
      if (ladder[i].wait.count() == 0)
        in.fault(member, fmt::format("rung {} says with wait_s when the next one is told", i + 1));
  };
  read("ladder", out.otherwise);
  for (auto reason : all_reasons()) {
    EscalationLadder own;
    read(std::string(name(reason)), own);
    if (!json::at(in.value(), name(reason)).is_null()) out.ladders[reason] = std::move(own);
  }
  return out;
}

}  // namespace aright::remediation
