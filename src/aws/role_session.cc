#include "aws/role_session.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace aright::aws {

namespace {

constexpr std::size_t arn_parts = 6, account_digits = 12;
constexpr std::string_view kind = "role/", marks = "+=,.@-_/";

bool names_role(std::string_view text) {
  return !text.empty() && text.back() != '/' && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 || marks.contains(static_cast<char>(c));
  });
}

}  // namespace

std::optional<RoleArn> read_role_arn(std::string_view text) {
  auto parts = split(text, ':');
  if (parts.size() != arn_parts || parts[0] != "arn" || !parts[1].starts_with("aws")) return std::nullopt;
  if (parts[2] != "iam" || !parts[3].empty() || !parts[5].starts_with(kind)) return std::nullopt;
  const bool digits = std::ranges::all_of(parts[4], [](unsigned char c) { return std::isdigit(c) != 0; });
  auto name = parts[5].substr(kind.size());
  if (parts[4].size() != account_digits || !digits || !names_role(name)) return std::nullopt;
  return RoleArn{parts[1], parts[4], std::move(name)};
}

SessionCut session_of(const RoleSession& session) {
  return {.name = session.role.empty() ? session.name : session.role + "/" + session.name, .policy = ""};
}

RoleSession role_session(const SessionCut& cut) {
  auto slash = cut.name.rfind('/');
  if (slash == std::string::npos) return {.role = "", .name = cut.name};
  return {.role = cut.name.substr(0, slash), .name = cut.name.substr(slash + 1)};
}

}  // namespace aright::aws
