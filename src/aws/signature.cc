#include "aws/signature.h"

#include <algorithm>
#include <array>
#include <map>

#include "aws/chunked.h"
#include "base/digest.h"
#include "base/text.h"
#include "net/url.h"

namespace aright::aws {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr const char* basic_time = "%Y%m%dT%H%M%SZ";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
constexpr std::array<std::string_view, 3> streamed_payloads = {
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER"};
constexpr std::int64_t presigned_seconds_max = 7 * 24 * 3600;

std::unexpected<Error> refuse(std::string_view wire_code, int status, std::string message) {
  return fail(Error{.code = status == 403 ? Errc::denied : Errc::invalid,
                    .message = std::move(message),
                    .wire_code = std::string(wire_code),
                    .http_status = status});
}

// Only S3 keys may hold "//" and "..", so only S3 paths are signed as they are.
bool path_is_literal(const Scope& scope) {
  return scope.service == "s3" || scope.service == "s3express" || scope.service == "s3-outposts" ||
         scope.service == "s3-object-lambda";
}

std::string normalized(std::string_view path) {
  std::vector<std::string> parts;
  for (std::string& part : split(path, '/')) {
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(std::move(part));
    }
  }
  std::string text;
  for (const std::string& part : parts)
    text += "/" + part;
  bool trailing = path.ends_with('/') && !text.empty();
  return text.empty() || trailing ? text + "/" : text;
}

std::string canonical_path(const net::Request& request, const Scope& scope) {
  std::string path = request.path();
  if (path.empty()) path = "/";
  if (path_is_literal(scope)) return path;
  return percent_encode(normalized(path),
                        true);  // the second encoding: the path is encoded already
}

std::string canonical_query(const net::Request& request, bool presigned) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : net::parse_query(request.query())) {
    if (presigned && name == "X-Amz-Signature") continue;
    pairs.emplace_back(percent_encode(name), percent_encode(value));
  }
  std::ranges::sort(pairs);
  std::string text;
  for (const auto& [name, value] : pairs) {
    if (!text.empty()) text += '&';
    text += name + "=" + value;
  }
  return text;
}

std::string squeezed(std::string_view value) {
  std::string text;
  for (char c : trim(value)) {
    bool doubled = c == ' ' && text.ends_with(' ');
    if (!doubled) text += c;
  }
  return text;
}

struct Signing {
  Scope scope;
  std::string time;                  // 20240501T100000Z
  std::vector<std::string> headers;  // lower case, sorted
  std::string payload_hash;
  bool presigned = false;

  std::string date() const { return time.substr(0, 8); }
  std::string credential_scope() const {
    return fmt::format("{}/{}/{}/aws4_request", date(), scope.region, scope.service);
  }
};

std::string canonical_request(const net::Request& request, const Signing& signing) {
  std::string headers;
  for (const std::string& wanted : signing.headers) {
    std::string values;
    for (const auto& [name, value] : request.headers) {
      if (!equal_ignore_case(name, wanted)) continue;
      if (!values.empty()) values += ',';
      values += squeezed(value);
    }
    headers += wanted + ":" + values + "\n";
  }
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method,
                     canonical_path(request, signing.scope),
                     canonical_query(request, signing.presigned), headers,
                     fmt::join(signing.headers, ";"), signing.payload_hash);
}

std::string signing_key(const Signing& signing, const Secret& secret_access_key) {
  auto key = hmac_sha256("AWS4" + secret_access_key.reveal(), signing.date());
  key = hmac_sha256(key, signing.scope.region);
  key = hmac_sha256(key, signing.scope.service);
  return hmac_sha256(key, "aws4_request");
}

std::string signature_of(const net::Request& request, const Signing& signing,
                         const Secret& secret_access_key) {
  auto hash = to_hex(sha256(canonical_request(request, signing)));
  auto text =
      fmt::format("{}\n{}\n{}\n{}", algorithm, signing.time, signing.credential_scope(), hash);
  return to_hex(hmac_sha256(signing_key(signing, secret_access_key), text));
}

