#pragma once
// The emulated cloud: behaviour, not storage, derived from the same descriptions that everything else uses. Several
// accounts and regions in one object; partition-wide things (bucket names, IAM) are one per partition or account.
//
// Thread-safe: one call at a time takes effect. What it does not know it refuses with 501 NotImplemented.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "cloud/catalog.h"
#include "json/value.h"
#include "model/model.h"

namespace aright::sandbox {

inline constexpr const char* default_account = "111122223333";

struct CloudOptions {
  std::string account = default_account;  // of calls that name none
  std::uint64_t seed = 1;                 // ids are a function of it and of the order of calls
  const cloud::Catalog* catalog = nullptr;     // null: the embedded one
  const model::Models* models = nullptr;       // null: the embedded ones
  std::string endpoint = "http://127.0.0.1";   // stands in URLs that answers hold (SQS queue URLs)
};

// Who calls: what STS answers, and what policies would see.
struct Principal {
  std::string account = default_account;
  std::string arn;      // "": the account's root
  std::string user_id;
};

// A write that took effect, in order: what tests count.
struct WriteRecord {
  Timestamp time;
  aws::Call call;
  json::Object output;
};

class Cloud final : public aws::Caller {
 public:
  // `clock` must outlive the cloud. A ScaledClock or VirtualClock makes slow transitions fast.
  Cloud(CloudOptions options, const Clock& clock);
  ~Cloud() override;

  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  Result<json::Object> call_as(const Principal& principal, const aws::Call& call, const Context& context);

  std::vector<WriteRecord> calls() const;
  void clear_calls();

  // World state: {"resources": {"<account>/<region>/<type>/<id>": {…}}}. Seed files and dumps; import adds and replaces.
  json::Object export_state() const;
  Result<> import_state(const json::Object& state);

  const cloud::Catalog& catalog() const;
  const model::Models& models() const;
  const Clock& clock() const;

 private:
  friend class Overlay;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace aright::sandbox
