#pragma once
// The part of JMESPath that pagination tables and most waiters are written in: names, dots, [n],
// [-1], [], [*] and ||. Pure, any thread.

#include <string_view>

#include "json/value.h"

namespace aright::aws {

// What `expression` finds in `value`, null when nothing. Fails with unsupported for the rest of
// JMESPath: functions, filters, comparisons.
Result<json::Value> select(const json::Value& value, std::string_view expression);

}  // namespace aright::aws
