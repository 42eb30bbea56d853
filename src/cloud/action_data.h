#pragma once
// IAM's action data, for services that no description covers: which operations only read.
// tools/actions lists them, and is the place to look for when that is. Immutable; any thread.

#include <string_view>

namespace aright::cloud {

// Service by its boto3 name, operation in PascalCase. False for everything that is not known to
// read.
bool known_to_read(std::string_view service, std::string_view operation);

}  // namespace aright::cloud
