#include "remediation/health.h"

#include "net/guard.h"
#include "net/http.h"

namespace aright::remediation {

namespace {

net::ClientOptions client_options(const HealthCheck& check) {
  net::ClientOptions options{.connect_timeout = check.timeout,
                             .request_timeout = check.timeout,
                             .response_bytes_max = health_body_bytes_max};
  if (!check.allow_internal) options.admit_address = net::refuse_internal_address;
  return options;
}

Result<> ask_http(const HealthCheck& check, const Context& context) {
  std::string_view whole = check.subject;
  auto question = std::min(whole.find('?'), whole.size());
  auto url = TRY(net::parse_endpoint(whole.substr(0, question)));
  net::Request request{.target = (url.path.empty() ? "/" : url.path) + std::string(whole.substr(question))};
  url.path.clear();
  net::Client client(client_options(check));
  auto answer = TRY(client.send(url, request, context));
  bool right = check.status == 0 ? answer.status / 100 == 2 : answer.status == check.status;
  if (!right) return fail(Errc::unavailable, "it answered {}", answer.status);
  if (answer.body.find(check.holds) == std::string::npos)
    return fail(Errc::unavailable, "its answer does not hold '{}'", check.holds);
  return {};
}

Result<> ask_tcp(const HealthCheck& check, const Context& context) {
  auto address = TRY(net::parse_endpoint("http://" + check.subject));
  return net::reach(address, client_options(check), context);
}

Result<> ask_alarm(const HealthCheck& check, aws::Call call, aws::Caller& door, const Context& context) {
  call.service = "cloudwatch";
  call.operation = "DescribeAlarms";
  call.input["AlarmNames"] = json::Array{json::Value(check.subject)};
  const json::Value answer = TRY(door.call(call, context));
  for (auto list : {"MetricAlarms", "CompositeAlarms"})
    for (const auto& alarm : json::items(json::at(answer, list))) {
      auto state = json::text(alarm, "StateValue", "");
      if (state == "OK") return {};
      return fail(Errc::unavailable, "it is in state {}", state);
    }
  return fail(Errc::not_found, "there is no such alarm in {} {}", call.account, call.region);
}

// It answers {"healthy": true}, or {"healthy": false, "reason": …}.
Result<> ask_own_function(const HealthCheck& check, const Resource& resource, const aws::Call& call,
                      const Library& library, aws::Caller& door, const Context& context) {
  const auto* code = library.function(check.subject);
  if (!code) return fail(Errc::not_found, "no function '{}' is registered", check.subject);
  auto program = code->program;
  program.event = json::Object{{"check", check.name}, {"resource", to_json(resource)}};
  program.account = call.account;
  program.region = call.region;
  auto outcome = TRY(script::run(program, door, context));
  if (!outcome.ok) return fail(Errc::unavailable, "{}: {}", outcome.error_type, outcome.error_message);
  if (json::truth(json::at(outcome.result, "healthy"))) return {};
  return fail(Errc::unavailable, "{}", json::text(outcome.result, "reason", "it says so"));
}

Result<> ask_check(const HealthCheck& check, const Resource& resource, const Library& library, aws::Caller& door,
             const Context& context) {
  aws::Call call{.service = {}, .operation = {}, .region = check.region, .account = check.account, .input = {}};
  if (call.region.empty()) call.region = resource.region;
  if (call.account.empty()) call.account = resource.account;
  switch (check.kind) {
    case HealthCheck::Kind::http: return ask_http(check, context);
    case HealthCheck::Kind::tcp: return ask_tcp(check, context);
    case HealthCheck::Kind::alarm: return ask_alarm(check, std::move(call), door, context);
    case HealthCheck::Kind::function: break;
  }
  return ask_own_function(check, resource, call, library, door, context);
}

}  // namespace

std::string health_fault(const HealthCheck& check, const Resource& resource, const Library& library,
                         aws::Caller& door, const Context& context) {
  auto asked = ask_check(check, resource, library, door, context.at_most(check.timeout));
  return asked ? "" : fmt::format("the check '{}' fails: {}", check.name, asked.error().message);
}

}  // namespace aright::remediation
