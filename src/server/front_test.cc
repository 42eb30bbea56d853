// The one port: who is meant, who is let in, and what browsers are told.

#include "server/front.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/digest.h"
#include "remediation/narrate.h"
#include "remediation/testing.h"

namespace aright::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const Secret own_token("aright_own");
constexpr const char* vera_token = "vera's token";

class TheFront : public ::testing::Test, public remediation::World {
 protected:
  TheFront() {
    open("controls: [{id: s3-bucket-public-read-prohibited}]\n");
    api.emplace(*engine, Surroundings{.version = "1", .target = "sandbox", .account = account});
    std::vector<remediation::Principal> principals{
        {.name = "vera",
         .arn = "",
         .roles = {"viewer"},
         .token_sha256 = to_hex(sha256(vera_token))},
        {.name = "without a token", .arn = "", .roles = {"admin"}, .token_sha256 = ""}};
    tokens.emplace(principals, own_token);
    front.emplace(
        FrontOptions{.api = &*api,
                     .tokens = &*tokens,
                     .ledger = ledger.get(),
                     .aws = [](const net::Request&) { return net::Response{.status = 299}; },
                     .hosts = own_hosts("127.0.0.1")});
  }
  static net::Request request(std::string method, std::string target, net::Headers more = {}) {
    net::Request out{.method = method,
                     .target = std::move(target),
                     .headers = {{"Host", "127.0.0.1:8080"}},
                     .body = method == "POST" ? R"({"on": false})" : ""};
    for (const auto& [name, value] : more)
      out.headers.set(name, value);
    return out;
  }
  net::Response ask(const net::Request& request) { return front->handle(request, {}); }
  net::Response get(std::string target, net::Headers more = {}) {
    return ask(request("GET", target, std::move(more)));
  }
  static net::Headers bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }

  std::optional<Api> api;
  std::optional<Tokens> tokens;
  std::optional<Front> front;
};

TEST_F(TheFront, PacksTheConsoleForThoseWhoUnpackIt) {
  auto plain = get("/app.js"), packed = get("/app.js", {{"Accept-Encoding", "br, gzip;q=0.8"}});
  EXPECT_EQ(plain.headers.find("Content-Encoding"), nullptr);
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_THAT(packed.body, StartsWith("\x1f\x8b"));
  EXPECT_LT(packed.body.size(), plain.body.size() / 2);
  EXPECT_EQ(get("/app.js", {{"Accept-Encoding", "gzip;q=0"}}).body, plain.body);
  EXPECT_EQ(get("/app.js", {{"Accept-Encoding", "br"}}).body, plain.body);
}

TEST_F(TheFront, TellsConsoleHealthApiAndAwsApart) {
  EXPECT_THAT(get("/").headers.get("Content-Type"), StartsWith("text/html"));
  EXPECT_THAT(get("/app.js").headers.get("Content-Type"), StartsWith("text/javascript"));
  EXPECT_EQ(get("/healthz").body, "{\"ok\":true}\n");
  EXPECT_EQ(get("/api/v1/overview", bearer(own_token.reveal())).status, 200);
  EXPECT_EQ(get("/", {{"Authorization", "AWS4-HMAC-SHA256 Credential=…"}}).status, 299);
  EXPECT_EQ(ask(request("POST", "/", {{"X-Amz-Target", "AmazonSSM.GetParameter"}})).status, 299);
  EXPECT_EQ(get("/bucket/key?X-Amz-Signature=0").status, 299);
  EXPECT_EQ(get("/nothing").status, 404);
  EXPECT_EQ(ask(request("POST", "/index.html")).status, 404);
}

TEST_F(TheFront, RefusesTheApiToWhomItDoesNotKnow) {
  for (const auto& headers :
       {net::Headers{}, bearer(""), bearer("wrong"), bearer(own_token.reveal() + "x"),
        net::Headers{{"Authorization", "Basic " + own_token.reveal()}},
        net::Headers{{"Authorization", own_token.reveal()}},
        net::Headers{{"Cookie", "token=" + own_token.reveal()}},
        bearer(to_hex(sha256(vera_token)))}) {  // what the policy holds is no token
    auto refused = get("/api/v1/overview", headers);
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.headers.get("WWW-Authenticate"), "Bearer");
    EXPECT_THAT(refused.body, HasSubstr("AR-0013"));
  }
  EXPECT_EQ(get("/api/v1/overview?token=" + own_token.reveal()).status, 401);
  EXPECT_EQ(get("/api/v1/events").status, 401);
  EXPECT_EQ(get("/api/v1/nothing").status, 401) << "what there is, is nobody's business";
}

