#include "server/id_token.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/signature.h"
#include "base/text.h"

namespace aright::server {

namespace {

constexpr double seconds_max = 1e11;  // since 1970: beyond them, a time is no time

template <typename... Args>
auto not_good(fmt::format_string<Args...> format, Args&&... args) {
  return fail(Errc::denied, "the ID token is not good: {}", fmt::format(format, std::forward<Args>(args)...));
}

Result<json::Object> part_of(std::string_view encoded) {
  auto text = TRY(from_base64url(encoded));
  auto value = TRY(json::parse(text));
  if (!value.is_object()) return not_good("a part of it is no object");
  return value.get_object();
}

std::string number_of(const json::Value& key, std::string_view member) {
  return from_base64url(json::text(key, member, "")).value_or("");
}

bool signed_by(const json::Value& key, std::string_view algorithm, std::string_view text, std::string_view signature) {
  if (algorithm == "RS256")
    return verify_rs256(number_of(key, "n"), number_of(key, "e"), text, signature);
  return json::text(key, "crv", "") == "P-256" &&
         verify_es256(number_of(key, "x"), number_of(key, "y"), text, signature);
}

// Of this id and kind, for signatures.
bool key_fits(const json::Value& key, std::string_view id, std::string_view algorithm) {
  auto said = [&](const char* member, std::string_view wanted) {
    auto value = json::text(key, member, "");
    return value.empty() || value == wanted;
  };
  bool kind = json::text(key, "kty", "") == (algorithm == "RS256" ? "RSA" : "EC");
  return kind && said("use", "sig") && said("alg", algorithm) && (id.empty() || json::text(key, "kid", "") == id);
}

Result<> check_signature(const json::Object& header, std::string_view text, std::string_view signature,
                         const json::Value& keys) {
  auto algorithm = json::text(header, "alg", "");
  // What a token says of its own algorithm is believed only where it is one of those that need the issuer's key.
  if (algorithm != "RS256" && algorithm != "ES256") return not_good("it is signed with '{}'", algorithm);
  if (header.contains("crit")) return not_good("it needs extensions that are not known here");
  auto id = json::text(header, "kid", "");
  bool any = false;
  for (const auto& key : json::items(json::at(keys, "keys"))) {
    if (!key_fits(key, id, algorithm)) continue;
    any = true;
    if (signed_by(key, algorithm, text, signature)) return {};
  }
  if (!any) return fail(Errc::not_found, "the issuer has no key '{}'", id);
  return not_good("its signature does not hold");
}

Result<> check_audience(const json::Object& claims, const std::string& client_id) {
  const auto& said = json::at(claims, "aud");
  auto audience = said.is_string() ? std::vector<std::string>{json::text(said)} : json::texts(said);
  if (std::ranges::find(audience, client_id) == audience.end()) return not_good("it is for somebody else");
  auto party = json::text(claims, "azp", "");
  if (audience.size() > 1 && party.empty()) return not_good("it is for several, and does not say for whom it was made");
  if (!party.empty() && party != client_id) return not_good("it was made for somebody else");
  return {};
}

Result<> check_times(const json::Object& claims, Timestamp now) {
  auto at = [&](const char* claim) -> std::optional<Timestamp> {
    const auto& value = json::at(claims, claim);
    auto said = value.is_number() ? value.to_number<double>() : -1.0;
    if (!(said >= 0 && said <= seconds_max)) return std::nullopt;
    return Timestamp{static_cast<std::int64_t>(said * 1000.0)};
  };
  auto ends = at("exp"), made = at("iat"), begins = at("nbf");
  if (!ends || !made) return not_good("it does not say when it was made, and until when it holds");
  if (*ends + clocks_apart_max <= now) return not_good("it held until {}", ends->iso_seconds());
  if (*made > now + clocks_apart_max) return not_good("it was made at {}, which is to come", made->iso_seconds());
  if (begins && *begins > now + clocks_apart_max) return not_good("it holds from {}", begins->iso_seconds());
  return {};
}

}  // namespace

std::string to_base64url(std::string_view bytes) {
  auto out = to_base64(bytes);
  while (out.ends_with('=')) out.pop_back();
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

Result<std::string> from_base64url(std::string_view text) {
  if (text.find_first_of("+/= \n") != std::string_view::npos) return fail(Errc::invalid, "this is no base64url");
  std::string padded(text);
  std::ranges::replace(padded, '-', '+');
  std::ranges::replace(padded, '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  return from_base64(padded);
}

Result<json::Object> verify_id_token(std::string_view token, const json::Value& keys, const ExpectedToken& expected) {
  if (token.size() > id_token_bytes_max) return not_good("it is too long");
  auto parts = split(token, '.');
  if (parts.size() != 3) return not_good("it has {} parts", parts.size());
  auto header = part_of(parts[0]);
  auto claims = part_of(parts[1]);
  auto signature = from_base64url(parts[2]);
  if (!header || !claims || !signature) return not_good("it cannot be read");
  auto text = token.substr(0, parts[0].size() + 1 + parts[1].size());
  CHECK_OK(check_signature(*header, text, *signature, keys));
  if (json::text(*claims, "iss", "") != expected.issuer)
    return not_good("it is of '{}'", json::text(*claims, "iss", ""));
  CHECK_OK(check_audience(*claims, expected.client_id));
  CHECK_OK(check_times(*claims, expected.now));
  if (expected.nonce.empty() || !equal_secret(json::text(*claims, "nonce", ""), expected.nonce))
    return not_good("it answers another sign-in");
  if (json::text(*claims, "sub", "").empty()) return not_good("it names nobody");
  return std::move(*claims);
}

}  // namespace aright::server
