#pragma once
// Group commit: one thread that owns the writing connection. Callers queue up, the writer takes all
// who wait, runs each one's work under its own savepoint, commits once, and tells them. While it
// waits for the disk the next group gathers. Owned by Database; thread-safe.

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "store/engine.h"
#include "store/transaction.h"

namespace aright::store {

class Writer {
 public:
  enum class On {
    own_thread,
    callers_thread,  // where a commit waits for no disk, there is nothing to gather a group for
  };
  // `owner` names the database to Inside; what `is_far` is worth several statements on one way.
  Writer(std::unique_ptr<Connection> connection, const void* owner, On on = On::own_thread,
         Access access = Access::write, bool is_far = false);
  // Finishes what waits.
  ~Writer();

  Result<> transact(const Work& work, Runs runs = Runs::once);
  // For engines whose data only this connection sees: between two groups, on the caller's thread.
  Result<> read(const Work& work);
  // The structure of the whole database, between two groups.
  Result<> check();

 private:
  struct Member;

  void run();
  std::vector<Member*> next_group();
  // Those who wait, as far as there is room; under queue_mutex_.
  void take(std::vector<Member*>& group);
  void commit(std::vector<Member*>& group);
  void maintain();
  // All of their work. Fails when the group as a whole is lost.
  Result<> join_all(std::vector<Member*>& group);
  // Runs one member's work under its savepoint.
  Result<> join(Member& member);
  // The same for several that may run again.
  Result<> join_together(std::span<Member*> members);
  Result<> release();
  // Ends the transaction without keeping anything.
  void roll_back();
  // From now on nothing is acknowledged.
  void give_up(const Error& error);

  const void* owner_;
  const Access access_;
  const bool is_far_;

  std::mutex connection_mutex_;
  std::unique_ptr<Connection> connection_;  // guarded by connection_mutex_
  Transaction::OfCommit of_commit_;         // guarded by connection_mutex_
  std::optional<Error> failure_;            // guarded by connection_mutex_; set once

  std::mutex queue_mutex_;
  std::condition_variable queue_filled_;
  std::deque<Member*> queue_;  // guarded by queue_mutex_
  bool stopping_ = false;      // guarded by queue_mutex_

  std::thread thread_;  // last: starts when all else is there; none where callers commit themselves
};

}  // namespace aright::store
