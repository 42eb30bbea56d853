#include "base/random.h"

#include <sys/random.h>

#include <cstdlib>

namespace aright {

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t done = 0; done < count;) {
    ssize_t got = getrandom(bytes.data() + done, count - done, 0);
    if (got <= 0) std::abort();
    done += static_cast<std::size_t>(got);
  }
  return bytes;
}

}  // namespace aright
