#include "gateway/gateway.h"

#include <gmock/gmock.h>

#include "sandbox/faults.h"
#include "sandbox/testing.h"

namespace aright::gateway {
namespace {

using sandbox::call_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* stream = "execution/1";
constexpr const char* create_logs = R"({"Bucket": "logs"})";
constexpr const char* enable =
    R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Enabled"}})";
constexpr const char* suspend =
    R"({"Bucket": "logs", "VersioningConfiguration": {"Status": "Suspended"}})";

Result<> anything(const aws::Call&, const cloud::Classification&) { return {}; }

// Looks on at every call before it goes through.
class Watched final : public aws::Caller {
 public:
  Watched(aws::Caller& below, std::function<void(const aws::Call&)> look)
      : below_(below), look_(std::move(look)) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    look_(call);
    return below_.call(call, context);
  }

 private:
  aws::Caller& below_;
  std::function<void(const aws::Call&)> look_;
};

// aright from a start to the next: its gateway, and the session of the one execution.
class Life {
 public:
  Life(aws::Caller& to, ledger::Ledger& ledger, Admit admit = anything)
      : gateway(to, cloud::Catalog::embedded(), model::Models::embedded(), ledger) {
    auto opened = gateway.open({.stream = stream,
                                .account = sandbox::default_account,
                                .region = "us-east-1",
                                .admit = std::move(admit),
                                .learn = [this](const auto& call, const auto&) {
                                  learned.push_back(call.name());
                                }});
    EXPECT_TRUE(opened) << opened.error().text();
    session = std::move(*opened);
    session->scope("step#1");
  }

  Result<json::Object> call(std::string_view name, std::string_view input) {
    return session->call(call_of(name, input), {});
  }

  Gateway gateway;
  std::unique_ptr<Session> session;
  std::vector<std::string> learned;
};

class GatewayTest : public sandbox::SandboxTest {
 protected:
  // A life that ends with its first `operation`: nothing is heard of it nor of anything after.
  void crash_at(std::string operation, sandbox::FaultRates rates, std::string_view name,
                std::string_view input) {
    bool down = false;
    sandbox::Faulty dying(cloud, rates, 1, [&](const aws::Call& call) {
      down = down || call.operation == operation;
      return down;
    });
    Life life(dying, *ledger);
    EXPECT_FALSE(life.call(name, input));
    EXPECT_TRUE(life.session->journal().has_open_intents());
    EXPECT_TRUE(life.session->stopped_by());
  }

  std::vector<std::string> kinds() {
    std::vector<std::string> out;
    auto entries = ledger->stream(stream).value();
    for (const auto& entry : entries)
      out.push_back(entry.kind);
    return out;
  }
  std::string versioning() {
    return json::text(ok("s3:GetBucketVersioning", create_logs), "Status");
  }
  std::string everything_on_record() {
    std::string out;
    auto entries = ledger->stream(stream).value();
    for (const auto& entry : entries)
      out += json::print(entry.body);
    return out;
  }

