#pragma once
// CloudFormation stacks in the emulated cloud: a template's resources made, changed and deleted by
// the calls that people would make, as the service descriptions say them.
//
// A stack's internals: Template (its text), Resources (logical name → Type, Id, Physical,
// Properties), Order (logical names as they were made), Events, ChangeSets, Hidden (values of NoEcho parameters).

#include "cloudformation/template.h"
#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr const char* stack_type = "AWS::CloudFormation::Stack";
inline constexpr std::size_t stack_events_max = 1000;  // the oldest are forgotten

// What a call wants a stack to be.
struct StackRequest {
  std::string text;                           // the template
  json::Value whole;                          // the same, parsed
  std::map<std::string, json::Value> values;  // parameters and pseudo parameters
  json::Array parameters;                     // as DescribeStacks tells them
  json::Object hidden;                        // values that are not told (NoEcho), by name
};

Error stack_error(std::string message);  // ValidationError
// A live stack, by name or id.
Result<Resource*> find_stack(Scene& scene, const std::string& name);
// From the input of CreateStack, UpdateStack or CreateChangeSet. `stack` is null where there is
// none yet.
Result<StackRequest> read_request(Scene& scene, const Resource* stack);
// A template that keeps to what CloudFormation asks of one.
Result<json::Value> read_template(std::string_view text);
// Of the input: a body, or what stands in a bucket.
Result<std::string> template_asked(Scene& scene);
// Whether stacks here have such resources.
bool is_made_by_stacks(const Scene& scene, const std::string& type);
// Whether the caller acknowledged what the template makes.
Result<> check_capabilities(Scene& scene, const json::Value& whole);

// What a change set tells: [{Action, LogicalResourceId, ResourceType, …}].
Result<json::Array> changes_of(Scene& scene, const Resource& stack, const StackRequest& request);
// Makes the stack what is asked. A failure among the resources is rolled back, and told by the
// stack's status, not by an error.
Result<> bring_about(Scene& scene, Resource& stack, const StackRequest& request);
// Deletes its resources; true when all are gone.
bool take_down(Scene& scene, Resource& stack, const std::vector<std::string>& retained);
// {logical name → names of aspects that are no more as the template says}
std::map<std::string, std::vector<std::string>> drift_of(Scene& scene, const Resource& stack);

// `of` is the part, where it is another one than the stack has under this name now.
void note_event(Scene& scene, Resource& stack, const std::string& logical, std::string_view status,
                std::string_view reason = "", const json::Object* of = nullptr);

}  // namespace aright::sandbox
