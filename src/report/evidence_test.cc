// Evidence of a framework and of one remediation: what is told, and what it rests on.

#include "report/evidence.h"

#include <gmock/gmock.h>

#include "remediation/story.h"

namespace aright::report {
namespace {

namespace entry = remediation::entry;
using std::chrono::hours;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Timestamp window_begin{1'700'000'000'000};
constexpr auto public_read = "s3-bucket-public-read-prohibited", ssh = "restricted-ssh", keys = "access-keys-rotated";

class OfAFramework : public ::testing::Test {
 protected:
  void say(std::string stream, std::string kind, json::Object body = {}) {
    ++sequences[stream];
    entries.push_back({.position = entries.size() + 1, .stream = stream, .sequence = sequences[stream],
                       .kind = std::move(kind), .time = now, .body = std::move(body), .hash = ""});
    now = now + hours(1);
  }
  static json::Object about(const std::string& control, const std::string& name) {
    return {{"control", control}, {"title", "<b>Title"}, {"severity", "high"}, {"annotation", "open"},
            {"finding", "fnd_" + name}, {"remediation", "rem_" + name},
            {"resource", json::Object{{"account", "1"}, {"region", "r"}, {"type", "T"}, {"id", "<script>" + name},
                                      {"arn", ""}}}};
  }
  void found(const std::string& control, const std::string& name) {
    say("fnd_" + name, entry::finding_opened, about(control, name));
    say("rem_" + name, entry::remediation_opened, about(control, name));
  }
  void scanned(const std::string& control, int compliant) {
    say("scans", entry::scanned, {{"controls", json::Object{{control, json::Object{{"COMPLIANT", compliant}}}}}});
  }
  json::Object tell(const std::string& remediation = "", Timestamp since = window_begin) {
    EvidenceScope scope{.id = "f", .title = "Frame & work", .source = "",
                        .requirements = {{"1.1", {public_read}}, {"1.2", {public_read, ssh}}, {"1.3", {keys}}},
                        .remediation = remediation};
    Evidence evidence(scope, {.since = since, .until = now});
    for (const auto& one : entries) evidence.add(one);
    positions = evidence.positions();
    return evidence.tell(rules::Controls::embedded(), {public_read});
  }
  static std::vector<std::string> statuses(const json::Object& told) {
    std::vector<std::string> out;
    for (const auto& one : json::items(json::at(told, "requirements"))) out.push_back(json::text(one, "status", ""));
    return out;
  }
  static const json::Value& control(const json::Object& told, std::string_view id) {
    for (const auto& one : json::items(json::at(told, "controls")))
      if (json::text(one, "control", "") == id) return one;
    static const json::Value nothing;
    return nothing;
  }

  std::vector<ledger::Entry> entries;
  std::map<std::string, std::uint64_t> sequences;
  std::vector<std::uint64_t> positions;
  Timestamp now = window_begin;
};

TEST_F(OfAFramework, IsAsGoodAsTheWorstControlOfARequirement) {
  scanned(public_read, 3);
  scanned(ssh, 1);
  EXPECT_THAT(statuses(tell()), ElementsAre("compliant", "compliant", "not_assessed"));
  found(ssh, "a");
  auto told = tell();
  EXPECT_THAT(statuses(told), ElementsAre("compliant", "not_compliant", "not_assessed"));
  EXPECT_EQ(json::integer(json::at(json::at(told, "requirements_by_status"), "not_compliant")), 1);
  EXPECT_TRUE(json::truth(json::at(control(told, public_read), "held")));
  EXPECT_FALSE(json::truth(json::at(control(told, ssh), "held")));
  EXPECT_EQ(json::integer(json::at(control(told, public_read), {"scanned", "entry"})), 1);
}

TEST_F(OfAFramework, HoldsAnExceptionForWhatItIsUntilItEnds) {
  scanned(ssh, 0);
  scanned(public_read, 0);
  found(ssh, "a");
  say("fnd_a", entry::exception_set,
      {{"principal", "ana"}, {"message", "until then"}, {"until", (now + hours(5)).iso()}});
  EXPECT_EQ(statuses(tell())[1], "excepted");
  now = now + hours(10);
  EXPECT_EQ(statuses(tell())[1], "not_compliant");
}

TEST(TheRequirements, AreInTheOrderThatPeopleCountIn) {
  EvidenceScope scope{.id = "f", .title = "", .source = "", .requirements = {}};
  for (auto name : {"1.10", "1.9", "2.1", "1.9.2", "S3.12", "S3.2", "1.09"}) scope.requirements[name] = {ssh};
  auto told = Evidence(scope, {.since = window_begin, .until = window_begin}).tell(rules::Controls::embedded(), {});
  std::vector<std::string> order;
  for (const auto& one : json::items(json::at(told, "requirements")))
    order.push_back(json::text(one, "requirement", ""));
  EXPECT_THAT(order, ElementsAre("1.09", "1.9", "1.9.2", "1.10", "2.1", "S3.2", "S3.12"));
}

TEST_F(OfAFramework, RestsOnTheEntriesThatItTellsOf) {
  found(public_read, "a");                                            // 1, 2
  say("rem_a", entry::decided, {{"decision", "approval"}, {"reasons", json::Array{"ask"}}});  // 3
  say("exec_a", entry::runbook_started, {{"remediation", "rem_a"}});  // 4
  say("exec_b", entry::runbook_started, {{"remediation", ""}});       // 5: of nobody
  say("rem_a.rollback", entry::call_intended);                        // 6
  found("iam-root-access-key-check", "other");                        // 7, 8: of no requirement
  scanned(public_read, 1);                                            // 9
  auto told = tell();
  EXPECT_THAT(positions, ElementsAre(1, 2, 3, 4, 6, 9));
  const auto& fix = json::items(json::at(control(told, public_read), "remediations")).at(0);
  EXPECT_THAT(json::texts(json::at(fix, "executions")), ElementsAre("exec_a"));
  EXPECT_EQ(json::items(json::at(fix, "entries")).size(), 4u);
  EXPECT_EQ(json::text(fix, "decision", ""), "approval");
  tell("rem_other");
  EXPECT_THAT(positions, Contains(8));
  EXPECT_THAT(positions, Not(Contains(2)));
}

TEST_F(OfAFramework, LeavesOutWhatWasOverBeforeItsTime) {
  found(public_read, "a");
  say("rem_a", entry::resolved);
  say("fnd_a", entry::finding_resolved, {{"by", "rem_a"}});
  auto later = now;
  tell("", later);
  EXPECT_THAT(positions, IsEmpty());
  found(public_read, "b");
  auto told = tell("", now);
  EXPECT_EQ(json::items(json::at(control(told, public_read), "findings")).size(), 1u) << "still open when it begins";
}

TEST_F(OfAFramework, ShowsWhatOthersWroteAsText) {
  found(public_read, "a");
  auto told = tell();
  told["key"] = "aright/0+<i>";
  told["proofs"] = json::Array{json::Value("proofs-1.json")};
  auto page = evidence_html(told);
  EXPECT_THAT(page, HasSubstr("Frame &amp; work"));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;a"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("python3 verify.py proofs-1.json --key KEY"));
  EXPECT_THAT(page, HasSubstr("aright/0+&lt;i&gt;"));
}

}  // namespace
}  // namespace aright::report
