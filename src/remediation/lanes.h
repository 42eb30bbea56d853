#pragma once
// So that a cloud that answers slowly does not keep all workers waiting: each account and region is a lane, and one
// whose turns take long has no more of them under way than its share of the workers. Those that have to wait stand in
// a line, and the first of them is called when one is through. It is no record: who stands in the line has a timer,
// too, and what is lost with the process is only the order.
//
// Thread-safe.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"

namespace aright::remediation {

inline constexpr milliseconds slow_turn{500};      // from here on a lane has a share; others take what they need
inline constexpr milliseconds lane_look{30'000};   // until one that was not called asks again
inline constexpr unsigned share_max_percent = 75;  // of the workers, for a slow lane that is alone

class Lanes {
 public:
  using Wake = std::function<void(const std::string& who)>;

  // `wake` is called without a lock held, on the thread of a turn that ends.
  Lanes(unsigned workers, const Clock& clock, Wake wake) : workers_(workers), clock_(clock), wake_(std::move(wake)) {}

  // Held while a turn is under way; nothing where it has to wait.
  class Pass {
   public:
    Pass() = default;
    Pass(Lanes& lanes, std::string lane, Timestamp begun) : lanes_(&lanes), lane_(std::move(lane)), begun_(begun) {}
    Pass(Pass&& other) noexcept
        : lanes_(std::exchange(other.lanes_, nullptr)), lane_(std::move(other.lane_)), begun_(other.begun_) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (lanes_) lanes_->leave(lane_, begun_);
    }
    explicit operator bool() const { return lanes_ != nullptr; }

   private:
    Lanes* lanes_ = nullptr;
    std::string lane_;
    Timestamp begun_;
  };
  // `who` asks for its turn in the lane of an account and region, and stands in the line where it gets none.
  Pass enter(const std::string& account, const std::string& region, const std::string& who);
  // Whether it was called since it stands in the line: then what it set its timer to meanwhile is too late.
  bool has_called(const std::string& account, const std::string& region, const std::string& who);

 private:
  struct Lane {
    std::multiset<Timestamp> under_way;            // when they began
    milliseconds turn{0};                          // how long one took lately
    std::map<std::uint64_t, std::string> line;     // by ticket: those that nobody has called yet
    std::map<std::string, std::uint64_t> tickets;  // of all that wait, called or not
  };

  std::size_t room_in(const Lane& lane) const;
  void leave(const std::string& name, Timestamp begun);

  const unsigned workers_;
  const Clock& clock_;
  const Wake wake_;
  std::mutex mutex_;  // guards what follows
  std::uint64_t tickets_ = 0;
  std::map<std::string, Lane> lanes_;  // those with something to do
};

}  // namespace aright::remediation
