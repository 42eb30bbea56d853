#include "store/writer.h"

#include <algorithm>

#include "base/stopwatch.h"
#include "store/database.h"
#include "telemetry/instruments.h"

namespace aright::store {

namespace {

telemetry::Histogram& commit_seconds() {
  static auto& times = telemetry::Registry::process()
                           .histogram("aright_store_commit_seconds", "How long commits took, with their sync.",
                                      telemetry::machine_seconds)
                           .with();
  return times;
}

}  // namespace

// One caller that waits, on its own stack.
struct Writer::Member {
  Member(const Work& work, Runs runs) : work(work), runs(runs) {}

  const Work& work;
  const Runs runs;
  Result<> result;
  std::vector<std::function<void()>> after_commit;

  void wait() {
    std::unique_lock lock(mutex);
    wake.wait(lock, [this] { return done; });
  }
  // Wakes under the lock: once the caller has seen `done`, this object is gone.
  void finish() {
    std::lock_guard lock(mutex);
    done = true;
    wake.notify_one();
  }

 private:
  std::mutex mutex;
  std::condition_variable wake;
  bool done = false;
};

Writer::Writer(std::unique_ptr<Connection> connection, const void* owner, On on, Access access, bool is_far)
    : owner_(owner), access_(access), is_far_(is_far), connection_(std::move(connection)) {
  if (on == On::own_thread) thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  queue_filled_.notify_one();
  thread_.join();
}

Result<> Writer::transact(const Work& work, Runs runs) {
  Member member(work, runs);
  if (!thread_.joinable()) {
    std::vector<Member*> alone{&member};
    std::lock_guard lock(connection_mutex_);
    commit(alone);
    maintain();
    return std::move(member.result);
  }
  {
    std::lock_guard lock(queue_mutex_);
    if (queue_.size() >= waiting_max)
      return fail({.code = Errc::throttled,
                   .message = fmt::format("{} writes wait for the store already", waiting_max),
                   .retry = Retry::later});
    queue_.push_back(&member);
  }
  queue_filled_.notify_one();
  member.wait();
  return std::move(member.result);
}

Result<> Writer::read(const Work& work) {
  std::lock_guard lock(connection_mutex_);
  CHECK_OK(connection_->begin(Access::read));
  Transaction transaction(*connection_, Access::read);
  auto result = perform(work, transaction);
  roll_back();
  return result;
}

Result<> Writer::check() {
  std::lock_guard lock(connection_mutex_);
  return connection_->check();
}

void Writer::run() {
  for (auto group = next_group(); !group.empty(); group = next_group()) {
    {
      std::lock_guard lock(connection_mutex_);
      commit(group);
    }
    for (auto* member : group)
      member->finish();
    std::lock_guard lock(connection_mutex_);
    maintain();
  }
}

void Writer::maintain() {
  auto maintained = connection_->maintain();
  if (!maintained && connection_->failed()) give_up(maintained.error());
}

// Empty when it is time to stop.
std::vector<Writer::Member*> Writer::next_group() {
  std::unique_lock lock(queue_mutex_);
  queue_filled_.wait(lock, [this] { return !queue_.empty() || stopping_; });
  std::vector<Member*> group;
  take(group);
  return group;
}

void Writer::take(std::vector<Member*>& group) {
  auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), group_members_max - group.size()));
  group.insert(group.end(), queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
}

void Writer::commit(std::vector<Member*>& group) {
  auto fail_all = [&](Error error, Retry retry) {
    if (connection_->failed()) give_up(error);
    if (failure_) error = *failure_;
    error.retry = retry;
    for (auto* member : group) {
      // Whoever failed for a reason of his own keeps it.
      if (member->result) member->result = fail(error);
      member->after_commit.clear();
    }
  };
  if (failure_) return fail_all(*failure_, Retry::later);

  auto begun = connection_->begin(access_);
  if (!begun) return fail_all(begun.error(), Retry::later);
  if (is_far_) {  // the writers of other processes may have gone first, and others came meanwhile
    std::lock_guard lock(queue_mutex_);
    take(group);
  }
  Inside inside(owner_);
  of_commit_ = {};
  if (auto joined = join_all(group); !joined) {
    roll_back();
    return fail_all(joined.error(), Retry::later);
  }
  Stopwatch watch;
  auto committed = connection_->execute("commit", {});
  commit_seconds().observe(watch.seconds());
  if (!committed) {
    roll_back();
    // Half a commit may have reached the disk, and may turn out whole when the file is opened
    // again.
    bool unknown = connection_->failed() || committed.error().retry == Retry::unknown_outcome;
    return fail_all(committed.error(), unknown ? Retry::unknown_outcome : Retry::later);
  }
  for (auto* member : group)
    for (auto& action : member->after_commit)
      action();
}

Result<> Writer::join_all(std::vector<Member*>& group) {
  auto alone = [this](const Member* member) { return !is_far_ || member->runs == Runs::once; };
  auto repeatable = std::ranges::stable_partition(group, alone);
  for (auto member = group.begin(); member != repeatable.begin(); ++member) CHECK_OK(join(**member));
  CHECK_OK(join_together(repeatable));
  if (!of_commit_.at_end) return {};
  Transaction transaction(*connection_, access_);
  CHECK_OK(perform(of_commit_.at_end, transaction));
  return connection_->flush();
}

Result<> Writer::join_together(std::span<Member*> members) {
  if (members.empty()) return {};
  if (members.size() == 1) return join(*members.front());
  auto before = of_commit_;
  CHECK_OK(connection_->send("savepoint together", {}));
  Result<> done;
  for (auto* member : members) {
    Transaction transaction(*connection_, access_, of_commit_);
    done = perform(member->work, transaction);
    if (!done) break;
    member->after_commit = transaction.take_after_commit();
    of_commit_ = std::move(transaction.of_commit());
  }
  if (done) done = connection_->flush();
  if (done) return {};
  if (connection_->failed() || !connection_->in_transaction()) return done;
  CHECK_OK(connection_->execute("rollback to savepoint together", {}));
  of_commit_ = std::move(before);
  for (auto* member : members) {
    member->after_commit.clear();
    CHECK_OK(join(*member));
  }
  return {};
}

Result<> Writer::join(Member& member) {
  CHECK_OK(connection_->send("savepoint member", {}));
  Transaction transaction(*connection_, access_, of_commit_);
  member.result = perform(member.work, transaction);
  if (member.result) member.result = release();
  if (connection_->failed() || !connection_->in_transaction()) {
    auto error = member.result ? Error{.code = Errc::internal,
                                       .message = "the transaction was ended from inside"}
                               : member.result.error();
    return fail(std::move(error));
  }
  if (!member.result) {
    CHECK_OK(connection_->execute("rollback to savepoint member", {}));
    return release();
  }
  member.after_commit = transaction.take_after_commit();
  of_commit_ = std::move(transaction.of_commit());
  return {};
}

// With all that was sent before.
Result<> Writer::release() {
  CHECK_OK(connection_->send("release savepoint member", {}));
  return connection_->flush();
}

void Writer::roll_back() {
  if (connection_->in_transaction()) (void)connection_->execute("rollback", {});
}

void Writer::give_up(const Error& error) {
  if (failure_) return;
  failure_ = Error{
      .code = Errc::unavailable,
      .message = "the disk failed, and nothing is stored until the database is opened anew: " +
                 error.message,
      .retry = Retry::later,
      .number = "AR-0031"};
}

}  // namespace aright::store
