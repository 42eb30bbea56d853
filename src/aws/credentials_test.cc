#include "aws/credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "aws/profile.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "net/http.h"
#include "net/url.h"

namespace aright::aws {
namespace {

using namespace std::chrono_literals;

// A home directory, an environment that reaches nothing real, and a clock that stands still.
class CredentialChain : public testing::Test {
 protected:
  CredentialChain() {
    environment["HOME"] = home.path();
    environment["AWS_EC2_METADATA_DISABLED"] = "true";
    std::filesystem::create_directory(home.path() / ".aws");
  }

  std::string put(const std::string& name, std::string_view text) {
    auto path = home.path() / name;
    EXPECT_TRUE(write_file(path, text));
    return path;
  }

  Result<Credentials> find(std::string profile = "") {
    auto chain = default_chain({.environment = environment, .profile = std::move(profile)}, clock);
    return chain->get(Context::within(5s));
  }

  std::string found_id(std::string profile = "") {
    auto found = find(std::move(profile));
    return found ? found->access_key_id : found.error().text();
  }

  std::unique_ptr<net::Server> start(net::Handler handler) {
    return *net::Server::start({}, std::move(handler));
  }

  // Answers every STS request, and remembers the last one.
  std::unique_ptr<net::Server> start_sts() {
    return start([this](const net::Request& request, const net::Peer&) {
      last = request;
      ++asked;
      net::Response response;
      response.body = fmt::format(
          "<R xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><X><Credentials>"
          "<AccessKeyId>ASIA{}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
          "<SessionToken>t</SessionToken><Expiration>{}</Expiration></Credentials>"
          "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn>"
          "</AssumedRoleUser></X></R>",
          asked.load(), (clock.now() + 1h).iso_seconds());
      return response;
    });
  }

  TemporaryDirectory home;
  Environment environment;
  VirtualClock clock;
  net::Request last;
  std::atomic<int> asked = 0;
};

TEST_F(CredentialChain, FindsNothingAndSaysSo) {
  auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::denied);
}

TEST_F(CredentialChain, TakesTheEnvironmentFirstUnlessAProfileIsAskedFor) {
  environment["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  environment["AWS_SECRET_ACCESS_KEY"] = "s";
  put(".aws/credentials",
      "[default]\naws_access_key_id=AKIADEF\naws_secret_access_key=s\n"
      "[audit]\naws_access_key_id=AKIAAUDIT\naws_secret_access_key=s\n");
  EXPECT_EQ(found_id(), "AKIAENV");
  EXPECT_EQ(found_id("audit"), "AKIAAUDIT");
  environment.erase("AWS_ACCESS_KEY_ID");
  EXPECT_EQ(find().error().code, Errc::invalid);  // half a key is broken, not absent
  environment.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(found_id(), "AKIADEF");
}

TEST_F(CredentialChain, RefusesAProfileThatDoesNotExist) {
  EXPECT_EQ(find("nobody").error().code, Errc::invalid);
}

TEST_F(CredentialChain, RunsACredentialProcess) {
  put("keys.json", R"({"Version":1,"AccessKeyId":"AKIAPROC","SecretAccessKey":"s"})");
  put(".aws/config",
      "[default]\ncredential_process = /bin/cat '" + (home.path() / "keys.json").string() + "'\n");
  EXPECT_EQ(found_id(), "AKIAPROC");
  put(".aws/config", "[default]\ncredential_process = /bin/false\n");
  EXPECT_EQ(find().error().code, Errc::unavailable);
}

TEST_F(CredentialChain, KillsACredentialProcessThatHangs) {
  put(".aws/config", "[default]\ncredential_process = /bin/sleep 60\n");
  auto chain = default_chain({.environment = environment}, clock);
  EXPECT_EQ(chain->get(Context::within(100ms)).error().code, Errc::deadline);
}

TEST_F(CredentialChain, AssumesTheRoleOfAProfile) {
  auto sts = start_sts();
  environment["AWS_ENDPOINT_URL_STS"] = sts->url();
  put(".aws/config",
      "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/r\n"
      "source_profile = base\nexternal_id = x/1\nregion = eu-west-1\n");
  put(".aws/credentials", "[base]\naws_access_key_id=AKIABASE\naws_secret_access_key=s\n");
  auto found = find("admin");
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->access_key_id, "ASIA1");
  EXPECT_EQ(found->account, "123456789012");
  EXPECT_THAT(last.body, testing::HasSubstr("ExternalId=x%2F1"));
  EXPECT_THAT(last.headers.get("Authorization"), testing::HasSubstr("AKIABASE/"));
  EXPECT_THAT(last.headers.get("Authorization"), testing::HasSubstr("/eu-west-1/sts/"));
}

TEST_F(CredentialChain, NoticesProfilesThatGoRoundInCircles) {
  put(".aws/config",
      "[profile a]\nrole_arn=arn:a\nsource_profile=b\n"
      "[profile b]\nrole_arn=arn:b\nsource_profile=a\n");
  EXPECT_EQ(find("a").error().code, Errc::invalid);
}

TEST_F(CredentialChain, SaysThatSingleSignOnIsUnsupported) {
  put(".aws/config", "[profile s]\nsso_session = corp\n");
  EXPECT_EQ(find("s").error().code, Errc::unsupported);
}

TEST_F(CredentialChain, ExchangesAWebIdentity) {
  auto sts = start_sts();
  environment["AWS_ENDPOINT_URL"] = sts->url();
  environment["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/r";
  environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = put("token", "eyJ.x.y\n");
  EXPECT_EQ(found_id(), "ASIA1");
  EXPECT_THAT(last.body, testing::HasSubstr("WebIdentityToken=eyJ.x.y"));
  EXPECT_EQ(last.headers.find("Authorization"), nullptr);
}

TEST_F(CredentialChain, AsksTheContainerWithItsToken) {
  auto server = start([](const net::Request& request, const net::Peer&) {
    net::Response response;
    bool allowed =
        request.headers.get("Authorization") == "Basic abc" && request.target == "/keys?a=1";
    response.status = allowed ? 200 : 403;
    response.body = R"({"AccessKeyId":"ASIABOX","SecretAccessKey":"s","Token":"t",
                        "Expiration":"2099-01-01T00:00:00Z"})";
    return response;
  });
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server->url() + "/keys?a=1";
  environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = put("token", "Basic abc\n");
  EXPECT_EQ(found_id(), "ASIABOX");
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/keys";
  EXPECT_EQ(find().error().code, Errc::denied);
}

