#include "trial/cases.h"

#include "json/diff.h"

namespace aright::trial {

Result<> only_known(const json::Document& document, const std::string& pointer,
                    const std::set<std::string_view>& known) {
  const auto* value = json::pointer_get(document.value, pointer);
  if (!value) return {};
  for (const auto& [key, member] : json::members(*value)) {
    if (known.contains(std::string_view(key))) continue;
    auto where = document.locate(fmt::format("{}/{}", pointer, std::string_view(key)));
    return fail(Errc::invalid, "line {}: there is no member '{}' here; there are {}", where.line,
                std::string_view(key), fmt::join(known, ", "));
  }
  return {};
}

}  // namespace aright::trial
