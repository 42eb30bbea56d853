#pragma once
// How the policy's file is read: one mapping at a time, so that what nobody asked for is told as unknown, and each
// fault with its place. The same code draws the policy's JSON schema: what a reader asks for is what a file may hold.
// Part of reading a policy.

#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "json/yaml.h"

namespace aright::remediation {

struct Fault {
  json::Location at;
  std::string what;  // with its pointer
};

// Reads one mapping of the file: hands out members, remembers which were asked for, and says which were not.
class Reader {
 public:
  // `schema`, when there is one, is drawn meanwhile.
  Reader(const json::Document& document, std::string pointer, const json::Value& value, std::vector<Fault>& faults,
         json::Object* schema = nullptr);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const json::Value& value() const { return value_; }
  const json::Document& document() const { return document_; }
  std::vector<Fault>& faults() { return faults_; }
  bool has(std::string_view member) const { return !json::at(value_, member).is_null(); }
  // Anything; whoever takes it checks it.
  const json::Value& take(std::string_view member);

  std::string text(std::string_view member, std::string_view otherwise = "");
  std::string required_text(std::string_view member);
  // One of these words.
  std::string word(std::string_view member, const std::vector<std::string>& words, std::string_view otherwise);
  std::string required_word(std::string_view member, const std::vector<std::string>& words);
  std::optional<Timestamp> instant(std::string_view member);
  bool truth(std::string_view member, bool otherwise);
  std::int64_t integer(std::string_view member, std::int64_t otherwise, std::int64_t min, std::int64_t max);
  seconds duration(std::string_view member, seconds otherwise, seconds min, seconds max) {
    return seconds(integer(member, otherwise.count(), min.count(), max.count()));
  }
  std::vector<std::string> texts(std::string_view member);  // one text stands for a list of one
  std::vector<std::string> words(std::string_view member, const std::vector<std::string>& words);
  // What has to fit: all fits where it is left out, so that an empty list would not say what it seems to.
  std::vector<std::string> conditions(std::string_view member);
  std::vector<std::string> conditions(std::string_view member, const std::vector<std::string>& words);
  std::map<std::string, std::string> map(std::string_view member);
  // AWS's names for places, which are held against their form: one that is none would never fit anything.
  std::string account(std::string_view member, std::string_view otherwise = "");
  std::string region(std::string_view member, std::string_view otherwise = "");
  std::vector<std::string> regions(std::string_view member);
  // The same where * and ? may stand for more of them.
  std::string account_pattern(std::string_view member);
  std::string region_pattern(std::string_view member);
  std::vector<std::string> account_patterns(std::string_view member);
  std::vector<std::string> region_patterns(std::string_view member);

  using Visit = std::function<void(Reader&)>;
  using VisitNamed = std::function<void(const std::string&, Reader&)>;
  void each(std::string_view member, const Visit& visit);              // of a list
  void one(std::string_view member, const Visit& visit);               // a mapping that may be left out
  void each_named(std::string_view member, const VisitNamed& visit);   // of a mapping by name
  // Of a mapping by name, whose values are lists; `end` comes after each list.
  void each_list(std::string_view member, const VisitNamed& visit, const VisitNamed& end);

  void fault(std::string_view member, std::string_view what);
  // The value of a Result, or a fault at `member` and a default.
  template <typename T>
  T value_of(std::string_view member, Result<T> result, T otherwise = {}) {
    if (result) return std::move(*result);
    fault(member, result.error().message);
    return otherwise;
  }

 private:
  void know(std::string_view member, json::Object schema = {});
  std::string check_word(std::string_view member, std::string text, const std::vector<std::string>& words);
  void check_not_empty(std::string_view member);
  void check_account(std::string_view member, const std::string& account);
  void check_region(std::string_view member, const std::string& region);
  // What the items of a member look like; empty when nobody draws.
  json::Object drawn(const std::string& pointer, const Visit& visit);

  const json::Document& document_;
  std::string pointer_;
  const json::Value& value_;
  std::vector<Fault>& faults_;
  std::vector<std::string> known_;
  json::Object* schema_;
  json::Object properties_;
  json::Array required_;
};

}  // namespace aright::remediation
