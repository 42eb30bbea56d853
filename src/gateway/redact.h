#pragma once
// What may not stand in the ledger: members that the service model calls sensitive.

#include <functional>

#include "aws/call.h"
#include "base/strongbox.h"
#include "model/model.h"

namespace aright::gateway {

// Immutable; any thread. What it is given must outlive it.
class Redactor {
 public:
  Redactor(const model::Models& models, const Strongbox& box) : models_(models), box_(box) {}

  // Each such member becomes {"redacted": "<digest>"}, so that two values can still be told apart.
  aws::Call call(const aws::Call& call) const;
  json::Value output(const aws::Call& call, const json::Value& output) const;
  // Of a text that stands alone, as it would be in there.
  std::string digest(std::string_view text) const;

  using Found = std::function<void(const json::Value&)>;
  void each_secret(const aws::Call& call, const json::Value& output, const Found& found) const;
  void each_secret_of_input(const aws::Call& call, const Found& found) const;

  // Each such member becomes {"locked": "<base64>"}; unlock() gives it back.
  json::Value lock_output(const aws::Call& call, const json::Value& output) const;
  json::Object lock(const json::Value& value) const;
  // Fails with corrupt where another key locked it. `found`, when there is one, is told of all that was locked.
  Result<json::Value> unlock(const json::Value& value, const Found& found = {}) const;

 private:
  const model::Models& models_;
  const Strongbox& box_;
};

// Whether it is what lock() makes.
bool is_locked(const json::Value& value);

}  // namespace aright::gateway
