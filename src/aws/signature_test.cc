#include "aws/signature.h"

#include <gmock/gmock.h>

#include "aws/oracle.h"
#include "base/text.h"
#include "json/value.h"

namespace aright::aws {
namespace {

const Timestamp when = *parse_timestamp("2024-05-01T10:00:00Z");
const Secret key{"wJalr/secret"};

Credentials keys(std::string token = "") {
  return {.access_key_id = "AKIDEXAMPLE",
          .secret_access_key = key,
          .session_token = Secret(std::move(token))};
}

net::Request request_of(const json::Value& one) {
  net::Request request{.method = json::text(json::at(one, "method")),
                       .target = json::text(json::at(one, "target")),
                       .headers = {{"Host", "example.amazonaws.com"}},
                       .body = json::text(json::at(one, "body"))};
  for (const auto& [name, value] : json::members(json::at(one, "headers"))) {
    request.headers.set(std::string_view(name), json::text(value));
  }
  return request;
}

TEST(Signature, IsBotocoresForEveryCase) {
  auto cases = oracle("sign_oracle.py");
  ASSERT_GT(cases.size(), 600u) << "python3-boto3 is missing: tools/packages.txt";
  for (const json::Value& one : cases) {
    auto request = request_of(one);
    Scope scope{.region = json::text(json::at(one, "region")),
                .service = json::text(json::at(one, "service"))};
    sign(request, keys(json::text(json::at(one, "token"))), scope, when);
    EXPECT_EQ(request.headers.get("Authorization"), json::text(json::at(one, "authorization")))
        << json::print(one);
    EXPECT_TRUE(verify(request, key, when)) << json::print(one);
  }
}

TEST(Signature, BotocoresPresignedUrlsPass) {
  auto cases = oracle("sign_oracle.py");
  ASSERT_GT(cases.size(), 600u) << "python3-boto3 is missing: tools/packages.txt";
  for (const json::Value& one : cases) {
    net::Request request{.method = json::text(json::at(one, "method")),
                         .target = json::text(json::at(one, "presigned")),
                         .headers = {{"Host", "example.amazonaws.com"}}};
    auto verified = verify(request, key, when);
    EXPECT_TRUE(verified) << verified.error().text() << json::print(one);
  }
}

net::Request signed_request(std::string service = "ec2") {
  net::Request request{.method = "POST", .headers = {{"Host", "h"}}, .body = "Action=X"};
  sign(request, keys("token"), {.region = "us-east-1", .service = std::move(service)}, when);
  return request;
}

std::string verify_refusal(const net::Request& request, Timestamp now = when, const Secret& secret = key) {
  auto verified = verify(request, secret, now);
  return verified ? "" : verified.error().wire_code;
}

TEST(Signature, ClaimsAreReadBeforeTheyAreBelieved) {
  auto claim = read_claim(signed_request());
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(claim->scope.service, "ec2");
  EXPECT_EQ(claim->session_token, "token");
  EXPECT_EQ(claim->date, "20240501");
}

TEST(Signature, AnyChangeIsNoticed) {
  auto request = signed_request();
  request.body += "&Y=1";
  EXPECT_EQ(verify_refusal(request), "SignatureDoesNotMatch");
  request = signed_request();
  request.target = "/other";
  EXPECT_EQ(verify_refusal(request), "SignatureDoesNotMatch");
  request = signed_request();
  request.headers.set("Host", "elsewhere");
  EXPECT_EQ(verify_refusal(request), "SignatureDoesNotMatch");
  EXPECT_EQ(verify_refusal(signed_request(), when, Secret("other")), "SignatureDoesNotMatch");
  request = signed_request("s3");
  request.body = "changed";
  EXPECT_EQ(verify_refusal(request), "XAmzContentSHA256Mismatch");
}

TEST(Signature, NothingOfAmazonsCanBeAddedOnTheWay) {
  auto request = signed_request();
  request.headers.set("X-Amz-Target", "AmazonSSM.DeleteParameter");
  EXPECT_EQ(verify_refusal(request), "AccessDenied");
}

TEST(Signature, TimeMattersBothWays) {
  EXPECT_EQ(verify_refusal(signed_request(), when + clock_skew_max), "");
  for (auto beyond : {when + clock_skew_max + seconds(1), when - clock_skew_max - seconds(1)}) {
    EXPECT_EQ(verify_refusal(signed_request("s3"), beyond), "RequestTimeTooSkewed");
    EXPECT_EQ(verify_refusal(signed_request("ssm"), beyond), "SignatureDoesNotMatch");
  }
  auto late = verify(signed_request("ssm"), keys().secret_access_key, when + seconds(20 * 60));
  ASSERT_FALSE(late);
  EXPECT_THAT(late.error().message, testing::StartsWith("Signature expired: "));
}

TEST(Signature, PresignedUrlsExpire) {
  net::Request request{.target = "/bucket/key?versionId=1", .headers = {{"Host", "h"}}};
  presign(request, keys("token"), {.region = "us-east-1", .service = "s3"}, when, seconds(60));
  EXPECT_EQ(verify_refusal(request, when + seconds(60)), "");
  EXPECT_EQ(verify_refusal(request, when + seconds(61)), "AccessDenied");
}

TEST(Signature, WhatIsMissingIsNamed) {
  EXPECT_EQ(verify_refusal({}), "MissingAuthenticationToken");
  net::Request request;
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=a");
  EXPECT_EQ(verify_refusal(request), "IncompleteSignature");
  request = signed_request();
  auto text = request.headers.get("Authorization");
  request.headers.set("Authorization", replace_all(text, "host;", ""));
  EXPECT_EQ(verify_refusal(request), "SignatureDoesNotMatch");
}

}  // namespace
}  // namespace aright::aws
