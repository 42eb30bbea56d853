#pragma once
// What a policy is asked about: who does what to which resource, under which circumstances. Plain data.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aright::iam {

// Condition keys and their values, by name; names are compared without case. A key may be there with
// no value (aws:TagKeys of a request without tags is absent, not empty).
class Keys {
 public:
  void set(std::string_view name, std::string value) { set(name, std::vector{std::move(value)}); }
  void set(std::string_view name, std::vector<std::string> values);
  // Null when the request says nothing of it.
  const std::vector<std::string>* find(std::string_view name) const;
  const std::map<std::string, std::vector<std::string>>& all() const { return values_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;  // names in small letters
};

struct Caller {
  enum class Kind {
    root,       // of its account
    user,       // an IAM user
    session,    // of a role: `arn` is the session's, `role` the role's
    federated,  // a federated user of STS
    service,    // an AWS service; `arn` is its name, sns.amazonaws.com
    anonymous,
  };
  Kind kind = Kind::user;
  std::string account, arn, role;
  bool service_linked = false;  // of a service-linked role: control policies do not bind it
};

// From an ARN as STS shows it; anonymous for "" and "anonymous".
Caller caller_of(std::string_view arn);

struct Request {
  Caller caller;
  std::string action;                 // s3:PutBucketPolicy
  std::string resource = "*";         // an ARN
  std::string resource_account;       // "": the caller's
  Keys keys;
};

}  // namespace aright::iam
