#pragma once
// AWS requests in HTTP, answered: the signature is checked, the service and operation are found,
// the input is decoded, somebody answers, and the answer or error is encoded as the protocol wants
// it. A function without sockets; see http_server.h for those. Thread-safe once set up.

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "net/http.h"
#include "sandbox/cloud.h"

namespace aright::sandbox {

inline constexpr std::size_t request_bytes_max = 32u
                                                 << 20;  // an object, in base64, and some headers
inline constexpr seconds call_limit{60};                 // of one call behind the front

// Access keys by their id, and what each proves. Keys that STS and IAM give out work beside them.
using Keys = std::map<std::string, Credential, std::less<>>;
// The key "test" with the secret "test", the root of `account`: for a sandbox on loopback that
// holds no secrets.
Keys demonstration_keys(std::string account = default_account);

class Front {
 public:
  // `cloud` and `clock` must outlive the front. The clock judges how old signatures are: the real
  // one, even where the cloud's own time runs faster.
  Front(Cloud& cloud, Keys keys, const Clock& clock);

  // Asked before the cloud, with the account and region set; nothing: not mine.
  using Interceptor = std::function<std::optional<Result<json::Object>>(
      const Principal&, const aws::Call&, const Context&)>;
  void intercept(Interceptor interceptor) { interceptors_.push_back(std::move(interceptor)); }

  net::Response answer(const net::Request& request, const net::Peer& peer = {}) const;

 private:
  Result<Principal> authenticate(const net::Request& request, const model::Service& service) const;
  Result<json::Object> perform(const Principal& principal, const aws::Call& call) const;
  net::Response abandon(const Error& error) const;

  Cloud& cloud_;
  Keys keys_;
  const Clock& clock_;
  std::vector<Interceptor> interceptors_;
};

}  // namespace aright::sandbox
