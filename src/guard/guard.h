#pragma once
// CloudFormation Guard: rules as text, judged against any document: a CloudFormation template, a
// Terraform plan, the snapshot of a live resource.
//
//   auto rules = guard::parse_rules(text, "buckets.guard");
//   auto report = guard::evaluate(*rules, guard::document_of(snapshot, "bucket"));
//   if (report->status == guard::Status::fail) …
//
// The language is that of cfn-guard 3.1.1, observed quirks included (README.md). Rules and
// documents never change after they were read: copy them freely, and evaluate from any number of
// threads at once. What Guard's own engine ends in a crash is a Diagnostic here.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "guard/diagnostic.h"
#include "guard/document.h"
#include "guard/status.h"

namespace aright::guard {

struct Program;
namespace syntax {
struct File;
}

class Rules {
 public:
  const std::string& name() const;
  bool empty() const;  // nothing but blanks and comments
  std::vector<std::string> rule_names() const;
  const Program& program() const { return *program_; }
  const syntax::File& syntax() const { return *syntax_; }

 private:
  friend std::expected<Rules, Diagnostic> parse_rules(std::string_view text,
                                                      const std::string& name);
  std::shared_ptr<const syntax::File> syntax_;
  std::shared_ptr<const Program> program_;
};

// `name` is the file's: diagnostics begin with it, and clauses outside of rules become the rule
// "name/default".
std::expected<Rules, Diagnostic> parse_rules(std::string_view text, const std::string& name);

// Why a rule failed: one clause and one value, or several of which one would have been enough. The
// values that it points to live as long as the report.
struct Failure {
  enum class Kind {
    rule,      // a rule that was called; `parts` say why
    any_of,    // alternatives, all of which failed: `parts`
    block,     // a block over nothing, or over something that is not there
    unary,     // exists, empty, is_…
    compared,  // `from` with `to`
    among,     // `from` with `others`
  };
  Kind kind = Kind::unary;
  std::string rule;     // that was called, or that did not pass
  std::string message;  // the author's, between << and >>
  bool has_message = false;
  std::string reason;         // in our words: "is 2; expected == 1"
  std::string clause;         // as written
  Place clause_place;         // in the rules file
  std::string operator_name;  // "Eq", "In", "Exists" …; empty where nothing is compared
  bool negated = false;
  const Value* from = nullptr;  // the value, or the last one on the way to what is missing
  std::string missing;          // what is missing from there; empty when `from` is the value
  const Value* to = nullptr;
  std::vector<const Value*> others;
  std::vector<Failure> parts;

  std::string path() const { return from ? from->path() : ""; }
  Place place() const { return from ? from->place : Place{}; }
};

struct RuleReport {
  std::string name;
  Status status = Status::skip;
  std::vector<Failure> failures;
};

struct Report {
  Status status = Status::skip;
  std::vector<RuleReport> rules;  // in the order of the file; names may repeat
  std::string trace;  // everything that was judged, as an indented tree, when it was asked for
  std::shared_ptr<const void> keeps;  // what the failures point to
};

struct Options {
  std::int64_t now_s = 0;  // what now() is, in seconds since 1970
  std::uint64_t steps_max = 2'000'000'000;
  bool trace = false;
  bool reasons = true;  // else the failures stay empty
};

// Fails where the rules cannot be judged: an unknown variable or rule, a function that cannot take
// its argument, a circle, or more work than steps_max.
std::expected<Report, Diagnostic> evaluate(const Rules& rules, const Document& document,
                                           const Options& options = {});

// A failure and all its parts, those without parts alone, outermost first.
std::vector<const Failure*> leaves(const std::vector<Failure>& failures);

}  // namespace aright::guard
