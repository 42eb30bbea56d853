#pragma once
// Whether the calls that a document names are those of some service. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "runbook/document.h"

namespace aright::cli {

// A warning for each service and operation that no model here knows, with its place in `text`. It may be newer than the
// models, so it is no error.
std::vector<runbook::Diagnostic> unknown_calls(const runbook::Document& document, std::string_view text);

}  // namespace aright::cli
