#include "observe/figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "observe/spans.h"
#include "remediation/story.h"

namespace aright::observe {
namespace {

namespace entry = remediation::entry;
using testing::HasSubstr;

// A story told by hand, a second between entries.
struct Telling {
  std::vector<ledger::Entry> entries;
  Timestamp now{1'700'000'000'000};

  void tell(std::string stream, std::string kind, json::Object body = {}) {
    now = now + seconds(1);
    entries.push_back({.position = entries.size() + 1,
                       .stream = std::move(stream),
                       .sequence = entries.size() + 1,
                       .kind = std::move(kind),
                       .time = now,
                       .body = std::move(body),
                       .hash = {}});
  }
  void fix(std::string status = "Success") {
    tell("sig_1", entry::signal_received, {{"body", json::Object{{"time", (now - seconds(9)).iso()}}}});
    tell("fnd_1", entry::finding_opened, {{"control", "c"}, {"severity", "high"}});
    tell("rem_1", entry::remediation_opened, {{"control", "c"}, {"opened_by", "sig_1"}});
    tell("sig_1", entry::signal_handled);
    tell("rem_1", entry::decided, {{"decision", "approval"}});
    tell("rem_1", entry::planned);
    tell("rem_1", entry::approval_requested);
    tell("rem_1", entry::approved, {{"principal", "ana"}});
    tell("rem_1", entry::execution_started, {{"execution", "exec_1"}});
    tell("exec_1", entry::runbook_started, {{"remediation", "rem_1"}, {"document", "CloseBucket"}});
    tell("exec_1", entry::call_intended,
         {{"token", "exec_1#u/1-Close/1.1/fp/0"},
          {"call", json::Object{{"service", "s3"}, {"operation", "PutBucketAcl"}}}});
    tell("exec_1", entry::call_returned, {{"token", "exec_1#u/1-Close/1.1/fp/0"}});
    tell("exec_1", entry::runbook_event, {{"event", json::Object{{"type", "returned"}, {"token", "u/1-Close/1.1"}}}});
    tell("rem_1", entry::execution_ended, {{"execution", "exec_1"}, {"status", status}});
  }
  void resolve() {
    tell("rem_1", entry::verified);
    tell("rem_1", entry::resolved);
    tell("fnd_1", entry::finding_resolved, {{"by", "rem_1"}});
  }
  std::string figures() const {
    Figures figures;
    for (const auto& one : entries)
      figures.add(one);
    telemetry::Exposition out;
    figures.expose(out);
    return out.text();
  }
  std::vector<telemetry::Span> spans(std::size_t fresh_from = 0) const {
    std::vector<telemetry::Span> out;
    Spans spans([&](telemetry::Span span) { out.push_back(std::move(span)); });
    for (std::size_t i = 0; i < entries.size(); ++i)
      spans.add(entries[i], i >= fresh_from);
    return out;
  }
};

const telemetry::Span& named(const std::vector<telemetry::Span>& all, std::string_view name) {
  static const telemetry::Span none;
  auto found = std::ranges::find(all, name, &telemetry::Span::name);
  EXPECT_NE(found, all.end()) << name;
  return found == all.end() ? none : *found;
}

TEST(Figures, AFixIsCountedFromItsFindingToItsEnd) {
  Telling story;
  story.fix();
  EXPECT_THAT(story.figures(), HasSubstr("aright_findings_open{severity=\"high\"} 1\n"));
  story.resolve();
  auto page = story.figures();
  for (const auto* line :
       {"aright_findings_open{severity=\"high\"} 0\n", "aright_findings_opened_total{severity=\"high\"} 1\n",
        "aright_findings_resolved_total{severity=\"high\",by=\"fix\"} 1\n",
        "aright_decisions_total{decision=\"approval\"} 1\n", "aright_approvals_total{answer=\"approved\"} 1\n",
        "aright_remediations_total{outcome=\"resolved\"} 1\n", "aright_signals_waiting 0\n",
        "aright_stage_seconds_sum{stage=\"detect\"} 12\n", "aright_stage_seconds_sum{stage=\"decide\"} 2\n",
        "aright_stage_seconds_sum{stage=\"approve\"} 1\n", "aright_stage_seconds_sum{stage=\"execute\"} 5\n",
        "aright_stage_seconds_sum{stage=\"verify\"} 2\n", "aright_stage_seconds_sum{stage=\"fix\"} 15\n",
        "aright_stage_seconds_sum{stage=\"whole\"} 25\n",
        "aright_approval_oldest_timestamp_seconds 0\n"})
    EXPECT_THAT(page, HasSubstr(line));
}

TEST(Figures, TheLongestWaitIsThatOfTheOldestQuestion) {
  Telling story;
  story.tell("rem_1", entry::remediation_opened);
  story.tell("rem_1", entry::approval_requested);
  auto asked = story.now.ms / 1000;
  story.tell("rem_2", entry::remediation_opened);
  story.tell("rem_2", entry::approval_requested);
  EXPECT_THAT(story.figures(), HasSubstr(fmt::format("aright_approval_oldest_timestamp_seconds {}\n", asked)));
  story.tell("rem_1", entry::rejected);
  EXPECT_THAT(story.figures(), HasSubstr(fmt::format("aright_approval_oldest_timestamp_seconds {}\n", asked + 2)));
  story.tell("rem_2", entry::closed);
  EXPECT_THAT(story.figures(), HasSubstr("aright_approval_oldest_timestamp_seconds 0\n"));
}

TEST(Figures, WhatSomebodyElseSetRightIsNoFix) {
  Telling story;
  story.tell("fnd_1", entry::finding_opened, {{"severity", "low"}});
  story.tell("fnd_1", entry::finding_resolved);
  EXPECT_THAT(story.figures(), HasSubstr("aright_findings_resolved_total{severity=\"low\",by=\"otherwise\"} 1\n"));
}

TEST(Spans, ARemediationIsOneTraceWithItsStagesStepsAndWrites) {
  Telling story;
  story.fix();
  story.resolve();
  auto all = story.spans();
  for (const auto& span : all)
    EXPECT_EQ(span.trace_id, telemetry::trace_id_of("rem_1")) << span.name;
  const auto& whole = named(all, "remediation c");
  const auto& execution = named(all, "execute CloseBucket");
  const auto& step = named(all, "step Close");
  const auto& call = named(all, "s3:PutBucketAcl");
  EXPECT_EQ(whole.parent_id, "");
  EXPECT_EQ(whole.until - whole.from, seconds(13));
  EXPECT_EQ(execution.parent_id, whole.span_id);
  EXPECT_EQ(step.parent_id, execution.span_id);
  EXPECT_EQ(call.parent_id, step.span_id);
  EXPECT_EQ(call.until - call.from, seconds(1));
  for (const auto* stage : {"decide", "plan", "approve", "verify"})
    EXPECT_EQ(named(all, stage).parent_id, whole.span_id);
  std::set<std::string> ids;
  for (const auto& span : all)
    ids.insert(span.span_id);
  EXPECT_EQ(ids.size(), all.size());
}

TEST(Spans, AfterARestartOnlyWhatIsNewIsToldAndInTheSameTrace) {
  Telling story;
  story.fix();
  auto before = story.spans();
  auto known = story.entries.size();
  story.resolve();
  auto after = story.spans(known);
  for (const auto& span : after) {
    EXPECT_EQ(span.trace_id, telemetry::trace_id_of("rem_1"));
    EXPECT_EQ(std::ranges::count(before, span.span_id, &telemetry::Span::span_id), 0) << span.name;
  }
  EXPECT_EQ(named(after, "remediation c").span_id, telemetry::span_id_of("rem_1"));
}

TEST(Spans, WhatWentWrongSaysSo) {
  Telling story;
  story.fix("Failed");
  story.tell("rem_1", entry::escalated, {{"reason", "it failed twice"}});
  auto all = story.spans();
  EXPECT_NE(named(all, "execute CloseBucket").error, "");
  EXPECT_EQ(named(all, "remediation c").error, "it failed twice");
}

TEST(Spans, AnExecutionBelongsToItsRemediation) {
  Telling story;
  story.fix();
  Spans spans({});
  for (const auto& one : story.entries)
    spans.add(one, true);
  EXPECT_EQ(spans.remediation_of("exec_1"), "rem_1");
  EXPECT_EQ(spans.remediation_of("rem_1"), "rem_1");
  EXPECT_EQ(spans.remediation_of("exec_2"), "");
}

}  // namespace
}  // namespace aright::observe
