#include "aws/select.h"

#include <cctype>
#include <charconv>

#include "base/text.h"

namespace aright::aws {

namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

// One alternative of an expression, read from left to right.
class Selector {
 public:
  explicit Selector(std::string_view expression) : whole_(expression), rest_(expression) {}

  Result<json::Value> run(json::Value value) {
    while (!rest_.empty()) {
      if (rest_.front() == '[') {
        CHECK_OK(bracket(value));
      } else {
        CHECK_OK(field(value));
      }
    }
    return value;
  }

 private:
  std::unexpected<Error> unsupported() const {
    return fail(Errc::unsupported, "the expression '{}' needs more of JMESPath than is read here",
                whole_);
  }

  Result<> field(json::Value& value) {
    bool first = rest_.size() == whole_.size();
    if (!first) {
      if (rest_.front() != '.') return unsupported();
      rest_.remove_prefix(1);
    }
    std::size_t length = 0;
    while (length < rest_.size() && is_name(rest_[length]))
      ++length;
    if (length == 0) return unsupported();
    auto name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (!projecting_) {
      value = json::Value(json::at(value, name));
      return {};
    }
    json::Array found;
    for (const json::Value& item : json::items(value)) {
      const json::Value& member = json::at(item, name);
      if (!member.is_null()) found.push_back(member);
    }
    value = std::move(found);
    return {};
  }

  Result<> bracket(json::Value& value) {
    auto close = rest_.find(']');
    if (close == rest_.npos) return unsupported();
    auto inside = rest_.substr(1, close - 1);
    rest_.remove_prefix(close + 1);
    if (inside.empty()) return flatten(value);
    if (projecting_) return unsupported();
    if (inside == "*") {
      if (!value.is_array()) return vanish(value);
      projecting_ = true;
      return {};
    }
    std::int64_t index = 0;
    auto [end, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    if (error != std::errc() || end != inside.data() + inside.size()) return unsupported();
    const json::Array& items = json::items(value);
    auto size = static_cast<std::int64_t>(items.size());
    if (index < 0) index += size;
    bool there = index >= 0 && index < size;
    json::Value chosen = there ? items[static_cast<std::size_t>(index)] : json::Value();
    value = std::move(chosen);
    return {};
  }

  // Lists within the list are opened by one level, and what follows applies to each item.
  Result<> flatten(json::Value& value) {
    if (!value.is_array()) return vanish(value);
    json::Array flat;
    for (const json::Value& item : value.as_array()) {
      if (!item.is_array()) {
        flat.push_back(item);
        continue;
      }
      for (const json::Value& inner : item.as_array())
        flat.push_back(inner);
    }
    value = std::move(flat);
    projecting_ = true;
    return {};
  }

  Result<> vanish(json::Value& value) {
    value = nullptr;
    rest_ = {};
    return {};
  }

  std::string_view whole_, rest_;
  bool projecting_ = false;
};

bool is_false(const json::Value& value) {
  if (value.is_string()) return value.as_string().empty();
  if (value.is_array()) return value.as_array().empty();
  if (value.is_object()) return value.as_object().empty();
  return value.is_null() || (value.is_bool() && !value.as_bool());
}

}  // namespace

Result<json::Value> select(const json::Value& value, std::string_view expression) {
  auto alternatives = split(replace_all(std::string(expression), "||", "\n"), '\n');
  for (const std::string& part : alternatives) {
    if (trim(part).empty()) return fail(Errc::invalid, "'{}' is no expression", expression);
  }
  json::Value found;
  for (const std::string& part : alternatives) {
    found = TRY(Selector(trim(part)).run(value));
    if (!is_false(found)) break;
  }
  return found;
}

}  // namespace aright::aws
