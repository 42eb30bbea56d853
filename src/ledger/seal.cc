#include "ledger/seal.h"

#include "base/digest.h"
#include "ledger/outbox.h"
#include "ledger/timers.h"

namespace aright::ledger {

std::string seal_of(const json::Array& cells) {
  return to_hex(sha256(json::canonical(json::Value(cells)))).substr(0, seal_digits);
}

Result<std::optional<Fault>> find_broken_seal(store::Transaction& tx) {
  auto timer = TRY(timers::find_broken(tx));
  if (timer) return Fault{0, fmt::format("the timer {} is not what was set", *timer)};
  auto message = TRY(outbox::find_broken(tx));
  if (message) return Fault{0, fmt::format("the message {} of the outbox is not what was put there", *message)};
  bool all = TRY(outbox::all_there(tx));
  if (!all) return Fault{0, "messages of the outbox are missing, or were added"};
  return std::nullopt;
}

Result<> seal_all(store::Transaction& tx) {
  CHECK_OK(timers::seal_all(tx));
  return outbox::seal_all(tx);
}

}  // namespace aright::ledger
