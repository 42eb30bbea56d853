#include "guard/parser.h"

#include <fmt/format.h>

#include <algorithm>

#include "guard/unicode.h"

namespace aright::guard {

using syntax::Clause;
using syntax::Conjunction;

Parser::Depth::Depth(Parser& parser) : depth_(parser.depth_) {
  if (++depth_ > rules_nesting_max) {
    parser.give_up(parser.scan_.at(), fmt::format("nested deeper than {}", rules_nesting_max),
                   "use named rules");
  }
}

void Parser::expected(std::string_view what, std::string_view hint, bool particular) {
  bool here = scan_.at() == farthest_ && !wanted_.empty();
  if (scan_.at() < farthest_ || (here && particular_ && !particular)) return;
  farthest_ = scan_.at();
  wanted_ = what;
  hint_ = hint;
  particular_ = particular;
}

void Parser::give_up(std::size_t at, std::string message, std::string hint) {
  if (fault_) return;
  // What would have fitted further on says more than where the reader turned back.
  if (!wanted_.empty() && (farthest_ > at || (farthest_ == at && particular_))) {
    at = farthest_;
    message = fmt::format("expected {}", wanted_);
    hint = hint_;
  }
  fault_ = Diagnostic{name_, scan_.place(at), std::move(message), std::move(hint)};
}

void Parser::close(char c, std::string_view what) {
  if (fault_) return;
  scan_.skip_space_and_comments();
  if (!scan_.take(c)) give_up(scan_.at(), fmt::format("expected {} at the end of {}", c, what));
}

bool Parser::or_word() {
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  bool word = scan_.take_either("or", "OR") || scan_.take("|OR|");
  if (!word || !scan_.skip_space_and_comments()) return false;
  attempt.keep();
  return true;
}

Parser::Taken<std::vector<Clause>> Parser::alternatives(ClauseReader reader) {
  Attempt attempt(*this);
  std::vector<Clause> out;
  while (true) {
    auto end = scan_.at();
    if (!out.empty() && !or_word()) break;
    scan_.skip_space_and_comments();
    auto one = (this->*reader)();
    if (fault_) return std::nullopt;
    if (!one) {
      if (out.empty()) return std::nullopt;
      scan_.go_back(end);
      break;
    }
    out.push_back(std::move(*one));
  }
  return attempt.keep(std::move(out));
}

bool Parser::add_alternatives(Conjunction& to, ClauseReader reader) {
  auto taken = alternatives(reader);
  if (!taken) return false;
  to.push_back(std::move(*taken));
  return true;
}

Parser::Taken<Conjunction> Parser::conjunction(ClauseReader reader) {
  Conjunction out;
  auto from = scan_.at();
  while (add_alternatives(out, reader)) {
  }
  if (!fault_ && out.empty()) give_up(from, "there is no clause here");
  return fault_ ? std::nullopt : Taken<Conjunction>(std::move(out));
}

Parser::Taken<Conjunction> Parser::when_conditions() {
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  if (!scan_.take_either("when", "WHEN")) return std::nullopt;
  if (!scan_.skip_space_and_comments()) {
    give_up(scan_.at(), "there is no blank after when",
            "a property that begins with when must be quoted");
    return std::nullopt;
  }
  auto out = conjunction(&Parser::condition);
  if (!out) return std::nullopt;
  return attempt.keep(std::move(*out));
}

Parser::Taken<syntax::Let> Parser::let() {
  Attempt attempt(*this);
  if (!scan_.take("let") || !scan_.skip_space_and_comments()) return std::nullopt;
  auto name = scan_.take_name();
  if (!name) return std::nullopt;
  scan_.skip_space_and_comments();
  if (!scan_.take_either("=", ":=")) {
    give_up(scan_.at(), fmt::format("there is no = after let {}", *name));
    return std::nullopt;
  }
  auto value = operand();
  if (!value) {
    give_up(scan_.at(), fmt::format("let {} needs a value, a query or a function", *name));
    return std::nullopt;
  }
  return attempt.keep(syntax::Let{std::move(*name), std::move(*value)});
}

Parser::Taken<syntax::Block> Parser::block(ClauseReader reader) {
  Attempt attempt(*this);
  Depth depth(*this);
  scan_.skip_space_and_comments();
  if (fault_ || !scan_.take('{')) return std::nullopt;
  syntax::Block out;
  while (!fault_) {
    {
      Attempt assignment(*this);
      scan_.skip_space_and_comments();
      if (auto taken = let()) {
        out.lets.push_back(std::move(*taken));
        assignment.keep();
        continue;
      }
    }
    if (fault_ || !add_alternatives(out.clauses, reader)) break;
  }
  if (fault_) return std::nullopt;
  if (out.lets.empty() && out.clauses.empty()) {
    scan_.skip_space_and_comments();
    expected("a clause", "a block cannot be empty", true);
    return std::nullopt;
  }
  close('}', "the block");
  if (fault_) return std::nullopt;
  return attempt.keep(std::move(out));
}

bool Parser::parameters(syntax::Rule& rule) {
  Attempt attempt(*this);
  if (!scan_.take('(')) return false;
  do {
    scan_.skip_space();
    auto name = scan_.take_name();
    if (!name) {
      give_up(scan_.at(), "a parameter needs a name");
      return false;
    }
    if (std::ranges::find(rule.parameters, *name) == rule.parameters.end())
      rule.parameters.push_back(*name);
    scan_.skip_space();
  } while (scan_.take(','));
  if (!scan_.take(')')) {
    give_up(scan_.at(), "there is no ) after the parameters");
    return false;
  }
  attempt.keep();
  return true;
}

Parser::Taken<syntax::Rule> Parser::rule(bool parameterized) {
  Attempt attempt(*this);
  syntax::Rule out;
  scan_.skip_space_and_comments();
  out.place = scan_.place(scan_.at());
  if (!scan_.take("rule") || !scan_.skip_space_and_comments()) return std::nullopt;
  auto name = scan_.take_name();
  if (!name) {
    give_up(scan_.at(), "a rule needs a name", "a name begins with a letter of ASCII");
    return std::nullopt;
  }
  out.name = std::move(*name);
  if (parameterized) {
    if (!parameters(out)) return std::nullopt;
  } else {
    out.conditions = when_conditions();
    if (fault_) return std::nullopt;
  }
  auto body = block(&Parser::clause_of_rule);
  if (!body) {
    give_up(scan_.at(), fmt::format("rule {} needs a block with clauses", out.name));
    return std::nullopt;
  }
  out.block = std::move(*body);
  return attempt.keep(std::move(out));
}

// One thing outside of rules, or a rule. False when nothing fits.
bool Parser::top_level(syntax::File& file, Conjunction& loose) {
  if (auto taken = let()) {
    file.lets.push_back(std::move(*taken));
    return true;
  }
  if (fault_) return false;
  if (auto taken = rule(true)) {
    file.parameterized.push_back(std::move(*taken));
    return true;
  }
  if (fault_) return false;
  if (auto taken = rule(false)) {
    file.rules.push_back(std::move(*taken));
    return true;
  }
  if (fault_) return false;
  if (add_alternatives(loose, &Parser::type_block_clause)) return true;
  if (fault_) return false;
  if (auto taken = when_block(&Parser::clause_or_reference)) {
    loose.emplace_back().push_back({std::move(*taken)});
    return true;
  }
  return !fault_ && add_alternatives(loose, &Parser::clause);
}

std::expected<syntax::File, Diagnostic> Parser::read() {
  if (scan_.rest().size() > rules_bytes_max) {
    return std::unexpected(Diagnostic{
        name_, {}, fmt::format("larger than {} bytes", rules_bytes_max), "split the file"});
  }
  syntax::File out{.name = name_};
  Conjunction loose;
  scan_.skip_space_and_comments();
  out.empty = scan_.at_end();
  while (!scan_.at_end()) {
    scan_.skip_space_and_comments();
    if (scan_.at_end()) break;
    if (top_level(out, loose)) continue;
    if (!fault_) give_up(scan_.at(), "expected a rule, a let or a clause");
    return std::unexpected(std::move(*fault_));
  }
  if (!loose.empty()) {
    syntax::Rule standard{.name = name_.empty() ? "default" : name_ + "/default", .place = {1, 1}};
    standard.block.clauses = std::move(loose);
    out.rules.insert(out.rules.begin(), std::move(standard));
  }
  return out;
}

}  // namespace aright::guard
