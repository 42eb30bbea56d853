// Clauses: what is asked of the values that a query finds.

#include "guard/parser.h"

namespace aright::guard {

using syntax::Clause;
using syntax::Operator;

Parser::Taken<Clause> Parser::clause() {
  Depth depth(*this);
  if (fault_) return std::nullopt;
  if (auto when = when_block(&Parser::clause)) return Clause{std::move(*when)};
  if (fault_) return std::nullopt;
  auto from = scan_.at();
  auto asked = query();
  auto end = scan_.at();
  if (fault_) return std::nullopt;
  if (asked) {
    if (auto block = nested(*asked, from)) return Clause{std::move(*block)};
    if (fault_) return std::nullopt;
  }
  scan_.go_back(from);
  if (auto called = rule_call()) return Clause{std::move(*called)};
  if (fault_) return std::nullopt;
  if (auto compared = comparison(asked, end)) return Clause{std::move(*compared)};
  return std::nullopt;
}

Parser::Taken<Clause> Parser::clause_or_reference() {
  auto taken = clause();
  if (taken || fault_) return taken;
  auto named = reference();
  return named ? Taken<Clause>(Clause{std::move(*named)}) : std::nullopt;
}

// What may stand straight in a rule.
Parser::Taken<Clause> Parser::clause_of_rule() {
  scan_.skip_space_and_comments();
  if (auto block = type_block()) return Clause{std::move(*block)};
  if (fault_) return std::nullopt;
  if (auto when = when_block(&Parser::clause_or_reference)) return Clause{std::move(*when)};
  return fault_ ? std::nullopt : clause_or_reference();
}

Parser::Taken<Clause> Parser::type_block_clause() {
  auto block = type_block();
  return block ? Taken<Clause>(Clause{std::move(*block)}) : std::nullopt;
}

// What may stand after when.
Parser::Taken<Clause> Parser::condition() {
  if (auto compared = comparison(std::nullopt, 0)) return Clause{std::move(*compared)};
  if (fault_) return std::nullopt;
  if (auto called = rule_call()) return Clause{std::move(*called)};
  if (fault_) return std::nullopt;
  auto named = reference();
  return named ? Taken<Clause>(Clause{std::move(*named)}) : std::nullopt;
}

Parser::Taken<syntax::When> Parser::when_block(ClauseReader reader) {
  Attempt attempt(*this);
  auto conditions = when_conditions();
  if (!conditions) return std::nullopt;
  auto body = block(reader);
  if (!body) return std::nullopt;
  return attempt.keep(syntax::When{std::move(*conditions), std::move(*body)});
}

Parser::Taken<std::string> Parser::type_name() {
  Attempt attempt(*this);
  auto part = scan_.take_name();
  if (!part) return std::nullopt;
  std::string out = *part;
  int more = 0;
  for (; more < 2; ++more) {
    auto end = scan_.at();
    auto next = scan_.take("::") ? scan_.take_name() : std::nullopt;
    if (!next) {
      scan_.go_back(end);
      break;
    }
    out += "::" + *next;
  }
  if (more == 0) return std::nullopt;
  if (more == 2) scan_.take("::MODULE");
  return attempt.keep(std::move(out));
}

Parser::Taken<syntax::TypeBlock> Parser::type_block() {
  Attempt attempt(*this);
  syntax::TypeBlock out{.place = scan_.place(scan_.at())};
  auto type = type_name();
  if (!type) return std::nullopt;
  out.type = std::move(*type);
  if (!scan_.skip_space_and_comments()) {
    give_up(scan_.at(), "there is no blank after the resource type");
    return std::nullopt;
  }
  out.conditions = when_conditions();
  if (fault_) return std::nullopt;
  if (auto body = block(&Parser::clause)) {
    out.block = std::move(*body);
    return attempt.keep(std::move(out));
  }
  if (fault_) return std::nullopt;
  scan_.skip_space_and_comments();
  auto single = out.conditions ? std::nullopt : clause();
  if (!single) {
    if (!fault_)
      give_up(scan_.at(), "a resource type needs a block or a clause", "write { clause } after it");
    return std::nullopt;
  }
  out.block.clauses.emplace_back().push_back(std::move(*single));
  return attempt.keep(std::move(out));
}

Parser::Taken<syntax::Nested> Parser::nested(const syntax::Query& query, std::size_t from) {
  Attempt attempt(*this);
  syntax::Nested out{.place = scan_.place(from)};
  {
    Attempt word(*this);
    scan_.skip_space_and_comments();
    if (negation() && scan_.take_either("EMPTY", "empty")) {
      out.not_empty = true;
      word.keep();
    }
  }
  auto body = block(&Parser::clause);
  if (!body) return std::nullopt;
  out.query = query;
  out.block = std::move(*body);
  return attempt.keep(std::move(out));
}

// not, with a blank after it, or !
bool Parser::negation() {
  Attempt attempt(*this);
  if (scan_.take_either("not", "NOT")) {
    if (scan_.peek() == ' ' || scan_.peek() == '\t') {
      scan_.skip_blanks();
      attempt.keep();
      return true;
    }
    return false;
  }
  if (!scan_.take('!')) return false;
  attempt.keep();
  return true;
}

Parser::Taken<std::string> Parser::message() {
  Attempt attempt(*this);
  auto from = scan_.at();
  if (!scan_.take("<<")) return std::nullopt;
  auto length = scan_.rest().find(">>");
  if (length == std::string_view::npos) {
    give_up(from, "a message that no >> ends", "add the closing >>");
    return std::nullopt;
  }
  std::string out(scan_.rest().substr(0, length));
  scan_.go_back(scan_.at() + length + 2);
  return attempt.keep(std::move(out));
}

Parser::Taken<syntax::RuleCall> Parser::rule_call() {
  Attempt attempt(*this);
  auto place = scan_.place(scan_.at());
  bool negated = negation();
  auto called = call();
  if (!called) return std::nullopt;
  syntax::RuleCall out{{std::move(called->name), negated, std::nullopt, place},
                       std::move(called->arguments)};
  Attempt trailing(*this);
  scan_.skip_space_and_comments();
  out.rule.message = message();
  if (fault_) return std::nullopt;
  if (out.rule.message) trailing.keep();
  return attempt.keep(std::move(out));
}

// After the name of a rule: the end of the line or of the file, a comment, a brace, or `or`.
bool Parser::ends_reference() {
  Attempt attempt(*this);
  if (scan_.at_end()) return true;
  scan_.skip_blanks();
  auto rest = scan_.rest();
  if (rest.starts_with('\n') || rest.starts_with("\r\n") || rest.starts_with('#') ||
      rest.starts_with('{'))
    return true;
  return or_word();
}

Parser::Taken<syntax::Reference> Parser::reference() {
  Attempt attempt(*this);
  syntax::Reference out{.place = scan_.place(scan_.at())};
  out.negated = negation();
  auto name = scan_.take_name();
  if (!name) {
    expected("a clause");
    return std::nullopt;
  }
  out.name = std::move(*name);
  if (ends_reference()) return attempt.keep(std::move(out));
  auto end = scan_.at();
  scan_.skip_blanks();
  out.message = message();
  if (fault_) return std::nullopt;
  if (!out.message) {
    expected("a comparison such as ==, in, exists or !empty",
             "the name of a rule stands alone on its line, or has a <<message>> after it");
    give_up(end, "this is no clause");
    return std::nullopt;
  }
  return attempt.keep(std::move(out));
}

Parser::Taken<syntax::Comparator> Parser::comparator() {
  struct Sign {
    std::string_view word, other;
    Operator sign;
  };
  static constexpr Sign signs[] = {{">=", ">=", Operator::greater_equal},
                                   {"<=", "<=", Operator::less_equal},
                                   {">", ">", Operator::greater},
                                   {"<", "<", Operator::less}};
  static constexpr Sign words[] = {
      {"in", "IN", Operator::in},
      {"EXISTS", "exists", Operator::exists},
      {"EMPTY", "empty", Operator::empty},
      {"IS_STRING", "is_string", Operator::is_string},
      {"IS_LIST", "is_list", Operator::is_list},
      {"IS_STRUCT", "is_struct", Operator::is_struct},
      {"IS_BOOL", "is_bool", Operator::is_bool},
      {"IS_INT", "is_int", Operator::is_int},
      {"IS_NULL", "is_null", Operator::is_null},
      {"IS_FLOAT", "is_float", Operator::is_float},
  };
  if (scan_.rest().starts_with("<<")) return std::nullopt;
  if (scan_.take("==")) return syntax::Comparator{};
  if (scan_.take("!=")) return syntax::Comparator{.negated = true};
  for (const auto& [word, other, sign] : signs)
    if (scan_.take(word)) return syntax::Comparator{sign, false};
  Attempt attempt(*this);
  bool negated = negation();
  for (const auto& [word, other, sign] : words)
    if (scan_.take_either(word, other)) return attempt.keep(syntax::Comparator{sign, negated});
  expected("a comparison such as ==, in, exists or !empty");
  return std::nullopt;
}

Parser::Taken<syntax::Operand> Parser::right_side() {
  if (auto literal = value()) return syntax::Operand{std::move(*literal)};
  if (fault_) return std::nullopt;
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  if (auto called = function()) return attempt.keep(syntax::Operand{std::move(*called)});
  if (fault_) return std::nullopt;
  if (auto asked = query()) return attempt.keep(syntax::Operand{std::move(*asked)});
  if (!fault_) {
    expected("a value, a query or a function to compare with");
    give_up(scan_.at(), "there is nothing to compare with", "write a value, a query or a function");
  }
  return std::nullopt;
}

// `asked` may have been read already, from here to `end`.
Parser::Taken<syntax::Comparison> Parser::comparison(const Taken<syntax::Query>& asked,
                                                     std::size_t end) {
  Attempt attempt(*this);
  syntax::Comparison out{.place = scan_.place(scan_.at())};
  scan_.skip_space_and_comments();
  out.negated = negation();
  if (asked && !out.negated) {
    out.query = *asked;
    scan_.go_back(end);
  } else {
    auto taken = query();
    if (!taken) return std::nullopt;
    out.query = std::move(*taken);
  }
  scan_.skip_space_and_comments();
  auto sign = comparator();
  if (!sign) return std::nullopt;
  out.comparator = *sign;
  if (!syntax::is_unary(sign->sign)) {
    out.with = right_side();
    if (!out.with) return std::nullopt;
  }
  scan_.skip_space_and_comments();
  out.message = message();
  if (fault_) return std::nullopt;
  return attempt.keep(std::move(out));
}

}  // namespace aright::guard