TEST_F(TheFront, KnowsEachByTheirToken) {
  EXPECT_EQ(get("/api/v1/overview", bearer(vera_token)).status, 200);
  EXPECT_EQ(ask(request("POST", "/api/v1/halt", bearer(vera_token))).status, 403);
  EXPECT_EQ(ask(request("POST", "/api/v1/halt", bearer(own_token.reveal()))).status, 200);
}

TEST_F(TheFront, RecordsWhoAskedForAChangeAndWasRefused) {
  auto refusals = [&] {
    std::vector<std::string> out;
    const auto entries = ledger->stream(std::string(remediation::people_stream)).value();
    for (const auto& entry : entries) out.push_back(remediation::narrate(entry));
    return out;
  };
  const auto of_another = "/api/v1/remediations/rem_01J00000000000000000000000/rollback";
  EXPECT_EQ(get("/api/v1/overview", bearer("wrong")).status, 401);
  EXPECT_EQ(get("/api/v1/findings/fnd_01J00000000000000000000000", bearer(vera_token)).status, 404);
  EXPECT_THAT(refusals(), IsEmpty()) << "they only look";
  EXPECT_EQ(ask(request("POST", "/api/v1/halt?x=1", bearer(vera_token))).status, 403);
  auto rollback = request("POST", of_another, bearer(own_token.reveal()));
  rollback.body = "{}";
  EXPECT_EQ(ask(rollback).status, 404);
  EXPECT_EQ(front->handle(request("POST", "/api/v1/halt", bearer("another's")), {.address = "192.0.2.7"}).status, 401);
  EXPECT_EQ(ask(request("POST", "/api/v1/halt", bearer(own_token.reveal()))).status, 200);
  EXPECT_THAT(refusals(), ElementsAre("vera was refused: POST /api/v1/halt",
                                      HasSubstr(fmt::format(" was refused: POST {}", of_another)),
                                      "somebody unknown from 192.0.2.7 was refused: POST /api/v1/halt"));
  EXPECT_FALSE(ledger->verify()->fault);
}

TEST_F(TheFront, RecordsNoMoreRefusalsOfOneThanFitsTheDisk) {
  constexpr int more = 30;
  auto recorded = [&] { return ledger->stream(std::string(remediation::people_stream)).value(); };
  for (int i = 0; i < remediation::refusals_of_one_max + more; ++i)
    ask(request("POST", "/api/v1/halt", bearer(vera_token)));
  EXPECT_EQ(recorded().size(), remediation::refusals_of_one_max + 0u);
  ask(request("POST", "/api/v1/halt", bearer("wrong")));
  EXPECT_EQ(recorded().size(), remediation::refusals_of_one_max + 1u) << "another's are on record";
  EXPECT_THAT(remediation::narrate(recorded().back()), HasSubstr("; 30 refusals before it are not on record"));
  clock.advance(remediation::refusals_window);
  ask(request("POST", "/api/v1/halt", bearer(vera_token)));
  EXPECT_EQ(recorded().size(), remediation::refusals_of_one_max + 2u);
}

// A signature does not open the API: what is below it is never AWS's.
TEST_F(TheFront, AsksForATokenWhateverElseARequestSays) {
  EXPECT_EQ(get("/api/v1/overview", {{"X-Amz-Target", "x"}}).status, 401);
  EXPECT_EQ(get("/api/v1/overview?X-Amz-Signature=1").status, 401);
  EXPECT_EQ(get("/api/v1/overview", {{"Authorization", "AWS4-HMAC-SHA256 x"}}).status, 401);
}

