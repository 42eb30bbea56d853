#pragma once
// Security Hub's standards and the status of their controls: which controls each has is known to the catalog, which
// standards are enabled and what was switched stands in the cloud that keeps what is put.

#include "server/aws_turn.h"

namespace aright::server {

// One request about standards. `resources` is what is kept, by sandbox::Cloud::export_state().
struct StandardsTurn {
  const AwsTurn& aws;
  const json::Object& resources;
  json::Object changed = {};  // what the operation makes of them
};

bool is_of_standards(const aws::Call& call);
// Of these only.
AwsAnswer answer_standards(StandardsTurn& turn);

// "securityhub:UpdateStandardsControl", …
std::vector<std::string> standards_operations();

}  // namespace aright::server
