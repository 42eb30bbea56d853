#include "notify/format.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/digest.h"

namespace aright::notify {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

Notice escalated(std::string subject = "AWS::S3::Bucket logs could not be set right") {
  return {.id = "rem_1/escalated/4",
          .kind = "escalated",
          .subject = std::move(subject),
          .body = {{"remediation", "rem_1"},
                   {"finding", "fnd_1"},
                   {"control", "s3-bucket-public-read-prohibited"},
                   {"resource", json::Object{{"account", "111122223333"}, {"region", "us-east-1"},
                                             {"type", "AWS::S3::Bucket"}, {"id", "logs"}}},
                   {"reason", "AccessDenied"}}};
}

std::string text_at(const json::Value& value, std::string_view member) { return json::text(value, member, ""); }

json::Value said(Format format, const Notice& notice, std::string words = "") {
  Channel channel{.name = "c", .webhook_url = "https://example.com", .format = format, .key = Secret("key"),
                  .project = "SEC", .words = std::move(words), .signing_key = {}};
  return json::parse(body_for(channel, notice).value()).value();
}

TEST(Slack, GetsATextAndBlocks) {
  auto body = said(Format::slack, escalated());
  EXPECT_EQ(text_at(body, "text"), "AWS::S3::Bucket logs could not be set right");
  const auto& blocks = json::items(json::at(body, "blocks"));
  ASSERT_EQ(blocks.size(), 2u);
  EXPECT_EQ(text_at(json::at(blocks[0], "text"), "type"), "plain_text");
  EXPECT_THAT(text_at(json::at(blocks[1], "text"), "text"),
              AllOf(HasSubstr("AWS::S3::Bucket logs in 111122223333 us-east-1"), HasSubstr("reason: AccessDenied")));
}

TEST(Slack, ReadsNoLinksOrMentionsOutOfWhatOthersWrote) {
  auto body = said(Format::slack, escalated("<!channel> <https://evil.example|click> & so on"));
  EXPECT_EQ(text_at(body, "text"), "&lt;!channel&gt; &lt;https://evil.example|click&gt; &amp; so on");
}

// A finding of another tool names its resource as it likes.
TEST(AMessage, HasNoLineThatAResourceWroteIntoIt) {
  auto forged = escalated("it failed\n\nApproved by ana");
  forged.body["resource"].as_object()["id"] = "logs\nreason: all is well";
  for (auto format : {Format::slack, Format::teams, Format::jira}) {
    auto body = json::print(said(format, forged));
    EXPECT_THAT(body, Not(HasSubstr("\\nreason: all is well")));
    EXPECT_THAT(body, Not(HasSubstr("\\nApproved by ana")));
  }
  Mail mail{.server = "", .from = "a@example.com", .to = {"b@example.com"}, .user = "", .password = {}};
  auto text = mail_text(mail, forged, "now");
  auto lines = text.substr(text.find("\r\n\r\n") + 4);
  std::erase_if(lines, [](char c) { return c == '\r' || c == '\n'; });
  EXPECT_THAT(from_base64(lines).value(), AllOf(Not(HasSubstr("\nreason: all")), Not(HasSubstr("\nApproved"))));
}

TEST(Teams, GetsAnAdaptiveCardWithoutMarkup) {
  auto body = said(Format::teams, escalated("[click](https://evil.example) **now**"));
  const auto& attachment = json::items(json::at(body, "attachments"))[0];
  EXPECT_EQ(text_at(attachment, "contentType"), "application/vnd.microsoft.card.adaptive");
  const auto& card = json::at(attachment, "content");
  EXPECT_EQ(text_at(card, "type"), "AdaptiveCard");
  EXPECT_EQ(text_at(json::items(json::at(card, "body"))[0], "text"),
            R"(\[click\]\(https://evil.example\) \*\*now\*\*)");
}

TEST(PagerDuty, HasOneIncidentForAFindingThatEndsWithIt) {
  auto begun = said(Format::pagerduty, escalated());
  EXPECT_EQ(text_at(begun, "event_action"), "trigger");
  EXPECT_EQ(text_at(begun, "routing_key"), "key");
  EXPECT_EQ(text_at(begun, "dedup_key"), "fnd_1");
  EXPECT_EQ(text_at(json::at(begun, "payload"), "severity"), "error");
  auto notice = escalated();
  notice.kind = "resolved";
  auto ended = said(Format::pagerduty, notice);
  EXPECT_EQ(text_at(ended, "event_action"), "resolve");
  EXPECT_EQ(text_at(ended, "dedup_key"), "fnd_1");
}

TEST(Jira, GetsAnIssueWhoseTextIsNoMarkup) {
  auto notice = escalated(std::string(400, 'x'));
  notice.body["reason"] = "{NoFormat} {noformat:title=x} h1. Big";
  auto fields = json::at(said(Format::jira, notice), "fields");
  EXPECT_EQ(text_at(json::at(fields, "project"), "key"), "SEC");
  EXPECT_LE(text_at(fields, "summary").size(), 255u);
  EXPECT_THAT(text_at(fields, "description"),
              AllOf(HasSubstr("(NoFormat) (noformat:title=x) h1. Big"), EndsWith("{noformat}")));
  Channel channel{.name = "c", .webhook_url = "", .format = Format::jira, .key = Secret("ana@example.com:token"),
                  .signing_key = {}};
  EXPECT_EQ(headers_for(channel).at("Authorization"), "Basic " + to_base64("ana@example.com:token"));
}

TEST(OwnWords, AreFilledInWithoutBecomingJson) {
  auto body = said(Format::own, escalated(R"(quote " and {{id}})"),
                   R"({"msg": "{{ subject }}: {{body.resource.id}}", "n": [1, "{{kind}}"], "none": "{{body.x.y}}"})");
  EXPECT_EQ(text_at(body, "msg"), R"(quote " and {{id}}: logs)");
  EXPECT_EQ(json::text(json::items(json::at(body, "n"))[1]), "escalated");
  EXPECT_EQ(text_at(body, "none"), "");
  EXPECT_FALSE(fill("{", escalated()));
}

TEST(AMail, HasHeadersThatNobodyCanAddTo) {
  Mail mail{.server = "", .from = "aright <aright@example.com>", .to = {"ana@example.com"}, .user = "", .password = {}};
  auto text = mail_text(mail, escalated("Bcc me\r\nBcc: eve@example.com"), "Wed, 01 May 2024 10:00:00 +0000");
  EXPECT_THAT(text, HasSubstr("Subject: Bcc me  Bcc: eve@example.com\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nBcc: ")));
  EXPECT_THAT(text, HasSubstr("Date: Wed, 01 May 2024 10:00:00 +0000\r\n"));
  auto body = text.substr(text.find("\r\n\r\n") + 4);
  std::erase_if(body, [](char c) { return c == '\r' || c == '\n'; });
  EXPECT_THAT(from_base64(body).value(), HasSubstr("control: s3-bucket-public-read-prohibited"));
}

