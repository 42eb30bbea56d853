#pragma once
// A process that dies, without a process: a store and a cloud that go silent at a chosen instant. What was committed
// and what took effect before it stays; what comes after it fails, until somebody revives them. The object that used
// them is then thrown away, as a killed process would be, and a new one goes on.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/call.h"
#include "base/random.h"
#include "base/strongbox.h"
#include "sandbox/cloud.h"
#include "store/engine.h"

namespace aright::simulation {

// When to die: around the nth commit, or around the nth call of the cloud, counted from the last revival.
struct Death {
  enum class At { never, before_commit, after_commit, before_call, after_call };
  At at = At::never;
  std::uint64_t nth = 0;  // from 1
};

// The same number for the same text, whatever it is compiled with.
std::uint64_t number_of(std::string_view text);

// Shared by the store and the cloud of one simulated process. One thread at a time.
class Life {
 public:
  bool dead() const { return dead_; }
  void revive(Death next) {
    dead_ = false;
    death_ = next;
    commits_ = calls_ = 0;
  }
  // Told about each commit and each call; true where the process ends there.
  bool ends_at_commit(bool before) {
    return ends(before ? Death::At::before_commit : Death::At::after_commit, commits_);
  }
  bool ends_at_call(bool before) {
    return ends(before ? Death::At::before_call : Death::At::after_call, calls_);
  }
  void count_commit() { ++commits_; }
  void count_call() { ++calls_; }
  std::uint64_t commits() const { return commits_; }
  std::uint64_t calls() const { return calls_; }

 private:
  bool ends(Death::At at, std::uint64_t count) {
    if (death_.at != at || death_.nth != count) return false;
    dead_ = true;
    return true;
  }

  Death death_;
  std::uint64_t commits_ = 0, calls_ = 0;
  bool dead_ = false;
};

// What a ledger holds locked is the same in each run.
Strongbox known_strongbox();

// A store in memory that outlives every process that used it. `life` must outlive it.
std::unique_ptr<store::Engine> mortal_store(Life& life);

// Whoever stands behind it answers until the process ends.
class MortalDoor final : public aws::Caller {
 public:
  MortalDoor(aws::Caller& below, Life& life) : below_(below), life_(life) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override;

 private:
  aws::Caller& below_;
  Life& life_;
};

// Of a thousand writes, how many lose their answer; nobody then knows whether they took effect.
struct LossRates {
  int before = 0;  // nothing happened
  int after = 0;   // it took effect
};

// Whether and how the answer of a write gets lost is a function of the seed and the write alone, so that two runs that
// make the same writes meet the same losses. A write loses its answer once.
class MortalCloud final : public aws::Caller {
 public:
  MortalCloud(sandbox::Cloud& below, Life& life, LossRates losses, std::uint64_t seed)
      : below_(below), life_(life), losses_(losses), seed_(seed) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  std::size_t lost() const { return lost_; }
  // The writes that changed anything, in order: what was there already may be written again.
  const std::vector<std::string>& effects() const { return effects_; }
  // A hash of all that was asked, and of what was answered, in order.
  const std::string& trace() const { return trace_; }

 private:
  Result<json::Object> ask(const aws::Call& call, const std::string& key, const Context& context);

  sandbox::Cloud& below_;
  Life& life_;
  const LossRates losses_;
  const std::uint64_t seed_;
  std::map<std::string, int> sent_;  // how often each write came by
  std::size_t lost_ = 0;
  std::vector<std::string> effects_;
  std::string trace_;
};

}  // namespace aright::simulation
