#pragma once
// What goes into a statement and what comes out of one.

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace aright::store {

// Marks bytes that are not text.
struct Bytes {
  std::string_view view;
};

// The value of one $n. Refers to the caller's text and bytes, which must outlive the call it is
// passed to.
class Parameter {
 public:
  using Variant = std::variant<std::nullptr_t, std::int64_t, std::string_view, Bytes>;

  Parameter(std::nullptr_t) : value_(nullptr) {}
  template <std::integral T>
  Parameter(T number) : value_(static_cast<std::int64_t>(number)) {}
  Parameter(std::string_view text) : value_(text) {}
  Parameter(const std::string& text) : value_(std::string_view(text)) {}
  Parameter(const char* text) : value_(std::string_view(text)) {}
  Parameter(Bytes bytes) : value_(bytes) {}
  template <typename T>
  Parameter(const std::optional<T>& maybe) : value_(nullptr) {
    if (maybe) *this = Parameter(*maybe);
  }

  const Variant& value() const { return value_; }

 private:
  Variant value_;
};

// The values of $1, $2 … in this order. Refers to them, as Parameter does.
class Parameters {
 public:
  Parameters() = default;
  Parameters(std::initializer_list<Parameter> list) : list_(list.begin(), list.size()) {}
  Parameters(const std::vector<Parameter>& list) : list_(list) {}

  std::size_t size() const { return list_.size(); }
  const Parameter* begin() const { return list_.data(); }
  const Parameter* end() const { return list_.data() + list_.size(); }

 private:
  std::span<const Parameter> list_;
};

enum class Type { null, integer, text, bytes };

// One row of an answer. Columns count from 0. Reading a column as what it is not gives "" or 0:
// where stored data must be doubted, ask for the type first.
class Row {
 public:
  struct OwnedBytes {
    std::string bytes;
  };
  using Cell = std::variant<std::monostate, std::int64_t, std::string, OwnedBytes>;

  explicit Row(std::vector<Cell> cells) : cells_(std::move(cells)) {}

  std::size_t size() const { return cells_.size(); }
  Type type(std::size_t column) const { return static_cast<Type>(cells_.at(column).index()); }
  bool null(std::size_t column) const { return type(column) == Type::null; }
  std::int64_t integer(std::size_t column) const {
    const auto* number = std::get_if<std::int64_t>(&cells_.at(column));
    return number ? *number : 0;
  }
  const std::string& text(std::size_t column) const {
    const auto* text = std::get_if<std::string>(&cells_.at(column));
    return text ? *text : none();
  }
  const std::string& bytes(std::size_t column) const {
    const auto* bytes = std::get_if<OwnedBytes>(&cells_.at(column));
    return bytes ? bytes->bytes : none();
  }

 private:
  static const std::string& none() {
    static const std::string empty;
    return empty;
  }
  std::vector<Cell> cells_;
};

}  // namespace aright::store
