#pragma once
// One execution of random documents in virtual time: uninterrupted, or killed and resumed as often as told.

#include <string>
#include <vector>

#include "mortal.h"

namespace aright::simulation {

struct Plot {
  std::uint64_t seed = 0;          // of documents, world and people
  std::vector<Death> deaths = {};  // one after the other
  LossRates losses = {};
};

struct End {
  std::string told;                 // the execution as GetAutomationExecution answers, without times and ids
  std::vector<std::string> writes;  // that changed the cloud, in order
  std::string fault;                // why it never came to an end; else empty
  std::string trace;                // a hash of every entry, every call and its answer, and what the cloud is then
  std::size_t deaths = 0, lost = 0; // that really happened
  std::uint64_t commits = 0, calls = 0;  // of the run that was not interrupted
};

End play(const Plot& plot);

}  // namespace aright::simulation
