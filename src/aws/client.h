#pragma once
// Any operation of any service at AWS or at a compatible endpoint: encode, sign, send, decode,
// retry.

#include <functional>
#include <memory>
#include <string>

#include "aws/call.h"
#include "aws/credentials.h"
#include "base/clock.h"
#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

struct ClientOptions {
  std::shared_ptr<CredentialProvider> credentials;
  std::string endpoint_url;  // all services; else AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, AWS
  Environment environment;
  std::string region = "us-east-1";  // for calls that name none
  int attempts_max = 3;  // standard retry mode: 3 attempts, jittered back-off, a token bucket
  std::chrono::milliseconds backoff_max{20'000};
  bool retry_throttled = true;  // false where a Paced (pace.h) stands above, which knows the rate of all
  bool s3_path_style = false;  // always on when an endpoint URL is given
  std::function<bool(const Call&)>
      is_write;  // a write is not repeated after an unknown outcome; default: by model verb
};

// Thread-safe. After a time-out of a write the error's retry is unknown_outcome.
class Client final : public Caller {
 public:
  Client(ClientOptions options, const model::Models& models, const Clock& clock);
  ~Client() override;
  Result<json::Object> call(const Call& call, const Context& context) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// https://ec2.eu-west-1.amazonaws.com, https://iam.amazonaws.com,
// https://sts.cn-north-1.amazonaws.com.cn …
struct ResolvedEndpoint {
  std::string url;
  std::string signing_region;
};
Result<ResolvedEndpoint> resolve_endpoint(const model::Service& service, std::string_view region);
std::string_view partition_of(
    std::string_view region);  // aws, aws-cn, aws-us-gov, aws-iso, aws-iso-b

// Calls `page` with each output until the model's pagination ends, `page` returns false, or
// pages_max is met (an error).
inline constexpr int pages_max = 10'000;
Result<> paginate(Caller& caller, const model::Models& models, Call call, const Context& context,
                  const std::function<bool(const json::Object&)>& page);
// Polls until the model's waiter is satisfied; fails with invalid on its failure state, deadline
// when attempts run out.
Result<> wait_until(Caller& caller, const model::Models& models, std::string_view waiter, Call call,
                    const Context& context);

}  // namespace aright::aws
