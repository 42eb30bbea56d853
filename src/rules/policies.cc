#include "rules/policies.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::rules {

namespace {

constexpr std::array narrowing_keys{
    "aws:sourcearn",       "aws:sourceaccount",     "aws:sourceowner",     "aws:sourceorgid",      "aws:principalorgid",
    "aws:principalarn",    "aws:principalaccount",  "aws:sourcevpc",       "aws:sourcevpce",       "aws:sourceip",
    "aws:userid",          "aws:principalorgpaths", "aws:sourceorgpaths",  "lambda:functionurlauthtype",
    "sns:endpoint"};
constexpr std::array narrowing_operators{"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike",
                                         "ipaddress"};

bool for_everyone(const json::Value& statement) {
  // Everybody but some is nearly everybody.
  if (!json::at(statement, "NotPrincipal").is_null()) return true;
  const auto& principal = json::at(statement, "Principal");
  auto listed = one_or_many(principal.is_object() ? json::at(principal, "AWS") : principal);
  return std::ranges::find(listed, "*") != listed.end();
}

// The word for one operator, without what qualifies it: ForAnyValue:StringLike, StringEqualsIfExists. With IfExists
// the condition also holds where the key is absent, and so narrows nothing.
bool narrows_by_operator(std::string word) {
  word = lower(word);
  if (word.starts_with("forallvalues:")) return false;  // holds for none at all, too
  if (auto colon = word.find(':'); colon != std::string::npos) word = word.substr(colon + 1);
  return std::ranges::find(narrowing_operators, word) != narrowing_operators.end();
}

// An ARN may end in a wildcard where its account is fixed; a value of wildcards alone fixes nothing.
bool fixed(const std::string& value) {
  if (value.find("${") != std::string::npos) return false;
  if (value == "0.0.0.0/0" || value == "::/0" || value.ends_with("/0")) return false;
  if (value.starts_with("arn:")) {
    auto parts = split(value, ':');
    bool bucket = parts.size() > 5 && parts[2] == "s3" && parts[4].empty();  // named in one name space, without account
    const auto& told = parts.size() > 5 ? parts[bucket ? 5 : 4] : value;
    return !told.empty() && told.find_first_of("*?") == std::string::npos;
  }
  return value.find_first_of("*?") == std::string::npos;
}

}  // namespace

std::vector<std::string> one_or_many(const json::Value& value) {
  return value.is_string() ? std::vector{json::text(value)} : json::texts(value);
}

std::vector<json::Value> statements(const json::Value& document) {
  const auto& listed = json::at(document, "Statement");
  if (listed.is_object()) return {listed};
  std::vector<json::Value> out;
  for (const auto& one : json::items(listed)) out.push_back(one);
  return out;
}

bool allows(const json::Value& statement) { return json::text(statement, "Effect", "") == "Allow"; }

bool lets_everyone_in(const json::Value& statement) {
  if (!allows(statement) || !for_everyone(statement)) return false;
  for (const auto& [word, tests] : json::members(json::at(statement, "Condition"))) {
    if (!narrows_by_operator(word)) continue;
    for (const auto& [key, values] : json::members(tests)) {
      if (std::ranges::find(narrowing_keys, lower(key)) == narrowing_keys.end()) continue;
      auto listed = one_or_many(values);
      if (!listed.empty() && std::ranges::all_of(listed, fixed)) return false;
    }
  }
  return true;
}

}  // namespace aright::rules
