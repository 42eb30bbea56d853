#include <algorithm>
#include <deque>

#include "json/path.h"
#include "json/path_ast.h"

namespace aright::json {

using namespace path_ast;

namespace {

using Matches = std::vector<const Value*>;

// One evaluation: counts what it visits, in filters too, and gives up at path_nodes_max.
class Selection {
 public:
  explicit Selection(const Value& root) : root_(root) {}

  Matches run(const std::vector<Step>& steps, const Value& from) {
    Matches here{&from};
    for (const auto& step : steps) {
      Matches next;
      for (const auto* value : here)
        apply(step, *value, next);
      here = std::move(next);
    }
    return here;
  }

  bool exhausted() const { return visited_ > path_nodes_max; }

 private:
  bool visit() { return ++visited_ <= path_nodes_max; }

  void apply(const Step& step, const Value& value, Matches& out) {
    if (!visit()) return;
    for (const auto& selector : step.selectors) {
      std::visit([&](const auto& kind) { pick(kind, value, out); }, selector);
    }
    if (step.deep) {
      each_child(value, [&](const Value& child) { apply(step, child, out); });
    }
  }

  template <typename Visitor>
  void each_child(const Value& value, Visitor visitor) {
    for (const auto& [key, member] : members(value)) {
      if (exhausted()) return;
      visitor(member);
    }
    for (const auto& item : items(value)) {
      if (exhausted()) return;
      visitor(item);
    }
  }

  void pick(const Name& name, const Value& value, Matches& out) {
    if (!value.is_object()) return;
    if (auto* member = value.get_object().if_contains(name.name)) out.push_back(member);
  }

  void pick(const Index& index, const Value& value, Matches& out) {
    const auto& array = items(value);
    auto size = static_cast<std::int64_t>(array.size());
    if (index.index >= size || index.index < -size) return;
    out.push_back(
        &array[static_cast<std::size_t>(index.index < 0 ? size + index.index : index.index)]);
  }

  // RFC 9535, section 2.3.4.2.2: bounds count from the end when negative, and are clamped.
  void pick(const Slice& slice, const Value& value, Matches& out) {
    const auto& array = items(value);
    const auto size = static_cast<std::int64_t>(array.size());
    const bool forward = slice.step > 0;
    auto bound = [&](std::optional<std::int64_t> given, std::int64_t otherwise) {
      if (!given) return otherwise;
      auto from_start = *given < 0 ? std::max(*given, -size - 1) + size : *given;
      return forward ? std::clamp<std::int64_t>(from_start, 0, size)
                     : std::clamp<std::int64_t>(from_start, -1, size - 1);
    };
    const auto begin = bound(slice.begin, forward ? 0 : size - 1);
    const auto end = bound(slice.end, forward ? size : -1);
    // A step beyond the array's size lands outside it in any case; clamped, the addition cannot
    // overflow.
    const auto stride = std::clamp<std::int64_t>(slice.step, -size - 1, size + 1);
    for (auto i = begin; forward ? i < end : i > end; i += stride) {
      if (!visit()) return;
      out.push_back(&array[static_cast<std::size_t>(i)]);
    }
  }

  void pick(const Length&, const Value& value, Matches& out) {
    if (value.is_array()) out.push_back(made(value.get_array().size()));
    if (value.is_object()) out.push_back(made(value.get_object().size()));
    if (value.is_string()) out.push_back(made(value.get_string().size()));
  }

  const Value* made(std::size_t number) { return &made_.emplace_back(static_cast<std::int64_t>(number)); }

  void pick(const Wildcard&, const Value& value, Matches& out) {
    each_child(value, [&](const Value& child) {
      if (visit()) out.push_back(&child);
    });
  }

  void pick(const Filter& filter, const Value& value, Matches& out) {
    each_child(value, [&](const Value& child) {
      if (visit() && holds(*filter.condition, child)) out.push_back(&child);
    });
  }

  bool holds(const Expression& expression, const Value& current) {
    return std::visit([&](const auto& node) { return holds(node, current); }, expression.node);
  }

  bool holds(const Exists& exists, const Value& current) {
    return !matches(exists.query, current).empty();
  }

  bool holds(const Not& negation, const Value& current) { return !holds(*negation.inner, current); }

  bool holds(const All& all, const Value& current) {
    return std::ranges::all_of(all.parts, [&](const auto& part) { return holds(part, current); });
  }

  bool holds(const Any& any, const Value& current) {
    return std::ranges::any_of(any.parts, [&](const auto& part) { return holds(part, current); });
  }

  bool holds(const Compare& compare, const Value& current) {
    const Value* left = value_of(compare.left, current);
    const Value* right = value_of(compare.right, current);
    switch (compare.comparison) {
      case Comparison::equal:
        return same(left, right);
      case Comparison::not_equal:
        return !same(left, right);
      case Comparison::less:
        return less(left, right);
      case Comparison::less_equal:
        return less(left, right) || same(left, right);
      case Comparison::greater:
        return less(right, left);
      case Comparison::greater_equal:
        return less(right, left) || same(left, right);
      case Comparison::among:
        return among(left, right);
      case Comparison::not_among:
        return !among(left, right);
    }
    return false;
  }

  bool holds(const Resembles& test, const Value& current) {
    const Value* value = value_of(test.left, current);
    return value && value->is_string() && re2::RE2::FullMatch(std::string_view(value->get_string()), *test.pattern);
  }

  static bool among(const Value* value, const Value* list) {
    if (!value || !list) return false;
    return std::ranges::any_of(items(*list), [&](const Value& item) { return equal(*value, item); });
  }

  Matches matches(const Query& query, const Value& current) {
    return run(query.steps, query.from_root ? root_ : current);
  }

  // Null: the query found nothing.
  const Value* value_of(const Operand& operand, const Value& current) {
    if (const auto* literal = std::get_if<Value>(&operand)) return literal;
    auto found = matches(std::get<Query>(operand), current);
    return found.empty() ? nullptr : found.front();
  }

  static bool same(const Value* left, const Value* right) {
    if (!left || !right) return left == right;
    return equal(*left, *right);
  }

  // Only numbers and strings have an order; anything else compares as false.
  static bool less(const Value* left, const Value* right) {
    if (!left || !right) return false;
    if (left->is_string() && right->is_string()) return left->get_string() < right->get_string();
    if (!left->is_number() || !right->is_number()) return false;
    if (left->is_int64() && right->is_int64()) return left->get_int64() < right->get_int64();
    return left->to_number<double>() < right->to_number<double>();
  }

  const Value& root_;
  std::deque<Value> made_;  // what stands nowhere in the root
  std::size_t visited_ = 0;
};

std::unexpected<Error> too_many() {
  return fail(Errc::invalid, "the JSONPath visits more than {} values", path_nodes_max);
}

}  // namespace

Result<std::vector<const Value*>> Path::select(const Value& root) const {
  if (ends_in_length(steps_)) return fail(Errc::invalid, "a length is a number of its own, and no part of the value");
  Selection selection(root);
  auto matches = selection.run(steps_, root);
  if (selection.exhausted()) return too_many();
  return matches;
}

Result<std::optional<Value>> Path::get(const Value& root) const {
  Selection selection(root);
  auto matches = selection.run(steps_, root);
  if (selection.exhausted()) return too_many();
  if (definite()) return matches.empty() ? std::nullopt : std::optional<Value>(*matches.front());
  Array all;
  for (const auto* match : matches)
    all.push_back(*match);
  return Value(std::move(all));
}

}  // namespace aright::json
