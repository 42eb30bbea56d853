#pragma once
// Fills an account by calls, as anybody would make them: catalog/demo/account.yaml is one such list.

#include <string_view>

#include "aws/call.h"

namespace aright::cli {

// A list of {call: service:Operation, input: {…}, as: name}. `as` keeps the answer; ${name.Member} takes from it. Gives
// all kept answers by name. Fails with the first call that fails, naming its place.
Result<json::Object> seed(aws::Caller& cloud, std::string_view yaml, std::string_view account, std::string_view region,
                          const Context& context);

}  // namespace aright::cli
