#include "cli/named_values.h"

namespace aright::cli {

Result<std::map<std::string, std::string>> named_values(const std::vector<std::string>& said, std::string_view what) {
  std::map<std::string, std::string> out;
  for (const auto& one : said) {
    auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Errc::invalid, "'{}' is no {}: write Name=value", one, what);
    out[one.substr(0, equals)] = one.substr(equals + 1);
  }
  return out;
}

}  // namespace aright::cli
