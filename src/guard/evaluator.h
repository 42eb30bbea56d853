#pragma once
// Judges one document by one program. One object for each run, used by one thread; the program and
// the document must outlive it, and so must it what it recorded. Internal to guard.

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "guard/compare.h"
#include "guard/diagnostic.h"
#include "guard/program.h"
#include "guard/record.h"

namespace aright::guard {

inline constexpr std::uint64_t steps_max_default = 2'000'000'000;  // values looked at in one run
inline constexpr int evaluation_depth_max =
    1'000;  // clauses and steps of queries within one another

class Evaluator {
 public:
  struct Limits {
    std::uint64_t steps_max = steps_max_default;
    std::int64_t now_s = 0;   // what now() is
    bool everything = false;  // record what passed too
  };
  Evaluator(const Program& program, const Value& root, Limits limits);

  // The status of each rule, in the order of the program.
  Outcome<std::vector<Status>> run();
  Record record() { return recorder_.take(); }

 private:
  using Shared = std::shared_ptr<const Findings>;

  // Where names and plain keys are looked up. The innermost first; scopes live as long as what they
  // belong to runs.
  struct Scope {
    enum class Kind { file, block, value, call };
    Kind kind;
    Scope* parent = nullptr;
    const Value* root = nullptr;
    const Block* block = nullptr;
    std::vector<std::pair<NameId, std::shared_ptr<Findings>>> resolved = {};
    std::vector<NameId> resolving = {};

    const Value& here() const { return kind == Kind::call ? parent->here() : *root; }
    std::shared_ptr<Findings>* find(NameId name);
  };

  class Depth {
   public:
    explicit Depth(Evaluator& evaluator) : depth_(evaluator.depth_) { ++depth_; }
    ~Depth() { --depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    int& depth_;
  };

  // evaluator.cc: rules, blocks and clauses.
  using Outcomes = Outcome<Status>;
  Outcomes rule(const Rule& rule, Scope& scope, const RuleCall* call = nullptr);
  Outcomes conjunction(const Conjunction& rows, Scope& scope);
  Outcomes either(const std::vector<Clause>& row, Scope& scope);
  Outcomes block(const Block& block, Scope& scope);
  Outcomes clause(const Clause& clause, Scope& scope);
  Outcomes run_clause(const Comparison& comparison, Scope& scope);
  Outcomes run_clause(const Reference& reference, Scope& scope);
  Outcomes run_clause(const RuleCall& call, Scope& scope);
  Outcomes run_clause(const Nested& nested, Scope& scope);
  Outcomes run_clause(const When& when, Scope& scope);
  Outcomes run_clause(const TypeBlock& type, Scope& scope);
  Outcomes conditions(Record::Kind kind, const Conjunction& rows, Scope& scope);
  Outcome<Status> status_of(const Reference& reference, Scope& scope);

  // retrieve.cc: what queries find.
  Outcome<Findings> query(const Query& query, Scope& scope);
  Outcome<> retrieve(const Query& query, std::size_t at, const Value& current, Scope& scope,
                     int spelling, Findings& out);
  Outcome<> from_variable(const Query& query, Scope& scope, Findings& out);
  Outcome<> interpolate(const Query& query, std::size_t at, const Value& current, Scope& scope,
                        int spelling, Findings& out);
  Outcome<> each_item(const Query& query, std::size_t at, const Value& current, Scope& scope,
                      int spelling, Findings& out);
  Outcome<> each_member(const Query& query, std::size_t at, const Value& current, Scope& scope,
                        int spelling, Findings& out);
  Outcome<> filter(const Query& query, std::size_t at, const Value& current, Scope& scope,
                   int spelling, Findings& out);
  Outcome<> filter_members(const Query& query, std::size_t at, const Value& current, Scope& scope,
                           int spelling, Findings& out);
  Outcome<> filter_items(const Query& query, std::size_t at, const Value& current, Scope& scope,
                         int spelling, Findings& out);
  Outcome<> keys(const Query& query, std::size_t at, const Value& current, Scope& scope,
                 int spelling, Findings& out);
  Outcome<bool> key_passes(const Value& key, const Findings& with, Comparator comparator);
  Outcome<bool> passes(const Conjunction& filter, Scope& scope);
  const Value& key_of(const Value& map, std::size_t position);

  // variables.cc
  Outcome<Shared> resolve(NameId name, Scope& scope);
  Outcome<Findings> operand(const Operand& operand, Scope& scope);
  void capture(NameId name, const Value& key);

  // functions.cc
  Outcome<Findings> call(const Call& call, Scope& scope);
  Outcome<> apply(const Call& call, const std::vector<Findings>& arguments, Findings& out);
  Outcome<> for_texts(const Call& call, const std::vector<Findings>& arguments, Findings& out);
  Outcome<std::optional<Value::Data>> converted(const Call& call, const Value& from);
  Outcome<std::optional<Value::Data>> as_number(const Call& call, const Value& from);
  Outcome<std::optional<Value::Data>> as_character(const Call& call, const Value& from);
  static std::optional<Value::Data> printed(const Value& from);
  Outcome<std::size_t> position_argument(const Call& call, const Findings& argument);
  Outcome<const std::string*> text_argument(const Call& call, const Findings& argument);
  Outcome<Value::Data> joined(const Call& call, const std::vector<Findings>& arguments);
  const Value& make(Value::Data data, const Value* like);

  // unary.cc, binary.cc: what clauses ask of values.
  Outcomes unary(const Comparison& comparison, const Findings& left);
  Outcomes selection_is_empty(const Comparison& comparison, const Findings& left);
  Outcome<bool> holds(const Comparison& comparison, const Found& found);
  Outcomes binary(const Comparison& comparison, const Findings& left, const Findings& right);
  class Tally;
  Outcome<> equal(Tally& tally, const Findings& left, const Findings& right);
  Outcome<> contained(Tally& tally, const Findings& left, const Findings& right);
  Outcome<> contained_in(Tally& tally, const Value& left, const Value& right);
  Outcome<> list_contained(Tally& tally, const Value& left, const Value& right);
  Outcome<> text_contained(Tally& tally, const Value& left, const Value& right);
  using Values = std::vector<const Value*>;
  Outcome<> values_contained(Tally& tally, const Values& lacking, const Values& right,
                             const Values& left);
  Outcome<> lacking_in(const Values& left, const Values& right, Values& lacking);
  Outcome<> ordered(Tally& tally, const Findings& left, const Findings& right);
  Outcome<> compare(Tally& tally, const Value& left, const Value& right);
  const Among& among(const Value& list);

  Outcome<> spend(std::uint64_t steps);

  const Program& program_;
  const Value& root_;
  Limits limits_;
  Recorder recorder_;
  Scope file_;
  std::uint64_t steps_ = 0;
  int depth_ = 0;
  Place at_;  // of the clause that is being judged, for diagnostics
  std::unordered_map<std::string_view, Status> statuses_;  // of rules that were referred to
  std::vector<std::string_view> referring_;  // rules that are being judged for a reference
  std::unordered_map<const Value*, std::unique_ptr<Among>> lists_;
  std::deque<Value> made_;
};

}  // namespace aright::guard
