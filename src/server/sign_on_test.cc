// Sign-in through an issuer: ID tokens by published vectors, and the whole way by an issuer on loopback.

#include "server/sign_on.h"

#include <gmock/gmock.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/digest.h"
#include "base/signature.h"
#include "net/url.h"
#include "server/id_token.h"

namespace aright::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view client_id = "aright";
constexpr std::string_view public_url = "http://127.0.0.1:8080";

std::string decoded(std::string_view text) { return from_base64url(text).value_or(""); }

// RFC 7515, A.2 and A.3.
constexpr std::string_view rfc_payload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

TEST(Signatures, OfTheStandardsExamplesHold) {
  auto rsa_text = "eyJhbGciOiJSUzI1NiJ9." + std::string(rfc_payload);
  auto n = decoded(
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0B"
      "m4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5"
      "z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7"
      "aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ");
  auto rsa = decoded(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2F"
      "p5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB"
      "MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeY"
      "I2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
  EXPECT_TRUE(verify_rs256(n, decoded("AQAB"), rsa_text, rsa));
  EXPECT_FALSE(verify_rs256(n, decoded("AQAB"), rsa_text + "x", rsa));
  EXPECT_FALSE(verify_rs256(n.substr(0, 128), decoded("AQAB"), rsa_text, rsa)) << "a key of 1024 bits";

  auto ec_text = "eyJhbGciOiJFUzI1NiJ9." + std::string(rfc_payload);
  auto x = decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  auto y = decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  auto ec = decoded("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  EXPECT_TRUE(verify_es256(x, y, ec_text, ec));
  EXPECT_FALSE(verify_es256(x, y, ec_text + "x", ec));
  EXPECT_FALSE(verify_es256(y, x, ec_text, ec));
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

std::string number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &value), 1);
  std::string out(static_cast<std::size_t>(BN_num_bytes(value)), '\0');
  BN_bn2bin(value, reinterpret_cast<unsigned char*>(out.data()));
  BN_free(value);
  return out;
}

std::string padded(std::string bytes) { return std::string(32 - bytes.size(), '\0') + bytes; }

// An issuer that knows one person, and changes what it says of them as a test likes.
class Issuer {
 public:
  Issuer() : rsa_(EVP_RSA_gen(2048), EVP_PKEY_free), ec_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    auto started = net::Server::start({}, [this](const net::Request& request, const net::Peer&) {
      return answer(request);
    });
    EXPECT_TRUE(started);
    server_ = std::move(*started);
  }

  std::string url() const { return server_->url(); }
  json::Object claims(const std::string& nonce) const {
    json::Object out{{"iss", url()}, {"aud", client_id}, {"sub", "u-1"}, {"email", "ana@example.com"},
                     {"groups", json::Array{"security"}}, {"nonce", nonce},
                     {"iat", clock.now().ms / 1000}, {"exp", clock.now().ms / 1000 + 300}};
    for (const auto& [name, value] : said) out[name] = value;
    for (const auto& name : unsaid) out.erase(name);
    return out;
  }
  std::string token(const std::string& nonce) const {
    json::Object header{{"alg", algorithm}, {"kid", kid}};
    auto text = to_base64url(json::print(header)) + "." + to_base64url(json::print(claims(nonce)));
    auto signature = algorithm == "ES256" ? raw(sign(ec_.get(), text)) : sign(rsa_.get(), text);
    if (algorithm == "none") signature.clear();
    if (algorithm == "HS256") signature = hmac_sha256(number_of(rsa_.get(), OSSL_PKEY_PARAM_RSA_N), text);
    return text + "." + to_base64url(signature);
  }
  json::Object keys() const {
    json::Object rsa{{"kty", "RSA"}, {"kid", "r"}, {"use", "sig"},
                     {"n", to_base64url(number_of(rsa_.get(), OSSL_PKEY_PARAM_RSA_N))},
                     {"e", to_base64url(number_of(rsa_.get(), OSSL_PKEY_PARAM_RSA_E))}};
    json::Object ec{{"kty", "EC"}, {"kid", "e"}, {"crv", "P-256"},
                    {"x", to_base64url(padded(number_of(ec_.get(), OSSL_PKEY_PARAM_EC_PUB_X)))},
                    {"y", to_base64url(padded(number_of(ec_.get(), OSSL_PKEY_PARAM_EC_PUB_Y)))}};
    return {{"keys", json::Array{std::move(rsa), std::move(ec)}}};
  }

  VirtualClock clock;
  std::string algorithm = "RS256", kid = "r", nonce, challenge;
  json::Object said;                 // over the usual claims
  std::vector<std::string> unsaid;
  std::string named;                 // what it calls itself; "": its address

 private:
  static std::string sign(EVP_PKEY* key, const std::string& text) {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()), 1);
    std::string out(size, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    EXPECT_EQ(EVP_DigestSign(context.get(), to, &size, bytes, text.size()), 1);
    out.resize(size);
    return out;
  }
  static std::string raw(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    auto* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    std::string out(64, '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + 32, 32);
    ECDSA_SIG_free(pair);
    return out;
  }
  net::Response answer(const net::Request& request) const {
    auto path = request.path();
    if (path == "/.well-known/openid-configuration")
      return json_response(json::Object{{"issuer", named.empty() ? url() : named},
                                        {"authorization_endpoint", url() + "/authorize?tenant=acme"},
                                        {"token_endpoint", url() + "/token?tenant=acme"},
                                        {"jwks_uri", url() + "/keys"}});
    if (path == "/keys") return json_response(keys());
    auto form = net::parse_query(request.body, true);
    auto of = [&](std::string_view name) {
      for (const auto& [key, value] : form)
        if (key == name) return value;
      return std::string();
    };
    // As RFC 7636, 4.6 has it.
    bool good = path == "/token" && of("code") == "the-code" && to_base64url(sha256(of("code_verifier"))) == challenge;
    if (!good) return json_response(json::Object{{"error", "invalid_grant"}}, 400);
    return json_response(json::Object{{"id_token", token(nonce)}, {"access_token", "a"}, {"token_type", "Bearer"}});
  }

  Key rsa_, ec_;
  std::unique_ptr<net::Server> server_;
};

