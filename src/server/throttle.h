#pragma once
// Guesses are slowed down: whoever presents many different wrong tokens from one address is answered without a look at
// any token that was never good from there, until a while has passed. The same wrong token again is no other guess (a
// page that was left open asks on and on), and who is in already goes on. Thread-safe.

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/clock.h"

namespace aright::server {

inline constexpr std::size_t wrong_tokens_max = 10;   // different ones, of one source
inline constexpr seconds wrong_tokens_window{60};     // within
inline constexpr std::size_t good_tokens_max = 100;   // known of one source; beyond them, any is forgotten
inline constexpr std::size_t sources_max = 10'000;    // known; beyond them, the one that came first is forgotten

class Throttle {
 public:
  // The clock must outlive it.
  explicit Throttle(const Clock& clock) : clock_(clock) {}

  // How long the source has to wait before the token is looked at; nothing: not at all.
  std::optional<milliseconds> wait(const std::string& source, const std::string& token);
  // What came of looking at it.
  void heard(const std::string& source, const std::string& token, bool good);

 private:
  struct Source {
    std::map<std::string, Timestamp> wrong;  // by the token's SHA-256: when it came last
    std::set<std::string> good;
  };
  Source& of(const std::string& source);
  void forget_old(Source& source) const;

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Source> sources_;  // guarded by mutex_
  std::deque<std::string> order_;          // of their first coming; guarded by mutex_
};

}  // namespace aright::server
