#include "guard/diagnostic.h"

#include <fmt/format.h>

namespace aright::guard {

std::string Diagnostic::text() const {
  auto where = place.line == 0 ? file : fmt::format("{}:{}:{}", file, place.line, place.column);
  auto told = fmt::format("{}{}error: {}", where, where.empty() ? "" : ": ", message);
  return hint.empty() ? told : fmt::format("{} ({})", told, hint);
}

}  // namespace aright::guard
