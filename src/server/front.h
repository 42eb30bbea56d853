#pragma once
// The one listener's handler: console, health, metrics, REST API, live events, the pages behind links, and AWS
// requests, told apart by path and signature. Everything but /healthz, /readyz and the console's own files is
// authenticated here or, for AWS requests and links, by their signature. What is not for AWS must name
// us as its host, and must not come from another site's page.

#include "ledger/ledger.h"
#include "net/http.h"
#include "server/api.h"
#include "server/sign_on.h"
#include "server/throttle.h"
#include "server/tokens.h"

namespace aright::observe {
class Watch;
}

namespace aright::server {

inline constexpr milliseconds live_look{100};           // between looks for new entries
inline constexpr milliseconds live_comment_every{15'000};
inline constexpr std::size_t live_batch = 200;          // entries in one look

struct FrontOptions {
  const Api* api = nullptr;
  const Tokens* tokens = nullptr;
  const ledger::Ledger* ledger = nullptr;
  // Answers signed AWS requests; empty: they are refused.
  std::function<net::Response(const net::Request&)> aws;
  // Hands out a function's code to who has a link of GetFunction; empty: there is none.
  std::function<net::Response(const net::Request&)> code;
  // Takes the answers of people who hold links; null: there are none.
  const remediation::LinkSeal* links = nullptr;
  // Lets people in through an identity provider, as the policy has it now; null or empty: nobody comes that way.
  std::function<std::shared_ptr<SignOn>()> sign_on;
  const observe::Watch* watch = nullptr;  // null: there are no metrics, and it is always ready
  // The names under which console and API are reached; empty: any. A page elsewhere whose name was made to lead here
  // (DNS rebinding) comes with its own name.
  std::vector<std::string> hosts;
};
// The names of this machine for itself, for a server that nobody else can reach; empty when `host` is another address.
std::vector<std::string> own_hosts(const std::string& host);

// Thread-safe. What the options point to must outlive it.
class Front {
 public:
  explicit Front(FrontOptions options) : options_(std::move(options)) {}
  net::Response handle(const net::Request& request, const net::Peer& peer) const;

 private:
  net::Response own(const net::Request& request, const net::Peer& peer) const;
  net::Response route(const net::Request& request, const net::Peer& peer) const;
  net::Response metrics(const net::Request& request, const net::Peer& peer) const;
  // Who asks, by their token. Fails with throttled where the source guesses at tokens, and else with denied.
  Result<Caller> caller(const net::Request& request, const net::Peer& peer, bool signed_on) const;
  std::optional<Caller> known(const net::Request& request, bool signed_on) const;
  net::Response readiness() const;
  net::Response events(const net::Request& request) const;
  net::Response answer(const net::Request& request) const;
  net::Response ask_api(const net::Request& request, const net::Peer& peer) const;
  std::shared_ptr<SignOn> sign_on_now() const { return options_.sign_on ? options_.sign_on() : nullptr; }
  net::Response sign_on(const net::Request& request) const;
  void record_refusal(const net::Request& request, const net::Peer& peer, int status) const;
  bool is_stranger(const net::Request& request) const;
  bool is_from_public_url(const net::Request& request) const;

  FrontOptions options_;
  const SystemClock clock_;
  mutable Throttle throttle_{clock_};
};

// Whether a request is meant for an AWS service rather than for us.
bool is_aws_request(const net::Request& request);

}  // namespace aright::server
