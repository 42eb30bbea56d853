// Reads a query: words, texts, numbers and signs, each with its place.

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "base/text.h"
#include "cloud/config_query.h"

namespace aright::cloud {

namespace {

struct Token {
  enum class Kind { word, text, number, sign, end };
  Kind kind = Kind::end;
  std::string text;
  std::size_t at = 0;  // from 1
};

std::unexpected<Error> wrong(std::size_t at, std::string what) {
  return fail({.code = Errc::invalid, .message = fmt::format("The query is not valid at character {}: {}", at, what),
               .wire_code = "InvalidExpressionException", .http_status = 400});
}

bool in_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == ':' || c == '-' || c == '[' ||
         c == ']' || c == '/';
}

Result<Token> take_text(std::string_view all, std::size_t& i) {
  Token token{.kind = Token::Kind::text, .text = {}, .at = i + 1};
  const char quote = all[i++];
  while (i < all.size()) {
    if (all[i] != quote) {
      token.text += all[i++];
    } else if (i + 1 < all.size() && all[i + 1] == quote) {
      token.text += quote;
      i += 2;
    } else {
      ++i;
      return token;
    }
  }
  return wrong(token.at, "this text has no end");
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && (std::isdigit(static_cast<unsigned char>(text[0])) != 0 || text[0] == '-') && *end == '\0';
}

Result<std::vector<Token>> tokens_of(std::string_view all) {
  std::vector<Token> out;
  for (std::size_t i = 0; i < all.size();) {
    if (std::isspace(static_cast<unsigned char>(all[i])) != 0) {
      ++i;
    } else if (all[i] == '\'' || all[i] == '"') {
      out.push_back(TRY(take_text(all, i)));
    } else if (in_word(all[i])) {
      Token token{.kind = Token::Kind::word, .text = {}, .at = i + 1};
      while (i < all.size() && in_word(all[i])) token.text += all[i++];
      if (is_number(token.text)) token.kind = Token::Kind::number;
      out.push_back(std::move(token));
    } else {
      constexpr std::array<std::string_view, 4> pairs{"!=", "<>", "<=", ">="};
      auto two = all.substr(i, 2);
      bool pair = std::ranges::find(pairs, two) != pairs.end();
      if (!pair && std::string_view("=<>(),*").find(all[i]) == std::string_view::npos)
        return wrong(i + 1, fmt::format("'{}' does not belong to the language", all[i]));
      out.push_back({.kind = Token::Kind::sign, .text = std::string(pair ? two : two.substr(0, 1)), .at = i + 1});
      i += pair ? 2 : 1;
    }
  }
  out.push_back({.kind = Token::Kind::end, .text = {}, .at = all.size() + 1});
  return out;
}

using Condition = ConfigQuery::Condition;
using Field = ConfigQuery::Field;

constexpr std::array functions{std::pair{"COUNT", Field::Kind::count}, std::pair{"SUM", Field::Kind::sum},
                               std::pair{"AVG", Field::Kind::avg}, std::pair{"MIN", Field::Kind::min},
                               std::pair{"MAX", Field::Kind::max}};
constexpr std::array kept_words{"SELECT", "WHERE", "GROUP", "ORDER", "BY", "LIMIT", "AND", "OR", "NOT", "IN", "LIKE",
                                "BETWEEN", "ASC", "DESC", "FROM", "HAVING", "IS", "JOIN", "UNION", "AS", "DISTINCT"};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

class QueryParser {
 public:
  explicit QueryParser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<ConfigQuery> read() {
    ConfigQuery out;
    if (!take_word("SELECT")) return expected("SELECT");
    if (!take_sign("*")) out.fields_ = TRY(read_fields());
    if (take_word("WHERE")) {
      auto where = TRY(read_any(0));
      out.where_ = std::move(where);
    }
    if (take_word("GROUP")) out.group_by_ = TRY(read_group());
    if (take_word("ORDER")) out.order_by_ = TRY(read_order());
    if (take_word("LIMIT")) {
      bool counts = now().kind == Token::Kind::number &&
                    now().text.find_first_not_of("0123456789") == std::string::npos;
      if (!counts) return expected("a whole number");
      out.limit_ = std::strtoll(next().text.c_str(), nullptr, 10);
    }
    if (now().kind != Token::Kind::end) return expected("the end, or WHERE, GROUP BY, ORDER BY, LIMIT in this order");
    CHECK_OK(check_groups(out));
    for (const auto& token : tokens_)
      if (token.kind == Token::Kind::text && token.text.contains("::")) out.types_.push_back(token.text);
    return out;
  }

