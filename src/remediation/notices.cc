#include "remediation/notices.h"

namespace aright::remediation {

namespace {

Result<> put(store::Transaction& tx, const std::string& channel, const notify::Notice& notice, Timestamp now) {
  ledger::Message message{.id = channel + "/" + notice.id,
                          .channel = std::string(outbox_channel),
                          .body = json::Object{{"channel", channel}, {"notice", notify::to_json(notice)}}};
  CHECK_OK(ledger::outbox::put(tx, message, now));
  return {};
}

}  // namespace

Result<> queue_notice(store::Transaction& tx, const Policy& policy, const notify::Notice& notice, Timestamp now) {
  for (const auto& channel : policy.channels)
    if (channel.wants(notice.kind)) CHECK_OK(put(tx, channel.name, notice, now));
  return {};
}

Result<> queue_notice_for(store::Transaction& tx, const Policy& policy, const std::string& name,
                          const notify::Notice& notice, Timestamp now) {
  for (const auto& channel : policy.channels)
    if (channel.name == name) return put(tx, name, notice, now);
  return fail(Errc::not_found, "the policy has no channel '{}'", name);
}

}  // namespace aright::remediation
