#pragma once
// Resources that rules see beside the one they judge (rules::Related): the flow logs of a VPC, the listeners of a load
// balancer. Both ways: what a rule wants to see beside a resource, as it is now; and whom to judge again when one of
// those changes.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cloud/snapshot.h"
#include "gateway/gateway.h"
#include "inventory/inventory.h"
#include "rules/control.h"
#include "rules/rule.h"

namespace aright::remediation {

inline constexpr std::size_t beside_max = 10'000;        // beside one resource; with more it cannot be judged
inline constexpr std::size_t remembered_max = 100'000;   // resources whose names are remembered

// What was seen beside a resource. `unknown`: why it is not all of it; "" when it is.
struct Beside {
  std::vector<cloud::Snapshot> seen;
  std::string unknown;
};

// What a scan read once, for all resources that it judges: those that name others, by whom they name. Immutable.
class RelationIndex {
 public:
  const std::vector<std::shared_ptr<const cloud::Snapshot>>& naming(const rules::Related& related,
                                                                    const cloud::Snapshot& judged) const;
  // Why those of this type there were not all read; "" when they were.
  std::string unknown(const rules::Related& related, const cloud::ResourceRef& judged) const;

 private:
  friend class Relations;
  // Account, region, type and Related::by; and whom it names, or "" for all.
  using Key = std::pair<std::string, std::string>;
  std::map<Key, std::vector<std::shared_ptr<const cloud::Snapshot>>> by_name_;
  std::map<std::string, std::string> unknown_;  // by account, region and type
};

// How what stands beside a resource is seen: looked up in an index, or read; through another door than the gateway's,
// on a rehearsed image, whose names are not remembered.
struct Sight {
  const RelationIndex* index = nullptr;
  aws::Caller* through = nullptr;
};

// Thread-safe; keeps references to all it is given.
class Relations {
 public:
  Relations(const cloud::Catalog& catalog, gateway::Gateway& gateway, const Clock& clock)
      : catalog_(catalog), gateway_(gateway), clock_(clock) {}

  // Asks for each relation as narrowly as the listings allow, or looks into the index. Fails only in passing
  // (throttled).
  Result<Beside> beside(const rules::Rule& rule, const cloud::Snapshot& judged, const Context& context,
                        const Sight& sight = {}) const;

  // All that these rules want to see beside resources in these places, but for those whose ids the resources tell.
  Result<RelationIndex> read(const std::vector<const rules::Rule*>& rules, const std::vector<inventory::Place>& places,
                             const Context& context) const;

  // The resources that the control has to judge again now that `changed`, which its rule sees beside them, did. Nothing
  // when they cannot be told: it is gone, and nobody remembers whom it named; or all of the place see it.
  Result<std::optional<std::vector<cloud::ResourceRef>>> judged_beside(const rules::Control& control,
                                                                       const cloud::ResourceRef& changed,
                                                                       const Context& context) const;

 private:
  Result<> see(const rules::Related& related, const cloud::Snapshot& judged, const Context& context,
               aws::Caller* through, Beside& out) const;
  Result<std::optional<std::vector<std::string>>> names_of(const rules::Related& related,
                                                           const cloud::ResourceRef& changed,
                                                           const Context& context) const;
  // Whom one names, and whom it named before that: all that its change may matter to.
  struct Names {
    std::vector<std::string> now, before;
    std::vector<std::string> all() const;
  };
  std::vector<std::string> remember(const std::string& key, const std::vector<std::string>& names) const;

  const cloud::Catalog& catalog_;
  gateway::Gateway& gateway_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // guards what follows
  mutable std::map<std::string, Names> remembered_;  // those that are gone, too
};

}  // namespace aright::remediation
