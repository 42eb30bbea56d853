#include <charconv>

#include "json/path.h"
#include "json/path_ast.h"

namespace aright::json {

using namespace path_ast;

namespace {

bool is_name_char(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) || std::string_view("_-/:$@#%+").contains(c);
}

// Recursive descent; parentheses and nested filters are the only recursion, and path_depth_max
// bounds it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Step>> path() {
    skip_spaces();
    std::vector<Step> steps;
    const bool rooted = take("$");
    if (!rooted && peek() != '[' && peek() != '.') {
      auto name = TRY(dotted());
      steps.push_back({.selectors = {std::move(name)}});
    }
    CHECK_OK(more_steps(steps));
    skip_spaces();
    if (at_ < text_.size()) return fault("a path step was expected");
    if (steps.empty() && !rooted) return fault("a path is missing");
    return steps;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  bool take(std::string_view token) {
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  // As take, but spaces may come first; without the token nothing is consumed.
  bool take_spaced(std::string_view token) {
    auto start = at_;
    skip_spaces();
    if (take(token)) return true;
    at_ = start;
    return false;
  }

  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t')
      ++at_;
  }

  std::unexpected<Error> fault(std::string_view what) const {
    return fail(Errc::invalid, "JSONPath \"{}\", offset {}: {}", text_, at_, what);
  }

  Result<> more_steps(std::vector<Step>& steps) {
    while (true) {
      Step step;
      if (take("..")) {
        step.deep = true;
        if (peek() != '[') {
          auto selector = TRY(dotted());
          step.selectors = {std::move(selector)};
        }
      } else if (take(".")) {
        // Some tools write a dot before a bracket as well: "Tags.[0]".
        if (peek() != '[') {
          auto selector = TRY(dotted());
          step.selectors = {std::move(selector)};
        }
      } else if (peek() != '[') {
        return {};
      }
      if (step.selectors.empty()) {
        ++at_;
        step.selectors = TRY(bracketed());
      }
      steps.push_back(std::move(step));
    }
  }

  Result<Selector> dotted() {
    if (take("*")) return Wildcard();
    if (peek() == '\'' || peek() == '"') return Name{TRY(quoted())};  // .'a.b', as AWS's runbooks write it
    auto start = at_;
    while (is_name_char(peek()))
      ++at_;
    if (at_ == start) return fault("a member name was expected");
    auto name = text_.substr(start, at_ - start);
    if (!take("()")) return Name{std::string(name)};
    if (name != "length") return fault("length() is the one function that there is");
    return Length();
  }

  Result<std::vector<Selector>> bracketed() {
    std::vector<Selector> selectors;
    do {
      skip_spaces();
      auto selector = TRY(this->selector());
      selectors.push_back(std::move(selector));
      skip_spaces();
    } while (take(","));
    if (!take("]")) return fault("']' was expected");
    return selectors;
  }

  Result<Selector> selector() {
    if (take("*")) return Wildcard();
    if (peek() == '\'' || peek() == '"') {
      auto name = TRY(quoted());
      return Name{std::move(name)};
    }
    if (take("?")) {
      auto condition = TRY(any());
      return Filter{std::make_shared<const Expression>(std::move(condition))};
    }
    return index_or_slice();
  }

  Result<Selector> index_or_slice() {
    auto first = TRY(optional_integer());
    if (!take_spaced(":")) {
      if (!first) return fault("an index, a slice, a quoted name, '*' or a filter was expected");
      return Index{*first};
    }
    Slice slice{.begin = first};
    skip_spaces();
    slice.end = TRY(optional_integer());
    if (take_spaced(":")) {
      skip_spaces();
      auto step = TRY(optional_integer());
      slice.step = step.value_or(1);
      if (slice.step == 0) return fault("a slice cannot have a step of 0");
    }
    return slice;
  }

