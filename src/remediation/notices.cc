#include "remediation/notices.h"

namespace aright::remediation {

namespace {

// Messages of a digest become due together, at the end of their stretch of time.
Timestamp due_of(const notify::Channel& channel, Timestamp now) {
  auto stretch = channel.digest.count();
  return stretch == 0 ? now : Timestamp{(now.ms / stretch + 1) * stretch};
}

Result<> put(store::Transaction& tx, const notify::Channel& channel, const notify::Notice& notice, Timestamp now) {
  ledger::Message message{.id = channel.name + "/" + notice.id,
                          .channel = std::string(outbox_channel),
                          .body = json::Object{{"channel", channel.name}, {"notice", notify::to_json(notice)}}};
  CHECK_OK(ledger::outbox::put(tx, message, due_of(channel, now)));
  return {};
}

}  // namespace

Result<> queue_notice(store::Transaction& tx, const Policy& policy, const notify::Notice& notice, Timestamp now) {
  for (const auto& channel : policy.channels)
    if (channel.wants(notice.kind)) CHECK_OK(put(tx, channel, notice, now));
  return {};
}

Result<> queue_notice_for(store::Transaction& tx, const Policy& policy, const std::string& name,
                          const notify::Notice& notice, Timestamp now) {
  for (const auto& channel : policy.channels)
    if (channel.name == name) return put(tx, channel, notice, now);
  return fail(Errc::not_found, "the policy has no channel '{}'", name);
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
