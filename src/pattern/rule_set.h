#pragma once
// Rules that come and go while events are matched. Who matches takes a snapshot and keeps it as long as it likes; a
// change makes a new matcher and puts it in the old one's place, at once for all who come later.
//
// Any thread may call anything. Changes wait for each other; snapshots wait for nothing.

#include <atomic>
#include <memory>
#include <mutex>

#include "pattern/pattern.h"

namespace aright::pattern {

class RuleSet {
 public:
  RuleSet() : matcher_(std::make_shared<const Matcher>()) {}

  std::shared_ptr<const Matcher> snapshot() const { return matcher_.load(); }

  // All patterns of the ids that are named are replaced by those that are given.
  void put(std::vector<Matcher::Entry> entries);
  void remove(const std::vector<std::string>& ids);

 private:
  void swap(std::vector<Matcher::Entry> added, const std::vector<std::string>& removed);

  std::mutex changing_;
  std::atomic<std::shared_ptr<const Matcher>> matcher_;
};

}  // namespace aright::pattern
