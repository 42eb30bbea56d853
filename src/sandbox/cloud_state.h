#pragma once
// Inside of Cloud. Shared with the overlay, which fills a private cloud's world.

#include <deque>
#include <mutex>
#include <set>

#include "sandbox/authorize.h"
#include "sandbox/cloud.h"
#include "sandbox/commands.h"
#include "sandbox/fault_injector.h"
#include "sandbox/tokens.h"
#include "sandbox/world.h"

namespace aright::sandbox {

struct Cloud::Impl {
  Impl(CloudOptions options_, const Clock& clock_)
      : options(std::move(options_)),
        clock(clock_),
        catalog(options.catalog ? *options.catalog : cloud::Catalog::embedded()),
        models(options.models ? *options.models : catalog.models()),
        authorization{options.authorize, options.service_control},
        world(catalog),
        ids(options.seed) {}

  Result<> furnish(const aws::Call& call);

  CloudOptions options;
  const Clock& clock;
  const cloud::Catalog& catalog;
  const model::Models& models;
  const Authorization authorization;

  FaultInjector injector;  // guards itself

  mutable std::mutex mutex;  // guards all below
  World world;
  std::set<std::string> regions_furnished;  // account/region
  Tokens tokens{models};
  Ids ids;
  std::deque<WriteRecord> writes;
  std::uint64_t writes_count = 0;
  std::vector<Listener> listeners;
  Invoker invoker;
  Commands commands;
  CommandRunner runner;
};

}  // namespace aright::sandbox
