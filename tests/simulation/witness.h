#pragma once
// Stands before the cloud, sees each call that reaches it, and reads the ledger beside it. Whatever it sees that must
// not be is kept as a violation, with what happened before.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "chronicle.h"
#include "estate.h"

namespace aright::simulation {

struct Violation {
  std::string what, stream;
  std::uint64_t position = 0;  // of the last entry before it
};

class Witness final : public aws::Caller {
 public:
  Witness(sandbox::Cloud& cloud, Estate& estate);
  ~Witness() override;

  // Reads the ledger from now on, which must outlive the witness.
  void attend(ledger::Ledger& ledger);
  // What was committed as the process died was told to nobody.
  void catch_up();
  // A read that reached the engine did not show what is: what it then keeps as the state before may not be that.
  void mirage() { ++mirages_; }

  Result<json::Object> call(const aws::Call& call, const Context& context) override;

  void accuse(const std::string& what, const std::string& stream);
  Chronicle& chronicle() { return chronicle_; }
  const Chronicle& chronicle() const { return chronicle_; }
  const std::vector<Violation>& violations() const { return violations_; }
  std::size_t writes() const { return writes_; }
  const std::string& trace() const { return trace_; }  // a hash of them in order
  std::size_t rollbacks_compared() const { return compared_; }
  std::size_t again() const { return again_; }  // writes that were made again, and changed nothing

 private:
  void read(const ledger::Entry& entry);
  void judge_write(const aws::Call& call, const std::string& stream, const Story& story);
  void note_effect(const std::string& stream, const std::string& key, const Story& story, const Leaves& before,
                   Leaves after);
  void judge_rollback(const Story& story, bool conflicts);
  Thing* thing_of(const Story& story);
  // The stream whose intent to make this call stands in the ledger without an answer.
  std::string stream_of(const std::string& key) const;

  sandbox::Cloud& cloud_;
  Estate& estate_;
  ledger::Ledger* ledger_ = nullptr;
  std::uint64_t subscription_ = 0, position_ = 0;
  Chronicle chronicle_;
  std::map<std::string, std::vector<std::string>> intended_;  // call → streams
  std::map<std::string, std::string> tokens_;                 // stream/token → call
  struct Effect {
    Leaves before, after;
  };
  std::map<std::string, std::vector<Effect>> effects_;  // by remediation: its fix, write by write
  struct Made {
    int times = 0;
    std::size_t touched = 0;    // by others, when it was made
    std::uint64_t mirages = 0;  // that the engine was shown until then
  };
  std::map<std::string, Made> made_;           // stream and call: how often it changed something
  struct Before {
    Leaves leaves;
    const Thing* thing = nullptr;
    std::size_t touched = 0;
    bool alone = true;  // no other fix or rollback wrote meanwhile
  };
  std::map<std::string, Before> before_rollback_;  // by remediation
  std::vector<Violation> violations_;
  std::uint64_t mirages_ = 0;
  std::string trace_;
  std::map<std::string, std::uint64_t> mirages_before_;  // each remediation was opened
  std::size_t writes_ = 0, compared_ = 0, again_ = 0;
};

}  // namespace aright::simulation
