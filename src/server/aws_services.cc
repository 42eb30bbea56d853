#include "server/aws_services.h"

#include <algorithm>

#include "bus/event.h"
#include "server/aws_standards.h"
#include "server/aws_turn.h"

namespace aright::server {

namespace {

constexpr std::size_t page_default = 50, page_max = 1000;

const std::vector<OwnOperation>& own_operations() {
  static const std::vector<OwnOperation> all = [] {
    std::vector<OwnOperation> out;
    for (auto part : {own_config(), own_recorded(), own_packs(), own_automation(), own_events(), own_security_hub()})
      out.insert(out.end(), part.begin(), part.end());
    return out;
  }();
  return all;
}

bool is_witnessed(const OwnOperation& own, const Witnesses& by) {
  using enum OwnOperation::Asks;
  switch (own.asks) {
    case engine: return true;
    case judgements: return by.judgements != nullptr;
    case recorder: return by.recorder != nullptr;
    case recorder_alone: return by.recorder != nullptr && by.records;
  }
  return false;
}

}  // namespace

const Witnesses AwsTurn::no_witnesses{};

std::unexpected<Error> refuse(const char* wire_code, std::string message, int status) {
  return fail({.code = Errc::invalid, .message = std::move(message), .wire_code = wire_code, .http_status = status});
}

AwsAnswer page_of(const AwsTurn& turn, const char* list, json::Array all, const char* limit, const char* token) {
  auto asked = json::integer(turn.member(limit), page_default);
  auto from = json::integer(json::Value(turn.text(token)), turn.text(token).empty() ? 0 : -1);
  if (asked < 1 || std::cmp_greater(asked, page_max))
    return refuse("ValidationException", fmt::format("{} must be from 1 to {}", limit, page_max));
  if (from < 0 || std::cmp_greater(from, all.size()))
    return refuse("InvalidNextToken", "The specified token is not valid.");
  auto to = std::min(all.size(), static_cast<std::size_t>(from + asked));
  json::Object out{{list, json::Array(all.begin() + from, all.begin() + static_cast<std::ptrdiff_t>(to))}};
  if (to < all.size()) out[token] = std::to_string(to);
  return out;
}

AwsAnswer config_page(const AwsTurn& turn, const char* list, json::Array all, const PageSize& size, const char* limit,
                      const char* token) {
  auto asked = json::integer(turn.member(limit), 0);
  if (asked == 0) asked = size.usual;
  if (asked < 0 || asked > size.most)
    return refuse("InvalidLimitException", fmt::format("The specified limit is outside the allowable range: 0 to {}",
                                                       size.most));
  auto from = json::integer(json::Value(turn.text(token)), turn.text(token).empty() ? 0 : -1);
  if (from < 0 || std::cmp_greater(from, all.size()))
    return refuse("InvalidNextTokenException", "The nextToken provided is invalid");
  auto to = std::min(all.size(), static_cast<std::size_t>(from + asked));
  json::Object out{{list, json::Array(all.begin() + from, all.begin() + static_cast<std::ptrdiff_t>(to))}};
  if (to < all.size()) out[token] = std::to_string(to);
  return out;
}

// Takes one event in. Entries that are refused do not stop the others, as with EventBridge.
AwsAnswer take_in(const AwsTurn& turn, const json::Object& entry) {
  auto envelope = bus::envelope(entry, turn.signer.account, turn.call.region, turn.engine.clock().now());
  if (!envelope) return fail(envelope.error());
  json::Object answer{{"EventId", json::at(*envelope, "id")}};
  auto bus = json::text(entry, "EventBusName", bus::default_bus);  // a name, or an ARN that ends with it
  bus = bus.substr(bus.rfind('/') + 1);
  CHECK_OK(turn.engine.accept_event(std::move(*envelope), {.bus = std::move(bus), .hops = 0, .at = {}}));
  return answer;
}

std::optional<Result<json::Object>> answer_aws(remediation::Engine& engine, const Signer& signer, const aws::Call& call,
                                               const Context& context, const Witnesses& witnesses) {
  if (call.service == "ssm" && call.operation == "ListTagsForResource" &&
      json::text(call.input, "ResourceType", "") == "Automation")
    return automation_tags({engine, signer, call, context, witnesses});
  for (const auto& own : own_operations())
    if (own.service == call.service && own.operation == call.operation && is_witnessed(own, witnesses)) {
      remediation::Engine::Pin pin(engine);
      return own.answer({engine, signer, call, context, witnesses});
    }
  return std::nullopt;
}

std::vector<std::string> own_aws_operations() {
  std::vector<std::string> out;
  for (const auto& own : own_operations()) out.push_back(fmt::format("{}:{}", own.service, own.operation));
  for (auto& name : standards_operations()) out.push_back(std::move(name));
  std::ranges::sort(out);
  return out;
}

}  // namespace aright::server
