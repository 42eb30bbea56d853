#pragma once
// How far the scans of this process are, for whoever waits for one. Thread-safe.

#include <list>
#include <optional>

#include "inventory/inventory.h"

namespace aright::inventory {

// Of the scan that began last; nothing where none is under way.
std::optional<Progress> under_way();

// A scan is under way while this lives.
class UnderWay {
 public:
  explicit UnderWay(const Progress& at_first);
  ~UnderWay();
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  void tell(const Progress& so_far);

 private:
  std::list<Progress>::iterator here_;
};

}  // namespace aright::inventory
