#include "store/readers.h"

namespace aright::store {

Result<std::unique_ptr<Connection>> Readers::take() {
  {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return out_ < most_; });
    ++out_;
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  auto connection = engine_.connect(Access::read);
  if (!connection) give_back(nullptr);
  return connection;
}

void Readers::give_back(std::unique_ptr<Connection> connection) {
  {
    std::lock_guard lock(mutex_);
    --out_;
    // One that failed is closed; the next read opens another.
    if (connection && !connection->failed() && !connection->in_transaction())
      idle_.push_back(std::move(connection));
  }
  returned_.notify_one();
}

Result<> Readers::read(const Work& work) {
  auto connection = TRY(take());
  auto result = connection->begin(Access::read);
  if (result) {
    Transaction transaction(*connection, Access::read);
    result = perform(work, transaction);
    if (connection->in_transaction()) (void)connection->execute("rollback", {});
  }
  give_back(std::move(connection));
  return result;
}

Result<> Readers::check() {
  auto connection = TRY(take());
  auto result = connection->check();
  give_back(std::move(connection));
  return result;
}

}  // namespace aright::store
