#pragma once
// What a control could not see of a resource, as gaps of a scan: the aspect, and the action that was denied. Pure.

#include <string>
#include <vector>

#include "cloud/catalog.h"
#include "cloud/snapshot.h"
#include "inventory/inventory.h"
#include "rules/rule.h"

namespace aright::remediation {

// s3:GetBucketPolicy: what reading the aspect asks for. "" where no description tells.
std::string reading_action(const cloud::Catalog& catalog, std::string_view type, std::string_view aspect);

// Of one evaluation that could not tell: each aspect of the resource and of its account that the rule looks at and
// nobody may read; else one gap with what the rule says. None when it could tell.
std::vector<inventory::Gap> blind_spots(const std::string& control, const rules::Evaluation& evaluation,
                                        const cloud::Snapshot& resource, const std::vector<std::string>& aspects,
                                        const cloud::Snapshot* account, const cloud::Catalog& catalog);

}  // namespace aright::remediation
