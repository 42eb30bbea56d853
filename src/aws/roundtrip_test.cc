// Whatever fits an operation's shapes comes back the same through the wire, both ways, for every
// operation of every service.

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "aws/quirks.h"
#include "aws/random_value.h"
#include "aws/wire.h"
#include "base/random.h"

namespace aright::aws {
namespace {

constexpr int reported_max = 20, rounds = 2;

struct Tally {
  int operations = 0, differing = 0;
  std::vector<std::string> reports;

  void report(const model::Service& service, const model::Operation& operation, std::string what) {
    ++differing;
    if (reports.size() >= reported_max) return;
    reports.push_back(fmt::format("{}:{}: {}", service.name(), operation.name(), what));
  }
};

template <typename Each>
void for_each_operation(Each each) {
  for (const model::Service& service : model::Models::embedded().services()) {
    for (const model::Operation& operation : service.operations()) {
      for (int round = 0; round < rounds; ++round)
        each(service, operation);
    }
  }
}

// Query and ec2 have no way to say that a structure or a list is there and empty.
RandomOptions sayable(const model::Service& service) {
  auto protocol = service.protocol();
  bool spoken = protocol == model::Protocol::query || protocol == model::Protocol::ec2;
  return {.empty = !spoken};
}

// Event streams are refused in words; see Wire.RefusesEventStreams.
// The client adds a checksum where one is due, what API Gateway wants to hear, and an empty JSON
// body for a structure that is not there.
void drop_added(const model::Operation& operation, const json::Object& sent, json::Object& came) {
  auto payload = operation.input() ? operation.input().payload() : "";
  if (!sent.contains(payload) && json::print(json::at(came, payload)) == "{}") came.erase(payload);
  for (std::string_view name : {"ContentMD5", "ChecksumSHA256", "accepts"}) {
    if (!sent.contains(name)) came.erase(name);
  }
}

// Where the two part, and what follows.
std::string differ(const json::Value& sent, const json::Value& came) {
  constexpr std::size_t before = 60, shown = 160;
  auto left = json::canonical(sent), right = json::canonical(came);
  auto parted = static_cast<std::size_t>(std::ranges::mismatch(left, right).in1 - left.begin());
  auto from = parted - std::min(parted, before);
  return fmt::format("\n  sent …{}\n  came …{}", left.substr(from, shown),
                     right.substr(from, shown));
}

// How long a body is the wire knows better.
void say_true_length(json::Object& output, const net::Response& response) {
  if (auto length = response.headers.find("Content-Length")) {
    for (std::string_view name : {"ContentLength", "contentLength"}) {
      if (output.contains(name)) output[name] = std::stoll(*length);
    }
  }
}

TEST(RoundTrip, EveryOperationsInputComesThrough) {
  Tally tally;
  Random random(7);
  for_each_operation([&](const model::Service& service, const model::Operation& operation) {
    ++tally.operations;
    if (is_overshadowed(service, operation) || is_streamed(operation.input())) return;
    auto input = RandomValue(random, sayable(service)).message(operation.input());
    auto encoded = encode_request(service, operation, input);
    if (!encoded) return tally.report(service, operation, encoded.error().text());
    auto routed = route_request(service, encoded->request);
    if (!routed) return tally.report(service, operation, "no route: " + encoded->request.target);
    if (routed->operation.name() != operation.name()) {
      auto name = std::string(routed->operation.name());
      return tally.report(service, operation, "routed to " + name + encoded->request.target);
    }
    auto decoded = decode_request(service, *routed, encoded->request);
    if (!decoded) return tally.report(service, operation, decoded.error().text());
    adjust_input(service, input);
    restore_input(service, input);
    drop_added(operation, input, *decoded);
    if (!json::equal(input, *decoded)) {
      tally.report(service, operation, differ(input, *decoded));
    }
  });
  EXPECT_GT(tally.operations, 15'000);
  EXPECT_EQ(tally.differing, 0) << fmt::format("{}", fmt::join(tally.reports, "\n"));
}

TEST(RoundTrip, EveryOperationsOutputComesThrough) {
  Tally tally;
  Random random(8);
  for_each_operation([&](const model::Service& service, const model::Operation& operation) {
    ++tally.operations;
    if (is_overshadowed(service, operation) || is_streamed(operation.output())) return;
    auto output = RandomValue(random, {}).message(operation.output());
    auto response = encode_response(service, operation, output, "4f1c");
    say_true_length(output, response);
    auto decoded = decode_response(service, operation, response);
    if (!decoded) return tally.report(service, operation, decoded.error().text());
    if (!json::equal(output, *decoded)) {
      tally.report(service, operation, differ(output, *decoded));
    }
  });
  EXPECT_EQ(tally.differing, 0) << fmt::format("{}", fmt::join(tally.reports, "\n"));
}

}  // namespace
}  // namespace aright::aws
