#pragma once
// A place among the runs that may be under way at one time.

#include "base/context.h"

namespace aright::script {

// Held by the thread that runs a script, for as long as it does. A thread that has one gets another at once.
class Turn {
 public:
  // Waits until there is a place. Fails as the context does.
  static Result<Turn> take(const Context& context);
  ~Turn();
  Turn(Turn&& other) noexcept : holds_(std::exchange(other.holds_, false)) {}
  Turn& operator=(Turn&&) = delete;

 private:
  Turn() = default;
  bool holds_ = true;
};

}  // namespace aright::script
