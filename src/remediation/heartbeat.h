#pragma once
// Says every now and then that something is being worked on, while it lives: a broker would give it to somebody else.

#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/context.h"

namespace aright::remediation {

class Heartbeat {
 public:
  // `beat` is called on a thread of the heartbeat's own, never after this object has gone.
  Heartbeat(milliseconds every, std::function<void(const Context&)> beat)
      : thread_([every, beat = std::move(beat)](std::stop_token stop) {
          Context context{.stop = stop};
          // One that began is not broken off: half a word would spoil the connection.
          while (context.sleep(every)) beat(Context::within(every));
        }) {}

 private:
  std::jthread thread_;
};

}  // namespace aright::remediation
