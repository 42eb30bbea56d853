#include "aws/jmespath.h"

#include <algorithm>

#include "aws/jmespath_node.h"

namespace aright::aws {

namespace jmespath {

namespace {

// Python's rules: missing ends reach as far as the step goes, and out of range is empty.
json::Value slice_of(const Node& node, const json::Array& items) {
  auto size = static_cast<std::int64_t>(items.size());
  auto step = node.slice[2].value_or(1);
  std::int64_t lowest = step < 0 ? -1 : 0, highest = step < 0 ? size - 1 : size;
  auto place = [&](std::optional<std::int64_t> given, std::int64_t otherwise) {
    if (!given) return otherwise;
    auto at = *given < 0 ? *given + size : *given;
    return std::clamp<std::int64_t>(at, lowest, highest);
  };
  auto start = place(node.slice[0], step < 0 ? highest : lowest);
  auto stop = place(node.slice[1], step < 0 ? lowest : highest);
  json::Array out;
  for (auto at = start; step < 0 ? at > stop : at < stop; at += step)
    out.push_back(items[static_cast<std::size_t>(at)]);
  return out;
}

json::Value opened(const json::Array& items) {
  json::Array flat;
  for (const json::Value& item : items) {
    if (!item.is_array()) {
      flat.push_back(item);
      continue;
    }
    for (const json::Value& inner : item.get_array())
      flat.push_back(inner);
  }
  return flat;
}

template <typename Ordered>
bool in_order(const std::string& sign, const Ordered& left, const Ordered& right) {
  if (sign == "<") return left < right;
  if (sign == "<=") return left <= right;
  return sign == ">" ? left > right : left >= right;
}

// Order is among numbers, or among texts; anything else compares to null.
json::Value compare(const std::string& sign, const json::Value& left, const json::Value& right) {
  if (sign == "==") return is_equal(left, right);
  if (sign == "!=") return !is_equal(left, right);
  if (left.is_string() && right.is_string()) {
    return in_order(sign, left.get_string(), right.get_string());
  }
  if (!left.is_number() || !right.is_number()) return nullptr;
  return in_order(sign, left.to_number<double>(), right.to_number<double>());
}

Result<json::Value> project(const json::Array& items, const Node& right, const Node* condition) {
  json::Array found;
  for (const json::Value& item : items) {
    if (condition) {
      auto wanted = TRY(evaluate(*condition, item));
      if (!is_true(wanted)) continue;
    }
    auto value = TRY(evaluate(right, item));
    if (!value.is_null()) found.push_back(std::move(value));
  }
  return json::Value(std::move(found));
}

Result<json::Value> evaluate_projection(const Node& node, const json::Value& value) {
  auto base = TRY(evaluate(node.children[0], value));
  if (node.kind == Kind::value_projection) {
    if (!base.is_object()) return json::Value();
    json::Array values;
    for (const auto& [key, member] : base.get_object())
      values.push_back(member);
    return project(values, node.children[1], nullptr);
  }
  if (!base.is_array()) return json::Value();
  const Node* condition = node.kind == Kind::filter_projection ? &node.children[2] : nullptr;
  return project(base.get_array(), node.children[1], condition);
}

Result<json::Value> evaluate_index(const Node& node, const json::Value& value) {
  if (!value.is_array()) return json::Value();
  const json::Array& items = value.get_array();
  if (node.kind == Kind::slice) {
    if (node.slice[2] == 0) return fail(Errc::invalid, "a slice's step may not be 0");
    return slice_of(node, items);
  }
  auto size = static_cast<std::int64_t>(items.size());
  auto at = *node.slice[0] < 0 ? *node.slice[0] + size : *node.slice[0];
  return at >= 0 && at < size ? items[static_cast<std::size_t>(at)] : json::Value();
}

Result<json::Value> evaluate_choice(const Node& node, const json::Value& value) {
  auto left = TRY(evaluate(node.children[0], value));
  bool settled = is_true(left) == (node.kind == Kind::either);
  if (settled) return left;
  return evaluate(node.children[1], value);
}

Result<json::Value> evaluate_selection(const Node& node, const json::Value& value) {
  if (value.is_null()) return json::Value();
  json::Array list;
  json::Object hash;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    auto found = TRY(evaluate(node.children[i], value));
    if (node.kind == Kind::list) {
      list.push_back(std::move(found));
    } else {
      hash[node.keys[i]] = std::move(found);
    }
  }
  return node.kind == Kind::list ? json::Value(std::move(list)) : json::Value(std::move(hash));
}

Result<json::Value> evaluate_call(const Node& node, const json::Value& value) {
  std::vector<Argument> arguments;
  for (const Node& child : node.children) {
    Argument argument;
    if (child.kind == Kind::reference) {
      argument.reference = &child.children[0];
    } else {
      argument.value = TRY(evaluate(child, value));
    }
    arguments.push_back(std::move(argument));
  }
  return call(node.text, arguments);
}

}  // namespace

bool is_true(const json::Value& value) {
  if (value.is_string()) return !value.get_string().empty();
  if (value.is_array()) return !value.get_array().empty();
  if (value.is_object()) return !value.get_object().empty();
  return !value.is_null() && (!value.is_bool() || value.get_bool());
}

bool is_equal(const json::Value& left, const json::Value& right) {
  return json::equal(left, right);
}

Result<json::Value> evaluate(const Node& node, const json::Value& value) {
  switch (node.kind) {
    case Kind::current:
      return value;
    case Kind::field:
      return json::Value(json::at(value, node.text));
    case Kind::literal:
      return node.value;
    case Kind::index:
    case Kind::slice:
      return evaluate_index(node, value);
    case Kind::pipe: {
      auto found = TRY(evaluate(node.children[0], value));
      return evaluate(node.children[1], found);
    }
    case Kind::projection:
    case Kind::value_projection:
    case Kind::filter_projection:
      return evaluate_projection(node, value);
    case Kind::flatten: {
      auto base = TRY(evaluate(node.children[0], value));
      return base.is_array() ? opened(base.get_array()) : json::Value();
    }
    case Kind::either:
    case Kind::both:
      return evaluate_choice(node, value);
    case Kind::negation: {
      auto operand = TRY(evaluate(node.children[0], value));
      return json::Value(!is_true(operand));
    }
    case Kind::comparison: {
      auto left = TRY(evaluate(node.children[0], value));
      auto right = TRY(evaluate(node.children[1], value));
      return compare(node.text, left, right);
    }
    case Kind::list:
    case Kind::hash:
      return evaluate_selection(node, value);
    case Kind::call:
      return evaluate_call(node, value);
    case Kind::reference:
      break;
  }
  return fail(Errc::invalid, "an expression reference can only be a function's argument");
}

}  // namespace jmespath

Result<Jmespath> Jmespath::compile(std::string_view expression) {
  if (expression.size() > expression_bytes_max) {
    return fail(Errc::invalid, "an expression has at most {} bytes", expression_bytes_max);
  }
  auto root = jmespath::parse(expression);
  if (!root) return wrap(std::move(root.error()), "the expression '{}'", expression);
  return Jmespath(std::make_shared<jmespath::Node>(std::move(*root)));
}

Result<json::Value> Jmespath::search(const json::Value& value) const {
  return jmespath::evaluate(*root_, value);
}

Result<json::Value> search(std::string_view expression, const json::Value& value) {
  auto compiled = TRY(Jmespath::compile(expression));
  return compiled.search(value);
}

}  // namespace aright::aws
