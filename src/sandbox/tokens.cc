#include "sandbox/tokens.h"

#include "sandbox/emulate.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t tokens_max =
    10'000;  // the oldest are forgotten, as AWS forgets them after a while

}  // namespace

std::string Tokens::name_of(const aws::Call& call) const {
  if (!call.operation.starts_with("Create") && !call.operation.starts_with("Run") &&
      !call.operation.starts_with("Copy"))
    return "";
  auto service = models_.service(call.service);
  auto operation = service ? service->operation(call.operation) : std::nullopt;
  if (!operation || !operation->input()) return "";
  for (const auto& [name, value] : call.input) {
    auto member = operation->input().member(name);
    bool token =
        member && (member->idempotency_token() || name == "ClientToken" || name == "clientToken");
    if (name == "CreationToken") continue;  // of a file system: it is refused the second time, not answered
    if (!token || !value.is_string() || value.get_string().empty()) continue;
    return fmt::format("{} {} {} {}", call.account, call.region, call.name(), json::text(value));
  }
  return "";
}

std::optional<Result<json::Object>> Tokens::known(const aws::Call& call) const {
  auto found = told_.find(name_of(call));
  if (found == told_.end()) return std::nullopt;
  if (found->second.input == call.input) return found->second.output;
  return fail(service_error("IdempotentParameterMismatch", bad_request,
                            "The client token was used before, with other parameters."));
}

void Tokens::keep(const aws::Call& call, const json::Object& output) {
  auto name = name_of(call);
  if (name.empty()) return;
  if (told_.insert_or_assign(name, Told{call.input, output}).second)
    order_.push_back(std::move(name));
  if (order_.size() <= tokens_max) return;
  told_.erase(order_.front());
  order_.pop_front();
}

}  // namespace aright::sandbox