// Changed by proxies and connections on the way, so never signed.
bool travels_unsigned(std::string_view name) {
  return name == "authorization" || name == "user-agent" || name == "expect" ||
         name == "connection" || name == "x-amzn-trace-id" || name == "transfer-encoding" ||
         name == "content-length";
}

std::vector<std::string> signable_headers(const net::Request& request) {
  std::vector<std::string> names;
  for (const auto& [name, value] : request.headers) {
    if (!travels_unsigned(lower(name))) names.push_back(lower(name));
  }
  std::ranges::sort(names);
  auto twins = std::ranges::unique(names);
  names.erase(twins.begin(), twins.end());
  return names;
}

// The parts of a signature as a request carries them.
struct Carried {
  std::string credential, signed_headers, signature, time, token;
  std::int64_t expires_s = 0;
  bool presigned = false;
};

Result<Carried> read_header(const net::Request& request, std::string_view authorization) {
  Carried carried;
  if (!authorization.starts_with(algorithm)) {
    return refuse("IncompleteSignature", 400, "Authorization must use AWS4-HMAC-SHA256.");
  }
  for (const std::string& part : split(authorization.substr(algorithm.size()), ',')) {
    auto field = trim(part);
    auto equals = field.find('=');
    if (equals == field.npos) continue;
    auto name = field.substr(0, equals);
    std::string value(field.substr(equals + 1));
    if (name == "Credential") carried.credential = value;
    if (name == "SignedHeaders") carried.signed_headers = value;
    if (name == "Signature") carried.signature = value;
  }
  carried.time = request.headers.get("X-Amz-Date");
  carried.token = request.headers.get("X-Amz-Security-Token");
  return carried;
}

Carried read_presigned(const net::Query& query) {
  Carried carried{.presigned = true};
  for (const auto& [name, value] : query) {
    if (name == "X-Amz-Credential") carried.credential = value;
    if (name == "X-Amz-SignedHeaders") carried.signed_headers = value;
    if (name == "X-Amz-Signature") carried.signature = value;
    if (name == "X-Amz-Date") carried.time = value;
    if (name == "X-Amz-Security-Token") carried.token = value;
    if (name == "X-Amz-Expires") {
      bool digits = !value.empty() && value.size() <= 6 &&
                    value.find_first_not_of("0123456789") == std::string::npos;
      carried.expires_s = digits ? std::stoll(value) : 0;
    }
  }
  return carried;
}

Result<Carried> read_carried(const net::Request& request) {
  Carried carried;
  auto query = net::parse_query(request.query());
  auto is_signature = [](const auto& pair) { return pair.first == "X-Amz-Signature"; };
  if (const std::string* authorization = request.headers.find("Authorization")) {
    carried = TRY(read_header(request, *authorization));
  } else if (std::ranges::any_of(query, is_signature)) {
    carried = read_presigned(query);
  } else {
    return refuse("MissingAuthenticationToken", 403, "Request is missing Authentication Token");
  }
  std::string missing;
  if (carried.credential.empty()) missing += " Credential";
  if (carried.signed_headers.empty()) missing += " SignedHeaders";
  if (carried.signature.empty()) missing += " Signature";
  if (carried.time.empty()) missing += " X-Amz-Date";
  if (carried.presigned && carried.expires_s <= 0) missing += " X-Amz-Expires";
  if (!missing.empty()) {
    return refuse("IncompleteSignature", 400, "The signature lacks:" + missing);
  }
  return carried;
}

Result<Claim> claim_of(const Carried& carried) {
  auto parts = split(carried.credential, '/');
  if (parts.size() != 5 || parts[4] != "aws4_request" || parts[0].empty()) {
    return refuse("IncompleteSignature", 400,
                  "Credential must be <key>/<date>/<region>/<service>/aws4_request.");
  }
  return Claim{.access_key_id = parts[0],
               .scope = {.region = parts[2], .service = parts[3]},
               .date = parts[1],
               .session_token = carried.token};
}

