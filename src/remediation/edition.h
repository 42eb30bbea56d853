#pragma once
// All that the engine goes by and that one policy says, together: it is replaced as a whole, so that no turn sees half
// of two policies.

#include <memory>

#include "gateway/gateway.h"
#include "notify/carrier.h"
#include "remediation/detect.h"
#include "remediation/execute.h"
#include "remediation/library.h"
#include "remediation/policy.h"
#include "rules/control.h"

namespace aright::remediation {

// What every edition stands on. All of it must outlive them.
struct Footing {
  aws::Caller& cloud;
  const cloud::Catalog& catalog;
  gateway::Gateway& gateway;
  ledger::Ledger& ledger;
  const Clock& clock;
  std::function<void(const cloud::ResourceRef&, const cloud::Snapshot*)> seen;  // as Aids has it
};

// Thread-safe. `controls` belongs to the policy, or outlives everything.
struct Edition {
  Edition(std::shared_ptr<const Policy> of, std::shared_ptr<const Library> runs, const rules::Controls& judges,
          const Footing& on, notify::Carrier::TakeIn take_in)
      : policy(std::move(of)),
        library(std::move(runs)),
        controls(judges),
        detector(*policy, controls, on.catalog, on.gateway, on.clock, {.library = library.get(), .seen = on.seen}),
        executor(*policy, *library, on.gateway, on.ledger, on.clock),
        carrier(on.cloud, policy->channels, std::move(take_in)) {}

  const std::shared_ptr<const Policy> policy;
  const std::shared_ptr<const Library> library;
  const rules::Controls& controls;
  Detector detector;
  Executor executor;
  notify::Carrier carrier;
};

}  // namespace aright::remediation
