#pragma once
// The six types that parameters, variables and outputs have, and how values become one another. Internal to runbook.
// Pure functions: any thread may call them.

#include <optional>
#include <string_view>

#include "json/value.h"

namespace aright::runbook {

enum class Type { string, string_list, integer, boolean, string_map, map_list };

std::string_view name(Type type);
// Also the console's picker types: AWS::EC2::Instance::Id is a String, List<AWS::…> a StringList.
std::optional<Type> type_named(std::string_view text);

// Whether the value is of the type as it stands: 5 is an Integer, "5" is none.
bool is(const json::Value& value, Type type);

// What a caller gives for a parameter: the natural value, its text, or StartAutomationExecution's list of texts. Fails
// with invalid, saying what was expected.
Result<json::Value> read(const json::Value& given, Type type);

// What a selector found, as the type that the output declares. Fails with invalid where no conversion is published.
Result<json::Value> convert(const json::Value& found, Type type);

// GetAutomationExecution's form of any value: a list of texts, maps as JSON text.
json::Array wire_texts(const json::Value& value);

}  // namespace aright::runbook