  Result<std::optional<std::int64_t>> optional_integer() {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error == std::errc::result_out_of_range) return fault("the number is too large");
    if (error != std::errc()) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    return number;
  }

  Result<std::string> quoted() {
    const char quote = text_[at_++];
    std::string out;
    while (at_ < text_.size()) {
      char c = text_[at_++];
      if (c == quote) return out;
      if (c == '\\' && at_ < text_.size()) c = text_[at_++];
      out += c;
    }
    return fault("the quote is not closed");
  }

  Result<Expression> any() {
    Any any;
    do {
      auto part = TRY(all());
      any.parts.push_back(std::move(part));
    } while (take_spaced("||"));
    if (any.parts.size() == 1) return std::move(any.parts.front());
    return Expression{std::move(any)};
  }

  Result<Expression> all() {
    All all;
    do {
      auto part = TRY(basic());
      all.parts.push_back(std::move(part));
    } while (take_spaced("&&"));
    if (all.parts.size() == 1) return std::move(all.parts.front());
    return Expression{std::move(all)};
  }

  Result<Expression> basic() {
    if (++depth_ > path_depth_max) return fault("too deeply nested");
    auto out = TRY(unguarded_basic());
    --depth_;
    return out;
  }

  Result<Expression> unguarded_basic() {
    skip_spaces();
    if (peek() == '!' && peek(1) != '=') {
      ++at_;
      auto inner = TRY(basic());
      return Expression{Not{std::make_shared<const Expression>(std::move(inner))}};
    }
    if (take("(")) {
      auto inner = TRY(any());
      if (!take_spaced(")")) return fault("')' was expected");
      return inner;
    }
    return test();
  }

  Result<Expression> test() {
    auto left = TRY(operand());
    if (take_spaced("=~")) return pattern(std::move(left));
    auto comparison = take_comparison();
    if (!comparison) {
      if (auto* query = std::get_if<Query>(&left)) return Expression{Exists{std::move(*query)}};
      return fault("a comparison was expected");
    }
    skip_spaces();
    auto right = TRY(peek() == '[' ? list() : operand());
    for (const auto* side : {&left, &right}) {
      auto* query = std::get_if<Query>(side);
      if (query && !definite(query->steps)) return fault("only single values can be compared");
    }
    return Expression{Compare{std::move(left), *comparison, std::move(right)}};
  }

  std::optional<Comparison> take_comparison() {
    if (take_spaced("==")) return Comparison::equal;
    if (take_spaced("!=")) return Comparison::not_equal;
    if (take_spaced("<=")) return Comparison::less_equal;
    if (take_spaced(">=")) return Comparison::greater_equal;
    if (take_spaced("<")) return Comparison::less;
    if (take_spaced(">")) return Comparison::greater;
    if (take_spaced("in ") || take_spaced("in[")) return at_list(Comparison::among);
    if (take_spaced("nin ") || take_spaced("nin[")) return at_list(Comparison::not_among);
    return std::nullopt;
  }

  // After the word and what ended it.
  Comparison at_list(Comparison comparison) {
    --at_;
    return comparison;
  }

  Result<Operand> list() {
    Array items;
    ++at_;
    while (!take_spaced("]")) {
      if (!items.empty() && !take_spaced(",")) return fault("',' or ']' was expected");
      skip_spaces();
      auto item = TRY(operand());
      if (!std::holds_alternative<Value>(item)) return fault("a list holds texts, numbers, true, false and null");
      items.push_back(std::get<Value>(std::move(item)));
    }
    return Value(std::move(items));
  }

  // /pattern/, and i after it where case does not count.
  Result<Expression> pattern(Operand left) {
    if (!take_spaced("/")) return fault("a pattern stands between slashes");
    std::string text;
    while (at_ < text_.size() && peek() != '/') {
      if (peek() == '\\' && peek(1) == '/') ++at_;
      text += text_[at_++];
    }
    if (!take("/")) return fault("the pattern is not closed");
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!take("i"));
    auto compiled = std::make_shared<const re2::RE2>(text, options);
    if (!compiled->ok()) return fault("no pattern: " + compiled->error());
    return Expression{Resembles{std::move(left), std::move(compiled)}};
  }

  Result<Operand> operand() {
    if (peek() == '@' || peek() == '$') {
      Query query{.from_root = text_[at_++] == '$'};
      CHECK_OK(more_steps(query.steps));
      return query;
    }
    if (peek() == '\'' || peek() == '"') {
      auto text = TRY(quoted());
      return Value(text);
    }
    auto start = at_;
    while (is_name_char(peek()) || peek() == '.')
      ++at_;
    auto literal = parse_literal(text_.substr(start, at_ - start));
    if (!literal) {
      at_ = start;
      return fault("@, $, a string, a number, true, false or null was expected");
    }
    return *literal;
  }

  static std::optional<Value> parse_literal(std::string_view text) {
    auto value = json::parse(text);
    if (!value) return std::nullopt;
    return std::move(*value);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

bool path_ast::ends_in_length(const std::vector<Step>& steps) {
  return !steps.empty() && steps.back().selectors.size() == 1 &&
         std::holds_alternative<Length>(steps.back().selectors[0]);
}

bool path_ast::definite(const std::vector<Step>& steps) {
  for (const auto& step : steps) {
    if (step.deep || step.selectors.size() != 1) return false;
    const auto& selector = step.selectors.front();
    const bool one = std::holds_alternative<Name>(selector) || std::holds_alternative<Index>(selector) ||
                     std::holds_alternative<Length>(selector);
    if (!one) return false;
  }
  return true;
}

Result<Path> Path::parse(std::string_view text) {
  if (text.size() > path_bytes_max) {
    return fail(Errc::invalid, "a JSONPath may have at most {} bytes", path_bytes_max);
  }
  auto steps = TRY(Parser(text).path());
  return Path(std::move(steps));
}

Path::Path(std::vector<Step> steps) : steps_(std::move(steps)) {}
Path::~Path() = default;
Path::Path(Path&&) noexcept = default;
Path& Path::operator=(Path&&) noexcept = default;

bool Path::definite() const {
  return path_ast::definite(steps_);
}

}  // namespace aright::json
