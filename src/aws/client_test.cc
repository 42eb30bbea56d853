#include "aws/client.h"

#include <gmock/gmock.h>

#include <deque>
#include <mutex>
#include <thread>

#include "aws/address.h"
#include "aws/wire.h"
#include "base/file.h"

namespace aright::aws {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

const model::Models& models() {
  return model::Models::embedded();
}

using Answers = std::deque<net::Response>;

// A server that answers from a list, its last answer again and again, and remembers what it was
// asked.
class FakeAws {
 public:
  explicit FakeAws(Answers answers) : answers_(std::move(answers)) {
    server_ = *net::Server::start({}, [this](const net::Request& request, const net::Peer&) {
      std::lock_guard lock(mutex_);
      asked_.push_back(request);
      auto answer = answers_.front();
      if (answers_.size() > 1) answers_.pop_front();
      return answer;
    });
  }
  ~FakeAws() { server_->stop(); }
  std::string url() const { return server_->url(); }
  std::vector<net::Request> asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  Answers answers_;
  std::vector<net::Request> asked_;
  std::unique_ptr<net::Server> server_;
};

net::Response json_answer(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = body};
}

struct ClientTest : testing::Test {
  Client client(ClientOptions options) {
    options.credentials = fixed_credentials(
        {.access_key_id = "AKIDEXAMPLE", .secret_access_key = Secret("wJalr/secret")});
    options.backoff_max = 1ms;
    return Client(std::move(options), models(), clock);
  }
  Client client(const FakeAws& aws) { return client({.endpoint_url = aws.url()}); }

  static Call get_parameter() {
    return {.service = "ssm",
            .operation = "GetParameter",
            .region = "eu-west-1",
            .input = {{"Name", "/a"}}};
  }
  static Call put_parameter() {
    return {.service = "ssm",
            .operation = "PutParameter",
            .region = "eu-west-1",
            .input = {{"Name", "/a"}, {"Value", "v"}}};
  }

  VirtualClock clock{*parse_timestamp("2024-05-01T10:00:00Z")};
  Context context = Context::within(10s);
};

TEST_F(ClientTest, SignsSendsAndReads) {
  FakeAws aws(
      Answers{json_answer(200, R"({"Parameter":{"Name":"/a","LastModifiedDate":1714557600}})")});
  auto output = client(aws).call(get_parameter(), context);
  ASSERT_TRUE(output) << output.error().text();
  EXPECT_EQ(json::print(*output),
            R"({"Parameter":{"Name":"/a","LastModifiedDate":"2024-05-01T10:00:00Z"}})");
  auto asked = aws.asked().at(0);
  EXPECT_EQ(asked.headers.get("X-Amz-Target"), "AmazonSSM.GetParameter");
  EXPECT_THAT(asked.headers.get("Authorization"),
              HasSubstr("Credential=AKIDEXAMPLE/20240501/eu-west-1/ssm/aws4_request"));
  EXPECT_TRUE(verify(asked, Secret("wJalr/secret"), clock.now()));
}

TEST_F(ClientTest, RetriesWhatPasses) {
  FakeAws aws(Answers{json_answer(400, R"({"__type":"ThrottlingException"})"),
                      {.status = 503},
                      json_answer(200, "{}")});
  EXPECT_TRUE(client(aws).call(put_parameter(), context));
  EXPECT_EQ(aws.asked().size(), 3u);
}

TEST_F(ClientTest, GivesUpAfterItsAttempts) {
  FakeAws aws(Answers{{.status = 503}});
  auto output = client(aws).call(get_parameter(), context);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Errc::unavailable);
  EXPECT_EQ(output.error().http_status, 503);
  EXPECT_EQ(output.error().text(), "503: ssm:GetParameter: HTTP status 503");
  EXPECT_EQ(aws.asked().size(), 3u);
}

