#pragma once
// A rules file as a tree of JSON, in the shape that cfn-guard's parse-tree prints.

#include "guard/guard.h"
#include "json/value.h"

namespace aright::guard {

json::Value parse_tree(const Rules& rules);

}  // namespace aright::guard
