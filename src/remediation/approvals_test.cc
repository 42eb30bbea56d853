#include "remediation/approvals.h"

#include <gmock/gmock.h>

namespace aright::remediation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Timestamp noon = parse_timestamp("2024-05-01T12:00:00Z").value();
constexpr std::chrono::hours hour{1};

Approvers two_rungs() {
  return {.groups = {{"platform", {.members = {"ana", "ben"}, .tell = "slack"}},
                     {"security", {.members = {"ben", "carl", "dora"}, .tell = "pager"}}},
          .ladders = {{"four-eyes", {{.group = "platform", .needed = 2, .wait = 4 * hour},
                                     {.group = "security", .needed = 1}}}},
          .delegations = {},
          .expires = 24 * hour,
          .remind = 3 * hour};
}

Approval said_by(std::string person, std::string voice = "") {
  auto whose = voice.empty() ? person : voice;
  return {.principal = std::move(person), .comment = "", .voice = whose, .at = noon};
}

// "" or the number of the error that refuses the person.
std::string refusal(const Result<std::string>& voice) { return voice ? "" : voice.error().number; }

TEST(ARequest, WithoutALadderAsksAnybodyAndNeedsOne) {
  auto request = first_request({}, "", noon);
  EXPECT_EQ(request.needed, 1);
  EXPECT_THAT(request.asked, IsEmpty());
  EXPECT_EQ(request.expires, noon + 24 * hour);
  EXPECT_FALSE(request.escalates);
  EXPECT_FALSE(request.reminds);
  EXPECT_EQ(voice_of({}, request, {}, "", "zoe", noon).value(), "zoe");
}

TEST(ARequest, AsksOneGroupAfterTheOtherEachBesideThoseBefore) {
  auto approvers = two_rungs();
  auto request = first_request(approvers, "four-eyes", noon);
  EXPECT_EQ(request.needed, 2);
  EXPECT_THAT(request.asked, ElementsAre("ana", "ben"));
  EXPECT_EQ(request.escalates, noon + 4 * hour);
  EXPECT_THAT(channels_of(approvers, request, 0), ElementsAre("slack"));

  auto higher = escalated(approvers, request, noon + 4 * hour);
  EXPECT_EQ(higher.needed, 1);
  EXPECT_THAT(higher.asked, ElementsAre("ana", "ben", "carl", "dora"));
  EXPECT_FALSE(higher.escalates) << "there is no third rung";
  EXPECT_EQ(higher.expires, request.expires);
  EXPECT_THAT(channels_of(approvers, higher, higher.rung), ElementsAre("pager"));
  EXPECT_THAT(channels_of(approvers, higher, 0), ElementsAre("slack", "pager"));
}

TEST(ARequest, RemindsUntilItExpires) {
  auto approvers = two_rungs();
  auto request = first_request(approvers, "four-eyes", noon);
  int reminders = 0;
  for (; request.reminds && reminders < 100; ++reminders) request = reminded(approvers, request, *request.reminds);
  EXPECT_EQ(reminders, 7) << "every three hours of the twenty-four, but not at their end";
}

TEST(ARequest, IsReadAsItWasWritten) {
  auto request = first_request(two_rungs(), "four-eyes", noon);
  auto read = request_from_json(json::Value(to_json(request)));
  EXPECT_EQ(read.ladder, "four-eyes");
  EXPECT_EQ(read.needed, 2);
  EXPECT_EQ(read.asked, request.asked);
  EXPECT_EQ(read.expires, request.expires);
  EXPECT_EQ(read.escalates, request.escalates);
  EXPECT_EQ(read.reminds, request.reminds);
  auto old = request_from_json(json::Value(json::Object{{"expires", noon.iso()}}));
  EXPECT_EQ(old.needed, 1) << "as entries were before there were ladders";
  EXPECT_THAT(old.asked, IsEmpty());
}

TEST(AVoice, IsOfThoseWhoAreAsked) {
  auto approvers = two_rungs();
  auto request = first_request(approvers, "four-eyes", noon);
  EXPECT_EQ(voice_of(approvers, request, {}, "", "ana", noon).value(), "ana");
  auto stranger = voice_of(approvers, request, {}, "", "carl", noon);
  EXPECT_EQ(refusal(stranger), "AR-0019");
  EXPECT_THAT(stranger.error().message, HasSubstr("ana, ben"));
}

TEST(AVoice, CountsOnce) {
  auto approvers = two_rungs();
  auto request = first_request(approvers, "four-eyes", noon);
  EXPECT_EQ(refusal(voice_of(approvers, request, {said_by("ana")}, "", "ana", noon)), "AR-0020");
  EXPECT_EQ(voice_of(approvers, request, {said_by("ana")}, "", "ben", noon).value(), "ben");
}

TEST(AVoice, IsNeverTheRequesters) {
  auto approvers = two_rungs();
  approvers.delegations = {{.from = "ana", .to = "eve", .begins = noon, .ends = noon + hour}};
  auto request = first_request(approvers, "four-eyes", noon);
  EXPECT_EQ(refusal(voice_of(approvers, request, {}, "ana", "ana", noon)), "AR-0012");
  EXPECT_EQ(refusal(voice_of(approvers, request, {}, "ana", "eve", noon)), "AR-0012") << "nor by somebody else's mouth";
}

TEST(ADelegation, LendsAVoiceForAWhileAndMultipliesNone) {
  auto approvers = two_rungs();
  approvers.delegations = {{.from = "ana", .to = "eve", .begins = noon, .ends = noon + hour},
                           {.from = "ben", .to = "ana", .begins = noon, .ends = noon + hour}};
  auto request = first_request(approvers, "four-eyes", noon);
  EXPECT_EQ(voice_of(approvers, request, {}, "", "eve", noon).value(), "ana");
  EXPECT_EQ(refusal(voice_of(approvers, request, {}, "", "eve", noon + hour)), "AR-0019");
  EXPECT_EQ(voice_of(approvers, request, {said_by("eve", "ana")}, "", "ana", noon).value(), "ben")
      << "her own voice is given, the one that was lent to her is not";
  EXPECT_EQ(refusal(voice_of(approvers, request, {said_by("ana")}, "", "ana", noon)), "AR-0020")
      << "one person is one person, however many voices were lent";
  EXPECT_EQ(refusal(voice_of(approvers, request, {said_by("ana")}, "", "eve", noon)), "AR-0020");
}

}  // namespace
}  // namespace aright::remediation