 private:
  const Token& now() const { return tokens_[at_]; }
  const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool is_word(std::string_view word) const { return now().kind == Token::Kind::word && upper(now().text) == word; }
  bool take_word(std::string_view word) { return is_word(word) && (++at_, true); }
  bool take_sign(std::string_view sign) {
    return now().kind == Token::Kind::sign && now().text == sign && (++at_, true);
  }
  std::unexpected<Error> expected(std::string_view what) const {
    if (now().kind == Token::Kind::end) return wrong(now().at, fmt::format("it ends where {} is expected", what));
    return wrong(now().at, fmt::format("'{}' stands where {} is expected", now().text, what));
  }

  Result<std::string> read_property() {
    bool kept = std::ranges::any_of(kept_words, [&](const char* word) { return is_word(word); });
    if (now().kind != Token::Kind::word || kept) return expected("a property");
    return next().text;
  }

  Result<Field> read_field() {
    for (auto [word, kind] : functions) {
      bool called = is_word(word) && tokens_[at_ + 1].text == "(" && tokens_[at_ + 1].kind == Token::Kind::sign;
      if (!called) continue;
      at_ += 2;
      Field field{.kind = kind, .property = {}};
      bool all = kind == Field::Kind::count && take_sign("*");
      if (!all) field.property = TRY(read_property());
      if (!take_sign(")")) return expected("')'");
      return field;
    }
    return Field{.kind = Field::Kind::property, .property = TRY(read_property())};
  }

  Result<std::vector<Field>> read_fields() {
    std::vector<Field> out;
    do {
      out.push_back(TRY(read_field()));
      if (out.size() > fields_max) return wrong(now().at, fmt::format("there are more than {} properties", fields_max));
    } while (take_sign(","));
    return out;
  }

  Result<std::vector<std::string>> read_group() {
    if (!take_word("BY")) return expected("BY");
    std::vector<std::string> out;
    do out.push_back(TRY(read_property()));
    while (take_sign(","));
    return out;
  }

  Result<std::vector<ConfigQuery::Order>> read_order() {
    if (!take_word("BY")) return expected("BY");
    std::vector<ConfigQuery::Order> out;
    do {
      ConfigQuery::Order one{.by = TRY(read_field())};
      one.descending = take_word("DESC");
      if (!one.descending) (void)take_word("ASC");
      out.push_back(std::move(one));
    } while (take_sign(","));
    return out;
  }

  Result<Condition> read_list(const char* word, Condition::Kind kind, int depth,
                              Result<Condition> (QueryParser::*part)(int)) {
    auto first = TRY((this->*part)(depth));
    if (!is_word(word)) return first;
    Condition out{.kind = kind, .parts = {}, .property = {}, .values = {}};
    out.parts.push_back(std::move(first));
    while (take_word(word)) out.parts.push_back(TRY((this->*part)(depth)));
    return out;
  }
  Result<Condition> read_any(int depth) { return read_list("OR", Condition::Kind::any, depth, &QueryParser::read_all); }
  Result<Condition> read_all(int depth) {
    return read_list("AND", Condition::Kind::all, depth, &QueryParser::read_one);
  }

  static Condition negated(Condition one) {
    Condition out{.kind = Condition::Kind::negation, .parts = {}, .property = {}, .values = {}};
    out.parts.push_back(std::move(one));
    return out;
  }

