#include "iam/request.h"

#include "base/text.h"

namespace aright::iam {

void Keys::set(std::string_view name, std::vector<std::string> values) {
  values_[lower(name)] = std::move(values);
}

const std::vector<std::string>* Keys::find(std::string_view name) const {
  auto found = values_.find(lower(name));
  return found == values_.end() ? nullptr : &found->second;
}

Caller caller_of(std::string_view arn) {
  Caller caller{.kind = Caller::Kind::anonymous, .arn = std::string(arn)};
  auto parts = split(arn, ':');
  if (parts.size() < 6) {
    if (arn.ends_with(".amazonaws.com") || arn.ends_with(".amazonaws.com.cn")) caller.kind = Caller::Kind::service;
    return caller;
  }
  caller.account = parts[4];
  const auto& what = parts[5];
  caller.kind = Caller::Kind::user;
  if (what == "root") caller.kind = Caller::Kind::root;
  if (what.starts_with("federated-user/")) caller.kind = Caller::Kind::federated;
  constexpr std::string_view assumed = "assumed-role/", role = "role/";
  if (what.starts_with(assumed)) {
    caller.kind = Caller::Kind::session;
    auto name = what.substr(assumed.size());
    name = name.substr(0, name.find('/'));
    caller.role = "arn:" + parts[1] + ":iam::" + parts[4] + ":role/" + name;
  }
  // A role itself is judged as a session of it would be.
  if (what.starts_with(role)) {
    caller.kind = Caller::Kind::session;
    caller.role = caller.arn;
  }
  caller.service_linked = caller.role.find(":role/aws-service-role/") != std::string::npos;
  return caller;
}

}  // namespace aright::iam
