#pragma once
// Where several processes work from one ledger, what a turn may write depends on whether its work is still its own. A
// fence stands around the thread that does a turn; every append from there asks it, in the append's transaction.

#include <memory>
#include <stop_token>

#include "base/error.h"
#include "store/transaction.h"

namespace aright::ledger {

inline constexpr const char* lost_number = "AR-0032";  // another worker has it now

// Thread-safe.
class Fence {
 public:
  virtual ~Fence() = default;
  // Fails with conflict and AR-0032 when somebody else has the work now.
  virtual Result<> check(store::Transaction& tx) const = 0;
  // The same as far as it can be known without the store: for the last moment before a call goes out.
  virtual Result<> check_now() const = 0;
  // Asked to stop once it is lost: calls under way are not waited for any longer.
  virtual std::stop_token lost() const = 0;

  // Of this thread; null: there is none.
  static std::shared_ptr<const Fence> current();
  // While it lives, that fence stands around this thread. For threads that do part of a turn.
  class Around {
   public:
    explicit Around(std::shared_ptr<const Fence> fence);
    ~Around();
    Around(const Around&) = delete;
    Around& operator=(const Around&) = delete;

   private:
    std::shared_ptr<const Fence> before_;
  };
};

}  // namespace aright::ledger
