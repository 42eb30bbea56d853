#include "sandbox/control.h"

#include "base/digest.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view bearer = "Bearer ";

net::Response told(int status, const json::Object& body) {
  net::Response response{.status = status};
  response.headers.set("Content-Type", "application/json");
  response.body = json::print(body);
  return response;
}

net::Response refused(int status, std::string_view why) { return told(status, {{"message", why}}); }

}  // namespace

net::Response Control::answer(const net::Request& request, const net::Peer& peer) const {
  if (!peer.loopback) return refused(403, "Only from loopback.");
  auto given = request.headers.get("Authorization");
  if (!given.starts_with(bearer) || !equal_secret(given.substr(bearer.size()), token_.reveal()))
    return refused(401, "The operator's token is missing or wrong.");
  if (request.path() != std::string(control_path) + "faults") return refused(404, "There is no such door.");
  if (request.method == "PUT") {
    if (request.body.size() > plan_bytes_max) return refused(413, "The plan is too long.");
    auto plan = parse_fault_plan(request.body);
    if (!plan) return refused(400, plan.error().message);
    cloud_.set_faults(std::move(*plan));
  } else if (request.method == "DELETE") {
    cloud_.set_faults({});
  } else if (request.method != "GET") {
    return refused(405, "GET, PUT or DELETE.");
  }
  return told(200, {{"plan", to_json(cloud_.faults())}, {"counts", cloud_.fault_counts()}});
}

}  // namespace aright::sandbox
