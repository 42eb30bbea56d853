#pragma once
// A small world for tests of the engine: an emulated cloud whose clock stands still until it is
// told otherwise, a ledger in memory, and a policy from a few lines. Not part of the module: tests
// include it.

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cloud/classify.h"
#include "remediation/engine.h"
#include "remediation/projection.h"
#include "sandbox/cloud.h"

namespace aright::remediation {

inline const Actor ana{.name = "ana", .arn = "arn:aws:iam::111122223333:user/ana"};
inline const Actor ben{.name = "ben", .arn = "arn:aws:iam::111122223333:user/ben"};

// What policies begin with: a person sets right, is asked first, or is not needed.
inline constexpr auto manually = "controls: [{id: s3-bucket-public-read-prohibited}]\n";
inline constexpr auto asking = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: ask, decision: approval}]
)";
// One write and no look at it.
inline constexpr auto closing_runbook = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Close
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
)";
// One that sets nothing right.
inline constexpr auto labelling_runbook = R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Label
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutBucketTagging
      Bucket: "{{ Bucket }}"
      Tagging: {TagSet: [{Key: seen, Value: "yes"}]}
)";
inline constexpr auto automatic = R"(
controls: [{id: s3-bucket-public-read-prohibited}]
decide: [{name: at once, decision: automatic}]
)";

// What stands between the engine and the cloud: calls that are refused, and reads that lag behind.
class Weather final : public aws::Caller {
 public:
  Weather(aws::Caller& below, const Clock& clock) : below_(&below), clock_(clock) {}

  std::function<std::optional<Error>(const aws::Call&)> refuse;  // empty: nothing is refused
  milliseconds stale_for{0};  // for so long after a write, reads answer as before it
  void put_before(aws::Caller& below) { below_ = &below; }

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (refuse)
      if (auto error = refuse(call)) return fail(*error);
    std::lock_guard lock(mutex_);  // scans ask from many threads
    bool reads = cloud::classify(call, cloud::Catalog::embedded()).reads();
    auto key = call.name() + json::canonical(call.input);
    auto seen = seen_.find(key);
    if (reads && seen != seen_.end() && clock_.now() < stale_until_) return seen->second;
    auto answer = below_->call(call, context);
    if (reads) seen_.insert_or_assign(key, answer);
    if (!reads && answer) stale_until_ = clock_.now() + stale_for;
    return answer;
  }

 private:
  std::mutex mutex_;
  aws::Caller* below_;
  const Clock& clock_;
  Timestamp stale_until_;
  std::map<std::string, Result<json::Object>> seen_;  // the latest answer to each read
};

class World {
 public:
  static constexpr const char* account = "111122223333";
  static constexpr const char* region = "us-east-1";
  static constexpr const char* public_read = "s3-bucket-public-read-prohibited";

  std::string ledger_path = std::string(store::in_memory);

  // `rest` continues a policy that has this account as its target.
  void open(std::string_view rest, std::map<std::string, std::string> runbooks = {}) {
    adopt(rest, std::move(runbooks));
    ledger = ledger::Ledger::open(
                 {.path = ledger_path, .clock = &clock, .crash_at = {}})
                 .value();
    start();
  }
  // Another policy; the engine has it from its next start() on.
  void adopt(std::string_view rest, std::map<std::string, std::string> runbooks = {}) {
    auto text =
        fmt::format("targets:\n  - {{account: \"{}\", regions: [{}]}}\n{}", account, region, rest);
    auto parsed = parse_policy(text, ".");
    ASSERT_TRUE(parsed) << parsed.error().message;
    policy = std::move(*parsed);
    policy.runbooks = std::move(runbooks);
    auto opened = Library::open(policy);
    ASSERT_TRUE(opened) << opened.error().message;
    library = std::move(*opened);
  }
  // A new engine on the same ledger, as after a restart.
  void start() {
    engine.reset();
    auto opened =
        Engine::open({.policy = &policy,
                      .controls = &rules::Controls::embedded(),
                      .catalog = &cloud::Catalog::embedded(),
                      .models = &model::Models::embedded(),
                      .cloud = &weather,
                      .ledger = ledger.get(),
                      .clock = &clock,
                      .library = &*library,
                      .log = [this](const std::string& line) { faults.push_back(line); }});
    ASSERT_TRUE(opened) << opened.error().text();
    engine = std::move(*opened);
  }