class SigningOn : public ::testing::Test {
 protected:
  SigningOn() {
    settings.issuer = issuer.url();
    settings.client_id = client_id;
    settings.name_claim = "email";
    settings.roles = {{.groups = {"security"}, .roles = {"operator"}}};
    settings.allow_internal = true;
  }
  SignOn& way() {
    if (!way_)
      way_.emplace(settings, principals, std::string(public_url), issuer.clock,
                   [this](const char* kind, const Caller& who) -> Result<> {
                     if (unrecorded) return fail(Errc::unavailable, "the disk is full");
                     record.push_back(fmt::format("{} {}", kind, who.actor.name));
                     return {};
                   });
    return *way_;
  }
  net::Response get(std::string target, const std::string& cookie = "") {
    net::Request request{.method = "GET", .target = std::move(target), .headers = {{"Cookie", cookie}}};
    return way().answer(request);
  }
  // Leaves for the issuer, as a browser does, and keeps what it has to bring back.
  void leave(const std::string& page = "/approvals") {
    auto begun = get("/oidc/begin?" + net::build_query({{"page", page}}));
    EXPECT_EQ(begun.status, 302);
    place = begun.headers.get("Location");
    auto set = begun.headers.get("Set-Cookie");
    EXPECT_THAT(set, HasSubstr("HttpOnly; SameSite=Lax"));
    cookie = set.substr(0, set.find(';'));
    for (const auto& [name, value] : net::parse_query(place.substr(place.find('?') + 1))) asked[name] = value;
    issuer.nonce = asked["nonce"];
    issuer.challenge = asked["code_challenge"];
  }
  std::string come_back(const std::string& with) {
    auto back = get("/oidc/back?code=the-code&state=" + asked["state"], with);
    EXPECT_EQ(back.status, 302);
    return back.headers.get("Location");
  }
  std::string go() {
    leave();
    return come_back(cookie);
  }
  std::optional<Caller> caller(const std::string& landed) {
    auto at = landed.find("token=");
    if (at == std::string::npos) return std::nullopt;
    net::Request request{.headers = {{"Authorization", "Bearer " + landed.substr(at + 6)}}};
    return way().caller(request);
  }

  Issuer issuer;
  remediation::SignOn settings;
  std::vector<remediation::Principal> principals;
  std::map<std::string, std::string> asked;
  std::string place, cookie;
  std::vector<std::string> record;  // of who came and went
  bool unrecorded = false;          // nothing can be put on it

 private:
  std::optional<SignOn> way_;
};

TEST_F(SigningOn, LeadsThereAndBackToThePage) {
  leave("/findings?status=all");
  EXPECT_THAT(place, StartsWith(issuer.url() + "/authorize?tenant=acme&response_type=code&client_id=aright"));
  EXPECT_EQ(asked["code_challenge_method"], "S256");
  EXPECT_EQ(asked["redirect_uri"], std::string(public_url) + "/oidc/back");
  auto landed = come_back(cookie);
  EXPECT_THAT(landed, StartsWith(std::string(public_url) + "/#page=%2Ffindings%3Fstatus%3Dall&token=aright_"));
  auto who = caller(landed);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->actor.name, "ana@example.com");
  EXPECT_TRUE(who->may(Role::operator_));
  EXPECT_FALSE(who->may(Role::approver));
}

TEST_F(SigningOn, IsOnRecordAndSoIsGoing) {
  auto landed = go();
  net::Request bye{.method = "POST", .target = "/oidc/end",
                   .headers = {{"Authorization", "Bearer " + landed.substr(landed.find("token=") + 6)}}};
  way().answer(bye);
  way().answer(bye);
  EXPECT_THAT(record, ElementsAre("signed_in ana@example.com", "signed_out ana@example.com"));
  unrecorded = true;
  EXPECT_FALSE(caller(go())) << "nobody comes in who is not on record";
}

