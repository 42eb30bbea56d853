#pragma once
// A document's flow as one SVG image, complete in itself, for light and dark surroundings. Pure function.
//
// Steps stand below each other in the document's order, as people read them; ways that leave this order are arcs, to
// the right where the document says so, to the left, dashed, where a step fails or is cancelled.

#include <string>

#include "runbook/document.h"

namespace aright::runbook {

std::string flow_picture(const Document& document);

}  // namespace aright::runbook
