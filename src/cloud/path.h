#pragma once
// Places in an API input or output, as the descriptions write them: Rules.Id, Buckets[].Name, ""
// for the whole value. Values are plain data; paths are immutable once parsed.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::cloud {

struct Step {
  std::string member;
  bool each = false;  // written member[]: every item of the list it holds

  bool operator==(const Step&) const = default;
};

class Path {
 public:
  Path() = default;
  static Result<Path> parse(std::string_view text);

  bool empty() const { return steps_.empty(); }
  bool many() const;  // has a [] step
  std::string str() const;
  const std::vector<Step>& steps() const { return steps_; }

  // The value there; null when there is none. Through a [] step: of the first item.
  const json::Value& get(const json::Value& root) const;
  // Every value there, in order; without nulls.
  std::vector<const json::Value*> select(const json::Value& root) const;
  // Makes objects on the way, and a list of one item for each [] step that is not the last; a last
  // step that is a list gets `value` as the list itself when it is an array. An empty path replaces
  // `root`.
  void set(json::Value& root, json::Value value) const;
  // Removes the member that the last step names, when it is there.
  void erase(json::Value& root) const;
  // The path to the parent, and so on: used to say what a read returns.
  Path parent() const;

  bool operator==(const Path&) const = default;

 private:
  std::vector<Step> steps_;
};

}  // namespace aright::cloud
