#pragma once
// How a step acts: one Action object lives through one attempt. It is told what came of its last move and answers with
// the next. Actions never look at a clock and never act; the machine turns moves into commands. Internal to runbook.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "runbook/machine.h"

namespace aright::runbook {

// Where and why a step failed, in Systems Manager's words.
struct Fault {
  std::string stage =
      "Invocation";             // InputValidation, PreVerification, Invocation, PostVerification
  std::string type = "Action";  // Action, Permission, Throttling, Verification, Internal
  std::string message;
  bool timed_out = false;
  bool final = false;  // further attempts would end the same
};
Fault fault(const Error& error);  // of a call: type from its wire code
Fault bad_input(std::string message);

struct Done {
  json::Object outputs;  // the action's own
  json::Value answer;    // what the step's selectors look into
  std::string jump;      // of aws:branch: the step to go to, or ""
  std::optional<std::pair<std::string, json::Value>> assign;  // of aws:updateVariable
  std::string response_code;
};

// The machine fills in token and step, and shortens what would outlast the attempt.
using Move =
    std::variant<CallAws, RunScript, WaitUntil, AwaitSignal, RunChildren, PostWebhook, Done, Fault>;

// What an action may look at.
struct Scene {
  const Step& step;
  const json::Object& inputs;  // resolved
  const Start& start;
  Timestamp now;
  Timestamp deadline;  // of the attempt
  std::string seed;  // the same for the same attempt of the same execution: for idempotency tokens
  int look = 0;      // the last of the attempt: children take the numbers behind it
  int http_status = Returned().http_status;  // of the call that has returned
};

class Action {
 public:
  virtual ~Action() = default;
  virtual Move begin(const Scene& scene) = 0;

  Move returned(const Scene& scene, const json::Value& output);
  Move failed(const Scene& scene, const Error& error);
  virtual Move woke(const Scene& scene);
  // One of the children that the last move let run: how it ended, or why it could not start.
  virtual Move child_ended(const Scene& scene, const Child& child, const Returned& how);
  // Nothing when the signal is not for this step, or not from whom it must come; the error says which.
  virtual Result<Move> signalled(const Scene& scene, const Signalled& signal);
  // What to show while it waits.
  virtual json::Object outputs() const { return {}; }
  // The call that takes back what was begun and cannot be waited for any more, if there is one.
  virtual std::optional<CallAws> abandon(const Scene&) const { return std::nullopt; }

 protected:
  using Then = std::function<Move(const Scene&, const json::Value& output)>;
  using Otherwise = std::function<Move(const Scene&, const Error&)>;
  using Later = std::function<Move(const Scene&)>;

  // Makes a move and says how the story goes on.
  Move call(std::string service, std::string operation, json::Object input, Then then,
            Otherwise otherwise = nullptr);
  Move after(Move move, Then then, Otherwise otherwise = nullptr);
  Move again_in(const Scene& scene, milliseconds pause, Later later);
  void wake_then(Later later) { later_ = std::move(later); }

 private:
  Then then_;
  Otherwise otherwise_;
  Later later_;
};

using MakeAction = std::unique_ptr<Action> (*)();
std::unique_ptr<Action> make_execute_aws_api();
std::unique_ptr<Action> make_assert_property();
std::unique_ptr<Action> make_wait_for_property();
std::unique_ptr<Action> make_branch();
std::unique_ptr<Action> make_update_variable();
std::unique_ptr<Action> make_sleep();
std::unique_ptr<Action> make_approve();
std::unique_ptr<Action> make_pause();
std::unique_ptr<Action> make_execute_script();
std::unique_ptr<Action> make_execute_automation();
std::unique_ptr<Action> make_invoke_webhook();
std::unique_ptr<Action> make_invoke_lambda();
std::unique_ptr<Action> make_execute_state_machine();
std::unique_ptr<Action> make_run_command();
std::unique_ptr<Action> make_run_instances();
std::unique_ptr<Action> make_change_instance_state();
std::unique_ptr<Action> make_create_image();
std::unique_ptr<Action> make_copy_image();
std::unique_ptr<Action> make_delete_image();
std::unique_ptr<Action> make_create_tags();
std::unique_ptr<Action> make_create_stack();
std::unique_ptr<Action> make_delete_stack();

}  // namespace aright::runbook