  std::unique_ptr<ledger::Ledger> ledger = std::move(*ledger::Ledger::open({.clock = &clock}));
};

constexpr sandbox::FaultRates lost_before{.lost_before = 1000}, lost_after{.lost_after = 1000};

// Answers one operation to nobody: until the caller's time is up.
class Endless final : public aws::Caller {
 public:
  Endless(aws::Caller& below, std::string operation) : below_(below), operation_(std::move(operation)) {}
  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (call.operation != operation_) return below_.call(call, context);
    ++asked;
    auto slept = context.sleep(milliseconds(10'000));
    return fail({.code = slept ? Errc::unavailable : slept.error().code, .message = "no answer in time",
                 .retry = Retry::unknown_outcome});
  }
  int asked = 0;

 private:
  aws::Caller& below_;
  std::string operation_;
};

TEST_F(GatewayTest, AFunctionThatRunsOutOfItsTimeHasFailedAndWhatFollowsGoesOn) {
  ok("s3:CreateBucket", create_logs);
  Endless endless(cloud, "Invoke");
  Life life(endless, *ledger);
  auto invoke = call_of("lambda:Invoke", R"({"FunctionName": "slow"})");
  auto late = life.session->call(invoke, Context::within(milliseconds(50)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::deadline);
  EXPECT_FALSE(life.session->stopped_by());
  EXPECT_TRUE(life.call("s3:PutBucketVersioning", enable));
  Life again(endless, *ledger);
  EXPECT_EQ(again.session->call(invoke, {}).error().code, Errc::deadline) << "what is known is told again";
  EXPECT_EQ(endless.asked, 1);
}

TEST_F(GatewayTest, AWriteWhoseCallerHasNoTimeLeftIsReadBackAndNotMadeAgain) {
  ok("s3:CreateBucket", create_logs);
  Endless endless(cloud, "PutBucketVersioning");
  Life life(endless, *ledger);
  auto late = life.session->call(call_of("s3:PutBucketVersioning", enable), Context::within(milliseconds(50)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::deadline);
  EXPECT_FALSE(life.session->stopped_by());
  EXPECT_EQ(endless.asked, 1);
}

TEST_F(GatewayTest, JournalsTheIntentBeforeTheCallAndTheAnswerAfterIt) {
  ok("s3:CreateBucket", create_logs);
  std::vector<std::string> when_called;
  Watched watched(cloud, [&](const aws::Call& call) {
    if (call.operation == "PutBucketVersioning") when_called = kinds();
  });
  Life life(watched, *ledger);
  ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  EXPECT_THAT(when_called, ElementsAre(call_intended));
  EXPECT_THAT(kinds(), ElementsAre(call_intended, call_returned));
  const auto& intent = *life.session->journal().intents().front();
  EXPECT_EQ(intent.effect, "write");
  EXPECT_THAT(intent.before.resources, SizeIs(1));
  EXPECT_NE(intent.before, intent.returned->after);
}

TEST_F(GatewayTest, LeavesReadsOutOfTheLedger) {
  ok("s3:CreateBucket", create_logs);
  Life life(cloud, *ledger, {});
  EXPECT_TRUE(life.call("s3:GetBucketVersioning", create_logs));
  EXPECT_EQ(ledger->size(), 0u);
}

TEST_F(GatewayTest, AnswersAWriteOfAnEarlierLifeFromTheRecord) {
  constexpr const char* group = R"({"GroupName": "web", "Description": "Web servers"})";
  ok("ec2:CreateDefaultVpc", "{}");
  auto first = Life(cloud, *ledger).call("ec2:CreateSecurityGroup", group);
  ASSERT_TRUE(first) << first.error().text();
  auto made = cloud.calls().size();

  Life later(cloud, *ledger);
  auto again = later.call("ec2:CreateSecurityGroup", group);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, *first);
  EXPECT_EQ(cloud.calls().size(), made);
  EXPECT_EQ(later.gateway.writes(), 0u);
  EXPECT_THAT(later.learned, ElementsAre("ec2:CreateSecurityGroup"));
}

TEST_F(GatewayTest, AnswersAFailureOfAnEarlierLifeFromTheRecord) {
  ok("iam:CreateUser", R"({"UserName": "ada"})");
  auto first = Life(cloud, *ledger).call("iam:CreateUser", R"({"UserName": "ada"})");
  ASSERT_FALSE(first);
  ok("iam:DeleteUser", R"({"UserName": "ada"})");
  auto again = Life(cloud, *ledger).call("iam:CreateUser", R"({"UserName": "ada"})");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().wire_code, "EntityAlreadyExists");
  EXPECT_EQ(again.error().code, first.error().code);
  EXPECT_EQ(again.error().http_status, first.error().http_status);
}

TEST_F(GatewayTest, TellsEqualWritesOfAScopeApart) {
  ok("s3:CreateBucket", create_logs);
  {
    Life life(cloud, *ledger);
    EXPECT_TRUE(life.call("s3:PutBucketVersioning", enable));
    EXPECT_TRUE(life.call("s3:PutBucketVersioning", suspend));
    EXPECT_TRUE(life.call("s3:PutBucketVersioning", enable));
    EXPECT_EQ(life.gateway.writes(), 3u);
  }
  Life life(cloud, *ledger);
  for (auto input : {enable, suspend, enable})
    EXPECT_TRUE(life.call("s3:PutBucketVersioning", input));
  EXPECT_EQ(life.gateway.writes(), 0u);
  EXPECT_TRUE(life.call("s3:PutBucketVersioning", suspend));
  EXPECT_EQ(life.gateway.writes(), 1u);
}

TEST_F(GatewayTest, CountsOnlyWritesThatWereJournaled) {
  ok("s3:CreateBucket", create_logs);
  int reads = 0;
  sandbox::Faulty throttled_once(cloud, {.throttled = 1000}, 1,
                                 [&](const aws::Call&) { return reads++ == 0; });
  Life first(throttled_once, *ledger);
  ASSERT_FALSE(first.call("s3:PutBucketVersioning", enable));  // its before-image could not be read
  ASSERT_TRUE(first.call("s3:PutBucketVersioning", enable));

  Life again(cloud, *ledger);
  EXPECT_TRUE(again.call("s3:PutBucketVersioning", enable));
  EXPECT_EQ(again.gateway.writes(), 0u);
}

TEST_F(GatewayTest, MakesALostCallAgainOnlyWhenReadingBackShowsNoEffect) {
  ok("s3:CreateBucket", create_logs);
  int writes = 0;
  sandbox::Faulty lossy(cloud, lost_before, 1, [&](const aws::Call& call) {
    return call.operation == "PutBucketVersioning" && writes++ == 0;
  });
  Life life(lossy, *ledger);
  ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  EXPECT_EQ(writes, 2);
  EXPECT_EQ(versioning(), "Enabled");
  EXPECT_THAT(kinds(), ElementsAre(call_intended, call_returned));
}

TEST_F(GatewayTest, TakesALostAnswerAsGivenWhenReadingBackShowsTheEffect) {
  ok("s3:CreateBucket", create_logs);
  sandbox::Faulty lossy(cloud, lost_after, 1, [](const aws::Call& call) {
    return call.operation == "PutBucketVersioning";
  });
  Life life(lossy, *ledger);
  ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  EXPECT_EQ(life.gateway.writes(), 1u);
  EXPECT_TRUE(life.session->journal().intents().front()->returned->recovered);
}

TEST_F(GatewayTest, SettlesAnOpenIntentThatTookEffect) {
  ok("s3:CreateBucket", create_logs);
  crash_at("PutBucketVersioning", lost_after, "s3:PutBucketVersioning", enable);
  Life life(cloud, *ledger);
  ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  EXPECT_EQ(life.gateway.writes(), 0u);
  EXPECT_FALSE(life.session->journal().has_open_intents());
  EXPECT_TRUE(life.session->journal().intents().front()->returned->recovered);
}

TEST_F(GatewayTest, SettlesAnOpenIntentThatTookNoEffect) {
  ok("s3:CreateBucket", create_logs);
  crash_at("PutBucketVersioning", lost_before, "s3:PutBucketVersioning", enable);
  EXPECT_EQ(versioning(), "");
  Life life(cloud, *ledger);
  ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  EXPECT_EQ(life.gateway.writes(), 1u);
  EXPECT_EQ(versioning(), "Enabled");
  EXPECT_THAT(kinds(), ElementsAre(call_intended, call_returned));
}

TEST_F(GatewayTest, StopsAtAnOpenIntentWhoseResourceSomebodyElseChanged) {
  ok("s3:CreateBucket", create_logs);
  crash_at("PutBucketVersioning", lost_before, "s3:PutBucketVersioning", enable);
  ok("s3:PutBucketVersioning", suspend);
  Life life(cloud, *ledger);
  auto settled = life.call("s3:PutBucketVersioning", enable);
  ASSERT_FALSE(settled);
  EXPECT_EQ(settled.error().code, Errc::drifted);
  EXPECT_EQ(settled.error().number, "AR-0005");
  EXPECT_EQ(life.call("s3:GetBucketVersioning", create_logs).error().number, "AR-0005");
  EXPECT_EQ(versioning(), "Suspended");
}

TEST_F(GatewayTest, SettlesNothingByAWriteThatIsHaltedOrNotAdmitted) {
  ok("s3:CreateBucket", create_logs);
  crash_at("PutBucketVersioning", lost_before, "s3:PutBucketVersioning", enable);
  Life halted(cloud, *ledger);
  halted.gateway.halts().stop({});
  EXPECT_EQ(halted.call("s3:PutBucketVersioning", enable).error().number, "AR-0002");
  Life looking(cloud, *ledger, {});
  EXPECT_EQ(looking.call("s3:PutBucketVersioning", enable).error().number, "AR-0003");
  EXPECT_EQ(versioning(), "");
}

TEST_F(GatewayTest, RefusesWritesWhileHaltedAndGoesOnReading) {
  ok("s3:CreateBucket", create_logs);
  Life life(cloud, *ledger);
  life.gateway.halts().stop({});
  EXPECT_TRUE(life.call("s3:GetBucketVersioning", create_logs));
  auto refused = life.call("s3:PutBucketVersioning", enable);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, "AR-0002");
  EXPECT_EQ(ledger->size(), 0u);
  life.gateway.halts().start({});
  Life next(cloud, *ledger);
  EXPECT_TRUE(next.call("s3:PutBucketVersioning", enable));
}

TEST_F(GatewayTest, SendsNothingThatWasHaltedWhileItReadWhatTheWriteDependsOn) {
  ok("s3:CreateBucket", create_logs);
  Halts* halts = nullptr;
  Watched slow(cloud, [&](const aws::Call& call) {
    if (call.operation == "GetBucketVersioning") halts->stop({});
  });
  Life life(slow, *ledger);
  halts = &life.gateway.halts();
  EXPECT_EQ(life.call("s3:PutBucketVersioning", enable).error().number, "AR-0002");
  EXPECT_EQ(versioning(), "");
  EXPECT_EQ(ledger->size(), 0u) << "nothing was intended";
  halts->start({});
  Life next(cloud, *ledger);
  EXPECT_TRUE(next.call("s3:PutBucketVersioning", enable));
}

TEST_F(GatewayTest, SendsNothingAgainThatWasHaltedBetweenTwoAttempts) {
  ok("s3:CreateBucket", create_logs);
  Halts* halts = nullptr;
  int attempts = 0;
  // As a pace does, and a client: throttled calls are made again.
  class Patient final : public aws::Caller {
   public:
    explicit Patient(std::function<Result<json::Object>(const aws::Call&)> below) : below_(std::move(below)) {}
    Result<json::Object> call(const aws::Call& call, const Context&) override { return below_(call); }

   private:
    std::function<Result<json::Object>(const aws::Call&)> below_;
  } patient([&](const aws::Call& call) -> Result<json::Object> {
    if (call.operation != "PutBucketVersioning") return cloud.call(call, {});
    for (attempts = 1; attempts < 5; ++attempts) {
      if (call.may_go) CHECK_OK(call.may_go());
      halts->stop({});
    }
    return cloud.call(call, {});
  });
  Life life(patient, *ledger);
  halts = &life.gateway.halts();
  EXPECT_EQ(life.call("s3:PutBucketVersioning", enable).error().number, "AR-0002");
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(versioning(), "");
  halts->start({});
  Life next(cloud, *ledger);
  EXPECT_TRUE(next.call("s3:PutBucketVersioning", enable));
  EXPECT_EQ(versioning(), "Enabled");
}

TEST_F(GatewayTest, RefusesWritesThatNobodyAdmits) {
  ok("s3:CreateBucket", create_logs);
  Life closed(cloud, *ledger, {});
  EXPECT_EQ(closed.call("s3:PutBucketVersioning", enable).error().number, "AR-0003");
  Life strict(cloud, *ledger, [](const aws::Call& call, const cloud::Classification& what) {
    EXPECT_TRUE(what.writes());
    return Result<>(fail(Errc::denied, "not {}", call.name()));
  });
  EXPECT_EQ(strict.call("s3:PutBucketVersioning", enable).error().message,
            "not s3:PutBucketVersioning");
  EXPECT_EQ(ledger->size(), 0u);
  EXPECT_EQ(versioning(), "");
}

// What a script does that raises a number: it reads the state that it then changes.
Result<json::Object> raise(Life& life) {
  auto tags = TRY(life.call("s3:GetBucketTagging", create_logs));
  auto value = json::integer(json::at(json::items(json::at(tags, "TagSet")).at(0), "Value"));
  return life.call("s3:PutBucketTagging",
                   fmt::format(R"({{"Bucket": "logs", "Tagging": {{"TagSet": [)"
                               R"({{"Key": "raised", "Value": "{}"}}]}}}})",
                               value + 1));
}

TEST_F(GatewayTest, LetsAStepThatRunsAgainComeToTheSameWrites) {
  ok("s3:CreateBucket", create_logs);
  ok("s3:PutBucketTagging",
     R"({"Bucket": "logs", "Tagging": {"TagSet": [{"Key": "raised", "Value": "0"}]}})");
  {
    Life life(cloud, *ledger);
    ASSERT_TRUE(raise(life));
    ASSERT_TRUE(raise(life));
  }
  Life life(cloud, *ledger);
  ASSERT_TRUE(raise(life));
  ASSERT_TRUE(raise(life));
  EXPECT_EQ(life.gateway.writes(), 0u);
  ASSERT_TRUE(raise(life));
  EXPECT_EQ(life.gateway.writes(), 1u);
  EXPECT_THAT(json::print(ok("s3:GetBucketTagging", create_logs)), HasSubstr(R"("3")"));
}

TEST_F(GatewayTest, ReadsAnewWhenAStepGoesAnotherWay) {
  ok("s3:CreateBucket", create_logs);
  {
    Life life(cloud, *ledger);
    ASSERT_TRUE(life.call("s3:GetBucketVersioning", create_logs));
    ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  }
  Life life(cloud, *ledger);
  ASSERT_TRUE(life.call("s3:HeadBucket", create_logs));
  EXPECT_EQ(json::text(*life.call("s3:GetBucketVersioning", create_logs), "Status"), "Enabled");
}

TEST_F(GatewayTest, RefusesAWriteAfterMoreReadsThanItCanRecord) {
  ok("s3:CreateBucket", create_logs);
  constexpr int bytes = 3 << 20;
  ok("s3:PutObject", fmt::format(R"({{"Bucket": "logs", "Key": "large", "Body": "{}"}})",
                                 std::string(bytes, 'A')));
  Life life(cloud, *ledger);
  for (std::size_t read = 0; read <= reads_bytes_max; read += bytes)
    ASSERT_TRUE(life.call("s3:GetObject", R"({"Bucket": "logs", "Key": "large"})"));
  auto refused = life.call("s3:PutBucketVersioning", enable);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, "AR-0003");
}

