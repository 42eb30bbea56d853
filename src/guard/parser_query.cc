// Queries: what leads from a value to others, step by step.

#include "guard/parser.h"

namespace aright::guard {

using syntax::Part;

Parser::Taken<syntax::Query> Parser::query() {
  Attempt attempt(*this);
  syntax::Query out;
  {
    Attempt some(*this);
    scan_.skip_space_and_comments();
    if (scan_.take_either("SOME", "some") && scan_.skip_space_and_comments()) {
      out.all = false;
      some.keep();
    }
  }
  auto first = first_part();
  if (!first) return std::nullopt;
  bool variable = first->kind == Part::Kind::key && first->name.starts_with('%');
  out.parts.push_back(std::move(*first));
  while (auto next = step())
    out.parts.push_back(std::move(*next));
  if (fault_) return std::nullopt;
  // What follows a variable is asked of each value it stands for.
  if (variable && out.parts.size() > 1 && out.parts[1].kind != Part::Kind::all_items) {
    out.parts.insert(out.parts.begin() + 1, Part{.kind = Part::Kind::all_items});
  }
  return attempt.keep(std::move(out));
}

Parser::Taken<Part> Parser::first_part() {
  {
    Attempt attempt(*this);
    scan_.skip_space_and_comments();
    if (scan_.take_either("this", "THIS")) return attempt.keep(Part{.kind = Part::Kind::itself});
  }
  if (auto name = variable()) return Part{.name = std::move(*name)};
  if (auto name = property()) return Part{.name = std::move(*name)};
  if (!fault_)
    expected("the name of a property, a variable, or this",
             "a name begins with a letter of ASCII; else quote it");
  return std::nullopt;
}

Parser::Taken<std::string> Parser::variable() {
  Attempt attempt(*this);
  if (!scan_.take('%')) return std::nullopt;
  auto name = scan_.take_name();
  if (!name) {
    expected("the name of a variable after %");
    return std::nullopt;
  }
  return attempt.keep("%" + *name);
}

Parser::Taken<std::string> Parser::property() {
  auto name = scan_.take_name();
  return name ? name : text();
}

Parser::Taken<Part> Parser::step() {
  auto part = dotted();
  return part || fault_ ? part : bracketed();
}

Parser::Taken<Part> Parser::dotted() {
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  if (!scan_.take('.')) return std::nullopt;
  if (auto index = integer()) {
    return attempt.keep(
        Part{.kind = Part::Kind::index, .index = static_cast<std::int32_t>(*index)});
  }
  if (auto name = property()) return attempt.keep(Part{.name = std::move(*name)});
  if (fault_) return std::nullopt;
  if (auto name = variable()) return attempt.keep(Part{.name = std::move(*name)});
  if (scan_.take('*')) return attempt.keep(Part{.kind = Part::Kind::all_values});
  expected("a name, a variable, an index or * after the point");
  return std::nullopt;
}

Parser::Taken<Part> Parser::bracketed() {
  Attempt attempt(*this);
  Depth depth(*this);
  scan_.skip_space_and_comments();
  if (fault_ || !scan_.take('[')) return std::nullopt;
  using Reader = Taken<Part> (Parser::*)();
  constexpr Reader readers[] = {&Parser::bracketed_all, &Parser::bracketed_index,
                                &Parser::bracketed_key, &Parser::bracketed_keys,
                                &Parser::bracketed_filter};
  for (auto reader : readers) {
    auto part = (this->*reader)();
    if (fault_) return std::nullopt;
    if (part) return attempt.keep(std::move(*part));
  }
  return std::nullopt;
}

// [*] or [name], without a blank before the name.
Parser::Taken<Part> Parser::bracketed_all() {
  Attempt attempt(*this);
  Part part{.kind = Part::Kind::all_items};
  auto from = scan_.at();
  scan_.skip_space_and_comments();
  if (!scan_.take('*')) {
    scan_.go_back(from);
    auto name = scan_.take_name();
    if (!name) return std::nullopt;
    part.name = std::move(*name);
  }
  scan_.skip_space_and_comments();
  if (!scan_.take(']')) return std::nullopt;
  return attempt.keep(std::move(part));
}

Parser::Taken<Part> Parser::bracketed_index() {
  Attempt attempt(*this);
  auto index = integer();
  if (!index) return std::nullopt;
  close(']', "the index");
  if (fault_) return std::nullopt;
  return attempt.keep(Part{.kind = Part::Kind::index, .index = static_cast<std::int32_t>(*index)});
}

// ['key'], or [ name ] with a blank before the name, which takes all values and captures their
// keys.
Parser::Taken<Part> Parser::bracketed_key() {
  Attempt attempt(*this);
  Part part;
  if (auto key = text()) {
    part.name = std::move(*key);
  } else {
    if (fault_) return std::nullopt;
    scan_.skip_space_and_comments();
    auto name = scan_.take_name();
    if (!name) return std::nullopt;
    part = {.kind = Part::Kind::all_values, .name = std::move(*name)};
  }
  scan_.skip_space_and_comments();
  if (!scan_.take(']')) return std::nullopt;
  return attempt.keep(std::move(part));
}

Parser::Taken<std::string> Parser::capture() {
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  auto name = scan_.take_name();
  scan_.skip_blanks();
  if (!name || !scan_.take('|')) return std::nullopt;
  return attempt.keep(std::move(*name));
}

Parser::Taken<syntax::Comparator> Parser::key_comparator() {
  if (scan_.take("==")) return syntax::Comparator{};
  if (scan_.take("!=")) return syntax::Comparator{.negated = true};
  if (scan_.take_either("in", "IN")) return syntax::Comparator{.sign = syntax::Operator::in};
  Attempt attempt(*this);
  if (negation() && scan_.take_either("in", "IN")) {
    return attempt.keep(syntax::Comparator{.sign = syntax::Operator::in, .negated = true});
  }
  return std::nullopt;
}

// [ keys == /x/ ]
Parser::Taken<Part> Parser::bracketed_keys() {
  Attempt attempt(*this);
  Part part{.kind = Part::Kind::keys};
  if (auto name = capture()) part.name = std::move(*name);
  scan_.skip_space_and_comments();
  if (!scan_.take_either("KEYS", "keys")) return std::nullopt;
  scan_.skip_space_and_comments();
  auto sign = key_comparator();
  if (!sign) {
    give_up(scan_.at(), "after keys there must stand ==, !=, in or not in");
    return std::nullopt;
  }
  part.comparator = *sign;
  scan_.skip_space_and_comments();
  if (auto literal = value()) {
    part.with.push_back({std::move(*literal)});
  } else if (auto asked = fault_ ? std::nullopt : query()) {
    part.with.push_back({std::move(*asked)});
  } else {
    if (!fault_) give_up(scan_.at(), "there is nothing to compare the keys with");
    return std::nullopt;
  }
  scan_.skip_space_and_comments();
  if (!scan_.take(']')) {
    expected("] after what keys are compared with");
    return std::nullopt;
  }
  return attempt.keep(std::move(part));
}

Parser::Taken<Part> Parser::bracketed_filter() {
  Attempt attempt(*this);
  Part part{.kind = Part::Kind::filter};
  if (auto name = capture()) part.name = std::move(*name);
  auto clauses = conjunction(&Parser::clause);
  if (!clauses) return std::nullopt;
  part.filter = std::move(*clauses);
  close(']', "the filter");
  if (fault_) return std::nullopt;
  return attempt.keep(std::move(part));
}

Parser::Taken<syntax::Operand> Parser::operand() {
  Attempt attempt(*this);
  scan_.skip_space_and_comments();
  if (auto literal = value()) return attempt.keep(syntax::Operand{std::move(*literal)});
  if (fault_) return std::nullopt;
  if (auto called = function()) return attempt.keep(syntax::Operand{std::move(*called)});
  if (fault_) return std::nullopt;
  if (auto asked = query()) return attempt.keep(syntax::Operand{std::move(*asked)});
  return std::nullopt;
}

Parser::Taken<syntax::Call> Parser::function() {
  return call();
}

// name(argument, …). Only now() has no arguments.
Parser::Taken<syntax::Call> Parser::call() {
  Attempt attempt(*this);
  Depth depth(*this);
  if (fault_) return std::nullopt;
  syntax::Call out{.place = scan_.place(scan_.at())};
  auto name = scan_.take_name();
  if (!name || !scan_.take('(')) return std::nullopt;
  out.name = std::move(*name);
  do {
    scan_.skip_space();
    auto argument = operand();
    if (fault_) return std::nullopt;
    if (!argument) {
      if (out.name == "now" && out.arguments.empty()) break;
      return std::nullopt;
    }
    out.arguments.push_back(std::move(*argument));
    scan_.skip_space();
  } while (scan_.take(','));
  if (!scan_.take(')')) {
    expected(", or ) after the arguments");
    return std::nullopt;
  }
  return attempt.keep(std::move(out));
}

}  // namespace aright::guard
