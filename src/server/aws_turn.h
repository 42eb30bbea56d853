#pragma once
// One AWS request that the engine answers, and what its answers are made of. Part of aws_services.h.

#include <span>

#include "aws/call.h"
#include "remediation/engine.h"
#include "server/aws_services.h"

namespace aright::server {

struct AwsTurn {
  remediation::Engine& engine;
  const Signer& signer;
  const aws::Call& call;
  const Context& context;
  const Witnesses& witnesses = no_witnesses;

  static const Witnesses no_witnesses;

  const json::Value& member(std::string_view name) const { return json::at(call.input, name); }
  std::string text(std::string_view name) const { return json::text(member(name)); }
  remediation::Actor actor() const {
    return {.name = signer.name.empty() ? signer.arn : signer.name, .arn = signer.arn};
  }
};

using AwsAnswer = Result<json::Object>;

std::unexpected<Error> refuse(const char* wire_code, std::string message, int status = 400);

// One page of all: as many as `limit` says, from where `token` was given out.
AwsAnswer page_of(const AwsTurn& turn, const char* list, json::Array all, const char* limit, const char* token);

// The same with Config's errors, for an operation whose pages are so long at most, and so long where nobody says.
struct PageSize {
  std::int64_t usual, most;
};
AwsAnswer config_page(const AwsTurn& turn, const char* list, json::Array all, const PageSize& size, const char* limit,
                      const char* token);

// PutRemediationExceptions, about those of its resources that do not comply: Config makes none for the others.
Result<aws::Call> about_noncompliant(const AwsTurn& turn);

// What DescribeConformancePackStatus and DescribeConfigRuleEvaluationStatus tell, with which rules nothing here judges.
void tell_not_evaluated(const AwsTurn& turn, json::Object& told);

// Takes one event in, an entry of PutEvents.
AwsAnswer take_in(const AwsTurn& turn, const json::Object& entry);

// PutTargets with those targets that something here answers to, and what it says of the others.
struct TakenTargets {
  aws::Call call;
  json::Array failed;
};
TakenTargets taken_targets(aws::Call call);

// What DescribeArchive and ListArchives tell, with the events that there are.
Result<> count_archived(const AwsTurn& turn, json::Object& told);

// The function that a call names, by its name or ARN, and the version or alias of it; "": none.
struct AskedFunction {
  std::string name, qualifier;
};
AskedFunction function_asked(const json::Object& input);

// Where the sandbox does not run it. A qualifier is a version's number: an alias was looked up before.
AwsAnswer invoke_function(const AwsTurn& turn);

// The tags that an automation execution was started with.
AwsAnswer automation_tags(const AwsTurn& turn);

// An operation of the table, by the service's and its own name.
struct OwnOperation {
  // Whom it asks.
  enum class Asks { engine, judgements, recorder, recorder_alone };
  std::string_view service, operation;
  AwsAnswer (*answer)(const AwsTurn&);
  Asks asks = Asks::engine;
};
std::span<const OwnOperation> own_config();
std::span<const OwnOperation> own_recorded();
std::span<const OwnOperation> own_packs();
std::span<const OwnOperation> own_automation();
std::span<const OwnOperation> own_events();
std::span<const OwnOperation> own_security_hub();

}  // namespace aright::server
