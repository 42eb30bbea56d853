#pragma once
// The switch that stops writes: all of them, or those of an account, a region, a service or a control.

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "aws/call.h"
#include "json/value.h"
#include "model/model.h"

namespace aright::gateway {

// What is stopped. An empty member stands for any; all empty: every write there is.
struct Scope {
  std::string account, region, service, control;

  bool everything() const { return account.empty() && region.empty() && service.empty() && control.empty(); }
  // `service` of what is asked about may be "": it is not known yet which will be called.
  bool covers(std::string_view account, std::string_view region, std::string_view service,
              std::string_view control) const;
  std::string text() const;  // "everything", "control restricted-ssh, account 111122223333"
  auto operator<=>(const Scope&) const = default;
};
json::Object to_json(const Scope& scope);
Scope scope_from_json(const json::Value& value);
// Fails with invalid where the scope could cover nothing: a service or an account that is none. A service may be
// written as CloudFormation has it (AWS::S3), and becomes AWS's own name for it (s3).
Result<Scope> checked(Scope scope, const model::Models& models);

// Any thread. A write that asks after stop() returned is covered.
class Halts {
 public:
  void stop(const Scope& scope);
  // False when it was not stopped.
  bool start(const Scope& scope);
  void start_all();
  void replace(std::vector<Scope> scopes);  // sorted
  std::vector<Scope> all() const;
  // The first scope that covers it, as text; "" when none does.
  std::string covering(std::string_view account, std::string_view region, std::string_view service,
                       std::string_view control) const;

 private:
  mutable std::mutex mutex_;
  std::vector<Scope> scopes_;  // sorted
};

}  // namespace aright::gateway
