#pragma once
// Sign-in through an identity provider: OpenID Connect's authorization code flow with PKCE (RFC 6749, 7636). The
// browser is sent to the issuer and comes back with a code; the code is changed for an ID token here, and the ID token,
// once it is proven, for a token of ours, which the console gets in a fragment. Nothing of it is stored: sessions end
// with the process. Thread-safe.

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "net/http.h"
#include "net/url.h"
#include "remediation/policy.h"
#include "server/api.h"
#include "server/tokens.h"

namespace aright::server {

inline constexpr std::string_view sign_on_path = "/oidc";
inline constexpr seconds sign_in_max{600};           // between leaving for the issuer and coming back
inline constexpr std::size_t sign_ins_max = 1'000;   // under way; beyond them, the oldest is forgotten
inline constexpr std::size_t sessions_max = 10'000;
inline constexpr seconds keys_age_max{3'600};        // of what is known of the issuer
inline constexpr seconds keys_pause{30};             // between looks for a key that is not known
inline constexpr seconds fault_pause{5};             // after a question that the issuer did not answer

class SignOn {
 public:
  // Puts on record who came and who went, by the kind of the entry. Nobody comes in who is not on record.
  using Tell = std::function<Result<>(const char* kind, const Caller& caller)>;
  // `public_url`: where browsers come back to. The clock must outlive it.
  SignOn(remediation::SignOn settings, std::vector<remediation::Principal> principals, std::string public_url,
         const Clock& clock, Tell tell = {});
  ~SignOn();

  // What is at a path that begins with sign_on_path.
  net::Response answer(const net::Request& request);
  // Who has the session that the request's Authorization header names; nothing when there is none or it has ended.
  std::optional<Caller> caller(const net::Request& request);
  const std::string& issuer() const { return settings_.issuer; }

 private:
  struct Begun {
    std::string nonce, verifier, page, browser_sha256;
    Timestamp at;
  };
  struct Session {
    Caller caller;
    Timestamp ends;
  };
  struct Known {  // of the issuer
    std::string authorization_endpoint, token_endpoint, keys_url;
    bool basic = true;  // how a secret is sent
    json::Value keys;
    Timestamp at;
  };

  net::Response begin(const net::Request& request);
  net::Response back(const net::Request& request);
  net::Response end(const net::Request& request);
  Result<std::string> signed_in(const net::Query& query, const std::string& browser, std::string& page);
  Result<Begun> take(const std::string& state, const std::string& browser);
  Result<json::Object> claims_of(const Begun& begun, const std::string& code);
  Result<std::string> exchange(const Known& known, const Begun& begun, const std::string& code);
  Result<Known> known_issuer(bool anew);
  Result<Known> ask_issuer(Timestamp now);
  Result<json::Value> fetch(const std::string& url, net::Request request);
  Result<Caller> caller_of(const json::Object& claims) const;
  std::string open_session(Caller caller);

  const remediation::SignOn settings_;
  const std::vector<remediation::Principal> principals_;
  const std::string public_url_;
  const Clock& clock_;
  const Tell tell_;
  net::Client client_;
  std::mutex mutex_;
  std::map<std::string, Begun> begun_;       // by the state's SHA-256; guarded by mutex_
  std::map<std::string, Session> sessions_;  // by the token's SHA-256; guarded by mutex_
  std::optional<Known> known_;               // guarded by mutex_
  std::optional<Error> fault_;               // of the last question; guarded by mutex_
  Timestamp fault_at_;                       // guarded by mutex_
};

}  // namespace aright::server
