#pragma once
// What a policy document says: statements, the actions they name, and whether they let everyone in.

#include <string>
#include <vector>

#include "json/value.h"

namespace aright::rules {

// Members that may be one text or a list of them.
std::vector<std::string> one_or_many(const json::Value& value);
std::vector<json::Value> statements(const json::Value& document);
bool allows(const json::Value& statement);

// Everyone, and no condition that tells some from others. A condition narrows when it fixes who asks or from where
// (an account, an organization, an ARN, an address) with values that are neither wildcards nor policy variables.
bool lets_everyone_in(const json::Value& statement);

}  // namespace aright::rules
