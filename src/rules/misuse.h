#pragma once
// What is wrong with the parameters that a Config rule gives its managed rule: nobody could judge by them, and so the
// rule itself is refused. What is well said, and only not heeded here, is no misuse (Judges::why_not). Pure.

#include "rules/config_rule.h"

namespace aright::rules {

// "" where they fit, or where no control judges by the rule.
std::string misuse_of(const ConfigRule& rule, const Controls& controls);

// The same of a control's parameters by themselves.
std::string misuse_of(const Control& control, const json::Object& parameters);

}  // namespace aright::rules
