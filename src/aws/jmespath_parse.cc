#include "aws/jmespath_lexer.h"
#include "aws/jmespath_node.h"

namespace aright::aws::jmespath {

namespace {

constexpr int nesting_max = 100;  // of brackets, and so of the parser's own calls
constexpr int steps_max =
    500;  // of one expression; each is a call of the evaluation, one in another

// How strongly an operator holds on to what stands on its left.
enum Power {
  none = 0,
  by_pipe = 1,
  by_either = 2,
  by_both = 3,
  by_compare = 5,
  by_flatten = 9,
  projections_stop = 10,  // what holds less than this ends a projection
  by_star = 20,
  by_filter = 21,
  by_dot = 40,
  by_bang = 45,
  by_brace = 50,
  by_bracket = 55,
  by_paren = 60,
};

int power(Mark mark) {
  switch (mark) {
    case Mark::pipe:
      return by_pipe;
    case Mark::either:
      return by_either;
    case Mark::both:
      return by_both;
    case Mark::compare:
      return by_compare;
    case Mark::flatten:
      return by_flatten;
    case Mark::star:
      return by_star;
    case Mark::filter:
      return by_filter;
    case Mark::dot:
      return by_dot;
    case Mark::bang:
      return by_bang;
    case Mark::open_brace:
      return by_brace;
    case Mark::open_bracket:
      return by_bracket;
    case Mark::open_paren:
      return by_paren;
    case Mark::end:
    case Mark::name:
    case Mark::quoted:
    case Mark::literal:
    case Mark::number:
    case Mark::comma:
    case Mark::colon:
    case Mark::at:
    case Mark::ampersand:
    case Mark::close_bracket:
    case Mark::close_brace:
    case Mark::close_paren:
      break;
  }
  return none;
}

Node make(Kind kind, std::vector<Node> children) {
  return Node{.kind = kind, .children = std::move(children)};
}

template <typename... Nodes>
Node make_of(Kind kind, Nodes... nodes) {
  std::vector<Node> children;
  (children.push_back(std::move(nodes)), ...);
  return make(kind, std::move(children));
}

// A Pratt parser: expression(power) reads as long as operators hold more than `power`.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  Result<Node> run() {
    auto root = TRY(expression(none));
    if (peek().mark != Mark::end) return unexpected(peek());
    return root;
  }

 private:
  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token take() { return tokens_[std::min(at_++, tokens_.size() - 1)]; }

  static std::unexpected<Error> unexpected(const Token& token) {
    if (token.mark == Mark::end) {
      return fail(Errc::invalid, "column {}: the expression ends too early", token.column);
    }
    auto text = token.text.empty() ? json::print(token.value) : token.text;
    return fail(Errc::invalid, "column {}: '{}' cannot stand here", token.column, text);
  }

  Result<> expect(Mark mark) {
    auto token = take();
    if (token.mark != mark) return unexpected(token);
    return {};
  }

  Result<Node> expression(int held) {
    if (++depth_ > nesting_max) {
      return fail(Errc::invalid, "column {}: nested deeper than {}", peek().column, nesting_max);
    }
    auto node = TRY(first());
    while (held < power(peek().mark)) {
      if (++steps_ > steps_max) {
        return fail(Errc::invalid, "column {}: more than {} steps", peek().column, steps_max);
      }
      auto left = std::move(node);
      node = TRY(further(std::move(left)));
    }
    --depth_;
    return node;
  }

