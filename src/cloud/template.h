#pragma once
// Texts with placeholders, as the descriptions write them: "arn:{partition}:s3:::{Bucket}",
// "{QueueUrl##*/}" for what follows the last slash. Pure.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/value.h"

namespace aright::cloud {

// The value of a placeholder; null when there is none.
using Lookup = std::function<json::Value(std::string_view name)>;

// A text that is one placeholder takes its value with its type; members whose value is null are
// left out.
json::Value fill(const json::Value& value, const Lookup& lookup);
std::string fill_text(std::string_view text, const Lookup& lookup);

// What the placeholders stand for when `text` was made from `form`; nothing when it was not. The
// last placeholder takes the rest, others as little as they can.
std::optional<std::map<std::string, std::string>> match_text(std::string_view form,
                                                             std::string_view text);
// Fails with invalid when braces do not pair.
Result<> check_template(const json::Value& value);
// The names of all placeholders, without their "##*/".
std::vector<std::string> placeholders(const json::Value& value);

}  // namespace aright::cloud