TEST_F(TheFront, TellsBrowsersToTrustNothingElse) {
  for (const auto& response :
       {get("/"), get("/app.js"), get("/healthz"), get("/nothing"), get("/api/v1/overview"),
        get("/api/v1/overview", bearer(vera_token))}) {
    auto policy = response.headers.get("Content-Security-Policy");
    for (auto part : {"default-src 'none'", "script-src 'self'", "connect-src 'self'",
                      "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"})
      EXPECT_THAT(policy, HasSubstr(part));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(response.headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(response.headers.get("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(response.headers.get("Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_EQ(response.headers.find("Access-Control-Allow-Origin"), nullptr);
  }
  EXPECT_EQ(get("/api/v1/overview", bearer(vera_token)).headers.get("Cache-Control"), "no-store");
}

// A page whose own name was made to lead to 127.0.0.1 comes with that name.
TEST_F(TheFront, AnswersToItsOwnNameOnly) {
  for (auto host :
       {"127.0.0.1", "127.0.0.1:80", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]"})
    EXPECT_EQ(get("/healthz", {{"Host", host}}).status, 200) << host;
  for (auto host : {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "[::1",
                    "", "10.0.0.1"}) {
    EXPECT_EQ(get("/", {{"Host", host}}).status, 403) << host;
    EXPECT_EQ(
        get("/api/v1/overview", {{"Host", host}, {"Authorization", "Bearer " + own_token.reveal()}})
            .status,
        403);
    EXPECT_EQ(get("/api/v1/overview", {{"Host", host}, {"X-Amz-Target", "x"}}).status, 403) << host;
  }
  EXPECT_THAT(own_hosts("0.0.0.0"), ElementsAre())
      << "who is reached from elsewhere has names that are not ours to know";
}

// A page elsewhere, even one that holds a token.
TEST_F(TheFront, RefusesRequestsFromOtherSitesPages) {
  for (auto origin : {"https://evil.example", "null", "http://127.0.0.1:9999",
                      "http://127.0.0.1:8080.evil.example"}) {
    auto headers = bearer(own_token.reveal());
    headers.set("Origin", origin);
    auto refused = ask(request("POST", "/api/v1/halt", headers));
    EXPECT_EQ(refused.status, 403) << origin;
    EXPECT_THAT(refused.body, HasSubstr("AR-0017"));
  }
  EXPECT_TRUE(ledger->stream("engine").value().empty());
  auto headers = bearer(own_token.reveal());
  headers.set("Origin", "http://127.0.0.1:8080");
  EXPECT_EQ(ask(request("POST", "/api/v1/halt", headers)).status, 200);
}

TEST_F(TheFront, RefusesBodiesAndHeadersThatAreTooLarge) {
  auto server = net::Server::start({.request_bytes_max = 1000}, [this](const net::Request& asked,
                                                                       const net::Peer& peer) {
                  return front->handle(asked, peer);
                }).value();
  auto endpoint = net::parse_endpoint(server->url()).value();
  net::Client client;
  auto status = [&](net::Request asked) {
    auto response = client.send(endpoint, asked, Context::within(seconds(10)));
    return response ? response->status : 0;
  };
  EXPECT_EQ(status({.method = "POST",
                    .target = "/api/v1/halt",
                    .headers = {},
                    .body = std::string(1001, ' ')}),
            413);
  EXPECT_EQ(status({.method = "GET",
                    .target = "/healthz",
                    .headers = {{"X", std::string(net::header_bytes_max, 'x')}}}),
            431);
  EXPECT_EQ(status({.method = "GET", .target = "/healthz"}), 200) << "and goes on";
}

// Reads what a stream says until it has seen `wanted`.
class Listening final : public net::Stream {
 public:
  explicit Listening(std::string wanted) : wanted_(std::move(wanted)) {}
  bool write(std::string_view bytes) override {
    heard += bytes;
    return heard.find(wanted_) == std::string::npos;
  }
  bool wait(milliseconds) override {
    return heard.find(wanted_) == std::string::npos && ++looks_ < looks_max;
  }

  std::string heard;

 private:
  static constexpr int looks_max = 3;
  std::string wanted_;
  int looks_ = 0;
};

TEST_F(TheFront, TellsOfNewEntriesAndGoesOnWhereAReaderWas) {
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(engine->resume_all({"ana", ""}, "r"));
  auto heard = [&](std::string target, net::Headers more = {}) {
    more.set("Authorization", std::string("Bearer ") + vera_token);
    auto response = get(std::move(target), std::move(more));
    EXPECT_EQ(response.headers.get("Content-Type"), "text/event-stream");
    Listening listening("id: 3\n");
    response.stream(listening);
    return listening.heard;
  };
  EXPECT_EQ(heard("/api/v1/events"), ": connected\n\n") << "nothing is new";
  auto all = heard("/api/v1/events?after=0");
  for (auto part : {"id: 1\nevent: entry\ndata: {\"position\":1,", "id: 2\n", "id: 3\n"})
    EXPECT_THAT(all, HasSubstr(part));
  auto rest = heard("/api/v1/events?after=0", {{"Last-Event-ID", "2"}});
  EXPECT_THAT(rest, Not(HasSubstr("id: 2\n")));
  EXPECT_THAT(rest, HasSubstr("id: 3\n"));
  for (auto odd : {"-1", "999"})
    EXPECT_EQ(heard(std::string("/api/v1/events?after=") + odd), ": connected\n\n") << odd;
  for (auto wrong : {"?after=nonsense", "?after=18446744073709551615", "?befor=1"})
    EXPECT_EQ(get(std::string("/api/v1/events") + wrong, bearer(vera_token)).status, 400) << wrong;
}

TEST(Tokens, PrintsNoneAndMakesEachAnew) {
  auto token = make_token();
  EXPECT_EQ(fmt::format("{}", token), "[redacted]");
  EXPECT_THAT(token.reveal(), StartsWith("aright_"));
  EXPECT_EQ(token.reveal().size(), 7 + 2 * token_bytes);
  EXPECT_NE(token.reveal(), make_token().reveal());
}

TEST(Tokens, AreNobodysWhereThereIsNoTokenOfOurOwn) {
  Tokens tokens({}, Secret());
  EXPECT_FALSE(tokens.caller({.headers = {{"Authorization", "Bearer "}}}));
  EXPECT_FALSE(tokens.caller({.headers = {{"Authorization", "Bearer x"}}}));
}


// What a link leads to.
class AnAnswer : public ::testing::Test, public remediation::World {
 protected:
  AnAnswer() {
    open("public_url: https://aright.example.com\n"
         "controls: [{id: s3-bucket-public-read-prohibited}]\n"
         "principals: [{name: ana, roles: [approver]}]\n"
         "decide: [{name: ask, decision: approval}]\n");
    make_public_bucket("logs");
    scan_and_settle();
    api.emplace(*engine, Surroundings{.version = "1", .target = "sandbox", .account = account});
    tokens.emplace(policy.principals, own_token);
    front.emplace(FrontOptions{.api = &*api, .tokens = &*tokens, .ledger = ledger.get(), .aws = {}, .links = &seal,
                               .hosts = own_hosts("127.0.0.1")});
    auto state = only();
    auto url = seal.url_of({.remediation = state.id, .plan_hash = state.plan->hash, .person = "ana",
                            .expires = std::get<remediation::AwaitingApproval>(state.stage).request.expires});
    path = url.substr(url.find("/answer/"));
  }
  net::Response ask(std::string method, std::string target, std::string body = "", net::Headers more = {}) {
    net::Request request{.method = std::move(method), .target = std::move(target),
                         .headers = {{"Host", "aright.example.com"},
                                     {"Content-Type", "application/x-www-form-urlencoded"}},
                         .body = std::move(body)};
    for (const auto& [name, value] : more) request.headers.set(name, value);
    return front->handle(request, {});
  }

  // Nothing came of it but that it is on record, and not by which link.
  void expect_only_refusals(std::uint64_t before, std::size_t count) {
    const auto entries = ledger->read(before + 1, ledger::read_entries_max).value();
    EXPECT_EQ(entries.size(), count);
    for (const auto& entry : entries)
      EXPECT_EQ(remediation::narrate(entry), "somebody unknown was refused: POST /answer/");
  }

  // What the page's form sends.
  std::string form(const std::string& fields) {
    return fields + "&page=" + seal.page_token(path.substr(std::string_view("/answer/").size()));
  }

  const remediation::LinkSeal seal{Secret(std::string(32, 'k')), "https://aright.example.com"};
  std::string path;
  std::optional<Api> api;
  std::optional<Tokens> tokens;
  std::optional<Front> front;
};

TEST_F(AnAnswer, IsNotGivenByLooking) {
  auto entries = ledger->size();
  for (auto method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) ask(method, path, "answer=approve");
  ask("GET", path + "?answer=approve");
  EXPECT_EQ(ledger->size(), entries);
  auto shown = ask("GET", path);
  EXPECT_EQ(shown.status, 200);
  for (auto text : {"AWS::S3::Bucket logs", "s3:PutPublicAccessBlock", "<form method=\"post\">", "You are", "ana",
                    "All of it can be taken back"})
    EXPECT_THAT(shown.body, HasSubstr(text));
}

TEST_F(AnAnswer, IsGivenOnceByTheForm) {
  auto said = ask("POST", path, form("answer=approve&comment=seen+%26+good"));
  EXPECT_EQ(said.status, 200) << said.body;
  settle();
  EXPECT_EQ(stage(), "resolved");
  EXPECT_EQ(only().approvals[0].comment, "seen & good");
  for (auto body : {"answer=approve", "answer=reject"}) {
    auto again = ask("POST", path, form(body));
    EXPECT_EQ(again.status, 409);
    EXPECT_THAT(again.body, HasSubstr("ana approved already, at 20"));
  }
  auto look = ask("GET", path);
  EXPECT_EQ(look.status, 409);
  EXPECT_THAT(look.body, Not(HasSubstr("<form")));
}

TEST_F(AnAnswer, IsNotTakenFromAnythingButTheForm) {
  auto entries = ledger->size();
  for (auto body : {"", "answer=yes", "approve", "answer=approve&answer=reject", "answer=approve&principal=ben",
                    "answer=approve&comment=%ff"})
    EXPECT_EQ(ask("POST", path, form(body)).status, 400) << body;
  EXPECT_EQ(ask("POST", path, form("answer=approve&comment=" + std::string(20'000, 'a'))).status, 400);
  EXPECT_EQ(ask("POST", path, "{}", {{"Content-Type", "application/json"}}).status, 400);
  EXPECT_EQ(ledger->size(), entries);
}

TEST_F(AnAnswer, IsRefusedToForgedLinksAndToOtherSites) {
  auto entries = ledger->size();
  auto forged = path;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  for (const auto& wrong : {forged, path + "x", std::string("/answer/"), std::string("/answer/a.b")}) {
    EXPECT_EQ(ask("GET", wrong).status, 403) << wrong;
    EXPECT_EQ(ask("POST", wrong, "answer=approve").status, 403) << wrong;
  }
  const net::Headers elsewhere[]{{{"Origin", "https://evil.example"}},
                                 {{"Origin", "null"}},
                                 {{"Host", "evil.example"}},
                                 {{"Sec-Fetch-Site", "cross-site"}},
                                 {{"Sec-Fetch-Site", "same-site"}},
                                 {{"Referer", "https://evil.example/aright.example.com"}}};
  for (const auto& headers : elsewhere)
    EXPECT_EQ(ask("POST", path, form("answer=approve"), headers).status, 403) << headers.begin()->second;
  expect_only_refusals(entries, 4 + std::size(elsewhere));
  const net::Headers chat{{"Sec-Fetch-Site", "cross-site"}, {"Referer", "https://chat.example/"}};
  EXPECT_EQ(ask("GET", path, "", chat).status, 200) << "a message led here";
  EXPECT_EQ(ask("POST", path, form("answer=reject&comment=no"), {{"Host", "127.0.0.1:80"}, {"Origin", "https://aright.example.com"}}).status,
            200) << "through a proxy that says its own name";
}

TEST_F(AnAnswer, IsGivenByTheLinksOwnPageOnly) {
  auto entries = ledger->size();
  auto other = seal.page_token("another link");
  const std::vector<std::string> bodies{"answer=approve", "answer=approve&page=" + other, form("answer=approve") + "x"};
  for (const auto& body : bodies) {
    auto refused = ask("POST", path, body);
    EXPECT_EQ(refused.status, 403) << body;
    EXPECT_THAT(refused.body, HasSubstr("open the link, and answer there"));
  }
  expect_only_refusals(entries, bodies.size());
  auto field = "name=\"page\" value=\"" + seal.page_token(path.substr(std::string_view("/answer/").size())) + "\"";
  EXPECT_THAT(ask("GET", path).body, HasSubstr(field));
}

TEST_F(AnAnswer, OfARejectionIsAskedForItsReason) {
  for (auto body : {"answer=reject", "answer=reject&comment=+%0A+"}) {
    auto again = ask("POST", path, form(body));
    EXPECT_EQ(again.status, 400);
    EXPECT_THAT(again.body, HasSubstr("say why you reject it"));
    EXPECT_THAT(again.body, HasSubstr("<form method=\"post\">")) << "and can be at once";
  }
  EXPECT_EQ(stage(), "awaiting_approval");
  EXPECT_EQ(ask("POST", path, form("answer=reject&comment=not+now")).status, 200);
  EXPECT_EQ(stage(), "closed");
}

TEST_F(AnAnswer, OpensNothingElseToThePublicName) {
  for (auto target : {"/", "/app.js", "/api/v1/overview"}) EXPECT_EQ(ask("GET", target).status, 403) << target;
}

TEST_F(AnAnswer, ComesOnAPageThatLoadsAndRunsNothing) {
  auto shown = ask("GET", path);
  auto words = shown.headers.get("Content-Security-Policy");
  EXPECT_THAT(words, StartsWith("default-src 'none'; style-src 'sha256-"));
  EXPECT_THAT(words, HasSubstr("form-action 'self'; frame-ancestors 'none'"));
  EXPECT_EQ(shown.headers.get("Cache-Control"), "no-store");
  EXPECT_EQ(shown.headers.get("Referrer-Policy"), "same-origin");
  EXPECT_THAT(shown.body, Not(HasSubstr("<script")));
  EXPECT_THAT(shown.body, Not(HasSubstr("http")));
}

}  // namespace
}  // namespace aright::server
