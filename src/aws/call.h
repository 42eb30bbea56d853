#pragma once
// One AWS API request as data: what crosses the client, the gateway, the sandbox and the journal.

#include <functional>
#include <memory>
#include <string>

#include "base/context.h"
#include "json/value.h"

namespace aright::aws {

// Less than a role may do: the session of an assumed role, cut to an IAM policy. Its name stands in CloudTrail.
struct SessionCut {
  std::string name, policy;
};

// Input and output use the SDK's member names and nesting, timestamps as ISO-8601 text, blobs as
// base64 text.
struct Call {
  std::string service;    // boto3 client name
  std::string operation;  // PascalCase
  std::string region;     // "us-east-1"; global services carry the partition's
  std::string account;    // 12 digits, or empty: whatever the credentials belong to
  json::Object input;
  std::shared_ptr<const SessionCut> session = {};  // made as this, where its account has a role; null: as that role

  std::function<Result<>()> may_go = {};  // asked before each attempt; an error is the answer then. Empty: it may

  std::string name() const { return service + ":" + operation; }
};

// Who answers calls: the client (AWS or any compatible endpoint), the sandbox, an overlay, the
// gateway. A failure that the service itself answered carries wire_code and http_status.
class Caller {
 public:
  virtual ~Caller() = default;
  virtual Result<json::Object> call(const Call& call, const Context& context) = 0;
};

}  // namespace aright::aws
