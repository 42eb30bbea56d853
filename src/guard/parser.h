#pragma once
// From the text of a rules file to its syntax tree. Alternatives are tried in a fixed order, as the
// engine that set the language does: a word that begins like a keyword is that keyword. Internal to
// guard.

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "guard/diagnostic.h"
#include "guard/scanner.h"
#include "guard/syntax.h"

namespace aright::guard {

inline constexpr std::size_t rules_bytes_max = 16u << 20;
inline constexpr int rules_nesting_max = 200;  // of blocks, filters, lists and calls

class Parser {
 public:
  Parser(std::string_view text, std::string name) : scan_(text), name_(std::move(name)) {}

  std::expected<syntax::File, Diagnostic> read();

 private:
  // A reader either takes what fits, or leaves the position alone and returns nothing. When
  // `fault_` is set, no alternative is tried any more: what was read so far can mean nothing else.
  template <typename T>
  using Taken = std::optional<T>;
  using ClauseReader = Taken<syntax::Clause> (Parser::*)();

  // Puts the position back unless the reader got through.
  class Attempt {
   public:
    explicit Attempt(Parser& parser) : scan_(parser.scan_), from_(parser.scan_.at()) {}
    ~Attempt() {
      if (!kept_) scan_.go_back(from_);
    }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    void keep() { kept_ = true; }
    template <typename T>
    Taken<T> keep(T value) {
      kept_ = true;
      return Taken<T>(std::move(value));
    }

   private:
    Scanner& scan_;
    std::size_t from_;
    bool kept_ = false;
  };

  class Depth {
   public:
    explicit Depth(Parser& parser);
    ~Depth() { --depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    int& depth_;
  };

  // parser.cc: the file and its rules.
  bool top_level(syntax::File& file, syntax::Conjunction& loose);
  Taken<syntax::Rule> rule(bool parameterized);
  bool parameters(syntax::Rule& rule);
  Taken<syntax::Let> let();
  Taken<syntax::Block> block(ClauseReader reader);
  bool add_alternatives(syntax::Conjunction& to, ClauseReader reader);
  Taken<syntax::Conjunction> conjunction(ClauseReader reader);
  Taken<std::vector<syntax::Clause>> alternatives(ClauseReader reader);
  bool or_word();
  Taken<syntax::Conjunction> when_conditions();
  void close(char c, std::string_view what);

  // parser_clauses.cc
  Taken<syntax::Clause> clause();
  Taken<syntax::Clause> clause_or_reference();
  Taken<syntax::Clause> clause_of_rule();
  Taken<syntax::Clause> condition();
  Taken<syntax::Clause> type_block_clause();
  Taken<syntax::When> when_block(ClauseReader reader);
  Taken<syntax::TypeBlock> type_block();
  Taken<std::string> type_name();
  Taken<syntax::Nested> nested(const syntax::Query& query, std::size_t from);
  Taken<syntax::RuleCall> rule_call();
  Taken<syntax::Reference> reference();
  bool ends_reference();
  Taken<syntax::Comparison> comparison(const Taken<syntax::Query>& query, std::size_t end);
  Taken<syntax::Operand> right_side();
  Taken<syntax::Comparator> comparator();
  bool negation();
  Taken<std::string> message();

  // parser_query.cc
  Taken<syntax::Query> query();
  Taken<syntax::Part> first_part();
  Taken<syntax::Part> step();
  Taken<syntax::Part> dotted();
  Taken<syntax::Part> bracketed();
  Taken<syntax::Part> bracketed_all();
  Taken<syntax::Part> bracketed_index();
  Taken<syntax::Part> bracketed_key();
  Taken<syntax::Part> bracketed_keys();
  Taken<syntax::Part> bracketed_filter();
  Taken<std::string> capture();
  Taken<syntax::Comparator> key_comparator();
  Taken<std::string> variable();
  Taken<std::string> property();
  Taken<syntax::Operand> operand();
  Taken<syntax::Call> call();
  Taken<syntax::Call> function();

  // parser_values.cc
  Taken<Value> value();
  Taken<Value::Data> value_data();
  Taken<std::int64_t> integer();
  Taken<double> real();
  Taken<std::string> text();
  Taken<std::string> quoted(char quote);
  Taken<Value::Data> regex();
  Taken<Value::Data> range();
  Taken<std::variant<std::int64_t, double, char32_t>> bound();
  Taken<Value::Data> list();
  Taken<Value::Data> map();
  Taken<std::string> key();

  // What would have fitted here; the farthest such place is told when nothing does. Of several in
  // one place the last counts, unless one is `particular`.
  void expected(std::string_view what, std::string_view hint = "", bool particular = false);
  // Nothing else can fit.
  void give_up(std::size_t at, std::string message, std::string hint = "");

  Scanner scan_;
  std::string name_;
  std::optional<Diagnostic> fault_;
  std::size_t farthest_ = 0;
  std::string wanted_, hint_;
  bool particular_ = false;
  int depth_ = 0;
};

}  // namespace aright::guard
