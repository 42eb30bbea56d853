#include "report/review.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "remediation/story.h"
#include "report/html.h"

namespace aright::report {
namespace {

namespace entry = remediation::entry;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Timestamp begin{1'700'000'000'000};
constexpr auto control = "s3-bucket-public-read-prohibited";

// A ledger in memory, and the story that it tells.
class Told {
 public:
  void say(std::string stream, std::string kind, json::Object body = {}) {
    entries_.push_back({.position = entries_.size() + 1, .stream = std::move(stream), .sequence = 1,
                        .kind = std::move(kind), .time = now, .body = std::move(body), .hash = ""});
  }
  void opened(const std::string& name, bool again = false, const std::string& by = "scan") {
    say("fnd_" + name, again ? entry::finding_reopened : entry::finding_opened,
        {{"control", control}, {"title", "Closed"}, {"severity", "high"}, {"remediation", "rem_" + name}});
    say("rem_" + name, entry::remediation_opened,
        {{"control", control}, {"finding", "fnd_" + name}, {"opened_by", by},
         {"resource", json::Object{{"id", name}}}, {"forced", false}});
  }
  void decided(const std::string& name, const std::string& decision) {
    say("rem_" + name, entry::decided, {{"decision", decision}});
  }
  void executed(const std::string& name, milliseconds took) {
    say("rem_" + name, entry::execution_started);
    now = now + took;
    say("rem_" + name, entry::execution_ended, {{"status", "Success"}});
  }
  void resolved(const std::string& name) {
    say("rem_" + name, entry::resolved);
    say("fnd_" + name, entry::finding_resolved, {{"by", "rem_" + name}});
  }
  void fixed(const std::string& name) {
    opened(name);
    decided(name, "automatic");
    executed(name, minutes(1));
    resolved(name);
  }
  void withdrew(const std::string& name, bool succeeded = true) {
    opened(name);
    decided(name, "automatic");
    executed(name, minutes(1));
    say("rem_" + name, entry::rollback_requested, {{"by_itself", true}});
    say("rem_" + name, succeeded ? entry::rolled_back : entry::rollback_failed);
  }
  json::Object review(Window window) const {
    Review review(window);
    for (const auto& one : entries_) review.add(one);
    return review.tell();
  }
  json::Object review() const { return review({begin, now}); }

  Timestamp now = begin;