  // As anybody else would call; a failure of the call fails the test.
  json::Object somebody(std::string_view name, std::string_view input) {
    auto colon = name.find(':');
    auto parsed = json::parse(input);
    EXPECT_TRUE(parsed) << input;
    aws::Call call{.service = std::string(name.substr(0, colon)),
                   .operation = std::string(name.substr(colon + 1)),
                   .region = region,
                   .account = account,
                   .input = parsed->as_object()};
    auto answer = cloud.call(call, {});
    EXPECT_TRUE(answer) << name << ": " << answer.error().message;
    return answer.value_or(json::Object());
  }
  void make_public_bucket(const std::string& name) {
    somebody("s3:CreateBucket", fmt::format(R"({{"Bucket": "{}"}})", name));
    somebody("s3:DeletePublicAccessBlock", fmt::format(R"({{"Bucket": "{}"}})", name));
    json::Value policy_text{
        {"Version", "2012-10-17"},
        {"Statement", json::Array{json::Object{{"Effect", "Allow"},
                                               {"Principal", "*"},
                                               {"Action", "s3:GetObject"},
                                               {"Resource", "arn:aws:s3:::" + name + "/*"}}}}};
    somebody("s3:PutBucketPolicy",
             json::print(json::Object{{"Bucket", name}, {"Policy", json::print(policy_text)}}));
    cloud.clear_calls();
  }
  // The bodies of all messages of a queue, which it then has no more.
  std::vector<json::Value> drain(std::string_view queue) {
    auto url = json::text(somebody("sqs:GetQueueUrl", fmt::format(R"({{"QueueName": "{}"}})", queue)), "QueueUrl");
    std::vector<json::Value> out;
    while (true) {
      auto answer =
          somebody("sqs:ReceiveMessage", fmt::format(R"({{"QueueUrl": "{}", "MaxNumberOfMessages": 10}})", url));
      const auto& messages = json::items(json::at(answer, "Messages"));
      if (messages.empty()) return out;
      for (const auto& message : messages) {
        out.push_back(json::parse(json::text(message, "Body", "")).value());
        somebody("sqs:DeleteMessage",
                 json::print(json::Object{{"QueueUrl", url}, {"ReceiptHandle", json::at(message, "ReceiptHandle")}}));
      }
    }
  }
  bool blocked(const std::string& bucket, const char* setting = "RestrictPublicBuckets") {
    aws::Call call{.service = "s3",
                   .operation = "GetPublicAccessBlock",
                   .region = region,
                   .account = account,
                   .input = {{"Bucket", bucket}}};
    auto answer = cloud.call(call, {});
    return answer &&
           json::truth(json::at(json::at(*answer, "PublicAccessBlockConfiguration"), setting));
  }

  // Of a plan made for ana to look at.
  std::string shown_hash(const FindingId& finding) {
    auto plan = engine->plan(finding, {.name = "ana", .arn = ""}, {});
    EXPECT_TRUE(plan) << plan.error().text();
    return plan ? plan->hash : "";
  }

  void settle() {
    auto settled = engine->settle(Context::within(settle_timeout));
    EXPECT_TRUE(settled) << settled.error().text();
  }
  // Time goes by, timer after timer.
  void pass(milliseconds duration) {
    for (auto until = clock.now() + duration; clock.now() < until;) {
      clock.advance(std::min<milliseconds>(tick, until - clock.now()));
      settle();
    }
  }
  ScanReport scan() {
    auto report = engine->scan({}, {});
    EXPECT_TRUE(report) << report.error().text();
    return report.value_or(ScanReport());
  }
  void scan_and_settle() {
    scan();
    settle();
  }

  // Oldest first.
  std::vector<State> remediations() const {
    auto list = list_remediations(*ledger, {.status = "", .parent = ""});
    EXPECT_TRUE(list);
    std::vector<State> out;
    for (const auto& item : *list)
      out.push_back(engine->remediation(*RemediationId::parse(json::text(item, "id", ""))).value());
    std::ranges::sort(out, {}, &State::opened_at);
    return out;
  }
  State only() const {
    auto all = remediations();
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? State() : all[0];
  }
  State of(std::string_view resource) const {
    for (const auto& state : remediations())
      if (state.resource.id == resource) return state;
    ADD_FAILURE() << "nothing is about " << resource;
    return {};
  }
  Finding finding_of(const State& state) const { return engine->finding(state.finding).value(); }
  std::string stage() const { return std::string(name(only().stage)); }
  std::size_t count(const State& state, std::string_view kind) const {
    auto entries = ledger->stream(state.id.str()).value();
    return static_cast<std::size_t>(std::ranges::count(entries, kind, &ledger::Entry::kind));
  }
  // Writes that took effect since the last clear_calls().
  std::vector<std::string> writes() const {
    std::vector<std::string> out;
    for (const auto& record : cloud.calls())
      out.push_back(record.call.name());
    return out;
  }

  static constexpr milliseconds settle_timeout{60'000};
  static constexpr milliseconds tick{500};

  VirtualClock clock;
  sandbox::Cloud cloud{{.account = account}, clock};
  Weather weather{cloud, clock};
  Policy policy;
  std::optional<Library> library;
  std::vector<std::string> faults;  // what the engine logged
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Engine> engine;
};

}  // namespace aright::remediation
