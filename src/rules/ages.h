#pragma once
// How old something is: the time that a member tells, against the time at which the snapshot was read.

#include <optional>

#include "rules/rule.h"

namespace aright::rules {

// ISO 8601, or seconds since 1970. None where it tells no time.
std::optional<Timestamp> time_told(const json::Value& value);
// Whole days from `then` to the snapshot; negative where `then` is still to come.
std::int64_t days_since(Timestamp then, const cloud::Snapshot& snapshot);
// A parameter of the rule, which Config keeps as text.
std::int64_t whole_number(const json::Object& parameters, std::string_view name, std::int64_t otherwise);

}  // namespace aright::rules
