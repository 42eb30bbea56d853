// Links that answer: who gets one, what one is good for, and what it is not.

#include "remediation/answer_link.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "remediation/notices.h"
#include "remediation/testing.h"

namespace aright::remediation {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const LinkSeal seal(Secret(std::string(link_key_bytes, 'k')), "https://aright.example.com");

AnswerLink some_link() {
  return {.remediation = RemediationId::derived("01J00000000000000000000000"), .plan_hash = std::string(64, 'a'),
          .person = "ana", .expires = {1'700'000'900'000}};
}

std::string token_of(const std::string& url) { return url.substr(url.rfind('/') + 1); }

// Both buttons, in eight windows: how many answers were taken.
int answers_at_once(Engine& engine, const AnswerLink& link) {
  std::atomic<int> taken = 0;
  std::vector<std::jthread> windows;
  for (int i = 0; i < 8; ++i)
    windows.emplace_back([&, i] {
      if (engine.answer_by_link(link, i % 2 == 0, "so I say")) ++taken;
    });
  windows.clear();
  return taken;
}

TEST(ALink, IsReadAsItWasMade) {
  auto link = some_link();
  link.person = "Zoë\n<script>";  // nothing that a policy may call somebody breaks it; a line more is refused
  auto url = seal.url_of(some_link());
  EXPECT_THAT(url, StartsWith("https://aright.example.com/answer/"));
  auto read = seal.open(token_of(url));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(some_link()));
  EXPECT_FALSE(seal.open(token_of(seal.url_of(link))));
}

TEST(ALink, IsRefusedWhenAnyOfItsCharactersIsAnother) {
  auto token = token_of(seal.url_of(some_link()));
  for (std::size_t at = 0; at < token.size(); ++at) {
    auto changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    auto read = seal.open(changed);
    ASSERT_FALSE(read) << at;
    EXPECT_EQ(read.error().number, "AR-0021");
  }
  for (auto wrong : {std::string(), std::string("."), token + "A", token + "=", token.substr(0, token.size() - 1),
                     token.substr(0, token.find('.') + 1), std::string(2000, 'A') + "." + token, " " + token})
    EXPECT_FALSE(seal.open(wrong)) << wrong;
}

TEST(ALink, IsRefusedUnderAnotherKey) {
  LinkSeal other(Secret(std::string(link_key_bytes, 'K')), seal.public_url());
  EXPECT_FALSE(other.open(token_of(seal.url_of(some_link()))));
}

constexpr auto people = R"(
public_url: https://aright.example.com
controls: [{id: s3-bucket-public-read-prohibited}]
notify:
  - {name: ana-mail, mail: {server: "smtps://mail.example.com", from: a@example.com, to: [ana@example.com]}}
  - {name: ben-chat, webhook: "https://hooks.example.com/ben", format: slack}
  - {name: carl-chat, webhook: "https://hooks.example.com/carl", on: [resolved]}
  - {name: team, webhook: "https://hooks.example.com/team"}
principals:
  - {name: ana, roles: [approver], tell: ana-mail}
  - {name: ben, roles: [approver], tell: ben-chat}
  - {name: carl, roles: [approver], tell: carl-chat}
  - {name: dora, roles: [approver]}
groups:
  platform: {members: [ana, ben, dora], tell: team}
  security: {members: [carl]}
ladders:
  two: [{group: platform, needed: 2, wait_s: 3600}, {group: security, needed: 2}]
decide: [{name: ask, decision: approval, ladder: two}]
approval_expires_s: 7200
)";

class Answering : public ::testing::Test, protected World {
 protected:
  Answering() {
    open(people);
    make_public_bucket("logs");
    scan_and_settle();
  }
  // The messages that ask, as the outbox has them: by channel, with the link of each.
  std::map<std::string, std::vector<AnswerLink>> asked() {
    std::map<std::string, std::vector<AnswerLink>> out;
    auto read = ledger->database().read([&](store::Transaction& tx) -> Result<> {
      for (const auto& row : TRY(tx.query("select body from outbox order by rowid"))) {
        auto body = TRY(json::parse(row.text(0)));
        if (!json::text(json::at(body, "notice"), "kind", "").starts_with("approval")) continue;
        auto& links = out[json::text(body, "channel", "")];
        if (auto link = link_of(policy, body)) links.push_back(*link);
      }
      return {};
    });
    EXPECT_TRUE(read);
    return out;
  }
  AnswerLink link_for(const std::string& person) {
    auto state = only();
    return {.remediation = state.id, .plan_hash = state.plan->hash, .person = person,
            .expires = std::get<AwaitingApproval>(state.stage).request.expires};
  }
  std::string refusal(const AnswerLink& link, bool approves = true) {
    auto said = engine->answer_by_link(link, approves, approves ? "" : "not now");
    settle();
    if (said) return "";
    EXPECT_THAT(said.error().number, StartsWith("AR-"));
    return said.error().message;
  }
};