TEST_F(ClientTest, DoesNotRetryARefusal) {
  FakeAws aws(Answers{json_answer(400, R"({"__type":"ParameterNotFound","message":"none"})")});
  auto output = client(aws).call(get_parameter(), context);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Errc::not_found);
  EXPECT_EQ(output.error().wire_code, "ParameterNotFound");
  EXPECT_EQ(output.error().message, "none") << "a service's own words stay as they are";
  EXPECT_EQ(aws.asked().size(), 1u);
}

TEST_F(ClientTest, AWriteOfUnknownOutcomeIsNotRepeated) {
  FakeAws aws(Answers{{.status = 500}, json_answer(200, "{}")});
  auto output = client(aws).call(put_parameter(), context);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().retry, Retry::unknown_outcome);
  EXPECT_EQ(aws.asked().size(), 1u);
}

TEST_F(ClientTest, AReadIsSimplyAskedAgain) {
  FakeAws aws(Answers{{.status = 500}, json_answer(200, "{}")});
  EXPECT_TRUE(client(aws).call(get_parameter(), context));
  EXPECT_EQ(aws.asked().size(), 2u);
}

TEST_F(ClientTest, WhatIsAWriteCanBeSaid) {
  FakeAws aws(Answers{{.status = 500}, json_answer(200, "{}")});
  auto told = client({.endpoint_url = aws.url(), .is_write = [](const Call&) { return false; }});
  EXPECT_TRUE(told.call(put_parameter(), context));
}

TEST_F(ClientTest, AWriteThatRunsOutOfTimeHasAnUnknownOutcome) {
  auto slow = *net::Server::start({}, [](const net::Request&, const net::Peer&) {
    std::this_thread::sleep_for(500ms);
    return net::Response{.status = 200, .body = "{}"};
  });
  auto output = client({.endpoint_url = slow->url()}).call(put_parameter(), Context::within(100ms));
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Errc::deadline);
  EXPECT_EQ(output.error().retry, Retry::unknown_outcome);
}

TEST_F(ClientTest, NobodyListeningIsTriedAgainAndNothingHappened) {
  std::string url;
  {
    FakeAws gone(Answers{{.status = 200}});
    url = gone.url();
  }
  auto output = client({.endpoint_url = url}).call(put_parameter(), context);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Errc::unavailable);
  EXPECT_EQ(output.error().retry, Retry::later);
}

TEST_F(ClientTest, StopsRetryingWhenEverythingFails) {
  FakeAws aws(Answers{{.status = 503}});
  auto one = client({.endpoint_url = aws.url(), .attempts_max = 200});
  EXPECT_FALSE(one.call(get_parameter(), context));
  // The bucket of 500 tokens pays for 100 retries.
  EXPECT_EQ(aws.asked().size(), 101u);
}

TEST_F(ClientTest, CorrectsItsClockByTheServers) {
  auto refusal = json_answer(403, R"({"__type":"InvalidSignatureException"})");
  refusal.headers.set("Date", "Wed, 01 May 2024 11:00:00 GMT");
  FakeAws aws(Answers{refusal, json_answer(200, "{}")});
  auto one = client(aws);
  EXPECT_TRUE(one.call(put_parameter(), context));
  EXPECT_EQ(aws.asked().at(1).headers.get("X-Amz-Date"), "20240501T110000Z");
  EXPECT_TRUE(one.call(get_parameter(), context));
  EXPECT_EQ(aws.asked().at(2).headers.get("X-Amz-Date"), "20240501T110000Z");
}

TEST_F(ClientTest, AWrongKeyIsNoClockSkew) {
  auto refusal = json_answer(403, R"({"__type":"InvalidSignatureException"})");
  refusal.headers.set("Date", "Wed, 01 May 2024 10:00:01 GMT");
  FakeAws aws(Answers{refusal});
  EXPECT_FALSE(client(aws).call(get_parameter(), context));
  EXPECT_EQ(aws.asked().size(), 1u);
}

