#pragma once
// An export, put into an account by CloudFormation and Config: first a plan, by change sets, and then what the plan
// says. One thread; calls go through the caller that is given.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aws/call.h"
#include "native/export.h"

namespace aright::native {

inline constexpr milliseconds poll_pause{2'000};      // between looks at a stack that is under way
inline constexpr milliseconds stack_timeout{3'600'000};  // for one stack
inline constexpr std::size_t stacks_max = 50;

// Where it goes, and under which names.
struct Destination {
  std::string account, region;
  std::string stack;                               // and stack-2, stack-3 … where one is not enough
  std::map<std::string, std::string> parameters;  // of the templates, over their defaults
};

struct Change {
  std::string action;  // Add, Modify, Remove
  std::string logical, type;
  bool replaces = false;
};

struct StackPlan {
  std::string name;
  std::string text;        // of the template; "": the stack goes
  std::string change_set;  // its name; "": nothing changes, or the stack goes
  bool there = false;
  std::vector<Change> changes;
};

struct Plan {
  std::vector<StackPlan> stacks;
  std::optional<HubAction> action;  // that is to be made
  std::vector<Exempt> exempt;       // that are to be put; what others put stays
  std::vector<std::string> warnings;  // what has to be there for it to do anything, and is not

  bool empty() const;
};
json::Object to_json(const Plan& plan);

class Deployment {
 public:
  // `say` hears, in one line, what is under way.
  Deployment(aws::Caller& caller, Destination destination, std::function<void(const std::string&)> say);

  // Makes change sets, and changes nothing else. Fails with invalid and what CloudFormation said.
  Result<Plan> plan(const Exported& exported, const Context& context);
  // Fails where a stack was rolled back, with the reasons of its resources.
  Result<> carry_out(const Plan& plan, const Context& context);
  // Takes back the change sets of a plan that nobody wants.
  void drop(const Plan& plan, const Context& context);

 private:
  Result<json::Object> call(std::string_view service, std::string_view operation, json::Object input,
                            const Context& context);
  std::string stack_name(std::size_t part) const;
  // "" where there is none.
  Result<std::string> status_of(const std::string& stack, const Context& context);
  std::optional<std::size_t> part_named(const std::string& name) const;
  Result<std::set<std::size_t>> parts_there(const Context& context);
  Result<std::map<std::string, std::size_t>> homes(const std::set<std::size_t>& parts, const Context& context);
  Result<StackPlan> plan_stack(const std::string& name, const json::Object& whole, const Context& context);
  Result<> read_changes(StackPlan& stack, const Context& context);
  // Those that Config does not have yet.
  Result<std::vector<Exempt>> lacking(const std::vector<Exempt>& wanted, const Context& context);
  Result<> carry_out(const StackPlan& stack, const Context& context);
  // Until it is over; the status at the end, "" for a stack that is gone.
  Result<std::string> watch(const std::string& stack, const Context& context);
  // Why resources of a stack failed, oldest first.
  std::string reasons(const std::string& stack, const Context& context);
  // What stands around the stacks: Config's recorder, Security Hub and its custom action.
  Result<> look_around(const Exported& exported, Plan& plan, const Context& context);
  Result<> put(const std::vector<Exempt>& exempt, const Context& context);

  aws::Caller& caller_;
  Destination to_;
  std::function<void(const std::string&)> say_;
};

}  // namespace aright::native
