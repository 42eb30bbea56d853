#include "cli/demo.h"

#include <algorithm>
#include <chrono>
#include <ranges>

#include "cli/demo_events.h"
#include "remediation/projection.h"

namespace aright::cli {

namespace {

constexpr milliseconds demo_look_every{3};
constexpr const char* approver_arn = "arn:aws:iam::111122223333:role/SecurityApprover";

const remediation::Actor approver{.name = "ana", .arn = approver_arn};

double seconds_of_play(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string stage_name(const remediation::State& state) { return std::string(remediation::name(state.stage)); }

template <typename Stage>
bool is(const remediation::State& state) {
  return std::holds_alternative<Stage>(state.stage);
}

bool at_its_end(const remediation::State& state) {
  return is<remediation::Resolved>(state) || is<remediation::RolledBack>(state) || is<remediation::Escalated>(state) ||
         is<remediation::Closed>(state);
}

}  // namespace

json::Object to_json(const Played& played) {
  json::Array remediations;
  for (const auto& id : played.remediations) remediations.push_back(json::Value(id.str()));
  return {{"name", played.name},       {"title", played.title},       {"remediations", std::move(remediations)},
          {"resolved", played.resolved}, {"restored", played.restored}, {"seconds", played.seconds},
          {"fault", played.fault.empty() ? json::Value(nullptr) : json::Value(played.fault)}};
}

Demonstration::Demonstration(House& house, json::Object seeded, Say say)
    : house_(house),
      seeded_(std::move(seeded)),
      say_(std::move(say)) {}

std::string Demonstration::seeded(std::string_view name, std::string_view member) const {
  return json::text(json::at(seeded_, name), member, "");
}

Result<json::Object> Demonstration::as_deploy(std::string service, std::string operation, json::Object input) {
  sandbox::Principal deploy{.account = house_.account(),
                            .arn = fmt::format("arn:aws:iam::{}:user/deploy", house_.account()),
                            .user_id = "AIDADEPLOY"};
  aws::Call call{.service = std::move(service), .operation = std::move(operation), .region = demo_region,
                 .account = house_.account(), .input = std::move(input)};
  return house_.sandbox()->call_as(deploy, call, Context::within(example_timeout));
}

// As AWS's own services hand their events over: over PutEvents, nobody may speak in their name.
Result<> Demonstration::put_event(const json::Object& event) {
  TRY(house_.engine().accept_event(event));
  return {};
}

Result<remediation::State> Demonstration::wait_for(const RemediationId& id,
                                                   const std::function<bool(const remediation::State&)>& there) {
  auto context = Context::within(example_timeout);
  while (true) {
    auto state = TRY(house_.engine().remediation(id));
    if (there(state)) return state;
    if (at_its_end(state))
      return fail(Errc::internal, "{} ended {}: {}", id.str(), stage_name(state), state.last_error);
    CHECK_OK(context.sleep(demo_look_every));
  }
}

// The remediation that a signal leads to; waits for the signal to be handled.
Result<RemediationId> Demonstration::remediation_of(std::string_view control, const std::string& resource) {
  auto context = Context::within(example_timeout);
  while (true) {
    auto list = TRY(remediation::list_remediations(house_.ledger(), {}));
    for (const auto& item : list)
      if (json::text(item, "control", "") == control &&
          json::text(json::at(item, {"resource", "id"})) == resource)
        return RemediationId::parse(json::text(item, "id", ""));
    CHECK_OK(context.sleep(demo_look_every));
  }
}

Result<> Demonstration::wait_resolved(const RemediationId& id) {
  TRY(wait_for(id, is<remediation::Resolved>));
  return {};
}

Result<bool> Demonstration::was_deferred(const RemediationId& id) {
  auto entries = TRY(house_.ledger().stream(id.str()));
  return std::ranges::any_of(
      entries, [](const auto& entry) { return entry.kind == remediation::entry::deferred; });
}

Result<> Demonstration::approve_plan(const RemediationId& id) {
  auto state = TRY(wait_for(id, is<remediation::AwaitingApproval>));
  say_(fmt::format("{} looks at the plan {} and approves it.", approver.name, state.plan->hash.substr(0, 12)));
  return house_.engine().approve(id, state.plan->hash, approver, "seen, and right");
}

Result<> Demonstration::approve_step(const RemediationId& id) {
  auto context = Context::within(example_timeout);
  while (true) {
    auto waiting = TRY(house_.engine().executor().waiting_for_people());
    for (const auto& step : waiting) {
      if (json::text(step, "remediation", "") != id.str()) continue;
      auto execution = TRY(ExecutionId::parse(json::text(step, "execution", "")));
      auto name = json::text(step, "step", "");
      say_(fmt::format("The runbook asks at {}: {}", name, json::text(step, "message", "")));
      say_(fmt::format("{} approves.", approver.name));
      return house_.engine().signal_execution(execution, "Approve", name, approver, "isolate it");
    }
    auto state = TRY(house_.engine().remediation(id));
    if (at_its_end(state))
      return fail(Errc::internal, "{} ended {}: {}", id.str(), stage_name(state), state.last_error);
    CHECK_OK(context.sleep(demo_look_every));
  }
}

// 1. AWS Config says that a bucket is public; its RemediationConfiguration is automatic.
Result<std::vector<RemediationId>> Demonstration::public_bucket() {
  say_("AWS Config reports acme-reports: its policy lets everyone read it.");
  CHECK_OK(put_event(config_event("acme-reports", house_.account(), house_.clock().now())));
  auto id = TRY(remediation_of("s3-bucket-public-read-prohibited", "acme-reports"));
  CHECK_OK(wait_resolved(id));
  return std::vector{id};
}

// 2. A scan finds SSH and RDP open to the world; a Lambda function revokes them, and leaves 443 alone.
Result<std::vector<RemediationId>> Demonstration::open_ports() {
  say_("A scan of the security groups: bastion lets the whole world reach SSH and RDP.");
  auto group = seeded("bastion", "GroupId");
  TRY(house_.engine().scan({"restricted-ssh", "restricted-common-ports"}, Context::within(example_timeout)));
  auto ssh = TRY(remediation_of("restricted-ssh", group));
  auto ports = TRY(remediation_of("restricted-common-ports", group));
  CHECK_OK(wait_resolved(ssh));
  CHECK_OK(wait_resolved(ports));
  return std::vector{ssh, ports};
}

// 3. GuardDuty suspects an instance; a Systems Manager document keeps evidence, asks, and isolates it.
Result<std::vector<RemediationId>> Demonstration::suspect_instance() {
  auto instance = instance_of(seeded_, "build7");
  say_(fmt::format("GuardDuty reports that {} talks to a known mining pool.", instance));
  CHECK_OK(put_event(guardduty_event(instance, house_.account(), house_.clock().now())));
  auto id = TRY(remediation_of("ec2-instance-contained", instance));
  CHECK_OK(approve_step(id));
  CHECK_OK(wait_resolved(id));
  return std::vector{id};
}

// 4. One bucket is opened by a person and imported by Security Hub: approval. Another is opened at once after it: the
// rate limit holds it back for a while. Both are told to the SNS topic and to a webhook.
Result<std::vector<RemediationId>> Demonstration::orchestration() {
  constexpr const char* control = "s3-bucket-public-read-prohibited";
  say_("Security Hub imports a finding about acme-press, whose ACL was opened to everyone.");
  CHECK_OK(put_event(securityhub_event("acme-press", house_.account(), house_.clock().now())));
  auto imported = TRY(remediation_of(control, "acme-press"));
  CHECK_OK(approve_plan(imported));

  say_("Meanwhile somebody opens acme-website-assets; CloudTrail tells at once.");
  TRY(as_deploy("s3", "DeletePublicAccessBlock", {{"Bucket", "acme-website-assets"}}));
  TRY(as_deploy("s3", "PutBucketAcl", {{"Bucket", "acme-website-assets"}, {"ACL", "public-read"}}));
  auto opened = TRY(remediation_of(control, "acme-website-assets"));
  CHECK_OK(wait_resolved(imported));
  CHECK_OK(wait_resolved(opened));
  auto held = TRY(was_deferred(imported));
  held = held || TRY(was_deferred(opened));
  if (!held) return fail(Errc::internal, "the rate limit held neither back");
  return std::vector{imported, opened};
}

Played Demonstration::play_one(const char* name, const char* title, Example example) {
  Played played{.name = name, .title = title};
  auto start = std::chrono::steady_clock::now();
  auto done = (this->*example)();
  played.seconds = seconds_of_play(start);
  played.resolved = done.has_value();
  if (done)
    played.remediations = std::move(*done);
  else
    played.fault = done.error().text();
  return played;
}

std::vector<Played> Demonstration::play() {
  std::vector<Played> out;
  auto one = [&](const char* name, const char* title, Example example) {
    say_(fmt::format("\n{}. {}", out.size() + 1, title));
    out.push_back(play_one(name, title, example));
    say_(out.back().resolved ? fmt::format("   Set right and verified in {:.2f} s.", out.back().seconds)
                             : "   Not set right: " + out.back().fault);
  };
  one("config-rule", "A Config rule with automatic remediation closes a public bucket", &Demonstration::public_bucket);
  one("lambda-function", "A Lambda function repairs a security group", &Demonstration::open_ports);
  one("automation-document", "A Systems Manager document contains an EC2 instance", &Demonstration::suspect_instance);
  one("event-orchestration", "Events fan out, with an approval, a rate limit and notifications",
      &Demonstration::orchestration);
  return out;
}

void Demonstration::take_back(std::vector<Played>& played) {
  for (auto& one : std::views::reverse(played)) {
    one.restored = one.resolved;
    for (const auto& id : std::views::reverse(one.remediations)) {
      auto before = house_.engine().remediation(id);
      if (before && before->executions.empty()) continue;  // it had nothing to change
      auto asked = house_.engine().roll_back(id, approver, "the demonstration takes everything back");
      auto state = asked ? wait_for(id, is<remediation::RolledBack>)
                         : Result<remediation::State>(std::unexpected(asked.error()));
      if (!state) one.fault = state.error().text();
      one.restored = one.restored && state && json::truth(json::at(state->rollback, "restored"));
    }
    say_(fmt::format("   {}: {}", one.title, one.restored ? "taken back, equal to its before-image" : "not as before"));
  }
}

}  // namespace aright::cli
