#include "remediation/excepted.h"

namespace aright::remediation {

std::optional<Exception> exception_at(const Policy& policy, const Finding& finding,
                                      const std::map<std::string, std::string>& tags, Timestamp at) {
  auto holds = [&](const Exception& exception) {
    return exception.holds(at) && !finding.voided.contains(exception.key());
  };
  auto all = policy.tags_of(finding.resource, tags);
  for (const auto& held : policy.exceptions)
    if (held.is_about(finding.control, finding.resource, all) && holds(held.exception)) return held.exception;
  return finding.exception && holds(*finding.exception) ? finding.exception : std::nullopt;
}

}  // namespace aright::remediation
