#pragma once
// The one door for every AWS call: classify, admit, journal, save the before-image, forward, journal.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "aws/call.h"
#include "cloud/catalog.h"
#include "cloud/classify.h"
#include "cloud/image.h"
#include "gateway/halts.h"
#include "gateway/journal.h"
#include "ledger/ledger.h"
#include "model/model.h"

namespace aright::gateway {

inline constexpr int writes_per_session_max = 10'000;
inline constexpr milliseconds call_timeout{60'000};
inline constexpr std::size_t reads_bytes_max = 8u << 20;  // of what one step read before one write
inline constexpr int write_attempts_max =
    3;  // of one write, each only after reading back that the last did nothing
inline constexpr milliseconds settle_pause{2'000};    // before a create is judged a second time: reads may be stale

// Decides about one write before anything is journaled. Errors refuse it; nothing then reaches the cloud.
using Admit = std::function<Result<>(const aws::Call&, const cloud::Classification&)>;
// Looks at what a write is about to change, as it is now, before it is journaled. Errors refuse it as well.
using Expect = std::function<Result<>(const aws::Call&, const cloud::Image& before)>;
// Told about each write that has an answer, new or recorded, in the order of the session.
using Learn = std::function<void(const aws::Call&, const json::Value& output)>;

struct SessionOptions {
  std::string stream;   // of the ledger: the execution whose writes these are
  std::string account, region;  // for calls that name none
  std::string control;          // whose fix, or rollback, it is; "": nobody's
  Admit admit;          // empty: every write is refused
  Expect expect = {};   // empty: whatever is there may be changed
  Learn learn;
  std::shared_ptr<const aws::SessionCut> cut = {};  // what its calls are made as
};

// Where others can halt as well: whether this process knows of all halts, asked in the transaction of each intent, and
// how it learns of them.
struct SharedHalts {
  std::function<Result<bool>(store::Transaction&)> knows_all;
  std::function<Result<>()> learn;
};

// Lets time pass. Empty: as Context::sleep does.
using Pause = std::function<Result<>(milliseconds, const Context&)>;

class Gateway;

// The calls of one execution. scope() says which step they belong to: the n-th equal write of a
// scope is the same write after a restart, so a script that runs again from its first line repeats
// no effect. Not thread-safe by itself; calls of one session are serialised.
class Session final : public aws::Caller {
 public:
  Session(Gateway& gateway, SessionOptions options, std::shared_ptr<Journal> journal);

  void scope(std::string step_token);
  Result<json::Object> call(const aws::Call& call, const Context& context) override;

  const Journal& journal() const { return *journal_; }
  // Another one with the same journal, for what is done side by side: its scopes are others than those of this one.
  std::unique_ptr<Session> beside(Admit admit, Expect expect, Learn learn) const;
  // Set when a write was refused or found drifted: the execution must not go on.
  const std::optional<Error>& stopped_by() const { return stopped_by_; }

 private:
  Result<json::Object> read(const aws::Call& call, const Context& context);
  void remember(const aws::Call& call, const std::string& fingerprint, const Result<json::Object>& answer);
  Result<json::Object> write(aws::Call call, const cloud::Classification& what, const Context& context);
  Result<json::Object> forward(const aws::Call& call, Intent& intent, const Context& context);
  Result<Intent*> intend(const Intent& intent);
  Result<json::Object> ask(const aws::Call& call, Context context);
  Result<json::Object> settle(const aws::Call& call, Intent& intent, const Context& context);
  Result<json::Object> conclude(const aws::Call& call, Intent& intent, Result<json::Object> answer, bool recovered,
                                const Context& context);
  Result<json::Object> stop(Error error);
  // Neither halted nor another worker's by now.
  Result<> may_go(const aws::Call& call) const;

  Gateway& gateway_;
  SessionOptions options_;
  std::shared_ptr<Journal> journal_;
  std::mutex mutex_;
  std::string scope_;
  std::map<std::string, int> occurrences_;  // of equal writes in this scope
  std::vector<Read> recorded_;   // what this scope had read before a crash, and how much of it was asked for again
  std::size_t replayed_ = 0;
  std::vector<Read> since_;      // what it read since its last write
  std::size_t since_bytes_ = 0;
  std::optional<Error> stopped_by_;
};

// Thread-safe. Owns nothing; everything it is given must outlive it.
class Gateway {
 public:
  Gateway(aws::Caller& cloud, const cloud::Catalog& catalog, const model::Models& models, ledger::Ledger& ledger,
          Pause pause = {});

  // Fails when the stream's entries can't be read.
  Result<std::unique_ptr<Session>> open(SessionOptions options);
  // The same of a stream that was read before.
  Result<std::unique_ptr<Session>> open(SessionOptions options, const std::vector<ledger::Entry>& entries);
  // A door for reads only: writes are refused with denied.
  std::unique_ptr<aws::Caller> reader(std::string account, std::string region);

  // Lets time pass, as the executions of this gateway know it.
  Result<> pause(milliseconds time, const Context& context) const {
    return pause_ ? pause_(time, context) : context.sleep(time);
  }
  bool time_is_virtual() const { return pause_ != nullptr; }

  // Stops writes from now on, until started again. Reads go on.
  // Before any session.
  void share_halts(SharedHalts shared) { shared_halts_ = std::move(shared); }
  Halts& halts() { return halts_; }
  const Halts& halts() const { return halts_; }
  std::uint64_t writes() const { return writes_; }

  // Services and operations as the models spell them, account and region filled in. Fails with
  // invalid for unknown ones.
  Result<aws::Call> normalise(const aws::Call& call, std::string_view account, std::string_view region) const;

  aws::Caller& cloud() { return cloud_; }
  const cloud::Catalog& catalog() const { return catalog_; }
  const model::Models& models() const { return models_; }
  const Redactor& redactor() const { return redactor_; }

 private:
  friend class Session;

  aws::Caller& cloud_;
  const cloud::Catalog& catalog_;
  const model::Models& models_;
  ledger::Ledger& ledger_;
  const Redactor redactor_;
  const Pause pause_;
  Halts halts_;
  SharedHalts shared_halts_;  // empty: nobody else can
  std::atomic<std::uint64_t> writes_ = 0;
};

}  // namespace aright::gateway
