#pragma once
// Finds resources and reads snapshots: concurrent, bounded, and honest about what it could not read.

#include <functional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "cloud/snapshot.h"

namespace aright::inventory {

inline constexpr unsigned readers_max = 8;  // resources read at once

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
};

struct Report {
  std::size_t resources = 0;
  std::vector<Gap> gaps;
};

// Calls `seen` for each resource, one at a time, from any of the reading threads. Resources that
// vanish between list and read are passed over. Stops early only when the context ends.
Result<Report> scan(aws::Caller& reader, const std::vector<Place>& places, const std::vector<Want>& wants,
                    const Clock& clock, const Context& context,
                    const std::function<void(const cloud::Snapshot&)>& seen);

}  // namespace aright::inventory