TEST_F(CredentialChain, NoContainersAddressIsTakenForAnother) {
  for (std::string relative : {"@example.com/keys", ".example.com/keys", ":80@example.com/"}) {
    environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = relative;
    auto found = find();
    ASSERT_FALSE(found) << relative;
    EXPECT_TRUE(found.error().code == Errc::denied || found.error().code == Errc::invalid)
        << relative << ": " << found.error().text();
  }
  environment.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.example.com/keys";
  EXPECT_EQ(find().error().code, Errc::denied);
}

TEST_F(CredentialChain, AssumesARoleWithTheKeysOfWhereItRuns) {
  auto sts = start_sts();
  environment["AWS_ENDPOINT_URL_STS"] = sts->url();
  auto profile = [&](const std::string& source) {
    put(".aws/config",
        "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\n"
        "credential_source = " +
            source + "\n");
  };
  environment["AWS_ACCESS_KEY_ID"] = "AKIAENV";
  environment["AWS_SECRET_ACCESS_KEY"] = "s";
  profile("Environment");
  EXPECT_EQ(found_id("r"), "ASIA1");
  EXPECT_THAT(last.headers.get("Authorization"), testing::HasSubstr("AKIAENV/"));
  auto box = start([](const net::Request&, const net::Peer&) {
    return net::Response{.body = R"({"AccessKeyId":"ASIABOX","SecretAccessKey":"s","Token":"t"})"};
  });
  environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = box->url() + "/keys";
  profile("EcsContainer");
  EXPECT_EQ(found_id("r"), "ASIA2");
  EXPECT_THAT(last.headers.get("Authorization"), testing::HasSubstr("ASIABOX/"));
  profile("Somewhere");
  EXPECT_EQ(find("r").error().code, Errc::invalid);
}

