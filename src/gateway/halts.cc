#include "gateway/halts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace aright::gateway {

namespace {

constexpr std::size_t account_digits = 12;

}  // namespace

bool Scope::covers(std::string_view in_account, std::string_view in_region, std::string_view of_service,
                   std::string_view by_control) const {
  auto any = [](const std::string& mine, std::string_view asked) { return mine.empty() || mine == asked; };
  return any(account, in_account) && any(region, in_region) && any(service, of_service) && any(control, by_control);
}

std::string Scope::text() const {
  if (everything()) return "everything";
  std::string out;
  auto add = [&](std::string_view word, const std::string& value) {
    if (!value.empty()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", word, value);
  };
  add("control", control);
  add("service", service);
  add("account", account);
  add("region", region);
  return out;
}

json::Object to_json(const Scope& scope) {
  json::Object out;
  auto add = [&](std::string_view member, const std::string& value) {
    if (!value.empty()) out[member] = value;
  };
  add("account", scope.account);
  add("region", scope.region);
  add("service", scope.service);
  add("control", scope.control);
  return out;
}

Scope scope_from_json(const json::Value& value) {
  return {.account = json::text(value, "account", ""),
          .region = json::text(value, "region", ""),
          .service = json::text(value, "service", ""),
          .control = json::text(value, "control", "")};
}

Result<Scope> checked(Scope scope, const model::Models& models) {
  bool digits = std::ranges::all_of(scope.account, [](char c) { return c >= '0' && c <= '9'; });
  if (!scope.account.empty() && (!digits || scope.account.size() != account_digits))
    return fail(Errc::invalid, "'{}' is no account: write its twelve digits", scope.account);
  if (!scope.region.empty() && std::ranges::count(scope.region, '-') < 2)
    return fail(Errc::invalid, "'{}' is no region: write us-east-1", scope.region);
  if (scope.service.empty()) return scope;
  if (scope.service.starts_with("AWS::")) scope.service.erase(0, std::string_view("AWS::").size());
  auto service = models.service(lower(scope.service));
  if (!service) return fail(Errc::invalid, "AWS has no service '{}': write s3, ec2, rds …", scope.service);
  scope.service = service->name();
  return scope;
}

void Halts::stop(const Scope& scope) {
  std::lock_guard lock(mutex_);
  auto place = std::ranges::lower_bound(scopes_, scope);
  if (place == scopes_.end() || *place != scope) scopes_.insert(place, scope);
}

bool Halts::start(const Scope& scope) {
  std::lock_guard lock(mutex_);
  return std::erase(scopes_, scope) > 0;
}

void Halts::start_all() {
  std::lock_guard lock(mutex_);
  scopes_.clear();
}

void Halts::replace(std::vector<Scope> scopes) {
  std::lock_guard lock(mutex_);
  scopes_ = std::move(scopes);
}

std::vector<Scope> Halts::all() const {
  std::lock_guard lock(mutex_);
  return scopes_;
}

std::string Halts::covering(std::string_view account, std::string_view region, std::string_view service,
                            std::string_view control) const {
  std::lock_guard lock(mutex_);
  auto found = std::ranges::find_if(
      scopes_, [&](const Scope& scope) { return scope.covers(account, region, service, control); });
  return found == scopes_.end() ? "" : found->text();
}

}  // namespace aright::gateway