TEST_F(GatewayTest, DerivesIdempotencyTokensFromTheWriteItself) {
  constexpr const char* volume = R"({"AvailabilityZone": "us-east-1a", "Size": 8})";
  std::vector<std::string> tokens;
  Watched watched(cloud, [&](const aws::Call& call) {
    if (call.operation == "CreateVolume") tokens.push_back(json::text(call.input, "ClientToken"));
  });
  int writes = 0;
  sandbox::Faulty lossy(watched, lost_after, 1, [&](const aws::Call& call) {
    return call.operation == "CreateVolume" && writes++ == 0;
  });
  Life life(lossy, *ledger);
  ASSERT_TRUE(life.call("ec2:CreateVolume", volume));
  ASSERT_TRUE(life.call("ec2:CreateVolume", volume));
  ASSERT_THAT(tokens, SizeIs(2));
  EXPECT_THAT(tokens, Not(testing::Contains("")));
  EXPECT_NE(tokens[0], tokens[1]);
}

TEST_F(GatewayTest, KeepsSecretsOutOfTheLedger) {
  ok("iam:CreateUser", R"({"UserName": "ada"})");
  Life life(cloud, *ledger);
  auto key = life.call("iam:CreateAccessKey", R"({"UserName": "ada"})");
  ASSERT_TRUE(key) << key.error().text();
  auto secret = json::text(json::at(json::at(*key, "AccessKey"), "SecretAccessKey"));
  ASSERT_FALSE(secret.empty());
  EXPECT_THAT(everything_on_record(), Not(HasSubstr(secret)));
  EXPECT_THAT(everything_on_record(), HasSubstr("locked"));
}

