#pragma once
// Jails kept ready: Python and boto3 are loaded while nobody waits for them. Each is used for one
// program and no more; a program that it does not fit gets a fresh jail. Thread-safe. Internal to
// script.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "script/jail.h"

namespace aright::script {

// A remediation runs its script twice, once in rehearsal.
inline constexpr std::size_t spares_max = 2;

class Spares {
 public:
  static Spares& instance();
  ~Spares();

  // A spare, when there is one that fits.
  std::optional<Jail> take(const Program& program);
  // Has as many made as are missing. Returns at once; that none can be made costs time later and
  // nothing else.
  void order(const Footing& footing);

 private:
  struct Spare {
    Jail jail;
    // Loaded already: a program with a module of such a name does not fit.
    std::set<std::string, std::less<>> modules;
    bool fits(const Program& program) const;
  };

  Spares();
  void keep(const std::stop_token& done);
  static std::optional<Spare> make(const Footing& footing, const std::stop_token& done);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Footing> ordered_;
  std::vector<Spare> spares_;
  std::jthread keeper_;  // jails die with the thread that made them: this one stays
};

}  // namespace aright::script