 private:
  std::vector<ledger::Entry> entries_;
};

std::string figure(const json::Value& review, std::initializer_list<std::string_view> path) {
  const auto& value = json::at(review, path);
  return value.is_number() ? json::canonical(value) : json::scalar_text(value);
}

std::vector<std::string> advice(const json::Object& review) {
  std::vector<std::string> out;
  for (const auto& one : json::items(json::at(json::items(review.at("controls")).at(0), "advice")))
    out.push_back(json::text(one, "kind", ""));
  return out;
}

TEST(AReview, MeasuresEachPartOfTheWay) {
  Told told;
  told.say("sig_1", entry::signal_received, {{"body", json::Object{{"time", (begin - seconds(30)).iso()}}}});
  told.opened("a", false, "sig_1");
  told.now = told.now + seconds(1);
  told.decided("a", "approval");
  told.say("rem_a", entry::approval_requested);
  told.now = told.now + hours(2);
  told.say("rem_a", entry::approved);
  told.executed("a", seconds(10));
  told.now = told.now + seconds(3);
  told.resolved("a");
  auto review = told.review();
  EXPECT_EQ(figure(review, {"overall", "times", "detect", "median_s"}), "30");
  EXPECT_EQ(figure(review, {"overall", "times", "decide", "median_s"}), "1");
  EXPECT_EQ(figure(review, {"overall", "times", "approve", "median_s"}), "7200");
  EXPECT_EQ(figure(review, {"overall", "times", "execute", "median_s"}), "10");
  EXPECT_EQ(figure(review, {"overall", "times", "verify", "median_s"}), "3");
  EXPECT_EQ(figure(review, {"overall", "times", "whole", "median_s"}), "7214");
  EXPECT_EQ(figure(review, {"overall", "approvals", "approved"}), "1");
  EXPECT_EQ(figure(review, {"overall", "rates", "success"}), "1");
}

TEST(AReview, CountsTheDecisionThatTheFixBeganUnder) {
  Told told;
  told.opened("a");
  told.say("rem_a", entry::decided, {{"decision", "approval"}, {"provisional", true}});
  told.now = told.now + seconds(2);
  told.decided("a", "automatic");
  told.executed("a", seconds(1));
  told.say("rem_a", entry::retry_scheduled);
  told.decided("a", "manual");  // of another attempt
  told.opened("b");
  told.decided("b", "deferred");
  told.decided("b", "manual");
  told.opened("c");
  told.decided("c", "automatic");
  told.say("rem_c", entry::approval_requested);  // the rehearsal showed harm
  auto review = told.review();
  EXPECT_EQ(figure(review, {"overall", "remediations", "automatic"}), "1");
  EXPECT_EQ(figure(review, {"overall", "remediations", "manual"}), "1");
  EXPECT_EQ(figure(review, {"overall", "remediations", "asked"}), "1");
  EXPECT_EQ(figure(review, {"overall", "times", "decide", "max_s"}), "2");
}

TEST(AReview, AdvisesForARuleThatWaitsForTheRehearsalByWhatItDecidedThen) {
  Told told;
  for (int i = 0; i < 36; ++i) {
    auto name = std::to_string(i);
    told.opened(name);
    told.say("rem_" + name, entry::decided, {{"decision", "approval"}, {"provisional", true}});
    told.decided(name, "automatic");
    told.executed(name, seconds(1));
    told.resolved(name);
  }
  EXPECT_THAT(advice(told.review()), IsEmpty()) << "it is automatic already";
  told.say("rem_3", entry::rolled_back);
  EXPECT_THAT(advice(told.review()), ElementsAre("demote"));
}

TEST(AReview, CountsExposureOnlyWithinItsWindow) {
  Told told;
  told.opened("a");
  told.now = begin + hours(10);
  auto all = told.review();
  EXPECT_EQ(figure(all, {"overall", "findings", "exposure_hours"}), "10");
  EXPECT_EQ(figure(all, {"overall", "findings", "open"}), "1");
  auto late = told.review({begin + hours(8), begin + hours(9)});
  EXPECT_EQ(figure(late, {"overall", "findings", "exposure_hours"}), "1");
  EXPECT_EQ(figure(late, {"overall", "findings", "opened"}), "0");
  EXPECT_EQ(figure(json::items(json::at(json::at(late, "trend"), "points")).at(0), {"open"}), "1");
}

TEST(AReview, SeesNothingThatCameAfterItsWindow) {
  Told told;
  told.fixed("a");
  told.now = begin + hours(3);
  told.opened("b");
  auto review = told.review({begin, begin + hours(2)});
  EXPECT_EQ(figure(review, {"overall", "findings", "opened"}), "1");
  EXPECT_EQ(figure(review, {"overall", "findings", "open"}), "0");
}

TEST(AReview, TellsAnUndoneFixFromOneThatWasTakenBack) {
  Told undone;
  undone.fixed("a");
  undone.opened("a", true);
  EXPECT_EQ(figure(undone.review(), {"overall", "remediations", "recurred"}), "1");

  Told back;
  back.fixed("a");
  back.say("rem_a", entry::rolled_back);
  back.opened("a", true);
  EXPECT_EQ(figure(back.review(), {"overall", "remediations", "recurred"}), "0");
  EXPECT_EQ(figure(back.review(), {"overall", "remediations", "rolled_back"}), "1");
  EXPECT_EQ(figure(back.review(), {"overall", "findings", "open"}), "1");
}

TEST(AReview, CountsWhatArightTookBackItself) {
  Told told;
  told.fixed("a");
  told.fixed("b");
  told.say("rem_b", entry::rollback_requested, {{"principal", "ana"}});
  told.say("rem_b", entry::rolled_back);
  told.withdrew("c");
  told.withdrew("d", false);
  auto review = told.review();
  EXPECT_EQ(figure(review, {"overall", "remediations", "rolled_back"}), "2");
  EXPECT_EQ(figure(review, {"overall", "remediations", "withdrawn"}), "1");
  EXPECT_EQ(figure(review, {"overall", "remediations", "disputed"}), "1") << "a person's word only";
  EXPECT_EQ(figure(review, {"overall", "remediations", "escalated"}), "1") << "what could not be taken back";
  EXPECT_EQ(figure(review, {"overall", "rates", "rollback"}), "0.667") << "of three fixes that were made";
  EXPECT_EQ(figure(review, {"overall", "rates", "success"}), "0.5");
  EXPECT_THAT(html(review), HasSubstr("<td data-head=\"Taken back\">2, 1 by itself</td>"));
  EXPECT_THAT(csv(review), HasSubstr(",rolled_back,withdrawn,recurred,"));
}

TEST(AReview, GivesNoCreditForWhatAnotherSetRight) {
  Told told;
  told.opened("a");
  told.now = told.now + hours(1);
  told.say("fnd_a", entry::finding_resolved, {{"by", "observed"}});
  auto review = told.review();
  EXPECT_EQ(figure(review, {"overall", "findings", "resolved"}), "0");
  EXPECT_EQ(figure(review, {"overall", "findings", "resolved_otherwise"}), "1");
  EXPECT_EQ(figure(review, {"overall", "rates", "success"}), "");
}

TEST(AReview, ListsWhatWaitsForAPersonLongestFirst) {
  Told told;
  for (auto name : {"a", "b", "c"}) {
    told.opened(name);
    told.decided(name, "approval");
    told.say("rem_" + std::string(name), entry::approval_requested);
    told.now = told.now + hours(1);
  }
  told.say("rem_b", entry::rejected);
  auto review = told.review();
  const auto& waiting = json::items(review.at("waiting"));
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(figure(waiting[0], {"resource"}), "a");
  EXPECT_EQ(figure(waiting[0], {"waiting_s"}), "10800");
}

TEST(AReview, ListsNothingThatWaitsNoMore) {
  for (auto ending : {entry::closed, entry::outdated, entry::deferred, entry::decided, entry::plan_voided,
                      entry::approval_expired}) {
    Told told;
    told.opened("a");
    told.decided("a", "approval");
    told.say("rem_a", entry::approval_requested);
    told.say("rem_a", entry::approval_reminded);
    EXPECT_EQ(json::items(told.review().at("waiting")).size(), 1u);
    told.say("rem_a", ending);
    EXPECT_THAT(json::items(told.review().at("waiting")), IsEmpty()) << ending;
  }
}

TEST(AReview, ListsWhatWaitsForAnotherVoice) {
  Told told;
  told.opened("a");
  told.say("rem_a", entry::approval_requested, {{"needed", 3}});
  told.now = told.now + hours(1);
  told.say("rem_a", entry::approved);
  told.say("rem_a", entry::approved);
  EXPECT_EQ(json::items(told.review().at("waiting")).size(), 1u);
  auto fewer = told;
  fewer.say("rem_a", entry::approval_escalated, {{"needed", 2}});
  EXPECT_THAT(json::items(fewer.review().at("waiting")), IsEmpty());
  told.say("rem_a", entry::approved);
  EXPECT_THAT(json::items(told.review().at("waiting")), IsEmpty());
  EXPECT_EQ(figure(told.review(), {"overall", "times", "approve", "median_s"}), "3600");
}

// Whatever is told of findings, in any order, before the window and in it.
TEST(AReview, HasSumsThatAgree) {
  std::mt19937 draw;
  auto any = [&](int below) { return std::uniform_int_distribution<>(0, below - 1)(draw); };
  for (int round = 0; round < 200; ++round) {
    Told told;
    for (int i = 0; i < 60; ++i) {
      auto name = std::to_string(any(6));
      switch (any(5)) {
        case 0: told.opened(name); break;
        case 1: told.opened(name, true); break;
        case 2: told.executed(name, minutes(1)); break;
        case 3: told.resolved(name); break;
        default: told.say("fnd_" + name, entry::finding_resolved, {{"by", "observed"}});
      }
      told.now = told.now + minutes(any(60));
    }
    Window window{begin + (told.now - begin) / 2, told.now};
    auto before = told.review({begin, window.since - milliseconds(1)}), review = told.review(window);
    auto count = [](const json::Object& of, std::string_view member) {
      return json::integer(json::at(of.at("overall"), {"findings", member}));
    };
    auto open = count(review, "open");
    EXPECT_EQ(count(before, "open") + count(review, "opened"),
              count(review, "resolved") + count(review, "resolved_otherwise") + open);
    EXPECT_EQ(json::integer(json::at(json::items(json::at(review.at("trend"), "points")).back(), "open")), open);
  }
}

TEST(AReview, AdvisesAutomationOnlyAfterManyFixesThatHeld) {
  auto asked = [](int fixes) {
    Told told;
    for (int i = 0; i < fixes; ++i) {
      auto name = std::to_string(i);
      told.opened(name);
      told.decided(name, "approval");
      told.executed(name, seconds(1));
      told.resolved(name);
    }
    return told;
  };
  EXPECT_THAT(advice(asked(30).review()), IsEmpty());
  EXPECT_THAT(advice(asked(35).review()), ElementsAre("promote"));
  auto once = asked(35);
  once.say("rem_3", entry::rolled_back);
  EXPECT_THAT(advice(once.review()), IsEmpty());
}

TEST(AReview, AdvisesAgainstWhatWasTakenBackUndoneOrNotAnswered) {
  Told back;
  back.fixed("a");
  back.say("rem_a", entry::rolled_back);
  EXPECT_THAT(advice(back.review()), ElementsAre("demote"));

  Told withdrawn;
  withdrawn.fixed("a");
  withdrawn.withdrew("b");
  EXPECT_THAT(advice(withdrawn.review()), ElementsAre("demote"));

  Told undone;
  for (auto name : {"a", "b", "c"}) undone.fixed(name);
  undone.opened("a", true);
  undone.opened("b", true);
  EXPECT_THAT(advice(undone.review()), ElementsAre("review"));

  Told unanswered;
  unanswered.opened("a");
  unanswered.say("rem_a", entry::approval_expired);
  EXPECT_THAT(advice(unanswered.review()), ElementsAre("answer"));
}

TEST(AReview, CountsWhatPeopleSaidIsNoFinding) {
  Told told;
  for (auto name : {"a", "b", "c", "d"}) told.opened(name);
  auto except = [&](const char* finding, const char* who, milliseconds length) {
    told.say(finding, entry::exception_set,
             {{"principal", who}, {"message", "the site"}, {"until", (told.now + length).iso()}});
  };
  except("fnd_a", "ana", hours(24 * 10));
  except("fnd_a", "ana", hours(24 * 20));  // once more, and not another one
  except("fnd_b", "aright", hours(1));     // after attempts that came to nothing: nobody's word
  except("fnd_c", "ben", hours(24 * 90));
  auto review = told.review();
  EXPECT_EQ(figure(review, {"overall", "remediations", "disputed"}), "2");
  EXPECT_EQ(figure(review, {"overall", "rates", "false_positive"}), "0.5");
  const auto& due = json::items(json::at(review, "exceptions_due"));
  ASSERT_EQ(due.size(), 2u) << "ben's is far off";
  EXPECT_EQ(json::text(due[0], "finding", ""), "fnd_b");
  EXPECT_EQ(json::text(due[1], "by", ""), "ana");
  EXPECT_THAT(csv(review), HasSubstr("false_positive_rate"));
  EXPECT_THAT(html(review), HasSubstr("the site"));
}

TEST(AReview, HasFewPointsHoweverLongItsWindow) {
  Told told;
  told.opened("a");
  for (auto length : {milliseconds(minutes(30)), milliseconds(hours(24)), milliseconds(hours(24 * 30)),
                      milliseconds(hours(24 * 3650)), milliseconds(hours(24 * 36500))}) {
    auto review = told.review({begin, begin + length});
    auto points = json::items(json::at(json::at(review, "trend"), "points")).size();
    EXPECT_GE(points, 2u);
    EXPECT_LE(points, points_max);
  }
}

TEST(AReview, IsTheSameWhenThereIsNothingToTell) {
  auto review = Told().review({begin, begin + hours(1)});
  EXPECT_THAT(json::items(review.at("controls")), IsEmpty());
  EXPECT_THAT(html(review), HasSubstr("Nothing was found in this time."));
}

TEST(Html, ShowsNamesAsTextWhateverTheyHold) {
  Told told;
  told.say("fnd_a", entry::finding_opened,
           {{"control", control}, {"title", "<script>alert('x')</script> & \"more\""}, {"severity", "high"}});
  auto page = html(told.review({begin, begin + hours(1)}));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;more&quot;"));
}

TEST(Csv, QuotesWhatNeedsItAndStartsNoFormula) {
  Told told;
  told.say("fnd_a", entry::finding_opened, {{"control", "a,\"b\""}, {"title", "=cmd|x"}, {"severity", "high"}});
  auto text = csv(told.review({begin, begin + hours(1)}));
  EXPECT_THAT(text, HasSubstr("\r\n\"a,\"\"b\"\"\",'=cmd|x,high,1,0,"));
}

TEST(AWindow, IsGivenByDaysInstantsOrItsLength) {
  auto now = *parse_timestamp("2026-11-28T12:00:00Z");
  EXPECT_EQ(parse_window("", "", now)->since.iso_seconds(), "2026-10-29T12:00:00Z");
  EXPECT_EQ(parse_window("12h", "", now)->since.iso_seconds(), "2026-11-28T00:00:00Z");
  EXPECT_EQ(parse_window("1w", "2026-11-08", now)->since.iso_seconds(), "2026-11-01T00:00:00Z");
  EXPECT_EQ(parse_window("2026-11-01T10:00:00Z", "", now)->until, now);
  for (auto bad : {"0d", "d", "-1d", "1y", "yesterday", "2026-13-01", "999999999999d"})
    EXPECT_THAT(parse_window(bad, "", now).error().message, HasSubstr("is no time")) << bad;
  EXPECT_THAT(parse_window("2026-11-29", "", now).error().message, HasSubstr("before it begins"));
}

TEST(Duration, HasTheUnitsThatPeopleUse) {
  EXPECT_EQ(duration_text(milliseconds(340)), "340 ms");
  EXPECT_EQ(duration_text(milliseconds(3'600)), "3.6 s");
  EXPECT_EQ(duration_text(seconds(63)), "1 min 3 s");
  EXPECT_EQ(duration_text(minutes(60)), "1 h");
  EXPECT_EQ(duration_text(hours(25)), "1 day 1 h");
  EXPECT_EQ(duration_text(hours(24 * 40 + 1)), "40 days");
}

}  // namespace
}  // namespace aright::report