TEST_F(Answering, GivesALinkToEachWhoIsAskedInTheirOwnChannelAndToNobodyElse) {
  auto links = asked();
  ASSERT_THAT(links["ana-mail"], SizeIs(1));
  ASSERT_THAT(links["ben-chat"], SizeIs(1)) << "one message, and that with the link";
  EXPECT_EQ(links["ana-mail"][0].person, "ana");
  EXPECT_EQ(links["ben-chat"][0].person, "ben");
  EXPECT_FALSE(links.contains("carl-chat")) << "asked later";
  EXPECT_THAT(links["team"], IsEmpty());
  pass(seconds(3601));
  links = asked();
  ASSERT_THAT(links["carl-chat"], SizeIs(1));
  EXPECT_EQ(links["carl-chat"][0].person, "carl");
  EXPECT_THAT(links["ana-mail"], SizeIs(1)) << "she was asked already";
}

TEST_F(Answering, TakesOneAnswerOfEachAndSaysWhose) {
  auto ana = link_for("ana"), ben = link_for("ben");
  EXPECT_EQ(refusal(ana), "");
  EXPECT_THAT(refusal(ana), HasSubstr("ana approved already")) << "a replay";
  EXPECT_THAT(refusal(ana, false), HasSubstr("ana approved already")) << "nor does it take back what she said";
  EXPECT_EQ(stage(), "awaiting_approval");
  EXPECT_EQ(refusal(ben), "");
  EXPECT_EQ(stage(), "resolved");
  EXPECT_THAT(refusal(ben), HasSubstr("ben approved already"));
  ben.person = "dora";
  EXPECT_THAT(refusal(ben), HasSubstr("nothing waits for this answer any more: ben approved"));
  EXPECT_EQ(count(only(), entry::approved), 2u);
  auto entries = ledger->stream(only().id.str()).value();
  auto approved = std::ranges::find(entries, std::string_view(entry::approved), &ledger::Entry::kind);
  EXPECT_EQ(json::text(approved->body, "via", ""), "link");
}

// Whoever presses both buttons at once, in as many windows as they like, has said one thing.
TEST_F(Answering, TakesOneAnswerOfALinkThatIsUsedManyTimesAtOnce) {
  EXPECT_EQ(answers_at_once(*engine, link_for("ana")), 1);
  EXPECT_EQ(count(only(), entry::approved) + count(only(), entry::rejected), 1u);
}

