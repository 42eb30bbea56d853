#pragma once
// A small pool of reading connections, made when first needed. Owned by Database; thread-safe.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "store/engine.h"
#include "store/transaction.h"

namespace aright::store {

class Readers {
 public:
  // The engine must outlive the pool. `most`: reads under way at one time; more wait.
  Readers(Engine& engine, std::size_t most) : engine_(engine), most_(most) {}
  Result<> read(const Work& work);
  Result<> check();

 private:
  Result<std::unique_ptr<Connection>> take();
  void give_back(std::unique_ptr<Connection> connection);

  Engine& engine_;
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_
  std::size_t out_ = 0;                            // guarded by mutex_
};

}  // namespace aright::store