  // What can begin an expression.
  Result<Node> first() {
    auto token = take();
    switch (token.mark) {
      case Mark::literal:
        return Node{.kind = Kind::literal, .value = token.value};
      case Mark::name:
        if (peek().mark == Mark::open_paren) return call(token.text);
        return Node{.kind = Kind::field, .text = token.text};
      case Mark::quoted:
        if (peek().mark == Mark::open_paren) return unexpected(peek());
        return Node{.kind = Kind::field, .text = token.text};
      case Mark::at:
        return Node{};
      case Mark::star:
        return star(Node{}, by_star);
      case Mark::filter:
        return filter(Node{});
      case Mark::flatten:
        return flatten(Node{});
      case Mark::open_bracket:
        return bracket_first();
      case Mark::open_brace:
        return hash();
      case Mark::open_paren: {
        auto inner = TRY(expression(none));
        CHECK_OK(expect(Mark::close_paren));
        return inner;
      }
      case Mark::bang: {
        auto operand = TRY(expression(by_bang));
        return make_of(Kind::negation, std::move(operand));
      }
      case Mark::ampersand: {
        auto referred = TRY(expression(none));
        return make_of(Kind::reference, std::move(referred));
      }
      case Mark::end:
      case Mark::number:
      case Mark::dot:
      case Mark::comma:
      case Mark::colon:
      case Mark::pipe:
      case Mark::either:
      case Mark::both:
      case Mark::compare:
      case Mark::close_bracket:
      case Mark::close_brace:
      case Mark::close_paren:
        break;
    }
    return unexpected(token);
  }

  // What can follow `left`.
  Result<Node> further(Node left) {
    auto token = take();
    switch (token.mark) {
      case Mark::dot:
        return dot(std::move(left));
      case Mark::pipe:
        return binary(Kind::pipe, std::move(left), by_pipe);
      case Mark::either:
        return binary(Kind::either, std::move(left), by_either);
      case Mark::both:
        return binary(Kind::both, std::move(left), by_both);
      case Mark::compare: {
        auto node = TRY(binary(Kind::comparison, std::move(left), by_compare));
        node.text = token.text;
        return node;
      }
      case Mark::filter:
        return filter(std::move(left));
      case Mark::flatten:
        return flatten(std::move(left));
      case Mark::open_bracket:
        return bracket(std::move(left));
      case Mark::end:
      case Mark::name:
      case Mark::quoted:
      case Mark::literal:
      case Mark::number:
      case Mark::star:
      case Mark::comma:
      case Mark::colon:
      case Mark::at:
      case Mark::ampersand:
      case Mark::bang:
      case Mark::close_bracket:
      case Mark::open_brace:
      case Mark::close_brace:
      case Mark::open_paren:
      case Mark::close_paren:
        break;
    }
    return unexpected(token);
  }

  Result<Node> binary(Kind kind, Node left, int held) {
    auto right = TRY(expression(held));
    return make_of(kind, std::move(left), std::move(right));
  }

  Result<Node> dot(Node left) {
    if (peek().mark == Mark::star) {
      take();
      // One step only, as in every implementation: of a.*.b.c the .c is asked of the list.
      return star(std::move(left), by_dot);
    }
    auto right = TRY(after_dot(by_dot));
    return make_of(Kind::pipe, std::move(left), std::move(right));
  }

  Result<Node> after_dot(int held) {
    switch (peek().mark) {
      case Mark::name:
      case Mark::quoted:
      case Mark::star:
        return expression(held);
      case Mark::open_bracket:
        take();
        return list();
      case Mark::open_brace:
        take();
        return hash();
      case Mark::end:
      case Mark::literal:
      case Mark::number:
      case Mark::dot:
      case Mark::comma:
      case Mark::colon:
      case Mark::at:
      case Mark::ampersand:
      case Mark::bang:
      case Mark::pipe:
      case Mark::either:
      case Mark::both:
      case Mark::compare:
      case Mark::flatten:
      case Mark::filter:
      case Mark::close_bracket:
      case Mark::close_brace:
      case Mark::open_paren:
      case Mark::close_paren:
        break;
    }
    return unexpected(peek());
  }

