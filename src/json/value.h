#pragma once
// JSON values are Boost.JSON's; this adds the few verbs the house uses all day. Values are plain
// data: copy, move and read them from any thread; nothing here keeps references.

#include <boost/json.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace aright::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;
using String = boost::json::string;

inline constexpr std::size_t depth_max = 100;  // of nested arrays and objects in one document
inline constexpr std::size_t document_bytes_max = 64u << 20;

// Fails with invalid, naming line and column.
Result<Value> parse(std::string_view text);
std::string print(const Value& value);         // compact, members in the order they have
std::string print_pretty(const Value& value);  // two spaces, one member a line
// RFC 8785: sorted members, ECMAScript numbers. Equal values give equal bytes; the only form that
// is hashed. Integers past 2^53 keep all their digits (the RFC would round them), so that no two
// different plans share a hash.
std::string canonical(const Value& value);
// As JSON sees it: 1 equals 1.0, the order of members does not matter. canonical() gives the same
// bytes exactly then.
bool equal(const Value& left, const Value& right);

// Member of an object; null when `value` is no object or has no such member.
const Value& at(const Value& value, std::string_view member);
const Value& at(const Object& object, std::string_view member);
// at(at(value, a), b)…
const Value& at(const Value& value, std::initializer_list<std::string_view> members);

// The text of a string, or `otherwise`.
std::string text(const Value& value, std::string_view otherwise = "");
std::string text(const Object& object, std::string_view member, std::string_view otherwise = "");
std::string text(const Value& value, std::string_view member, std::string_view otherwise);
// A string as itself, a number or boolean as JSON prints it, null as "", anything else compact.
std::string scalar_text(const Value& value);
bool truth(const Value& value, bool otherwise = false);  // true, "true", "True"
// A number without its fraction, or a string of digits; `otherwise` for anything else and for what
// does not fit.
std::int64_t integer(const Value& value, std::int64_t otherwise = 0);
// The array itself, or an empty one.
const Array& items(const Value& value);
// The object itself, or an empty one.
const Object& members(const Value& value);
// Array of strings as a vector; other elements are left out.
std::vector<std::string> texts(const Value& value);

}  // namespace aright::json