TEST_F(Answering, EndsItWithOneRejection) {
  auto ana = link_for("ana"), ben = link_for("ben");
  EXPECT_EQ(refusal(ana, false), "");
  EXPECT_EQ(stage(), "closed");
  EXPECT_THAT(refusal(ben), HasSubstr("rejected by ana"));
  EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(Answering, RefusesALinkOfAnotherPlanOrAnEarlierRequest) {
  auto link = link_for("ana");
  link.plan_hash = std::string(64, '0');
  EXPECT_THAT(refusal(link), HasSubstr("another plan"));
  link = link_for("ana");
  link.expires = link.expires + milliseconds(1);
  EXPECT_THAT(refusal(link), HasSubstr("earlier request"));
  // Asked anew under another policy, the answer to the earlier request counts for nothing.
  auto old = link_for("ana");
  EXPECT_EQ(refusal(old), "");
  clock.advance(seconds(1));
  engine.reset();
  adopt(std::string(people) + "scan_every_s: 7200\n");
  start();
  settle();
  ASSERT_EQ(stage(), "awaiting_approval");
  EXPECT_THAT(only().approvals, IsEmpty());
  EXPECT_NE(refusal(old), "");
  EXPECT_THAT(only().approvals, IsEmpty());
}

TEST_F(Answering, RefusesALateLink) {
  auto ana = link_for("ana");
  clock.advance(seconds(7200));
  EXPECT_THAT(refusal(ana), HasSubstr("the time to answer is over"));
  settle();
  EXPECT_THAT(refusal(ana, false), HasSubstr("nobody approved in time"));
}

TEST_F(Answering, RefusesWhoIsNotAskedAndWhoMayNotApproveAnyMore) {
  EXPECT_THAT(refusal(link_for("carl")), HasSubstr("carl is not asked"));
  EXPECT_THAT(refusal(link_for("carl"), false), HasSubstr("carl is not asked")) << "nor does he reject";
  EXPECT_THAT(refusal(link_for("mallory")), HasSubstr("mallory approves nothing"));
  auto ana = link_for("ana");
  policy.principals[0].roles = {"viewer"};
  EXPECT_THAT(refusal(ana), HasSubstr("ana approves nothing"));
  EXPECT_THAT(asked()["ana-mail"], IsEmpty()) << "and what is not sent yet goes out without a link";
}

constexpr auto asks_two = R"(
schemaVersion: "0.3"
mainSteps:
  - name: Ask
    action: aws:approve
    inputs:
      Message: "May <b>this</b> go on?"
      MinRequiredApprovals: 2
      Approvers: ["arn:aws:iam::111122223333:user/ana", ben, carl]
  - {name: Wait, action: aws:pause, inputs: {Message: "Look at the site, then go on"}}
  - {name: Look, action: aws:executeAwsApi, inputs: {Service: s3, Api: ListBuckets}}
)";

class AnsweringAStep : public ::testing::Test, protected World {
 protected:
  AnsweringAStep() {
    auto text = std::string(people);
    text.replace(text.find("{name: ana, roles"), 10, "{name: ana, arn: \"arn:aws:iam::111122223333:user/ana\"");
    open(text, {{"AsksTwo", asks_two}});
    id = engine->start_runbook("AsksTwo", {}, account, region, {.name = "olga", .arn = ""}, {}).value();
    settle();
  }
  // By channel, of the messages that ask.
  std::map<std::string, std::vector<AnswerLink>> asked() {
    std::map<std::string, std::vector<AnswerLink>> out;
    EXPECT_TRUE(ledger->database().read([&](store::Transaction& tx) -> Result<> {
      for (const auto& row : TRY(tx.query("select body from outbox order by rowid"))) {
        auto body = TRY(json::parse(row.text(0)));
        if (auto link = link_of(policy, body)) out[json::text(body, "channel", "")].push_back(*link);
      }
      return {};
    }));
    return out;
  }
  AnswerLink link_for(const std::string& person) {
    auto waiting = engine->executor().waiting_step(id).value().value();
    return {.remediation = {}, .plan_hash = {}, .person = person, .expires = waiting.expires, .execution = id,
            .step = waiting.step};
  }
  std::string refusal(const AnswerLink& link, bool approves = true) {
    auto said = engine->answer_by_link(link, approves, approves ? "" : "not now");
    settle();
    return said ? "" : said.error().message;
  }
  std::string status() {
    return json::text(engine->executor().describe(id).value(), "AutomationExecutionStatus", "");
  }
  ExecutionId id;
};

TEST_F(AnsweringAStep, IsForItsApproversAndForEachInTheirOwnChannel) {
  auto links = asked();
  ASSERT_THAT(links["ana-mail"], SizeIs(1));
  EXPECT_EQ(links["ana-mail"][0].step, "Ask");
  EXPECT_EQ(links["ana-mail"][0].execution, id);
  EXPECT_THAT(links["ben-chat"], SizeIs(1));
  EXPECT_THAT(links["team"], IsEmpty());
  auto read = seal.open(token_of(seal.url_of(links["ana-mail"][0])));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(links["ana-mail"][0]));
}

TEST_F(AnsweringAStep, TakesOneAnswerOfEachAndGoesOnWithEnoughOfThem) {
  auto ana = link_for("ana"), ben = link_for("ben");
  EXPECT_EQ(refusal(ana), "");
  EXPECT_EQ(status(), "Waiting");
  EXPECT_THAT(refusal(ana), HasSubstr("ana answered already"));
  EXPECT_THAT(refusal(ana, false), HasSubstr("ana answered already"));
  EXPECT_THAT(refusal(link_for("dora")), HasSubstr("dora is not asked by Ask"));
  EXPECT_THAT(refusal(link_for("mallory")), HasSubstr("mallory approves nothing any more"));
  EXPECT_EQ(refusal(ben), "");
  EXPECT_THAT(refusal(ben), HasSubstr("Ask waits for this answer no more")) << "nor does it resume the step behind";
  EXPECT_EQ(engine->executor().waiting_step(id).value()->step, "Wait");
}

