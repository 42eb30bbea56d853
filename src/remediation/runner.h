#pragma once
// Performs what a runbook's machine asks for. The rehearsal and the real execution run through here, so that what was
// rehearsed is what is done; they differ only in the door, the clock and what happens when somebody has to wait.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "aws/call.h"
#include "base/clock.h"
#include "remediation/library.h"
#include "remediation/story.h"
#include "runbook/machine.h"

namespace aright::remediation {

// What a run stands on. Everything must outlive the run.

struct Ground {
  const Library* library = nullptr;
  aws::Caller* door = nullptr;                         // every AWS call goes through it
  const Clock* clock = nullptr;
  std::function<void(const std::string&)> scope;       // told the token of each command before it is performed
  std::function<void(milliseconds)> pass_time;         // where it is virtual: what scripts sleep; empty: they do sleep
  std::function<Result<>(const runbook::PostWebhook&, const Context&)> post;
};

// A runbook, or a function as a runbook of one step, ready to start.
struct Prepared {
  std::shared_ptr<const runbook::Document> document;
  json::Object parameters;  // resolved
  json::Object source;      // what load() needs to make the document again: {"runbook", "text"} or
                            // {"function", "payload"}
  std::string hash;         // of the document's text, or of the function's code
  std::string name;
};
inline constexpr std::string_view own_event = "rule:";  // in a control's place: a function's parameters are its event
// Looks the action up and resolves its parameters for this resource. Parameter Store references in defaults are read
// through `door`.
Result<Prepared> prepare(const Library& library, const Action& action, const Resource& resource,
                         std::string_view control, aws::Caller& door, const Context& context);
// A version of a document of the account's own, as it is.
Result<Prepared> prepare_version(const Library& library, std::string_view runbook, const std::string& version,
                                 const json::Object& parameters, aws::Caller& door, const Context& context);
// A runbook once for each target: `for_each` holds StartAutomationExecution's members Targets, TargetLocations ….
Result<Prepared> prepare_for_each(std::string_view runbook, const json::Object& parameters,
                                  const json::Object& for_each);
// The document that a `source` names, as it was when it was prepared.
Result<std::shared_ptr<const runbook::Document>> load_source(const json::Object& source);

// Documents that were loaded lately, by the hash of their text: executions of one document need not read it each anew.
// Thread-safe.
class DocumentCache {
 public:
  static constexpr std::size_t documents_max = 256;  // then it begins anew

  Result<std::shared_ptr<const runbook::Document>> load(const std::string& hash, const json::Object& source);

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const runbook::Document>> documents_;  // guarded by mutex_
};
// As prepare(), for a document that another one starts.
Result<Prepared> prepare_child(const Library& library, const runbook::Child& child, const runbook::Start& parent,
                               aws::Caller& door, const Context& context);

// What a parent gets of a child that ended.
json::Object child_output(const runbook::Machine& machine);

// Performs one command that needs nobody to wait: all but WaitUntil, AwaitSignal, RunChildren and Finished. A
// call or script that failed is a Returned with an error; fails itself only when nothing can be
// said about what became of the command.
Result<runbook::Returned> perform(const runbook::Command& command, const runbook::Start& start, const Ground& ground,
                                  const Context& context);

}  // namespace aright::remediation