Result<Timestamp> time_of(std::string_view text) {
  bool shaped = text.size() == 16 && text[8] == 'T' && text[15] == 'Z';
  if (!shaped) return refuse("IncompleteSignature", 400, "X-Amz-Date must be YYYYMMDDThhmmssZ.");
  auto iso =
      fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2),
                  text.substr(9, 2), text.substr(11, 2), text.substr(13, 2));
  auto time = parse_timestamp(iso);
  if (!time) return refuse("IncompleteSignature", 400, "X-Amz-Date is no date.");
  return time;
}

// S3 has words of its own for it.
Result<> refuse_time(const Carried& carried, const Scope& scope, Timestamp signed_at, Timestamp now) {
  if (path_is_literal(scope))
    return refuse("RequestTimeTooSkewed", 403,
                  "The difference between the request time and the current time is too large.");
  bool early = signed_at > now;
  auto bound = early ? now + clock_skew_max : now - clock_skew_max;
  return refuse("SignatureDoesNotMatch", 403,
                fmt::format("Signature {}: {} is {} than {} ({} {} 5 min.)", early ? "not yet current" : "expired",
                            carried.time, early ? "still later" : "now earlier", bound.format(basic_time),
                            now.format(basic_time), early ? "+" : "-"));
}

Result<> check_time(const Carried& carried, const Scope& scope, Timestamp now) {
  auto signed_at = TRY(time_of(carried.time));
  if (signed_at > now + clock_skew_max) return refuse_time(carried, scope, signed_at, now);
  if (carried.presigned) {
    if (carried.expires_s > presigned_seconds_max) {
      return refuse("AuthorizationQueryParametersError", 400, "X-Amz-Expires is over a week.");
    }
    if (now > signed_at + seconds(carried.expires_s)) {
      return refuse("AccessDenied", 403, "Request has expired");
    }
  } else if (signed_at < now - clock_skew_max) {
    return refuse_time(carried, scope, signed_at, now);
  }
  return {};
}

