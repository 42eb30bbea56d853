#pragma once
// One place in a service description, with the verbs to take it apart. What is wrong goes to the
// diagnostics, and reading goes on with nothing in its stead. Does not own the document. Pure.

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cloud/description_reader.h"

namespace aright::cloud {

class Node {
 public:
  Node(const json::Value& value, std::string pointer, Diagnostics& diagnostics)
      : value_(value), pointer_(std::move(pointer)), diagnostics_(diagnostics) {}

  const json::Value& value() const { return value_; }
  explicit operator bool() const { return !value_.is_null(); }
  void wrong(std::string text) const { diagnostics_.add(pointer_, std::move(text)); }

  Node operator[](std::string_view name) const;
  Node item(std::size_t index) const;
  // Members that no word of the language is are wrong.
  void only(std::initializer_list<std::string_view> names) const;

  std::string text() const;
  bool flag() const;
  std::vector<std::string> texts() const;  // a text, or a list of texts
  Path path() const;
  json::Value form() const;  // a template
  json::Object object_form() const;
  std::chrono::milliseconds duration() const;  // 90s, 15m, 2h, 7d
  std::vector<Node> each() const;              // the node itself, or each item of the list it holds
  std::vector<std::pair<std::string, Node>> members() const;

 private:
  const json::Value& value_;
  std::string pointer_;
  Diagnostics& diagnostics_;
};

}  // namespace aright::cloud
