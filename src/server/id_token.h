#pragma once
// ID tokens of OpenID Connect: a JSON Web Token (RFC 7519) that an issuer signed (RFC 7515), checked by the issuer's
// keys (RFC 7517) and by what it must say (OpenID Connect Core 1.0, 3.1.3.7). Pure.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/value.h"

namespace aright::server {

inline constexpr std::size_t id_token_bytes_max = 64u << 10;
inline constexpr seconds clocks_apart_max{60};  // of the issuer's and ours

struct ExpectedToken {
  std::string issuer, client_id, nonce;
  Timestamp now;
};

// Its claims. `keys`: the issuer's JWKS. Fails with not_found where none of them has the token's key id, and with
// denied where it is not good.
Result<json::Object> verify_id_token(std::string_view token, const json::Value& keys, const ExpectedToken& expected);

// RFC 4648, 5, without padding.
std::string to_base64url(std::string_view bytes);
Result<std::string> from_base64url(std::string_view text);

}  // namespace aright::server
