#pragma once
// What a unit of work sees of the store.

#include <any>
#include <functional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/engine.h"
#include "store/value.h"

namespace aright::store {

// Lives only during the function it is given to, and is used on that thread only.
class Transaction {
 public:
  // What units of work that share one commit hand on to each other, as the last that succeeded left it.
  struct OfCommit {
    std::any known;
    std::function<Result<>(Transaction&)> at_end;  // runs once, after all of them and before the commit
  };

  Transaction(Connection& connection, Access access, OfCommit of_commit = {})
      : connection_(connection), access_(access), of_commit_(std::move(of_commit)) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // For what needs no answer: its failure is told by a later statement, or fails the whole unit of work at its end.
  Result<> send(std::string_view sql, Parameters parameters = {});
  // The same for a query that has to give exactly one row: otherwise that failure is told.
  Result<> demand(std::string_view sql, Parameters parameters, Error otherwise);
  OfCommit& of_commit() { return of_commit_; }

  // How many rows were changed.
  Result<std::int64_t> execute(std::string_view sql, Parameters parameters = {});
  Result<std::vector<Row>> query(std::string_view sql, Parameters parameters = {});
  // All tables and indexes as text: the same for databases that were made alike.
  Result<std::string> shape() { return connection_.shape(); }
  std::string_view time_sql() const { return connection_.time_sql(); }
  std::string_view pass_over_sql() const { return connection_.pass_over_sql(); }
  // Several statements without parameters, separated by semicolons; they are not kept prepared.
  Result<> script(std::string_view sql);

  // Runs on the writer thread once the transaction is durable and before its caller is told; not
  // when it is rolled back. Must be short and must not call the database.
  void after_commit(std::function<void()> action) { after_commit_.push_back(std::move(action)); }
  std::vector<std::function<void()>> take_after_commit() { return std::move(after_commit_); }

 private:
  Result<> may_write() const;

  Connection& connection_;
  Access access_;
  OfCommit of_commit_;
  std::vector<std::function<void()>> after_commit_;
};

// One unit of work: reads and writes through the transaction, and through nothing else.
using Work = std::function<Result<>(Transaction&)>;
// How often it runs. `repeatably`: where the database is a way off, the statements of several go there together, and
// when one of them fails, all run again, one by one, on what was before. What it leaves elsewhere has to be the same
// each time.
enum class Runs { once, repeatably };

// Marks this thread as being inside `owner`'s transaction while it lives, so that a second one,
// which would wait for the first one for ever, can be refused.
class Inside {
 public:
  explicit Inside(const void* owner);
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  // Fails with internal when this thread is inside `owner`'s transaction.
  static Result<> refuse(const void* owner);

 private:
  const void* outer_;
};

// Runs the work; what it throws becomes an error here, at the edge.
Result<> perform(const Work& work, Transaction& transaction);

}  // namespace aright::store