TEST_F(SigningOn, TakesBothAlgorithms) {
  issuer.algorithm = "ES256";
  issuer.kid = "e";
  EXPECT_TRUE(caller(go()));
}

TEST_F(SigningOn, ComesBackOnceAndToTheBrowserThatLeft) {
  leave();
  EXPECT_THAT(come_back("aright_sign_on=another"), HasSubstr("refused=denied"));
  leave();
  EXPECT_TRUE(caller(come_back("theme=dark; " + cookie)));
  EXPECT_THAT(come_back(cookie), HasSubstr("refused=failed")) << "the same answer again";
  leave();
  issuer.clock.advance(sign_in_max);
  EXPECT_THAT(come_back(cookie), HasSubstr("refused=failed")) << "too late";
  leave();
  issuer.challenge = "another";
  EXPECT_THAT(come_back(cookie), HasSubstr("refused=denied")) << "a code that was taken on the way";
}

TEST_F(SigningOn, BelievesNoTokenThatIsNotGood) {
  struct Case {
    const char* claim;
    json::Value value;
  };
  auto now = issuer.clock.now().ms / 1000;
  const Case cases[] = {{"iss", "https://elsewhere.example.com"}, {"aud", "another"}, {"nonce", "another"},
                        {"aud", json::Array{client_id, "another"}}, {"azp", "another"}, {"exp", now - 61},
                        {"exp", 1e300}, {"iat", now + 61}, {"nbf", now + 61}, {"sub", ""}, {"email", ""},
                        {"email_verified", false}, {"groups", json::Array{"others"}}, {"email", "operator"}};
  for (const auto& one : cases) {
    issuer.said = {{one.claim, one.value}};
    auto landed = go();
    EXPECT_THAT(landed, HasSubstr("refused=denied")) << one.claim << " = " << json::print(one.value);
    EXPECT_THAT(landed, ::testing::Not(HasSubstr("token="))) << one.claim;
  }
  issuer.said = {};
  for (const char* claim : {"iss", "aud", "exp", "iat", "nonce", "sub", "email"}) {
    issuer.unsaid = {claim};
    EXPECT_THAT(go(), HasSubstr("refused=denied")) << "without " << claim;
  }
  issuer.unsaid = {};
  issuer.said = {{"aud", json::Array{client_id, "another"}}, {"azp", client_id}};
  EXPECT_TRUE(caller(go())) << "said to be for us among others";
}

TEST_F(SigningOn, BelievesNoAlgorithmThatNeedsNoKey) {
  for (const char* algorithm : {"none", "HS256", "RS512"}) {
    issuer.algorithm = algorithm;
    EXPECT_THAT(go(), HasSubstr("refused=denied")) << algorithm;
  }
  issuer.algorithm = "ES256";  // the key of the other kind
  EXPECT_THAT(go(), HasSubstr("refused=failed"));
}

TEST_F(SigningOn, GivesWhatThePolicySaysOfAPrincipalOfThisName) {
  principals = {{.name = "ana@example.com", .arn = "arn:aws:iam::111122223333:role/SecurityApprover",
                 .roles = {"approver"}, .token_sha256 = ""}};
  auto who = caller(go());
  ASSERT_TRUE(who);
  EXPECT_EQ(who->actor.arn, "arn:aws:iam::111122223333:role/SecurityApprover");
  EXPECT_TRUE(who->may(Role::approver));
  EXPECT_TRUE(who->may(Role::operator_));
  EXPECT_FALSE(who->may(Role::admin));
}

TEST_F(SigningOn, EndsWithItsTimeOrByHand) {
  auto landed = go();
  EXPECT_TRUE(caller(landed));
  issuer.clock.advance(settings.session);
  EXPECT_FALSE(caller(landed));
  landed = go();
  net::Request bye{.method = "POST", .target = "/oidc/end",
                   .headers = {{"Authorization", "Bearer " + landed.substr(landed.find("token=") + 6)}}};
  EXPECT_EQ(way().answer(bye).body, "{\"ended\":true}\n");
  EXPECT_FALSE(caller(landed));
  EXPECT_EQ(way().answer(bye).body, "{\"ended\":false}\n");
}

TEST_F(SigningOn, GoesToNoIssuerThatIsAnother) {
  issuer.named = "https://elsewhere.example.com";
  EXPECT_EQ(get("/oidc/begin").status, 403);
}

TEST_F(SigningOn, GoesToNoAddressOfTheInternalNetworkUnlessItMay) {
  settings.allow_internal = false;
  EXPECT_EQ(get("/oidc/begin").status, 403);
}

TEST_F(SigningOn, LeadsToNoPageOfOthers) {
  leave("https://elsewhere.example.com/");
  EXPECT_THAT(come_back(cookie), StartsWith(std::string(public_url) + "/#page=%2F&token="));
}

}  // namespace
}  // namespace aright::server