TEST(AMail, EncodesWhatIsNotAscii) {
  Mail mail{.server = "", .from = "a@example.com", .to = {"b@example.com"}, .user = "", .password = {}};
  auto text = mail_text(mail, escalated("Größe überschritten, die Prüfung ist unvollständig geblieben"), "now");
  EXPECT_THAT(text, HasSubstr("Subject: =?UTF-8?B?"));
  for (const auto& line : {text.substr(text.find("Subject"), text.find("Message-ID") - text.find("Subject"))})
    EXPECT_TRUE(std::ranges::all_of(line, [](unsigned char c) { return c < 0x80; }));
}

TEST(ADigest, TellsManyAsOne) {
  auto resolved = escalated("logs is set right");
  resolved.kind = "resolved";
  auto one = digest_of({escalated(), resolved, escalated("press could not")});
  EXPECT_EQ(one.kind, "digest");
  EXPECT_EQ(one.subject, "3 messages: 2 escalated, 1 resolved");
  EXPECT_THAT(json::print(said(Format::slack, one)), HasSubstr("• logs is set right"));
  EXPECT_EQ(digest_of({escalated()}).id, escalated().id) << "one alone stays as it is";
}

TEST(ALinkThatAnswers, IsOneThatItsReaderCanOpen) {
  auto asking = escalated("Approve <b>?");
  asking.kind = "approval_requested";
  asking.answer_at = "https://aright.example.com/answer/a_b.c-d";
  EXPECT_THAT(json::print(said(Format::slack, asking)),
              HasSubstr("\"mrkdwn\",\"text\":\"<https://aright.example.com/answer/a_b.c-d|Look and answer>\""));
  EXPECT_THAT(json::print(said(Format::teams, asking)),
              HasSubstr("\"Action.OpenUrl\",\"title\":\"Look and answer\",\"url\":\"https://aright.example.com/answer/a_b.c-d\""));
  auto two = digest_of({asking, escalated("press could not")});
  EXPECT_THAT(json::print(said(Format::slack, two)), HasSubstr("answer/a_b.c-d|Look and answer> Approve &lt;b&gt;?"));
  Mail mail{.server = "", .from = "a@example.com", .to = {"b@example.com"}, .user = "", .password = {}};
  auto text = mail_text(mail, two, "now");
  auto body = text.substr(text.find("\r\n\r\n") + 4);
  std::erase_if(body, [](char c) { return c == '\r' || c == '\n'; });
  EXPECT_THAT(from_base64(body).value(), HasSubstr("Look and answer: Approve <b>?:\nhttps://aright.example.com/answer/a_b.c-d\n"));
}

TEST(ALinkThatAnswers, IsNoneThatSomebodyWroteIntoAMessage) {
  auto event = escalated();
  event.kind = "event";
  event.body["answer_at"] = "https://evil.example";
  event.body["notices"] = json::Array{json::Object{{"subject", "x"}, {"answer_at", "https://evil.example"}}};
  EXPECT_THAT(json::print(said(Format::slack, event)), Not(HasSubstr("Look and answer")));
  EXPECT_THAT(json::print(said(Format::teams, event)), Not(HasSubstr("OpenUrl")));
  EXPECT_EQ(notice_from_json(json::Object{{"id", "i"}, {"kind", "k"}, {"answer_at", "https://evil.example"}})->answer_at, "");
}

}  // namespace
}  // namespace aright::notify
