#include "remediation/notices.h"

namespace aright::remediation {

namespace {

// Messages of a digest become due together, at the end of their stretch of time.
Timestamp due_of(const notify::Channel& channel, Timestamp now) {
  auto stretch = channel.digest.count();
  return stretch == 0 ? now : Timestamp{(now.ms / stretch + 1) * stretch};
}

// What comes in quiet hours becomes due when they end.
std::optional<Timestamp> held_until(const notify::Channel& channel, const notify::Notice& notice, Timestamp due) {
  return channel.quiet ? notify::quiet_until(*channel.quiet, notice.kind, due) : std::nullopt;
}

Result<> put_notice(store::Transaction& tx, const notify::Channel& channel, const notify::Notice& notice, Timestamp now,
             const std::optional<AnswerLink>& link = {}) {
  json::Object body{{"channel", channel.name}, {"notice", notify::to_json(notice)}};
  if (link) body["link"] = to_json(*link);
  auto due = due_of(channel, now);
  auto held = held_until(channel, notice, due);
  if (held) body[held_member] = true;
  ledger::Message message{.id = channel.name + "/" + notice.id,
                          .channel = std::string(outbox_channel),
                          .body = std::move(body)};
  CHECK_OK(ledger::outbox::put(tx, message, held.value_or(due)));
  return {};
}

}  // namespace

Result<> queue_notice(store::Transaction& tx, const Policy& policy, const notify::Notice& notice, Timestamp now) {
  for (const auto& channel : policy.channels)
    if (channel.wants(notice.kind)) CHECK_OK(put_notice(tx, channel, notice, now));
  return {};
}

Result<> queue_notice_for(store::Transaction& tx, const Policy& policy, const Directed& directed, Timestamp now) {
  for (const auto& channel : policy.channels)
    if (channel.name == directed.channel) return put_notice(tx, channel, directed.notice, now, directed.link);
  return fail(Errc::not_found, "the policy has no channel '{}'", directed.channel);
}

std::optional<AnswerLink> link_of(const Policy& policy, const json::Value& message_body) {
  auto link = answer_link_from_json(json::at(message_body, "link"));
  if (!link) return std::nullopt;
  const auto* person = policy.approver(link->person);
  if (!person || person->tell != json::text(message_body, "channel", "")) return std::nullopt;
  return std::move(*link);
}

Result<std::map<std::string, DeadMessages>> dead_messages(const ledger::Ledger& ledger) {
  std::map<std::string, DeadMessages> out;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    for (auto& one : TRY(ledger::outbox::dead(tx, dead_counted_max))) {
      auto& of_channel = out[json::text(one.message.body, "channel", "")];
      ++of_channel.count;
      of_channel.error = std::move(one.error);
    }
    return {};
  }));
  return out;
}

Result<> prune_messages(const ledger::Ledger& ledger, Timestamp now) {
  return ledger.database().transact([&](store::Transaction& tx) -> Result<> {
    CHECK_OK(ledger::outbox::prune(tx, now - sent_kept));
    CHECK_OK(ledger::outbox::prune_dead(tx, now - dead_kept));
    return {};
  });
}

Result<> queue_errands(store::Transaction& tx, const Policy& policy, const FindingId& finding,
                       const ledger::Entry& entry) {
  for (auto kind : errands_of(entry, policy.hub, policy.config_hears)) {
    auto body = to_json(Errand{.kind = kind, .finding = finding});
    ledger::Message message{.id = fmt::format("{}/{}/{}", json::text(body, "do", ""), entry.stream, entry.sequence),
                            .channel = std::string(tools_channel),
                            .body = std::move(body)};
    CHECK_OK(ledger::outbox::put(tx, message, entry.time));
  }
  return {};
}

}  // namespace aright::remediation
