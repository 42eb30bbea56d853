#pragma once
// Between a resource and those that are seen beside it (Related), both ways: which ones a rule wants to see, and whose
// rule sees one. Pure.

#include <optional>
#include <string>
#include <vector>

#include "cloud/catalog.h"
#include "cloud/snapshot.h"
#include "rules/rule.h"

namespace aright::rules {

// The ids that Related::ids and Related::same mean beside this resource; nothing for the other two kinds.
std::optional<std::vector<std::string>> ids_beside(const Related& related, const cloud::Snapshot& judged,
                                                   const cloud::Catalog& catalog);
// What a resource of Related::type says at Related::by: ids and ARNs of those that it names, each once.
std::vector<std::string> names_in(const Related& related, const cloud::Snapshot& other);
// Whether one of these names is the resource's.
bool names_it(const std::vector<std::string>& names, const cloud::Snapshot& judged);
// The aspects that have to be read of each: with the one that `by` looks into.
std::vector<std::string> aspects_beside(const Related& related);

// Resources of the type `judged` that these names, ids or ARNs, are of. Names that are visibly of other types are
// left out.
std::vector<cloud::ResourceRef> named_ones(const std::vector<std::string>& names, std::string_view judged,
                                           const cloud::ResourceRef& other, const cloud::Catalog& catalog);
// The one that Related::same makes this id of; nothing when it makes it of none.
std::optional<cloud::ResourceRef> made_of(const Related& related, std::string_view judged,
                                          const cloud::ResourceRef& other, const cloud::Catalog& catalog);

// What is wrong with it; empty when nothing is.
std::string fault_of(const Related& related, const cloud::Catalog& catalog);

}  // namespace aright::rules
