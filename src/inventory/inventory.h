#pragma once
// Finds resources and reads snapshots: concurrent, bounded, and honest about what it could not read. How fast it may
// ask is not decided here but by the caller below, which everybody shares (aws/pace.h).

#include <functional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "cloud/snapshot.h"

namespace aright::inventory {

inline constexpr unsigned readers_max = 16;           // calls at once
inline constexpr std::size_t waiting_max = 1'000;     // resources that are listed and not read yet
inline constexpr std::size_t gaps_max = 10'000;       // further ones are counted, not named
inline constexpr std::size_t progress_every = 1'000;  // resources

struct Want {
  std::string type;                  // AWS::S3::Bucket
  std::vector<std::string> aspects;  // empty: all
};

struct Place {
  std::string account, region;
};

// A type that could not be listed, or a resource that could not be read.
struct Gap {
  std::string what, why;
  cloud::ResourceRef where = {};  // without an id where it is a listing
  // Where a resource could be read but for one aspect, which a control looks at.
  std::string control = {}, aspect = {};
  std::string action = {};  // that was denied: s3:GetBucketPolicy
};

struct Report {
  std::size_t resources = 0;
  std::vector<Gap> gaps;
  std::size_t gaps_unnamed = 0;
};

// How far a scan is. A listing is one type in one place.
struct Progress {
  std::size_t resources = 0, listings = 0, listings_all = 0;
};

// Told one at a time, from any of the reading threads.
struct Listener {
  std::function<void(const cloud::Snapshot&)> seen;
  std::function<void(const Progress&)> progress;  // each `progress_every` resources; empty: nobody listens
};

// Tells of each resource. Pages are read while earlier ones are still being listed; what waits between is bounded.
// Resources that vanish between list and read are passed over; an aspect that may not be read is in its
// snapshot as unreadable, never as absent. Stops early only when the context ends. One reader reads on the caller's
// thread, in an order that is always the same.
Result<Report> scan(aws::Caller& reader, const std::vector<Place>& places, const std::vector<Want>& wants,
                    const Clock& clock, const Context& context, const Listener& listener,
                    unsigned readers = readers_max);

}  // namespace aright::inventory
