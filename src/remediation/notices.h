#pragma once
// From a notice to the outbox: one message for each channel that wants it.

#include "ledger/outbox.h"
#include "remediation/policy.h"
#include "remediation/word.h"

namespace aright::remediation {

inline constexpr std::string_view outbox_channel = "notices";
inline constexpr std::string_view deliveries_channel = "targets";  // of event rules
inline constexpr std::string_view tools_channel = "tools";         // that told of findings, or are told of ours

// In the transaction of the entry that is the reason for it.
Result<> queue_notice(store::Transaction& tx, const Policy& policy, const notify::Notice& notice, Timestamp now);
// For one channel by name, whatever it wants. Fails with not_found when the policy has none by it.
Result<> queue_notice_for(store::Transaction& tx, const Policy& policy, const std::string& channel,
                          const notify::Notice& notice, Timestamp now);
// What the tools are to hear after an entry about this finding.
Result<> queue_errands(store::Transaction& tx, const Policy& policy, const FindingId& finding,
                       const ledger::Entry& entry);

}  // namespace aright::remediation
