// Whatever comes over the wire is read or refused; nothing of it breaks the reader.

#include <gtest/gtest.h>

#include "aws/random_value.h"
#include "aws/wire.h"

namespace aright::aws {
namespace {

constexpr std::string_view services[] = {"s3",  "s3control", "ec2",     "iam",     "sqs",
                                         "ssm", "lambda",    "route53", "glacier", "apigateway"};
constexpr int mutations = 3;

std::string mutated(Random& random, std::string text) {
  constexpr std::string_view spice = "<>&;/?%=.+\"{}[]0\n\0\xff-9";
  for (int i = 0; i < mutations; ++i) {
    auto at = random.below(text.size() + 1);
    switch (random.below(4)) {
      case 0:
        text.insert(at, 1, spice[random.below(spice.size())]);
        break;
      case 1:
        text.erase(at, random.below(8));
        break;
      case 2:
        if (at < text.size()) text[at] = spice[random.below(spice.size())];
        break;
      case 3:
        text.insert(at, text.substr(at, random.below(20)));
        break;
    }
  }
  return text;
}

TEST(HostileWire, AnyRequestIsReadOrRefused) {
  Random random(21);
  int read = 0, refused = 0;
  for (std::string_view name : services) {
    auto service = *model::Models::embedded().service(name);
    for (const model::Operation& operation : service.operations()) {
      auto input = RandomValue(random, {.empty = false}).message(operation.input());
      auto encoded = encode_request(service, operation, input);
      if (!encoded) continue;
      net::Request request = encoded->request;
      request.target = mutated(random, request.target);
      request.body = mutated(random, request.body);
      net::Headers headers;
      for (const auto& [header, value] : encoded->request.headers)
        headers.add(header, random.below(4) == 0 ? mutated(random, value) : value);
      request.headers = headers;
      auto routed = route_request(service, request, random.below(3) == 0 ? "bucket" : "");
      bool fits = routed && decode_request(service, *routed, request);
      ++(fits ? read : refused);
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
}

TEST(HostileWire, AnyAnswerIsReadOrRefused) {
  Random random(22);
  for (std::string_view name : services) {
    auto service = *model::Models::embedded().service(name);
    for (const model::Operation& operation : service.operations()) {
      auto output = RandomValue(random, {}).message(operation.output());
      auto response = encode_response(service, operation, output, "4f1c");
      response.body = mutated(random, response.body);
      if (random.below(3) == 0) response.status = 400;
      auto decoded = decode_response(service, operation, response);
      EXPECT_TRUE(response.status != 400 || !decoded);
    }
  }
}

TEST(HostileWire, AnyOutputIsWrittenAsFarAsItFits) {
  Random random(23);
  for (std::string_view name : services) {
    auto service = *model::Models::embedded().service(name);
    auto operations = service.operations();
    for (const model::Operation& operation : operations) {
      // What another operation would answer.
      const auto& other = operations[random.below(operations.size())];
      auto output = RandomValue(random, {}).message(other.output());
      if (!operation.output()) continue;
      for (const model::Member& member : operation.output().members()) {
        const json::Value wrong[] = {
            json::Value("x\r\ny: z"), json::Value(-1),    json::Object{{"a", json::Array{nullptr}}},
            json::Array{1},           json::Value(1e300), nullptr};
        output[member.name()] = wrong[random.below(std::size(wrong))];
      }
      auto response = encode_response(service, operation, output, "4f1c");
      for (const auto& [header, value] : response.headers)
        EXPECT_EQ(value.find('\n'), value.npos) << operation.name() << " " << header;
    }
  }
}

TEST(HostileWire, DepthIsNobodysTrouble) {
  constexpr int levels = 200'000;
  std::string xml, brackets(levels, '['), dots = "Action=DescribeInstances&Filter";
  for (int i = 0; i < levels; ++i)
    xml += "<a>";
  for (int i = 0; i < levels; ++i)
    dots += ".1";
  auto respond = [](std::string_view service, std::string_view operation, std::string body) {
    auto found = *model::Models::embedded().service(service);
    return decode_response(found, *found.operation(operation), {.status = 200, .body = body});
  };
  EXPECT_FALSE(respond("iam", "ListUsers", xml));
  EXPECT_FALSE(respond("ssm", "GetParameter", brackets));
  auto ec2 = *model::Models::embedded().service("ec2");
  net::Request request{.method = "POST",
                       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                       .body = dots};
  EXPECT_FALSE(decode_request(ec2, *route_request(ec2, request), request));
}

}  // namespace
}  // namespace aright::aws
