#pragma once
// Waits for a remediation to come to rest, telling its milestones as they happen.

#include "cli/commands.h"
#include "cli/desk.h"

namespace aright::cli {

inline constexpr milliseconds look_every{150};

// The remediation, once it is resolved, waits for a person, or can do nothing more by itself. Fails with deadline when
// that takes longer than `waiting` says; the remediation goes on.
Result<json::Value> follow(Desk& desk, const Settings& settings, const std::string& remediation,
                           const Waiting& waiting);

// The same, and shows it: 0 when its stage is one of those wished for, or nobody waits.
Result<int> finish(Desk& desk, const Settings& settings, const std::string& remediation, const Waiting& waiting,
                   std::initializer_list<std::string_view> good);

// A remediation by its id, or the latest one of a finding.
Result<json::Value> find_remediation(Desk& desk, const std::string& id);

bool at_rest(std::string_view stage);
// Prints a remediation: what it is, its plan's difference, and where it stands.
void print_remediation(const json::Value& remediation);
void print_plan(const json::Value& plan);
// Prints an execution, step by step.
void print_execution(const json::Value& execution);
// 0 when the stage is one of those wished for, exit_failed otherwise.
int exit_of(const json::Value& remediation, std::initializer_list<std::string_view> good);

}  // namespace aright::cli