  // What is asked of every item of a projection.
  Result<Node> projected(int held) {
    auto mark = peek().mark;
    if (power(mark) < projections_stop) return Node{};
    if (mark == Mark::open_bracket || mark == Mark::filter) return expression(held);
    if (mark != Mark::dot) return unexpected(peek());
    take();
    return after_dot(held);
  }

  Result<Node> star(Node left, int held) {
    Node right;
    if (peek().mark != Mark::close_bracket) right = TRY(projected(held));
    return make_of(Kind::value_projection, std::move(left), std::move(right));
  }

  Result<Node> flatten(Node left) {
    auto right = TRY(projected(by_flatten));
    return make_of(Kind::projection, make_of(Kind::flatten, std::move(left)), std::move(right));
  }

  Result<Node> filter(Node left) {
    auto condition = TRY(expression(none));
    CHECK_OK(expect(Mark::close_bracket));
    Node right;
    if (peek().mark != Mark::flatten) right = TRY(projected(by_filter));
    return make_of(Kind::filter_projection, std::move(left), std::move(right),
                   std::move(condition));
  }

  bool at_index() const { return peek().mark == Mark::number || peek().mark == Mark::colon; }

  Result<Node> bracket_first() {
    if (at_index()) return index(Node{});
    if (peek().mark == Mark::star && peek(1).mark == Mark::close_bracket) return bracket(Node{});
    return list();
  }

  Result<Node> bracket(Node left) {
    if (at_index()) return index(std::move(left));
    CHECK_OK(expect(Mark::star));
    CHECK_OK(expect(Mark::close_bracket));
    auto right = TRY(projected(by_star));
    return make_of(Kind::projection, std::move(left), std::move(right));
  }

  // [3] or [1:4:2]; a slice is a projection.
  Result<Node> index(Node left) {
    Node node{.kind = Kind::index};
    std::size_t part = 0;
    for (; peek().mark != Mark::close_bracket; take()) {
      if (peek().mark == Mark::number && !node.slice[part]) {
        node.slice[part] = peek().value.get_int64();
      } else if (peek().mark == Mark::colon && part < 2) {
        node.kind = Kind::slice;
        ++part;
      } else {
        return unexpected(peek());
      }
    }
    take();
    bool slice = node.kind == Kind::slice;
    auto chosen = make_of(Kind::pipe, std::move(left), std::move(node));
    if (!slice) return chosen;
    auto right = TRY(projected(by_star));
    return make_of(Kind::projection, std::move(chosen), std::move(right));
  }

  Result<Node> list() {
    Node node{.kind = Kind::list};
    for (;;) {
      auto item = TRY(expression(none));
      node.children.push_back(std::move(item));
      auto token = take();
      if (token.mark == Mark::close_bracket) return node;
      if (token.mark != Mark::comma) return unexpected(token);
    }
  }

  Result<Node> hash() {
    Node node{.kind = Kind::hash};
    for (;;) {
      auto key = take();
      if (key.mark != Mark::name && key.mark != Mark::quoted) return unexpected(key);
      CHECK_OK(expect(Mark::colon));
      auto value = TRY(expression(none));
      node.keys.push_back(key.text);
      node.children.push_back(std::move(value));
      auto token = take();
      if (token.mark == Mark::close_brace) return node;
      if (token.mark != Mark::comma) return unexpected(token);
    }
  }

  Result<Node> call(const std::string& name) {
    take();
    Node node{.kind = Kind::call, .text = name};
    if (peek().mark == Mark::close_paren) {
      take();
      return node;
    }
    for (;;) {
      auto argument = TRY(expression(none));
      node.children.push_back(std::move(argument));
      auto token = take();
      if (token.mark == Mark::close_paren) return node;
      if (token.mark != Mark::comma) return unexpected(token);
    }
  }

  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0, steps_ = 0;
};

}  // namespace

Result<Node> parse(std::string_view expression) {
  auto tokens = TRY(tokens_of(expression));
  return Parser(std::move(tokens)).run();
}

}  // namespace aright::aws::jmespath
