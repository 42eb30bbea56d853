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

// Takes one event in, an entry of PutEvents.
AwsAnswer take_in(const AwsTurn& turn, const json::Object& entry);

// Where the sandbox does not run it.
AwsAnswer invoke_function(const AwsTurn& turn);

// An operation of the table, by the service's and its own name.
struct OwnOperation {
  std::string_view service, operation;
  AwsAnswer (*answer)(const AwsTurn&);
};
std::span<const OwnOperation> own_config();
std::span<const OwnOperation> own_automation();
std::span<const OwnOperation> own_events();
std::span<const OwnOperation> own_security_hub();

}  // namespace aright::server