TEST_F(ClientTest, FindsItsEndpointInTheEnvironment) {
  FakeAws general(Answers{json_answer(200, "{}")}), own(Answers{json_answer(200, "{}")});
  TemporaryDirectory home;
  Environment environment{{"HOME", home.path()}, {"AWS_ENDPOINT_URL", general.url()}};
  EXPECT_TRUE(client({.environment = environment}).call(get_parameter(), context));
  environment["AWS_ENDPOINT_URL_SSM"] = own.url();
  EXPECT_TRUE(client({.environment = environment}).call(get_parameter(), context));
  EXPECT_EQ(general.asked().size(), 1u);
  EXPECT_EQ(own.asked().size(), 1u);
  environment.erase("AWS_ENDPOINT_URL_SSM");
  environment["AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING"] = own.url();
  Call list{.service = "application-autoscaling",
            .operation = "DescribeScalableTargets",
            .region = "us-east-1",
            .input = {{"ServiceNamespace", "ecs"}}};
  EXPECT_TRUE(client({.environment = environment}).call(list, context));
  EXPECT_EQ(own.asked().size(), 2u);
}

TEST_F(ClientTest, FindsItsEndpointInTheProfile) {
  FakeAws own(Answers{json_answer(200, "{}")});
  TemporaryDirectory home;
  std::filesystem::create_directory(home.path() / ".aws");
  ASSERT_TRUE(write_file(
      home.path() / ".aws" / "config",
      "[default]\nservices = here\n[services here]\nssm =\n  endpoint_url = " + own.url() + "\n"));
  EXPECT_TRUE(client({.environment = {{"HOME", home.path()}}}).call(get_parameter(), context));
  EXPECT_EQ(own.asked().size(), 1u);
}

TEST_F(ClientTest, AnEndpointsOwnPathIsSignedToo) {
  FakeAws aws(Answers{{.status = 200, .body = "<LocationConstraint/>"}});
  auto one = client({.endpoint_url = aws.url() + "/prefix"});
  Call call{.service = "s3",
            .operation = "GetBucketLocation",
            .region = "us-east-1",
            .input = {{"Bucket", "logs"}}};
  ASSERT_TRUE(one.call(call, context));
  auto asked = aws.asked().at(0);
  EXPECT_EQ(asked.target, "/prefix/logs?location");
  EXPECT_TRUE(verify(asked, Secret("wJalr/secret"), clock.now()));
}

