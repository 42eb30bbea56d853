#include "policies.h"

#include <algorithm>
#include <set>


namespace aright::simulation {

namespace {

// What is drawn stands in an order of its own: that of a call's arguments differs between compilers.
constexpr std::size_t rules_max = 4, limits_max = 3;

const char* pick(Random& random, std::initializer_list<const char*> of) {
  return of.begin()[random.below(of.size())];
}

std::string any_control(Random& random) {
  const auto& kind = kinds()[random.below(kinds().size())];
  return kind.concerns[random.below(kind.concerns.size())].control;
}

std::string condition(const std::vector<Place>& places, Random& random) {
  switch (random.below(9)) {
    case 6: return fmt::format("disruption: [{}]", pick(random, {"none", "none, access", "access, restart", "stop"}));
    case 7: {
      auto confidence = pick(random, {"proven", "[rehearsed, proven]", "partial"});
      return fmt::format("reversible: {}, confidence: {}", pick(random, {"true", "false"}), confidence);
    }
    case 8: {
      auto age_s = random.below(20'000);
      return fmt::format("{}: {}", pick(random, {"older_than_s", "younger_than_s"}), age_s);
    }
    case 0: return fmt::format("control: {}", any_control(random));
    case 1: return fmt::format("severity: [{}]", pick(random, {"critical, high", "medium", "low, medium"}));
    case 2: return fmt::format("risk: {}", pick(random, {"low", "medium", "high"}));
    case 3: return fmt::format("tags: {{environment: {}}}", pick(random, {"prod", "test", "p*"}));
    case 4: return fmt::format("account: \"{}\"", places[random.below(places.size())].account);
    default: return fmt::format("control: \"{}\"", pick(random, {"s3-*", "ecr-*", "*-kms", "*encrypt*", "dynamodb-*"}));
  }
}

std::string decision(Random& random) {
  auto drawn = random.below(100);
  if (drawn < 40) return "decision: automatic";
  if (drawn < 48) return "decision: earned";
  if (drawn < 90)
    return fmt::format("decision: approval{}", pick(random, {"", "", ", ladder: four-eyes", ", ladder: quick"}));
  if (drawn < 96) return "decision: manual";
  return drawn < 98 ? "decision: deferred" : "decision: suppressed";
}

std::string decide_rules(const std::vector<Place>& places, Random& random) {
  std::string out = "decide:\n";
  auto count = random.below(rules_max);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto decided = decision(random);
    out += fmt::format("  - {{name: rule {}, {}, {}}}\n", i, condition(places, random), decided);
  }
  return out + fmt::format("  - {{name: the rest, {}}}\n", decision(random));
}

std::string limits(Random& random) {
  auto count = random.below(limits_max + 1);
  if (count == 0) return "";
  std::string out = "limits:\n";
  for (std::uint64_t i = 0; i < count; ++i) {
    auto of = pick(random, {"control: \"*\"", "control: \"s3-*\"", "account: \"*\"", "region: \"*\"",
                            "type: \"AWS::S3::*\"", "type: \"*\"", "service: \"*\"", "everything: true"});
    if (random.below(5) == 0) {
      out += fmt::format("  - {{{}, running: {}}}\n", of, 1 + random.below(3));
      continue;
    }
    bool share = std::string_view(of).starts_with("control") && random.below(4) == 0;
    auto many = share ? fmt::format("percent: {}", 10 + random.below(60))
                      : fmt::format("starts: {}", 1 + random.below(6));
    out += fmt::format("  - {{{}, {}, window_s: {}}}\n", of, many, 5 + random.below(200));
  }
  return out;
}

std::string freezes(const std::vector<Place>& places, Timestamp now, Random& random) {
  if (random.below(3) != 0) return "";
  auto from = now + seconds(random.below(20'000));
  auto until = from + seconds(60 + random.below(20'000));
  auto whom = random.below(2) == 0 ? std::string("tags: {environment: prod}")
                                   : fmt::format("account: [\"{}\"]", places[random.below(places.size())].account);
  return fmt::format("freezes: [{{name: fair, from: {}, until: {}, {}{}}}]\n", from.iso_seconds(), until.iso_seconds(),
                     whom, random.below(2) == 0 ? ", except_severity: [critical]" : "");
}

// How fixes make their way: few first, earned, and looked at for a while.
std::string ways(Random& random) {
  auto automatic = 51 + random.below(30);
  auto canary = 31 + random.below(20);
  auto approval = 1 + random.below(30);
  auto out = fmt::format("autonomy: {{approval: {}, canary: {}, automatic: {}}}\n", approval, canary, automatic);
  if (random.below(3) == 0) {
    auto pause_s = random.below(900);
    auto waves = pick(random, {"[1, 5%, all]", "[2, all]", "[1, 3, \"50%\", all]"});
    auto control = pick(random, {"\"s3-*\"", "\"*\""});
    out += fmt::format("canaries: [{{control: {}, waves: {}, pause_s: {}}}]\n", control, waves, pause_s);
  }
  if (random.below(3) == 0) {
    auto on_failure = pick(random, {"rollback", "escalate"});
    auto every_s = 20 + random.below(200);
    auto soak_s = random.below(900);
    out += fmt::format("verification: [{{control: {}, soak_s: {}, every_s: {}, on_failure: {}}}]\n",
                       pick(random, {"\"s3-*\"", "\"*\"", "\"*-kms\""}), soak_s, every_s, on_failure);
  }
  return out;
}

std::string pace(Random& random) {
  if (random.below(2) == 0) return "";
  auto errors = 1 + random.below(80);
  return fmt::format(",\n     ExecutionControls: {{SsmControls: {{ConcurrentExecutionRatePercentage: {}, "
                     "ErrorPercentage: {}}}}}",
                     1 + random.below(60), errors);
}

// How often, and how soon after each other.
std::string attempts(std::uint64_t many, std::uint64_t within_s, Random& random) {
  auto after_s = 60 + random.below(within_s);
  return fmt::format("MaximumAutomaticAttempts: {}, RetryAttemptSeconds: {}", 1 + random.below(many), after_s);
}

std::string configurations(Random& random) {
  if (random.below(3) == 0) return "";
  std::string out = "remediations:\n";
  if (random.below(2) == 0) {
    auto tried = attempts(4, 2'000, random);
    out += fmt::format("  - {{ConfigRuleName: s3-bucket-level-public-access-prohibited, TargetId: Sim-SlowlyBlock,\n"
                       "     Parameters: {{Bucket: {{ResourceValue: {{Value: RESOURCE_ID}}}}}}, Automatic: {},\n"
                       "     {}}}\n",
                       random.below(2) == 0, tried);
  }
  if (random.below(3) == 0)
    out += fmt::format("  - {{ConfigRuleName: ecr-private-tag-immutability-enabled, TargetId: Sim-Asking,\n"
                       "     Automatic: {}, Parameters: {{Repository: {{ResourceValue: {{Value: RESOURCE_ID}}}}}}}}\n",
                       random.below(2) == 0);
  if (random.below(3) == 0) {
    auto paced = pace(random);
    out += fmt::format("  - {{ConfigRuleName: ecs-container-insights-enabled, TargetId: Sim-InVain,\n"
                       "     Parameters: {{Cluster: {{ResourceValue: {{Value: RESOURCE_ID}}}}}}, Automatic: true,\n"
                       "     {}{}}}\n",
                       attempts(3, 600, random), paced);
  }
  out += fmt::format("  - {{ConfigRuleName: sqs-queue-encrypted, TargetId: AWS-EnableSQSEncryption,\n"
                     "     Parameters: {{QueueUrl: {{ResourceValue: {{Value: RESOURCE_ID}}}}}},\n"
                     "     {}}}\n",
                     attempts(3, 600, random));
  return out;
}

constexpr auto cast = R"(principals:
  - {name: ana, roles: [approver]}
  - {name: ben, roles: [approver]}
  - {name: carl, roles: [approver]}
  - {name: dora, roles: [approver]}
  - {name: eve, roles: [approver]}
groups:
  platform: {members: [ana, ben]}
  security: {members: [ben, carl, dora]}
)";

}  // namespace

remediation::Actor person(std::string_view name) {
  return {.name = std::string(name), .arn = fmt::format("arn:aws:iam::111122223333:user/{}", name)};
}

std::string random_policy(const std::vector<Place>& places, Timestamp now, Random& random) {
  std::string out = "targets:\n";
  std::map<std::string, std::vector<std::string>> regions;
  for (const auto& place : places) regions[place.account].push_back(place.region);
  for (const auto& [account, names] : regions)
    out += fmt::format("  - {{account: \"{}\", regions: [{}], tags: {{environment: {}}}}}\n", account,
                       fmt::join(names, ", "), pick(random, {"prod", "test"}));
  out += "controls:\n";
  for (const auto& kind : kinds())
    for (const auto& concern : kind.concerns) out += fmt::format("  - {{id: {}}}\n", concern.control);
  auto configured = configurations(random);
  auto frozen = freezes(places, now, random);
  auto limited = limits(random);
  out += decide_rules(places, random) + limited + frozen + configured;
  out += ways(random);
  auto pause_s = 60 + random.below(3'600);
  out += fmt::format("breaker: {{failures: {}, pause_s: {}}}\n", random.below(4), pause_s);
  auto window_s = 600 + random.below(86'400);
  out += fmt::format("fights: {{rounds: {}, window_s: {}}}\n", random.below(4), window_s);
  out += fmt::format("approval_expires_s: {}\n", 600 + random.below(20'000));
  if (random.below(2) == 0) out += fmt::format("approval_remind_s: {}\n", 300 + random.below(5'000));
  out += fmt::format("burst_window_ms: {}\n", random.below(2) == 0 ? 0 : 1'000);
  out += cast;
  auto quick_s = 300 + random.below(5'000);
  out += fmt::format("ladders:\n  four-eyes: [{{group: platform, needed: 2, wait_s: {}}}, {{group: security, needed: "
                     "2}}]\n  quick: [{{group: platform, needed: 2, wait_s: {}}}, {{group: security, needed: 1}}]\n",
                     300 + random.below(5'000), quick_s);
  if (random.below(2) == 0)
    out += fmt::format("delegations: [{{from: ana, to: eve, begins: {}, ends: {}}}]\n", now.iso_seconds(),
                       (now + seconds(random.below(20'000))).iso_seconds());
  return out;
}

std::map<std::string, std::string> own_runbooks() {
  return {{"Sim-SlowlyBlock", R"(
schemaVersion: "0.3"
parameters: {Bucket: {type: String}}
mainSteps:
  - name: Look
    action: aws:executeAwsApi
    inputs: {Service: s3, Api: GetBucketVersioning, Bucket: "{{ Bucket }}"}
  - name: Block
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutPublicAccessBlock
      Bucket: "{{ Bucket }}"
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
  - {name: Rest, action: aws:sleep, inputs: {Duration: PT15S}}
  - name: Label
    action: aws:executeAwsApi
    inputs:
      Service: s3
      Api: PutBucketTagging
      Bucket: "{{ Bucket }}"
      Tagging: {TagSet: [{Key: closed, Value: "yes"}]}
)"},
          {"Sim-Asking", R"(
schemaVersion: "0.3"
parameters: {Repository: {type: String}}
mainSteps:
  - name: Ask
    action: aws:approve
    timeoutSeconds: 3600
    onFailure: Abort
    inputs: {Message: "Make it immutable?", Approvers: ["arn:aws:iam::111122223333:user/ben"]}
  - name: Fix
    action: aws:executeAwsApi
    inputs:
      Service: ecr
      Api: PutImageTagMutability
      repositoryName: "{{ Repository }}"
      imageTagMutability: IMMUTABLE
)"},
          {"Sim-InVain", R"(
schemaVersion: "0.3"
parameters: {Cluster: {type: String}}
mainSteps:
  - name: Disable
    action: aws:executeAwsApi
    inputs:
      Service: ecs
      Api: UpdateClusterSettings
      cluster: "{{ Cluster }}"
      settings: [{name: containerInsights, value: disabled}]
)"}};
}

}  // namespace aright::simulation
