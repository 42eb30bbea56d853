#pragma once
// What the rules are written with, and the rules themselves by service.

#include <optional>

#include "rules/rule.h"

namespace aright::rules {

Evaluation compliant(std::string annotation);
Evaluation non_compliant(std::string annotation);
Evaluation not_applicable(std::string annotation);
Evaluation insufficient(std::string annotation);

// The first of these aspects that could not be read, as an evaluation that says so.
std::optional<Evaluation> unreadable(const cloud::Snapshot& snapshot, const std::vector<std::string_view>& aspects);

std::vector<Rule> s3_rules();
std::vector<Rule> ec2_rules();
std::vector<Rule> iam_rules();
std::vector<Rule> exposure_rules();
std::vector<Rule> age_rules();
std::vector<Rule> grant_rules();
std::vector<Rule> backup_rules();

}  // namespace aright::rules
