#pragma once
// How fast AWS says that its APIs answer: catalog/api-rates.yaml.

#include <optional>

#include "aws/call.h"

namespace aright::aws {

struct Rate {
  double per_second = 0;
  double burst = 0;  // calls that may come at once after a rest
};

// Of an account in a region. Nothing: it is not published.
std::optional<Rate> published_rate(std::string_view service, std::string_view operation);

}  // namespace aright::aws