TEST_F(CredentialChain, AsksInstanceMetadataOnlyWithASessionToken) {
  bool second_version = true;
  auto server = start([&](const net::Request& request, const net::Peer&) {
    net::Response response;
    bool has_token = request.headers.get("X-aws-ec2-metadata-token") == "T";
    if (request.method == "PUT") {
      response.status = second_version ? 200 : 404;
      response.body = "T";
    } else if (!has_token) {
      response.status = 401;
    } else if (request.target.ends_with("/")) {
      response.body = "role";
    } else {
      response.body = R"({"AccessKeyId":"ASIAEC2","SecretAccessKey":"s","Token":"t"})";
    }
    return response;
  });
  environment.erase("AWS_EC2_METADATA_DISABLED");
  environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server->url();
  EXPECT_EQ(found_id(), "ASIAEC2");
  second_version = false;
  EXPECT_EQ(find().error().code, Errc::denied);
}

TEST_F(CredentialChain, HoldsARoleAndRefreshesItBeforeItExpires) {
  auto sts = start_sts();
  auto source = fixed_credentials({.access_key_id = "A", .secret_access_key = Secret("s")});
  auto provider = assume_role(
      source, {.role_arn = "arn:r", .session_policy = "{}", .endpoint_url = sts->url()}, clock);
  EXPECT_EQ(provider->get(Context::within(5s))->access_key_id, "ASIA1");
  EXPECT_THAT(last.body, testing::HasSubstr("Policy=%7B%7D"));
  clock.advance(54min);
  EXPECT_EQ(provider->get(Context::within(5s))->access_key_id, "ASIA1");
  clock.advance(2min);
  EXPECT_EQ(provider->get(Context::within(5s))->access_key_id, "ASIA2");
  sts->stop();
  clock.advance(56min);  // the refresh fails, and what is held is still valid
  EXPECT_EQ(provider->get(Context::within(5s))->access_key_id, "ASIA2");
  clock.advance(5min);
  EXPECT_FALSE(provider->get(Context::within(5s)));
}

TEST_F(CredentialChain, FindsTheRegion) {
  EXPECT_EQ(default_region({.environment = environment}), "us-east-1");
  put(".aws/config", "[default]\nregion = eu-north-1\n");
  EXPECT_EQ(default_region({.environment = environment}), "eu-north-1");
  environment["AWS_REGION"] = "eu-west-3";
  EXPECT_EQ(default_region({.environment = environment}), "eu-west-3");
  EXPECT_EQ(default_region({.environment = environment}, "sa-east-1"), "sa-east-1");
}

TEST(Profiles, ReadNestedSettingsCommentsAndOddSpacing) {
  auto file = parse_config(
      "# c\n[ profile  a ]\nRegion=eu-west-1 ; here\ns3 =\n  endpoint_url = "
      "http://x#y\n  addressing_style=path\nb = c\n[services s]\r\nq=1\r\n");
  ASSERT_TRUE(file) << file.error().text();
  auto& a = (*file)["profile a"];
  EXPECT_EQ(a["region"], "eu-west-1");
  EXPECT_EQ(a["s3.endpoint_url"], "http://x#y");
  EXPECT_EQ(a["s3.addressing_style"], "path");
  EXPECT_EQ(a["b"], "c");
  EXPECT_EQ((*file)["services s"]["q"], "1");
}

TEST(Profiles, NameTheLineThatIsWrong) {
  EXPECT_THAT(parse_config("[a]\nx=1\nnonsense\n").error().message, testing::HasSubstr("line 3"));
  EXPECT_FALSE(parse_config("x = 1\n"));
  EXPECT_FALSE(parse_config("[a\n"));
  EXPECT_FALSE(parse_config("[]\n"));
}

TEST(Profiles, AnyBytesAreReadOrRefusedButNeverBreakTheReader) {
  constexpr std::string_view letters = "[]=#; \t\r\n\"'\\ab\0";
  Random random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto count = random.below(60); count > 0; --count)
      text += letters[random.below(15)];
    auto file = parse_config(text);
    EXPECT_TRUE(file || file.error().code == Errc::invalid) << text;
  }
}

TEST(Credentials, NeverPrintTheirSecrets) {
  Credentials credentials{.access_key_id = "A", .secret_access_key = Secret("hush")};
  EXPECT_EQ(fmt::format("{}", credentials.secret_access_key), "[redacted]");
}

}  // namespace
}  // namespace aright::aws