TEST_F(AnsweringAStep, ResumesAPauseOnceAndRejectsNone) {
  EXPECT_EQ(refusal(link_for("ana")), "");
  EXPECT_EQ(refusal(link_for("ben")), "");
  ASSERT_THAT(asked()["carl-chat"], SizeIs(2)) << "a pause is for all who may approve";
  auto link = link_for("carl");
  EXPECT_THAT(refusal(link, false), HasSubstr("a step that pauses is resumed"));
  EXPECT_EQ(refusal(link), "");
  EXPECT_EQ(status(), "Success");
  EXPECT_THAT(refusal(link), HasSubstr("Wait waits for this answer no more"));
}

TEST_F(AnsweringAStep, TakesOneAnswerOfALinkThatIsUsedManyTimesAtOnce) {
  EXPECT_EQ(answers_at_once(*engine, link_for("ana")), 1);
}

TEST_F(AnsweringAStep, RefusesALateLinkAndOneOfAnotherRequest) {
  auto link = link_for("ana");
  auto other = link;
  other.expires = other.expires + milliseconds(1);
  EXPECT_THAT(refusal(other), HasSubstr("waits for this answer no more"));
  clock.set(link.expires);
  EXPECT_THAT(refusal(link), HasSubstr("the time to answer is over"));
}

std::string faults_of(const std::string& more) {
  auto policy = parse_policy(
      "notify:\n"
      "  - {name: own, webhook: \"https://hooks.example.com/x\"}\n"
      "  - {name: plain, webhook: \"http://hooks.example.com/x\"}\n"
      "  - {name: topic, sns: \"arn:aws:sns:us-east-1:111122223333:t\"}\n"
      "  - {name: list, mail: {server: \"smtps://m\", from: a@x, to: [a@x, b@x]}}\n"
      "  - {name: board, webhook: \"https://j\", format: jira, key: k, project: P}\n" + more, ".");
  return policy ? "" : policy.error().message;
}

TEST(ThePolicyOfLinks, LetsOnlyOnePersonReadAChannelWithLinks) {
  auto person = [](const std::string& channel, const std::string& roles = "[approver]") {
    return faults_of("principals: [{name: ana, roles: " + roles + ", tell: " + channel + "}]\n");
  };
  EXPECT_EQ(person("own"), "");
  EXPECT_THAT(person("nowhere"), HasSubstr("there is no channel 'nowhere'"));
  EXPECT_THAT(person("topic"), HasSubstr("whoever subscribes reads there"));
  EXPECT_THAT(person("list"), HasSubstr("more than one address"));
  EXPECT_THAT(person("board"), HasSubstr("a team reads there"));
  EXPECT_THAT(person("plain"), HasSubstr("it has no TLS"));
  EXPECT_THAT(person("own", "[operator]"), HasSubstr("only who may approve"));
  const std::string ana = "{name: ana, roles: [approver], tell: own}";
  EXPECT_THAT(faults_of("principals: [" + ana + ", {name: ben, roles: [approver], tell: own}]\n"),
              HasSubstr("ana has the channel 'own' already"));
  EXPECT_THAT(faults_of("principals: [" + ana + "]\ngroups: {g: {members: [ana], tell: own}}\n"),
              HasSubstr("the group g has the channel"));
}

TEST(ThePolicyOfLinks, IsReachedByTlsOrOnThisMachine) {
  for (auto good : {"https://aright.example.com", "https://example.com/aright", "http://127.0.0.1:8080"})
    EXPECT_EQ(faults_of(std::string("public_url: \"") + good + "\"\n"), "");
  for (auto bad : {"http://aright.example.com", "https://example.com/", "aright.example.com", "https://example.com/?a=b",
                   "https://example.com/a>b", "unix:/run/x"})
    EXPECT_THAT(faults_of(std::string("public_url: \"") + bad + "\"\n"), HasSubstr("write https://HOST")) << bad;
}

}  // namespace
}  // namespace aright::remediation
