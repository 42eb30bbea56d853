#pragma once
// A testing facility: a disk that fails when it is told to. While one lives, every SQLite database
// that is opened stands on it: its writes, truncations and syncs are counted, and the nth can be
// made to fail. It knows what was synced, so that after a power cut the files can be put into any
// state a real disk might have left.
//
// One at a time; make it before the databases, destroy it after them. Thread-safe otherwise.

#include <cstdint>
#include <memory>

#include "base/random.h"

namespace aright::store {

class FaultyDisk {
 public:
  enum class Fault {
    full,        // every write from the nth operation on fails, for want of space, until heal()
    io_error,    // the nth operation fails, once
    sync_error,  // the first sync from the nth operation on fails, once
    power_cut,   // nothing from the nth operation on happens
  };

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The nth operation from now, counted from 1.
  void fail_at(std::uint64_t nth, Fault fault);
  void heal();
  // Whether the fault has happened.
  bool struck() const;
  std::uint64_t operations() const;

  // When no database is open any more: what was synced is on the disk; of the writes after that,
  // any may be, in whole, in part or not at all. `random` decides.
  void restart(Random& random);

 private:
  struct Disk;
  std::unique_ptr<Disk> disk_;
};

}  // namespace aright::store
