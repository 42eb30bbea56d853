// Topics, queues and functions whose policies let everyone in.

#include "rules/judge.h"
#include "rules/policies.h"

namespace aright::rules {

namespace {

Evaluation judge_open_policy(const Subject& subject, const json::Object&) {
  if (auto blind = unreadable(subject.resource, {"Policy"})) return *blind;
  for (const auto& statement : statements(json::at(subject.resource.facts, "Policy"))) {
    if (!lets_everyone_in(statement)) continue;
    auto id = json::text(statement, "Sid", "");
    return non_compliant(id.empty() ? "A statement of its policy lets everyone in."
                                    : fmt::format("Statement {} of its policy lets everyone in.", id));
  }
  return compliant("No statement of its policy lets everyone in.");
}

}  // namespace

std::vector<Rule> exposure_rules() {
  return {
      {"LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", "AWS::Lambda::Function", {"Policy"}, {}, {}, judge_open_policy},
      {"SNS_TOPIC_NO_PUBLIC_ACCESS", "AWS::SNS::Topic", {"Policy"}, {}, {}, judge_open_policy},
      {"SQS_QUEUE_NO_PUBLIC_ACCESS", "AWS::SQS::Queue", {"Policy"}, {}, {}, judge_open_policy},
  };
}

}  // namespace aright::rules
