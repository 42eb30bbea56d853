#include "aws/client.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>

#include "aws/address.h"
#include "aws/profile.h"
#include "aws/retry.h"
#include "aws/wire.h"
#include "aws/wire_value.h"
#include "base/random.h"
#include "base/text.h"
#include "net/url.h"
#include "telemetry/instruments.h"

namespace aright::aws {

namespace {

// A difference to the server's clock worth correcting for.
constexpr milliseconds skew_min{4 * 60 * 1000};
constexpr milliseconds answer_timeout{60'000};     // of one answer, and
constexpr milliseconds function_timeout{900'000};  // of one that is a function's

std::uint64_t random_seed() {
  auto bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof seed);
  return seed;
}

bool writes_by_verb(const Call& call) {
  constexpr std::array<std::string_view, 11> reading = {"Get",    "List",     "Describe", "Head",
                                                        "Lookup", "Search",   "Select",   "Scan",
                                                        "Query",  "BatchGet", "Simulate"};
  return std::ranges::none_of(
      reading, [&](std::string_view verb) { return call.operation.starts_with(verb); });
}

std::string environment_name(std::string_view service_id) {
  std::string name;
  for (char c : service_id) {
    name +=
        c == ' ' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

// What is signed otherwise than by version 4 is not sent at all.
Result<> check_signable(const model::Service& service, const model::Operation& operation) {
  auto version = service.signature_version();
  if (operation.auth_type() == "none" || version == "v4" || version == "s3" || version == "s3v4") {
    return {};
  }
  return fail(Errc::unsupported, "{} signs its requests by {}", service.name(), version);
}

// What AWS made us do again, or do more slowly.
struct Tries {
  telemetry::Family<telemetry::Counter>& throttles = telemetry::Registry::process().counter(
      "aright_aws_throttles_total", "Answers that said: too fast.", {"service"});
  telemetry::Family<telemetry::Counter>& retries = telemetry::Registry::process().counter(
      "aright_aws_retries_total", "Tries after the first.", {"service", "error"});

  static Tries& all() {
    static Tries one;
    return one;
  }
};

// Not when nobody answered, nor when the answer was a bare status.
bool has_words_of_service(const Error& error) {
  return !error.wire_code.empty() && error.wire_code != std::to_string(error.http_status);
}

}  // namespace

struct Client::Impl {
  // What is sent, and where to; not signed yet.
  struct Sent {
    net::Endpoint endpoint;
    net::Request request;
    Scope scope;
    bool custom = false;
  };
  // What one attempt came to, and what the answer says besides.
  struct Attempt {
    Result<json::Object> result;
    std::optional<Timestamp> server_time;
    std::string bucket_region;  // where S3 says the bucket lives
  };

  Impl(ClientOptions given, const model::Models& all, const Clock& time)
      : options(std::move(given)), models(all), clock(time), http({.request_timeout = function_timeout}),
        random(random_seed()) {}

  const ClientOptions options;
  const model::Models& models;
  const Clock& clock;
  net::Client http;
  RetryBucket bucket;
  std::atomic<std::int64_t> skew_ms = 0;
  std::mutex random_mutex;
  Random random;

  Result<std::string> custom_url(const model::Service& service) const;
  Result<Sent> prepare(const model::Service& service, const Call& call, const Encoded& encoded,
                       std::string_view region) const;
  Result<Attempt> attempt(const model::Service& service, const model::Operation& operation,
                          const Sent& sent, const Context& context);
  static bool lives_elsewhere(const Sent& sent, const Attempt& attempt);
  milliseconds pause(int retry);
  bool correct_clock(const Attempt& attempt);
  Result<json::Object> perform(const Call& call, const Context& context);
};

// options, AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section, the
// profile.
Result<std::string> Client::Impl::custom_url(const model::Service& service) const {
  if (!options.endpoint_url.empty()) return options.endpoint_url;
  const Environment& environment = options.environment;
  auto ignored = variable(environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  if (equal_ignore_case(ignored, "true")) return "";
  auto own = environment_name(service.service_id());
  for (const std::string& name : {"AWS_ENDPOINT_URL_" + own, std::string("AWS_ENDPOINT_URL")}) {
    auto url = variable(environment, name);
    if (!url.empty()) return url;
  }
  if (environment.empty()) return "";
  auto profiles = TRY(load_profiles(environment));
  auto& profile = profiles.profiles[profile_name({.environment = environment})];
  if (equal_ignore_case(variable(profile, "ignore_configured_endpoint_urls"), "true")) return "";
  auto& services = profiles.services[variable(profile, "services")];
  auto url = variable(services, lower(own) + ".endpoint_url");
  return url.empty() ? variable(profile, "endpoint_url") : url;
}

Result<Client::Impl::Sent> Client::Impl::prepare(const model::Service& service, const Call& call,
                                                 const Encoded& encoded,
                                                 std::string_view region) const {
  auto resolved = TRY(resolve_endpoint(service, region));
  auto custom = TRY(custom_url(service));
  auto endpoint = TRY(net::parse_endpoint(custom.empty() ? resolved.url : custom));
  Sent sent{
      .endpoint = std::move(endpoint),
      .request = encoded.request,
      .scope = {.region = resolved.signing_region, .service = std::string(service.signing_name())},
      .custom = !custom.empty()};
  AddressOptions style{.host_prefix = encoded.host_prefix,
                       .custom = sent.custom,
                       .path_style = options.s3_path_style};
  CHECK_OK(address(service, call.input, style, sent.endpoint, sent.request));
  return sent;
}

Result<Client::Impl::Attempt> Client::Impl::attempt(const model::Service& service,
                                                    const model::Operation& operation,
                                                    const Sent& sent, const Context& context) {
  net::Request request = sent.request;
  request.headers.set("User-Agent", "aright");
  if (operation.auth_type() != "none") {
    if (!options.credentials) return fail(Errc::denied, "no credentials to sign with");
    auto credentials = TRY(options.credentials->get(context));
    if (operation.auth_type() == "v4-unsigned-body") {
      request.headers.set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
    }
    // The signature covers the path as it is sent, with the endpoint's own prefix.
    request.target = sent.endpoint.path + request.target;
    sign(request, credentials, sent.scope, clock.now() + milliseconds(skew_ms.load()));
    request.target = sent.request.target;
  }
  // An invocation is answered when the function has ended.
  const bool invokes = service.name() == "lambda" && operation.name() == "Invoke";
  auto response = http.send(sent.endpoint, request, context.at_most(invokes ? function_timeout : answer_timeout));
  if (!response) return Attempt{.result = std::unexpected(std::move(response.error()))};
  return Attempt{.result = decode_response(service, operation, *response),
                 .server_time = parse_http_date(response->headers.get("Date")),
                 .bucket_region = response->headers.get("x-amz-bucket-region")};
}

// A bucket answers in its own region only, and says which that is.
bool Client::Impl::lives_elsewhere(const Sent& sent, const Attempt& attempt) {
  return !sent.custom && sent.scope.service == "s3" && !attempt.bucket_region.empty() &&
         attempt.bucket_region != sent.scope.region;
}

milliseconds Client::Impl::pause(int retry) {
  std::lock_guard lock(random_mutex);
  return backoff(retry, options.backoff_max, random);
}

// True when the clocks differ enough to explain the refusal; from then on requests carry the
// server's time.
bool Client::Impl::correct_clock(const Attempt& attempt) {
  if (attempt.result || !is_clock_skew(attempt.result.error()) || !attempt.server_time)
    return false;
  auto corrected = clock.now() + milliseconds(skew_ms.load());
  auto difference = *attempt.server_time - corrected;
  if (std::chrono::abs(difference) < skew_min) return false;
  skew_ms += difference.count();
  return true;
}

Result<json::Object> Client::Impl::perform(const Call& call, const Context& context) {
  auto service = models.service(call.service);
  if (!service) return fail(Errc::invalid, "there is no service {}", call.service);
  auto operation = service->operation(call.operation);
  if (!operation)
    return fail(Errc::invalid, "{} has no operation {}", call.service, call.operation);
  CHECK_OK(check_signable(*service, *operation));
  auto encoded = TRY(encode_request(*service, *operation, call.input));
  auto region = call.region.empty() ? options.region : call.region;
  auto sent = TRY(prepare(*service, call, encoded, region));
  bool is_write = options.is_write ? options.is_write(call) : writes_by_verb(call);
  bool redirected = false;
  int paid = 0;
  for (int tried = 1;; ++tried) {
    if (call.may_go) CHECK_OK(call.may_go());
    auto outcome = TRY(attempt(*service, *operation, sent, context));
    if (outcome.result) {
      bucket.give(paid);
      return std::move(outcome.result);
    }
    if (!redirected && lives_elsewhere(sent, outcome)) {
      // Nothing happened there: the same call, once, where the bucket is.
      redirected = true;
      sent = TRY(prepare(*service, call, encoded, outcome.bucket_region));
      continue;
    }
    Error error = outcome.result.error();
    bool unsure = error.retry == Retry::unknown_outcome;
    // Only a write can have left something behind; a read is simply asked again.
    if (unsure && !is_write) error.retry = Retry::later;
    if (is_throttling(error)) Tries::all().throttles.with({call.service}).add();
    bool skewed = correct_clock(outcome);
    bool paced_above = !options.retry_throttled && is_throttling(error);
    bool retried = (is_passing(error) && !(unsure && is_write) && !paced_above) || skewed;
    if (!retried || tried >= options.attempts_max) return fail(std::move(error));
    int cost = error.http_status == 0 ? RetryBucket::timeout_cost : RetryBucket::retry_cost;
    if (!bucket.take(cost)) return fail(std::move(error));
    paid = cost;
    Tries::all().retries.with({call.service, name(error.code)}).add();
    auto rested = context.sleep(skewed ? milliseconds(0) : pause(tried - 1));
    // Out of time or stopped: what the last attempt said tells more.
    if (!rested) return fail(std::move(error));
  }
}

Client::Client(ClientOptions options, const model::Models& models, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), models, clock)) {
  (void)Tries::all();  // seen before the first of them
}
Client::~Client() = default;

Result<json::Object> Client::call(const Call& call, const Context& context) {
  auto output = impl_->perform(call, context);
  // A service's own words stay as they are: runbooks and scripts put them into AWS's sentence.
  if (!output && !has_words_of_service(output.error())) return wrap(std::move(output.error()), "{}", call.name());
  return output;
}

}  // namespace aright::aws
