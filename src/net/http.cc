#include "net/http.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace aright::net {

const std::string* Headers::find(std::string_view name) const {
  for (const auto& [key, value] : list_) {
    if (equal_ignore_case(key, name)) return &value;
  }
  return nullptr;
}

std::string Headers::get(std::string_view name, std::string_view otherwise) const {
  const std::string* value = find(name);
  return value ? *value : std::string(otherwise);
}

void Headers::set(std::string_view name, std::string value) {
  erase(name);
  list_.emplace_back(std::string(name), std::move(value));
}

void Headers::erase(std::string_view name) {
  std::erase_if(list_, [&](const auto& entry) { return equal_ignore_case(entry.first, name); });
}

std::string Request::path() const {
  return target.substr(0, target.find('?'));
}

std::string Request::query() const {
  auto mark = target.find('?');
  return mark == target.npos ? "" : target.substr(mark + 1);
}

std::string Endpoint::authority() const {
  std::string name = host.find(':') == host.npos ? host : "[" + host + "]";
  bool own_port = port == 0 || port == (tls ? 443 : 80);
  return own_port ? name : fmt::format("{}:{}", name, port);
}

Result<Endpoint> parse_endpoint(std::string_view url) {
  Endpoint endpoint;
  if (url.starts_with("unix:/")) {
    endpoint.host = "localhost";
    endpoint.unix_socket = url.substr(5);
    return endpoint;
  }
  std::string_view rest = url;
  endpoint.tls = lower(url.substr(0, 8)) == "https://";
  if (!endpoint.tls && lower(url.substr(0, 7)) != "http://") {
    return fail(Errc::invalid, "'{}' is no URL: it needs http://, https:// or unix:/", url);
  }
  rest.remove_prefix(endpoint.tls ? 8 : 7);
  if (rest.find_first_of(" \t\r\n?#") != rest.npos) {
    return fail(Errc::invalid, "'{}': an endpoint has neither spaces nor a query", url);
  }
  auto slash = rest.find('/');
  auto authority = rest.substr(0, slash);
  if (slash != rest.npos) endpoint.path = rest.substr(slash);
  while (endpoint.path.ends_with('/'))
    endpoint.path.pop_back();
  if (authority.find('@') != authority.npos) {
    return fail(Errc::invalid, "an endpoint must not hold a user name or password");
  }
  auto host_end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  if (authority.starts_with('[')) {
    if (host_end == authority.npos) return fail(Errc::invalid, "'{}': ']' is missing", url);
    endpoint.host = authority.substr(1, host_end - 1);
    ++host_end;
  } else {
    endpoint.host = authority.substr(0, host_end);
  }
  endpoint.port = endpoint.tls ? 443 : 80;
  if (host_end < authority.size()) {
    auto text = authority.substr(host_end);
    auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), endpoint.port);
    if (!text.starts_with(':') || error != std::errc() || end != text.data() + text.size()) {
      return fail(Errc::invalid, "'{}': the port is no number up to 65535", url);
    }
  }
  if (endpoint.host.empty()) return fail(Errc::invalid, "'{}' names no host", url);
  return endpoint;
}

}  // namespace aright::net
