#pragma once
// Random patterns and events for tests, from few words, so that they meet. The same seed, the same texts.

#include <string>

#include "base/random.h"

namespace aright::pattern {

class Arbitrary {
 public:
  explicit Arbitrary(std::uint64_t seed) : random_(seed) {}

  std::string pattern();
  // Members in any spelling: spaces, escapes, numbers in several forms. No object names a member twice, unless told.
  std::string event(bool twice = false);
  // One to four bytes changed, dropped, doubled or put in.
  std::string mutated(std::string text);

  std::size_t below(std::size_t count) { return random_.below(count); }

 private:
  bool once_in(std::size_t count) { return below(count) == 0; }
  std::string fields(int depth);
  std::string leaf();
  std::string element();
  std::string texts(int form);
  std::string word();
  std::string key();
  std::string written(std::string_view text, bool plainly);
  std::string number();
  std::string space();
  std::string object(int depth, bool twice);
  std::string value(int depth, bool twice);

  Random random_;
};

}  // namespace aright::pattern