// S3 may say the hash in a header; what it says must be true of the body.
Result<std::string> payload_hash_of(const net::Request& request, const Carried& carried,
                                    const Scope& scope) {
  if (carried.presigned && path_is_literal(scope)) return std::string(unsigned_payload);
  auto actual = to_hex(sha256(request.body));
  const std::string* said = request.headers.find("X-Amz-Content-Sha256");
  if (!said || *said == actual) return actual;
  // Elsewhere a body that is not signed could be another one by the time it arrives.
  bool open = *said == unsigned_payload || std::ranges::count(streamed_payloads, *said) > 0;
  if (open && path_is_literal(scope)) return *said;
  return refuse("XAmzContentSHA256Mismatch", 400,
                "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

// Each piece of a streamed body is signed together with the signature before it, the trailers with
// the last piece's.
Result<> check_chunks(const net::Request& request, const Signing& signing, std::string previous,
                      const Secret& secret_access_key) {
  auto body = read_chunked(request.body);
  if (!body) return refuse("IncompleteBody", 400, body.error().message);
  auto key = signing_key(signing, secret_access_key);
  auto sign_text = [&](std::string_view kind, std::string_view hashes) {
    return to_hex(
        hmac_sha256(key, fmt::format("{}-{}\n{}\n{}\n{}\n{}", algorithm, kind, signing.time,
                                     signing.credential_scope(), previous, hashes)));
  };
  auto wrong = [] {
    return refuse("SignatureDoesNotMatch", 403, "A piece of the body has another signature.");
  };
  const auto empty_hash = to_hex(sha256(""));
  for (const Chunk& chunk : body->chunks) {
    auto expected = sign_text("PAYLOAD", empty_hash + "\n" + to_hex(sha256(chunk.data)));
    if (!equal_secret(expected, chunk.signature)) return wrong();
    previous = expected;
  }
  if (!signing.payload_hash.ends_with("-TRAILER")) return {};
  std::string trailers, carried;
  for (const auto& [name, value] : body->trailers) {
    if (name == "x-amz-trailer-signature") {
      carried = value;
    } else {
      trailers += name + ":" + value + "\n";
    }
  }
  return equal_secret(sign_text("TRAILER", to_hex(sha256(trailers))), carried) ? Result<>()
                                                                               : wrong();
}

}  // namespace

void sign(net::Request& request, const Credentials& credentials, const Scope& scope,
          Timestamp now) {
  Signing signing{.scope = scope, .time = now.format(basic_time)};
  request.headers.erase("Authorization");
  request.headers.set("X-Amz-Date", signing.time);
  if (!credentials.session_token.empty()) {
    request.headers.set("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  bool body_stays_open = request.headers.get("X-Amz-Content-Sha256") == unsigned_payload;
  signing.payload_hash =
      body_stays_open ? std::string(unsigned_payload) : to_hex(sha256(request.body));
  if (path_is_literal(scope)) request.headers.set("X-Amz-Content-Sha256", signing.payload_hash);
  signing.headers = signable_headers(request);
  auto signature = signature_of(request, signing, credentials.secret_access_key);
  request.headers.set("Authorization",
                      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm,
                                  credentials.access_key_id, signing.credential_scope(),
                                  fmt::join(signing.headers, ";"), signature));
}

void presign(net::Request& request, const Credentials& credentials, const Scope& scope,
             Timestamp now, seconds valid) {
  Signing signing{
      .scope = scope, .time = now.format(basic_time), .headers = {"host"}, .presigned = true};
  auto query = net::parse_query(request.query());
  query.emplace_back("X-Amz-Algorithm", algorithm);
  query.emplace_back("X-Amz-Credential",
                     credentials.access_key_id + "/" + signing.credential_scope());
  query.emplace_back("X-Amz-Date", signing.time);
  query.emplace_back("X-Amz-Expires", std::to_string(valid.count()));
  query.emplace_back("X-Amz-SignedHeaders", "host");
  if (!credentials.session_token.empty()) {
    query.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());
  }
  request.target = request.path() + "?" + net::build_query(query);
  signing.payload_hash =
      path_is_literal(scope) ? std::string(unsigned_payload) : to_hex(sha256(request.body));
  request.target +=
      "&X-Amz-Signature=" + signature_of(request, signing, credentials.secret_access_key);
}

Result<Claim> read_claim(const net::Request& request) {
  auto carried = TRY(read_carried(request));
  return claim_of(carried);
}

Result<> verify(const net::Request& request, const Secret& secret_access_key, Timestamp now) {
  auto carried = TRY(read_carried(request));
  auto claim = TRY(claim_of(carried));
  CHECK_OK(check_time(carried, claim.scope, now));
  Signing signing{.scope = claim.scope,
                  .time = carried.time,
                  .headers = split(carried.signed_headers, ';'),
                  .presigned = carried.presigned};
  if (claim.date != signing.date()) {
    return refuse("SignatureDoesNotMatch", 403, "Credential's date is not X-Amz-Date's.");
  }
  if (std::ranges::find(signing.headers, "host") == signing.headers.end()) {
    return refuse("SignatureDoesNotMatch", 403, "'host' must be a signed header.");
  }
  for (const auto& [name, value] : request.headers) {
    bool must_be_signed = lower(name).starts_with("x-amz-");
    if (must_be_signed &&
        std::ranges::find(signing.headers, lower(name)) == signing.headers.end()) {
      return refuse(
          "AccessDenied", 403,
          fmt::format("There were headers present in the request which were not signed: {}",
                      lower(name)));
    }
  }
  signing.payload_hash = TRY(payload_hash_of(request, carried, claim.scope));
  auto expected = signature_of(request, signing, secret_access_key);
  if (!equal_secret(expected, carried.signature)) {
    return refuse("SignatureDoesNotMatch", 403,
                  "The request signature we calculated does not match the signature you provided. "
                  "Check your AWS Secret Access Key and signing method.");
  }
  bool signed_pieces = signing.payload_hash.starts_with("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
  return signed_pieces ? check_chunks(request, signing, expected, secret_access_key) : Result<>();
}

}  // namespace aright::aws
