#pragma once
// The hooks of Systems Manager, by what they are about. hook_ssm.cc puts them into the table.

#include <optional>

#include "sandbox/command.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

namespace ssm_document_hooks { void add(Hooks& hooks); }
namespace ssm_command_hooks { void add(Hooks& hooks); }
namespace ssm_agent_hooks { void add(Hooks& hooks); }
namespace ssm_ops_hooks { void add(Hooks& hooks); }

// The attachments of the version that the call makes: as GetDocument shows them, and what is wrong with them.
struct Attached {
  json::Array content;
  std::string fault;  // "": nothing
};
Attached attach(Scene& scene, const json::Value& body);

// What SendCommand's document says, in the version that was asked for.
struct CommandDocument {
  std::string version;
  json::Value body;
};
// One that was created here. Fails as SendCommand does.
Result<CommandDocument> stored_command_document(Scene& scene);
// That one, or one of AWS's own.
Result<CommandDocument> command_document(Scene& scene);
// The steps of a document with the call's parameters put in. Fails with InvalidParameters, and with what is not
// run here.
Result<std::vector<CommandStep>> command_steps(Scene& scene, const json::Value& body);

// An instance whose agent answers: it runs, and its profile's role lets the agent speak to Systems Manager; or it
// was registered otherwise, and its last ping was heard.
struct Agent {
  std::string instance, platform = "Linux";
  Principal principal;  // who the agent's calls are made as
};
// Whether it has a tag as a filter asks for: "tag-key" with keys, or "tag:Key" with values.
bool is_tagged(const Scene& scene, const std::string& instance, const std::string& key,
               const std::vector<std::string>& values);
std::optional<Agent> agent_of(Scene& scene, const std::string& instance);
// Every one of the caller's account and region, by id.
std::vector<Agent> agents(Scene& scene);

}  // namespace aright::sandbox
