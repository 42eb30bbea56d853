#pragma once
// Who a bearer token stands for. Tokens are kept as hashes and compared in constant time. Any thread.

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "net/http.h"
#include "remediation/policy.h"
#include "server/api.h"

namespace aright::server {

inline constexpr std::size_t token_bytes = 32;  // of randomness

// Who acts with the server's own token, and on the command line without a server: the policy's principal of this name
// says under which ARN runbooks know him.
inline constexpr const char* operator_name = "operator";
Caller operator_of(const std::vector<remediation::Principal>& principals);

// With the principal's name, ARN and roles.
Caller caller_for(const remediation::Principal& principal);

// What the request's Authorization header presents; nothing where it is of another scheme.
std::optional<std::string> bearer_of(const net::Request& request);

// A fresh token, for whoever starts a server.
Secret make_token();

class Tokens {
 public:
  // The policy's principals, and whoever holds `own`: the operator, with every role.
  Tokens(const std::vector<remediation::Principal>& principals, const Secret& own);

  // Other principals; who holds `own` stays.
  void replace(const std::vector<remediation::Principal>& principals);
  // Of the request's Authorization header; nothing when there is none or it is nobody's.
  std::optional<Caller> caller(const net::Request& request) const;

 private:
  struct Known {
    std::string sha256;
    Caller caller;
  };
  static std::vector<Known> known_of(const std::vector<remediation::Principal>& principals, const std::string& own);

  const std::string own_sha256_;
  mutable std::mutex mutex_;
  std::vector<Known> known_;  // guarded by mutex_
};

}  // namespace aright::server