TEST_F(ClientTest, ReadsErrorsOfEveryProtocol) {
  struct Case {
    Call call;
    std::string body;
  };
  Case cases[] = {
      {{.service = "s3", .operation = "GetBucketPolicy", .input = {{"Bucket", "b"}}},
       "<Error><Code>Gone</Code><Message>m</Message></Error>"},
      {{.service = "iam", .operation = "GetUser"},
       "<ErrorResponse><Error><Code>Gone</Code><Message>m</Message></Error></ErrorResponse>"},
      {{.service = "ec2", .operation = "DescribeVpcs"},
       "<Response><Errors><Error><Code>Gone</Code><Message>m</Message></Error></Errors></"
       "Response>"},
      {{.service = "kms", .operation = "ListKeys"}, R"({"__type":"x#Gone","message":"m"})"},
      {{.service = "lambda", .operation = "ListFunctions"}, R"({"code":"Gone","Message":"m"})"},
  };
  for (const Case& one : cases) {
    FakeAws aws(Answers{{.status = 400, .body = one.body}});
    auto output = client(aws).call(one.call, context);
    ASSERT_FALSE(output);
    EXPECT_EQ(output.error().text(), "Gone: m");
  }
}

TEST_F(ClientTest, RefusesWhatItCannotSay) {
  auto one = client(ClientOptions{});
  auto why = [&](Call call) { return one.call(call, context).error().text(); };
  EXPECT_EQ(why({.service = "frob", .operation = "X"}),
            "invalid: frob:X: there is no service frob");
  EXPECT_EQ(why({.service = "ssm", .operation = "X"}), "invalid: ssm:X: ssm has no operation X");
  EXPECT_EQ(why({.service = "ssm", .operation = "GetParameter"}),
            "invalid: ssm:GetParameter: Name is missing");
  EXPECT_EQ(why({.service = "sdb", .operation = "ListDomains"}),
            "unsupported: sdb:ListDomains: sdb signs its requests by v2");
}

TEST_F(ClientTest, HasNothingToSignWith) {
  ClientOptions options{.endpoint_url = "http://127.0.0.1:1"};
  auto output = Client(options, models(), clock).call(get_parameter(), context);
  EXPECT_EQ(output.error().code, Errc::denied);
}

std::string addressed(std::string_view service, json::Object input, std::string target,
                      AddressOptions options, std::string url = "") {
  auto found = *models().service(service);
  auto given = url.empty() ? resolve_endpoint(found, "eu-west-1")->url : url;
  auto endpoint = *net::parse_endpoint(given);
  net::Request request{.target = target};
  auto done = address(found, input, options, endpoint, request);
  return done ? request.headers.get("Host") + request.target : done.error().text();
}

TEST(Address, BucketsGoIntoTheHostWhereTheyFit) {
  EXPECT_EQ(addressed("s3", {{"Bucket", "logs"}}, "/logs/a/b", {}),
            "logs.s3.eu-west-1.amazonaws.com/a/b");
  EXPECT_EQ(addressed("s3", {{"Bucket", "logs"}}, "/logs?acl", {}),
            "logs.s3.eu-west-1.amazonaws.com/?acl");
  EXPECT_EQ(addressed("s3", {{"Bucket", "my.logs"}}, "/my.logs?acl", {}),
            "s3.eu-west-1.amazonaws.com/my.logs?acl");
  EXPECT_EQ(addressed("s3", {{"Bucket", "logs"}}, "/logs/a", {.path_style = true}),
            "s3.eu-west-1.amazonaws.com/logs/a");
  EXPECT_EQ(addressed("s3", {}, "/", {}), "s3.eu-west-1.amazonaws.com/");
  EXPECT_EQ(
      addressed("s3", {{"Bucket", "logs"}}, "/logs/a", {.custom = true}, "http://localhost:9000"),
      "localhost:9000/logs/a");
  EXPECT_THAT(addressed("s3", {{"Bucket", "arn:aws:s3:x:1:accesspoint/p"}}, "/x", {}),
              HasSubstr("is an access point"));
}

TEST(Address, HostLabelsStandBeforeTheHost) {
  EXPECT_EQ(addressed("s3control", {}, "/v20180820/x", {.host_prefix = "123456789012."}),
            "123456789012.s3-control.eu-west-1.amazonaws.com/v20180820/x");
  EXPECT_EQ(addressed("s3control", {}, "/x", {.host_prefix = "1.", .custom = true}, "http://a:1"),
            "a:1/x");
}

// Answers calls from a list, without a wire.
class FakeCaller final : public Caller {
 public:
  explicit FakeCaller(std::deque<Result<json::Object>> answers) : answers_(std::move(answers)) {}
  Result<json::Object> call(const Call& call, const Context&) override {
    inputs.push_back(json::print(call.input));
    auto answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();
    return answer;
  }
  std::vector<std::string> inputs;

 private:
  std::deque<Result<json::Object>> answers_;
};

json::Object object(std::string_view text) {
  return json::parse(text)->as_object();
}

TEST(Paginate, FollowsTokensToTheEnd) {
  FakeCaller caller({object(R"({"Users":[1],"IsTruncated":true,"Marker":"m1"})"),
                     object(R"({"Users":[2],"IsTruncated":true,"Marker":"m2"})"),
                     object(R"({"Users":[3],"IsTruncated":false,"Marker":"m3"})")});
  int pages = 0;
  auto done = paginate(caller, models(),
                       {.service = "iam", .operation = "ListUsers", .input = {{"MaxItems", 1}}}, {},
                       [&](const json::Object&) { return ++pages > 0; });
  EXPECT_TRUE(done);
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(caller.inputs, ElementsAre(R"({"MaxItems":1})", R"({"MaxItems":1,"Marker":"m1"})",
                                         R"({"MaxItems":1,"Marker":"m2"})"));
}

TEST(Paginate, StopsWhenThePageIsEnough) {
  FakeCaller caller({object(R"({"NextToken":"t"})")});
  int pages = 0;
  EXPECT_TRUE(paginate(caller, models(), {.service = "ec2", .operation = "DescribeInstances"}, {},
                       [&](const json::Object&) { return ++pages < 1; }));
  EXPECT_EQ(caller.inputs.size(), 1u);
}

TEST(Paginate, FindsThatAPageRepeats) {
  FakeCaller caller({object(R"({"NextToken":"t"})")});
  auto done = paginate(caller, models(), {.service = "ec2", .operation = "DescribeInstances"}, {},
                       [](const json::Object&) { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::corrupt);
}

TEST(Paginate, UsesTheLastKeyWhereThereIsNoToken) {
  FakeCaller caller({object(R"({"IsTruncated":true,"Contents":[{"Key":"a"},{"Key":"b"}]})"),
                     object(R"({"IsTruncated":false})")});
  EXPECT_TRUE(paginate(caller, models(),
                       {.service = "s3", .operation = "ListObjects", .input = {{"Bucket", "x"}}},
                       {}, [](const json::Object&) { return true; }));
  EXPECT_THAT(caller.inputs, ElementsAre(R"({"Bucket":"x"})", R"({"Bucket":"x","Marker":"b"})"));
}

TEST(Paginate, OperationsWithoutPagesHaveOne) {
  FakeCaller caller({object("{}")});
  EXPECT_TRUE(paginate(caller, models(), {.service = "sts", .operation = "GetCallerIdentity"}, {},
                       [](const json::Object&) { return true; }));
  EXPECT_EQ(caller.inputs.size(), 1u);
}

Error answered(std::string code, int status) {
  return {.message = "m", .wire_code = std::move(code), .http_status = status};
}

Result<> waited(FakeCaller& caller, std::string_view waiter, Call call) {
  return wait_until(caller, models(), waiter, std::move(call), Context::within(50ms));
}

TEST(Waiter, IsSatisfiedByItsPath) {
  auto state = [](std::string_view name) {
    return object(
        fmt::format(R"({{"Reservations":[{{"Instances":[{{"State":{{"Name":"{}"}}}}]}}]}})", name));
  };
  FakeCaller caller({state("running")});
  EXPECT_TRUE(waited(caller, "InstanceRunning", {.service = "ec2"}));
  FakeCaller failing({state("terminated")});
  auto failed = waited(failing, "InstanceRunning", {.service = "ec2"});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().message, HasSubstr("its failure state was reached"));
  FakeCaller slow({state("pending")});
  auto late = waited(slow, "InstanceRunning", {.service = "ec2"});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::deadline);
}

TEST(Waiter, ReadsErrorsAndStates) {
  Call bucket{.service = "s3", .input = {{"Bucket", "b"}}};
  FakeCaller there({object("{}")});
  EXPECT_TRUE(waited(there, "BucketExists", bucket));
  FakeCaller gone({std::unexpected(answered("404", 404))});
  EXPECT_TRUE(waited(gone, "BucketNotExists", bucket));
  FakeCaller forbidden({std::unexpected(answered("AccessDenied", 403))});
  auto refused = waited(forbidden, "BucketNotExists", bucket);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().wire_code, "AccessDenied");
}

TEST(Waiter, CountsWithFunctions) {
  auto stable = object(
      R"({"services":[{"deployments":[{}],"runningCount":2,"desiredCount":2,"status":"ACTIVE"}]})");
  FakeCaller caller({stable});
  EXPECT_TRUE(waited(caller, "ServicesStable",
                     {.service = "ecs", .input = {{"services", json::Array{"a"}}}}));
}

}  // namespace
}  // namespace aright::aws
