#include "remediation/function_rule.h"

#include "base/digest.h"
#include "base/random.h"
#include "rules/config_rule.h"
#include "sandbox/config_event.h"
#include "sandbox/overlay.h"

namespace aright::remediation {

namespace {

constexpr std::size_t token_bytes = 32;

std::unexpected<Error> refused(const char* code, std::string message) {
  return fail({.code = Errc::invalid, .message = std::move(message), .wire_code = code, .http_status = 400});
}

Result<rules::Compliance> compliance_named(const std::string& text) {
  using enum rules::Compliance;
  for (auto one : {compliant, non_compliant, not_applicable, insufficient_data})
    if (rules::name(one) == text) return one;
  return refused("InvalidParameterValueException", fmt::format("ComplianceType is '{}'", text));
}

// The function's calls: what it says is heard here, and everything else goes through its door.
class Hearing final : public aws::Caller {
 public:
  // `item`: what it was told a summary of only, as GetResourceConfigHistory has it; else empty.
  Hearing(aws::Caller& door, std::string token, json::Object item)
      : door_(door), token_(std::move(token)), item_(std::move(item)) {}

  Result<json::Object> call(const aws::Call& call, const Context& context) override {
    if (asks_for_item(call)) return json::Object{{"configurationItems", json::Array{item_}}};
    if (call.service != "config" || call.operation != "PutEvaluations") return door_.call(call, context);
    if (json::text(json::at(call.input, "ResultToken")) != token_)
      return refused("InvalidResultTokenException", "The specified ResultToken is not valid.");
    if (json::truth(json::at(call.input, "TestMode"))) return json::Object{{"FailedEvaluations", json::Array()}};
    for (const auto& one : json::items(json::at(call.input, "Evaluations"))) {
      if (said_.size() >= evaluations_said_max)
        return refused("InvalidParameterValueException",
                       fmt::format("there are more than {} evaluations", evaluations_said_max));
      auto compliance = TRY(compliance_named(json::text(one, "ComplianceType", "")));
      auto note = json::text(one, "Annotation", "").substr(0, rules::annotation_chars_max);
      said_.push_back({.type = rules::type_of_config(json::text(one, "ComplianceResourceType", "")),
                       .id = json::text(one, "ComplianceResourceId", ""),
                       .evaluation = {compliance, std::move(note)}});
    }
    return json::Object{{"FailedEvaluations", json::Array()}};
  }
  std::vector<Said> said() && { return std::move(said_); }

 private:
  bool asks_for_item(const aws::Call& call) const {
    return !item_.empty() && call.service == "config" && call.operation == "GetResourceConfigHistory" &&
           json::at(call.input, "resourceId") == json::at(item_, "resourceId") &&
           json::at(call.input, "resourceType") == json::at(item_, "resourceType");
  }

  aws::Caller& door_;
  const std::string token_;
  const json::Object item_;
  std::vector<Said> said_;
};

std::string name_in(const std::string& arn) { return arn.substr(arn.rfind('/') + 1); }

struct Message {
  json::Object told;
  json::Object item;  // where what is told is a summary of it
};

// As Config would show it: as the cloud's own answers do.
Result<Message> message_about(const FunctionRule& what, const cloud::ResourceRef& about, const Context& context) {
  if (about.id.empty()) return Message{.told = sandbox::time_message(about.account, what.clock.now())};
  auto items = TRY(configuration_items(what.door, {about}, what.catalog, what.clock, context));
  if (items.empty()) return fail(Errc::not_found, "{} is not there", about.key());
  auto& item = items.front();
  Message out{.told = sandbox::change_message(sandbox::item_in_event(item), what.clock.now())};
  if (sandbox::is_oversized(out.told)) out.item = std::move(item);
  return out;
}

}  // namespace

Result<std::vector<json::Object>> configuration_items(aws::Caller& door, const std::vector<cloud::ResourceRef>& refs,
                                                      const cloud::Catalog& catalog, const Clock& clock,
                                                      const Context& context) {
  std::vector<json::Object> out;
  if (refs.empty()) return out;
  json::Array keys;
  for (const auto& ref : refs) keys.push_back(json::Object{{"resourceType", ref.type}, {"resourceId", ref.id}});
  sandbox::Overlay stage(door, {.account = refs.front().account, .catalog = &catalog}, clock);
  aws::Call call{.service = "config", .operation = "BatchGetResourceConfig", .region = refs.front().region,
                 .account = refs.front().account, .input = {{"resourceKeys", std::move(keys)}}};
  auto answer = TRY(stage.ask_stage(call, context));
  for (const auto& item : json::items(json::at(answer, "baseConfigurationItems"))) out.push_back(json::members(item));
  return out;
}

Result<std::vector<Said>> ask_function(const FunctionRule& what, const cloud::ResourceRef& about,
                                       const Context& context) {
  const auto& rule = what.rule;
  const auto* code = what.library.function(rule.function);
  if (!code) return fail(Errc::not_found, "its function {} is not here", rule.function);
  auto message = TRY(message_about(what, about, context));
  auto token = to_hex(random_bytes(token_bytes));
  sandbox::RuleForFunction asked{.name = rule.rule_name, .arn = rule.rule_arn, .id = name_in(rule.rule_arn),
                                 .account = about.account, .region = about.region, .parameters = what.parameters};
  auto program = code->program;
  program.event = sandbox::event_for_function(asked, message.told, token);
  program.account = about.account;
  program.region = about.region;
  program.function_name = name_in(rule.function).substr(name_in(rule.function).rfind(':') + 1);
  program.request_id = token.substr(0, token_bytes);
  program.keep_as = fmt::format("rule {} {} {} {}", rule.rule_name, code->hash, about.account, about.region);
  program.pass_time = what.pass_time;
  Hearing hearing(what.door, token, std::move(message.item));
  auto outcome = TRY(script::run(program, hearing, context));
  if (!outcome.ok)
    return fail(Errc::unavailable, "its function failed: {}: {}", outcome.error_type, outcome.error_message);
  return std::move(hearing).said();
}

}  // namespace aright::remediation
