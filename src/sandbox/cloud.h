#pragma once
// The emulated cloud: behaviour, not storage, derived from the same descriptions that everything
// else uses. Several accounts and regions in one object; partition-wide things (bucket names, IAM)
// are one per partition or account.
//
// Thread-safe: one call at a time takes effect. What it does not know it refuses with 501
// NotImplemented.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "cloud/catalog.h"
#include "json/value.h"
#include "model/model.h"
#include "iam/policy.h"
#include "sandbox/command.h"
#include "sandbox/fault_plan.h"
#include "sandbox/invocation.h"
#include "sandbox/principal.h"

namespace aright::sandbox {

struct CloudOptions {
  std::string account = default_account;      // of calls that name none
  std::uint64_t seed = 1;                     // ids are a function of it and of the order of calls
  const cloud::Catalog* catalog = nullptr;    // null: the embedded one
  const model::Models* models = nullptr;      // null: the embedded ones
  std::string endpoint = "http://127.0.0.1";  // stands in URLs that answers hold (SQS queue URLs)
  // Whether accounts begin with what AWS puts into a new one (furnish.h), each region when somebody first calls it.
  bool furnished = false;
  // Whether IAM decides over calls within an account, too (authorize.h); and the service control
  // policies that hold in every account then.
  bool authorize = false;
  std::vector<iam::NamedPolicy> service_control = {};
};

// A write that took effect, in order: what tests count.
struct WriteRecord {
  Timestamp time;
  aws::Call call;
  json::Object output;
  Principal principal;   // who called
  std::string event_id;  // of the event that CloudTrail makes of it
};

inline constexpr std::size_t write_records_max = 100'000;  // the oldest go first

class Cloud final : public aws::Caller {
 public:
  // `clock` must outlive the cloud. A ScaledClock or VirtualClock makes slow transitions fast.
  Cloud(CloudOptions options, const Clock& clock);
  ~Cloud() override;

  Result<json::Object> call(const aws::Call& call, const Context& context) override;
  Result<json::Object> call_as(const Principal& principal, const aws::Call& call,
                               const Context& context);

  std::vector<WriteRecord> calls() const;
  void clear_calls();

  // For each write that took effect, the EventBridge event that CloudTrail would make of it
  // (trail.h). Called on the thread of the call, after it has taken effect; listeners may call the
  // cloud. Subscribe before the first call.
  using Listener = std::function<void(const json::Object& event)>;
  void on_call(Listener listener);

  // Who runs functions; without one, Invoke says that no code is run here. Set it before the first call.
  void run_functions(Invoker invoker);

  // Who runs the commands that Systems Manager sends to instances; without one, SendCommand says that no code is run
  // here. Set it before the first call.
  void run_commands(CommandRunner runner);
  // For the runner. False when there is nothing to run any more, and then nothing is to be told: it was cancelled, or
  // its time or its instance is gone.
  bool command_begins(const CommandRun& run);
  void command_ended(const CommandRun& run, std::vector<StepEnd> ends);

  // What a key that STS or IAM gave out proves; nothing for unknown and expired ones.
  std::optional<Credential> credential(std::string_view access_key_id) const;

  // World state: {"resources": {"<account>/<region>/<type>/<id>": {…}}, "furnished": ["<account>/<region>"]}. Seed
  // files and dumps; import adds and replaces, and erases what is null.
  json::Object export_state() const;
  // The resources of one type, by the same keys.
  json::Object export_type(std::string_view type) const;
  Result<> import_state(const json::Object& state);

  // What goes wrong from now on; an empty plan ends it. Counters start anew.
  void set_faults(FaultPlan plan);
  FaultPlan faults() const;
  json::Object fault_counts() const;  // FaultInjector::counts

  // Once it is known where the cloud is reached: URLs in later answers begin with it.
  void set_endpoint(std::string url);

  const cloud::Catalog& catalog() const;
  const model::Models& models() const;
  const Clock& clock() const;

 private:
  friend class Overlay;
  struct Impl;
  Result<json::Object> take_effect(const Principal& as, aws::Call call, milliseconds behind,
                                   const Context& context);
  void start_commands(const std::string& id);
  Result<json::Object> run(const Invocation& invocation, const Context& context) const;
  // A write that took effect is on record, under the lock; listeners are told of it without.
  struct Noted {
    std::optional<WriteRecord> write;
    std::string event_id;
    std::vector<Listener> listeners;
  };
  Noted note(const Principal& principal, const aws::Call& call, const json::Object& output);
  std::unique_ptr<Impl> impl_;
};

}  // namespace aright::sandbox
