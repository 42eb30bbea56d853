#include "net/url.h"

#include "base/text.h"

namespace aright::net {

Query parse_query(std::string_view query, bool plus_is_space) {
  Query pairs;
  if (query.empty()) return pairs;
  for (const std::string& part : split(query, '&')) {
    if (part.empty()) continue;
    std::string_view text = part;
    auto equals = text.find('=');
    auto name = text.substr(0, equals);
    auto value = equals == text.npos ? std::string_view() : text.substr(equals + 1);
    pairs.emplace_back(percent_decode(name, plus_is_space), percent_decode(value, plus_is_space));
  }
  return pairs;
}

std::string build_query(const Query& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += percent_encode(name) + '=' + percent_encode(value);
  }
  return text;
}

}  // namespace aright::net
