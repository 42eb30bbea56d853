#pragma once
// Signature version 4: signing and checking. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "net/http.h"

namespace aright::aws {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty for long-term keys
  std::optional<Timestamp> expires;
  std::string account;  // when the source knows it
};

struct Scope {
  std::string region;
  std::string service;  // the signing name
};

// Adds X-Amz-Date, X-Amz-Security-Token, X-Amz-Content-Sha256 (S3) and Authorization. Host must be
// set.
void sign(net::Request& request, const Credentials& credentials, const Scope& scope, Timestamp now);

// The same in the query, for a URL that works without headers for `valid` (a week at most).
void presign(net::Request& request, const Credentials& credentials, const Scope& scope,
             Timestamp now, seconds valid);

// What a request claims, before its signature is checked: from the Authorization header or a
// presigned URL's query.
struct Claim {
  std::string access_key_id;
  Scope scope;
  std::string date;  // 20240501
  std::string session_token;
};
Result<Claim> read_claim(const net::Request& request);

inline constexpr milliseconds clock_skew_max{5 * 60 * 1000};

// Checks the signature over method, path, query, signed headers (host and every x-amz-* header must
// be among them) and body, in constant time, and the date against now. Errors carry the wire codes
// AWS uses: SignatureDoesNotMatch, also of one that expired; of S3's RequestTimeTooSkewed; IncompleteSignature,
// MissingAuthenticationToken.
Result<> verify(const net::Request& request, const Secret& secret_access_key, Timestamp now);

}  // namespace aright::aws
