#include "server/code_links.h"

#include "aws/incoming.h"
#include "base/digest.h"
#include "base/random.h"
#include "json/value.h"

namespace aright::server {

namespace {

constexpr std::size_t key_bytes = 32;

}  // namespace

CodeLinks::CodeLinks() : key_(random_bytes(key_bytes)) {}

std::string CodeLinks::signature(const CodePlace& place, std::string_view expires) const {
  return to_hex(hmac_sha256(key_, fmt::format("{}/{}/{}/{}", place.account, place.region, place.function, expires)));
}

std::string CodeLinks::seal(const CodePlace& place, Timestamp now) const {
  auto expires = std::to_string((now + code_link_age).ms);
  return fmt::format("?account={}&region={}&expires={}&signature={}", place.account, place.region, expires,
                     signature(place, expires));
}

Result<CodePlace> CodeLinks::read(const net::Request& request, Timestamp now) const {
  CodePlace place{.account = aws::parameter_of(request, "account"), .region = aws::parameter_of(request, "region"),
                  .function = request.path().substr(code_path.size())};
  auto expires = aws::parameter_of(request, "expires");
  bool ours = equal_secret(signature(place, expires), aws::parameter_of(request, "signature"));
  if (!ours) return fail(Errc::denied, "this link was not made here: ask GetFunction for one");
  if (json::integer(json::Value(expires)) < now.ms)
    return fail(Errc::denied, "this link held for ten minutes, and is too old");
  return place;
}

}  // namespace aright::server