  Result<Condition> read_one(int depth) {
    if (depth > condition_depth_max) return wrong(now().at, "conditions are nested too deeply");
    if (take_word("NOT")) return negated(TRY(read_one(depth + 1)));
    if (take_sign("(")) {
      auto inner = TRY(read_any(depth + 1));
      if (!take_sign(")")) return expected("')', AND or OR");
      return inner;
    }
    return read_comparison();
  }

  Result<json::Value> read_literal() {
    if (now().kind == Token::Kind::text) return json::Value(next().text);
    if (now().kind == Token::Kind::number) {
      auto number = json::parse(now().text);
      if (!number) return expected("a number in decimal digits");
      (void)next();
      return *number;
    }
    if (is_word("TRUE") || is_word("FALSE")) return json::Value(upper(next().text) == "TRUE");
    return expected("a text in quotes, a number, true or false");
  }

  Result<Condition> read_comparison() {
    using Kind = Condition::Kind;
    Condition out{.kind = Kind::equal, .parts = {}, .property = TRY(read_property()), .values = {}};
    bool negative = take_word("NOT");
    if (take_word("IN")) {
      out.kind = Kind::in;
      if (!take_sign("(")) return expected("'('");
      do {
        out.values.push_back(TRY(read_literal()));
        if (out.values.size() > literals_max)
          return wrong(now().at, fmt::format("there are more than {}", literals_max));
      } while (take_sign(","));
      if (!take_sign(")")) return expected("')' or ','");
    } else if (take_word("LIKE")) {
      out.kind = Kind::like;
      if (now().kind != Token::Kind::text) return expected("a text in quotes");
      out.values.push_back(TRY(read_literal()));
    } else if (take_word("BETWEEN")) {
      out.kind = Kind::between;
      out.values.push_back(TRY(read_literal()));
      if (!take_word("AND")) return expected("AND");
      out.values.push_back(TRY(read_literal()));
    } else if (!negative) {
      out.kind = TRY(read_operator());
      out.values.push_back(TRY(read_literal()));
    } else {
      return expected("IN, LIKE or BETWEEN");
    }
    return negative ? negated(std::move(out)) : std::move(out);
  }

  Result<Condition::Kind> read_operator() {
    using Kind = Condition::Kind;
    constexpr std::array operators{std::pair{"=", Kind::equal},     std::pair{"!=", Kind::unequal},
                                   std::pair{"<>", Kind::unequal},  std::pair{"<", Kind::less},
                                   std::pair{"<=", Kind::at_most},  std::pair{">", Kind::greater},
                                   std::pair{">=", Kind::at_least}};
    for (auto [sign, kind] : operators)
      if (take_sign(sign)) return kind;
    return expected("=, !=, <, <=, >, >=, LIKE, IN or BETWEEN");
  }

  // What is shown beside a count is the same for all that are counted.
  static Result<> check_groups(const ConfigQuery& query) {
    auto counts = [](const Field& field) { return field.kind != Field::Kind::property; };
    bool folded = !query.group_by_.empty() || std::ranges::any_of(query.fields_, counts);
    if (!folded) return {};
    for (const auto& field : query.fields_)
      if (!counts(field) && std::ranges::find(query.group_by_, field.property) == query.group_by_.end())
        return wrong(1, fmt::format("{} is neither counted nor in GROUP BY", field.property));
    if (query.fields_.empty()) return wrong(1, "GROUP BY goes with properties and counts, not with *");
    return {};
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

Result<ConfigQuery> ConfigQuery::parse(std::string_view expression) {
  if (expression.size() > expression_chars_max)
    return wrong(expression_chars_max, fmt::format("it has more than {} characters", expression_chars_max));
  auto tokens = TRY(tokens_of(expression));
  return QueryParser(std::move(tokens)).read();
}

}  // namespace aright::cloud
