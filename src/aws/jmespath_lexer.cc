#include "aws/jmespath_lexer.h"

#include <cctype>
#include <charconv>

#include "base/text.h"

namespace aright::aws::jmespath {

namespace {

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_';
}

bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

struct Fixed {
  std::string_view text;
  Mark mark;
};

// The longer ones first.
constexpr Fixed fixed[] = {
    {"||", Mark::either},      {"&&", Mark::both},         {"==", Mark::compare},
    {"!=", Mark::compare},     {"<=", Mark::compare},      {">=", Mark::compare},
    {"[]", Mark::flatten},     {"[?", Mark::filter},       {"<", Mark::compare},
    {">", Mark::compare},      {".", Mark::dot},           {"*", Mark::star},
    {",", Mark::comma},        {":", Mark::colon},         {"@", Mark::at},
    {"&", Mark::ampersand},    {"!", Mark::bang},          {"|", Mark::pipe},
    {"[", Mark::open_bracket}, {"]", Mark::close_bracket}, {"{", Mark::open_brace},
    {"}", Mark::close_brace},  {"(", Mark::open_paren},    {")", Mark::close_paren}};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    for (;;) {
      while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
        ++at_;
      Token token{.column = at_ + 1};
      if (at_ == text_.size()) {
        tokens.push_back(std::move(token));
        return tokens;
      }
      CHECK_OK(next(token));
      tokens.push_back(std::move(token));
    }
  }

 private:
  Result<> next(Token& token) {
    char c = text_[at_];
    if (starts_name(c)) return name(token);
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '-') return number(token);
    if (c == '"' || c == '\'' || c == '`') return delimited(token, c);
    for (const Fixed& one : fixed) {
      if (!text_.substr(at_).starts_with(one.text)) continue;
      token.mark = one.mark;
      token.text = one.text;
      at_ += one.text.size();
      return {};
    }
    return fail(Errc::invalid, "column {}: '{}' is no part of JMESPath", at_ + 1, c);
  }

  Result<> name(Token& token) {
    auto start = at_;
    while (at_ < text_.size() && continues_name(text_[at_]))
      ++at_;
    token.mark = Mark::name;
    token.text = text_.substr(start, at_ - start);
    return {};
  }

  Result<> number(Token& token) {
    std::int64_t number = 0;
    auto begin = text_.data() + at_, end = text_.data() + text_.size();
    auto parsed = std::from_chars(begin, end, number);
    if (parsed.ec != std::errc()) {
      return fail(Errc::invalid, "column {}: no number", at_ + 1);
    }
    token.mark = Mark::number;
    token.value = number;
    at_ += static_cast<std::size_t>(parsed.ptr - begin);
    return {};
  }

  // "name", 'text' or `JSON`; a backslash hides the delimiter.
  Result<> delimited(Token& token, char delimiter) {
    auto start = ++at_;
    while (at_ < text_.size() && text_[at_] != delimiter)
      at_ += text_[at_] == '\\' ? 2 : 1;
    if (at_ >= text_.size()) {
      return fail(Errc::invalid, "column {}: {} is not closed", start, delimiter);
    }
    std::string inside(text_.substr(start, at_ - start));
    ++at_;
    if (delimiter == '"') return quoted(token, inside);
    token.mark = Mark::literal;
    inside = replace_all(std::move(inside), std::string("\\") + delimiter, {&delimiter, 1});
    if (delimiter == '\'') {
      token.value = json::String(inside);
      return {};
    }
    auto parsed = json::parse(inside);
    // Once a literal text could go without its quotes.
    if (!parsed) parsed = json::parse("\"" + std::string(trim(inside)) + "\"");
    if (!parsed) return fail(Errc::invalid, "column {}: no JSON between `", start);
    token.value = std::move(*parsed);
    return {};
  }

  Result<> quoted(Token& token, const std::string& inside) {
    auto parsed = json::parse("\"" + inside + "\"");
    if (!parsed) return fail(Errc::invalid, "column {}: no JSON text", token.column);
    token.mark = Mark::quoted;
    token.text = json::text(*parsed);
    return {};
  }

  const std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>> tokens_of(std::string_view expression) {
  return Lexer(expression).run();
}

}  // namespace aright::aws::jmespath
