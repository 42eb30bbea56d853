#pragma once
// Drawings for the report, as SVG. Internal to report.

#include <string>

#include "json/value.h"

namespace aright::report {

// Findings opened and resolved as bars, and those open at the end of each step as a line.
std::string trend_chart(const json::Value& trend);
// A line for each kind of time, from its median to its ninetieth percentile, on a logarithmic scale.
std::string times_chart(const json::Value& times);

}  // namespace aright::report
