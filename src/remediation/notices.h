#pragma once
// From a notice to the outbox: one message for each channel that wants it.

#include "ledger/outbox.h"
#include "remediation/answer_link.h"
#include "remediation/policy.h"
#include "remediation/word.h"

namespace aright::remediation {

inline constexpr std::string_view outbox_channel = "notices";
inline constexpr std::string_view deliveries_channel = "targets";  // of event rules
inline constexpr std::string_view tools_channel = "tools";         // that told of findings, or are told of ours
inline constexpr std::string_view held_member = "held";            // of a message that waits for quiet hours to end
inline constexpr std::chrono::days sent_kept{30};  // messages that went out, so that none is sent twice
inline constexpr std::chrono::days dead_kept{90};  // those that could not be delivered, for somebody to look at
inline constexpr seconds prune_every{3600};
inline constexpr std::size_t dead_counted_max = 10'000;

// In the transaction of the entry that is the reason for it.
Result<> queue_notice(store::Transaction& tx, const Policy& policy, const notify::Notice& notice, Timestamp now);
// A notice for one channel by name, whatever it wants.
struct Directed {
  std::string channel;
  notify::Notice notice;
  std::optional<AnswerLink> link = {};  // signed when it goes out (answer_link.h)
};
// Fails with not_found when the policy has no such channel.
Result<> queue_notice_for(store::Transaction& tx, const Policy& policy, const Directed& directed, Timestamp now);
// The link of an outbox message, while the policy still says that its channel is that person's own.
std::optional<AnswerLink> link_of(const Policy& policy, const json::Value& message_body);
// Messages that could not be delivered, by channel of the policy, and why the last one was not.
struct DeadMessages {
  std::int64_t count = 0;
  std::string error;
};
Result<std::map<std::string, DeadMessages>> dead_messages(const ledger::Ledger& ledger);
// Forgets messages that are older than what is kept.
Result<> prune_messages(const ledger::Ledger& ledger, Timestamp now);
// What the tools are to hear after an entry about this finding.
Result<> queue_errands(store::Transaction& tx, const Policy& policy, const FindingId& finding,
                       const ledger::Entry& entry);

}  // namespace aright::remediation
