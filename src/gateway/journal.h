#pragma once
// The writes of one execution, as its ledger stream has them: what was intended, and what came back.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "cloud/image.h"
#include "gateway/redact.h"
#include "ledger/ledger.h"

namespace aright::gateway {

// Entry kinds, on the execution's stream.
inline constexpr const char* call_intended = "call_intended";
inline constexpr const char* call_returned = "call_returned";

struct Returned {
  bool ok = false;
  json::Value output;       // when ok; of the ledger, with its secrets locked
  Error error;              // when not
  cloud::Image after;       // the same aspects, read back after the call
  bool recovered = false;   // found out by reading back, not by the answer
};

// A read that a step made before one of its writes. A step that runs again after a crash gets the same answers, so that
// it comes to the same writes: what it had changed itself would else lead it another way.
struct Read {
  std::string fingerprint;  // of the call
  json::Value output;
  std::optional<Error> error;  // instead of an output
  bool secret = false;         // not on record: asked again
};

struct Intent {
  std::string token;        // scope, fingerprint and occurrence: the same write after a restart
  aws::Call call;           // sensitive members are redacted in the ledger
  cloud::Image before;      // of the aspects it touches
  std::string effect;       // write, create, remove, action, unknown
  std::vector<std::string> resources;  // ARNs or keys, for people
  std::vector<Read> reads;         // of its scope, since the write before
  std::optional<Returned> returned;
};

// Thread-safe, as far as one scope is one thread's at a time; intents() is for when nobody writes.
class Journal {
 public:
  // Folds the entries of the stream; other kinds are passed over.
  static Result<Journal> read(ledger::Ledger& ledger, const Redactor& redactor, std::string stream);

  // The same of a stream that was read before.
  static Result<Journal> fold(ledger::Ledger& ledger, const Redactor& redactor, std::string stream,
                              const std::vector<ledger::Entry>& entries);

  // What a scope had read before its writes, in order.
  std::vector<Read> reads_of(const std::string& scope) const;
  // Null when there is no such write yet.
  Intent* find(const std::string& token);
  // Makes the intent durable, unless `also` objects. The pointer stays valid as long as the journal.
  Result<Intent*> intend(Intent intent, const store::Work& also = {});
  Result<> conclude(Intent& intent, Returned returned);

  const std::vector<std::unique_ptr<Intent>>& intents() const { return intents_; }
  std::size_t size() const;
  bool has_open_intents() const;
  // How many entries this object appended to the stream.
  std::size_t appended() const { return *appended_; }
  // Of the turn that these writes are part of; null: there is none.
  const ledger::Fence* fence() const { return fence_.get(); }

 private:
  Journal(ledger::Ledger& ledger, const Redactor& redactor, std::string stream)
      : ledger_(&ledger), redactor_(&redactor), stream_(std::move(stream)) {}
  Result<> fold(const ledger::Entry& entry);
  Intent* add(Intent intent);
  Result<> append(const char* kind, json::Object body, const store::Work& also = {});

  ledger::Ledger* ledger_;
  const Redactor* redactor_;
  std::string stream_;
  std::shared_ptr<const ledger::Fence> fence_ = ledger::Fence::current();  // for threads that make calls of the turn
  std::unique_ptr<std::mutex> mutex_ = std::make_unique<std::mutex>();  // guards what follows
  std::vector<std::unique_ptr<Intent>> intents_;  // in the order of intent
  std::map<std::string, Intent*> by_token_;
  std::unique_ptr<std::atomic<std::size_t>> appended_ = std::make_unique<std::atomic<std::size_t>>(0);
};

}  // namespace aright::gateway