TEST_F(GatewayTest, GivesASecretThatItMadeToTheNextLifeAsWell) {
  ok("iam:CreateUser", R"({"UserName": "ada"})");
  constexpr const char* ada = R"({"UserName": "ada"})";
  auto made = Life(cloud, *ledger).call("iam:CreateAccessKey", ada);
  auto again = Life(cloud, *ledger).call("iam:CreateAccessKey", ada);
  ASSERT_TRUE(made && again) << again.error().text();
  EXPECT_EQ(*made, *again);
}

TEST_F(GatewayTest, AsksAgainForReadsThatHoldSecrets) {
  ok("ssm:PutParameter", R"({"Name": "/db", "Value": "hunter2", "Type": "SecureString"})");
  ok("s3:CreateBucket", create_logs);
  constexpr const char* open = R"({"Name": "/db", "WithDecryption": true})";
  {
    Life life(cloud, *ledger);
    ASSERT_TRUE(life.call("ssm:GetParameter", open));
    ASSERT_TRUE(life.call("s3:PutBucketVersioning", enable));
  }
  EXPECT_THAT(everything_on_record(), Not(HasSubstr("hunter2")));
  Life life(cloud, *ledger);
  auto answer = life.call("ssm:GetParameter", open);
  ASSERT_TRUE(answer) << answer.error().text();
  EXPECT_THAT(json::print(*answer), HasSubstr("hunter2"));
}

TEST_F(GatewayTest, HasADoorForReadsOnly) {
  ok("s3:CreateBucket", create_logs);
  Life life(cloud, *ledger);
  auto reader = life.gateway.reader(sandbox::default_account, "us-east-1");
  EXPECT_TRUE(reader->call(call_of("s3:GetBucketVersioning", create_logs), {}));
  auto refused = reader->call(call_of("s3:PutBucketVersioning", enable), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::denied);
  EXPECT_EQ(refused.error().number, "AR-0003");
  EXPECT_EQ(versioning(), "");
}

TEST_F(GatewayTest, KnowsNoCallThatTheModelsDoNotHave) {
  Life life(cloud, *ledger);
  EXPECT_EQ(life.call("s4:CreateBucket", create_logs).error().code, Errc::invalid);
  EXPECT_EQ(life.call("s3:MakeBucket", create_logs).error().code, Errc::invalid);
  EXPECT_THAT(kinds(), IsEmpty());
}

}  // namespace
}  // namespace aright::gateway
