#include "server/question.h"

#include <algorithm>
#include <charconv>

#include "base/known.h"
#include "net/url.h"
#include "remediation/projection.h"

namespace aright::server {

namespace {

using remediation::Engine;

Result<> one_of(std::string_view what, const std::string& value, const std::vector<std::string>& known) {
  if (std::ranges::find(known, value) != known.end()) return {};
  return fail({.code = Errc::invalid, .message = unknown_word(what, value, known)});
}

Result<std::int64_t> whole_number(const std::string& value) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (value.empty() || error != std::errc() || end != value.data() + value.size())
    return fail(Errc::invalid, "'{}' is not a whole number", value);
  return number;
}

template <typename Known>
std::vector<std::string> names_of(std::span<const Known> known) {
  std::vector<std::string> out;
  for (const auto& each : known) out.emplace_back(each.name);
  return out;
}

bool fits(const json::Value& value, Member::Kind kind) {
  switch (kind) {
    case Member::Kind::text: return value.is_string();
    case Member::Kind::object: return value.is_object();
    case Member::Kind::any: return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> finding_statuses() { return {"open", "resolved"}; }

std::vector<std::string> execution_statuses() {
  std::vector<std::string> out;
  for (int status = 0; status <= static_cast<int>(runbook::Status::exited); ++status)
    out.emplace_back(runbook::name(static_cast<runbook::Status>(status)));
  return out;
}

Result<> check_finding_status(const Engine&, const std::string& value) {
  return one_of("a status of findings", value, finding_statuses());
}

Result<> check_pack(const Engine& engine, const std::string& value) {
  return one_of("a conformance pack of the policy", value, names_of(std::span(engine.policy().packs)));
}

Result<> check_severity(const Engine&, const std::string& value) {
  CHECK_OK(remediation::parse_severity(value));
  return {};
}

Result<> check_control(const Engine& engine, const std::string& value) {
  if (engine.controls().find(value)) return {};
  auto named = TRY(remediation::list_findings(engine.ledger(), {.status = "", .parent = value}));
  if (!named.empty()) return {};
  std::vector<std::string> known;
  for (const auto& [id, control] : engine.controls().all()) known.push_back(id);
  for (const auto& rule : engine.policy().event_rules) known.push_back("rule:" + rule.name);
  return one_of("a control", value, known);
}

Result<> check_stage(const Engine&, const std::string& value) {
  return one_of("a stage", value, remediation::stage_names());
}

Result<> check_execution_status(const Engine&, const std::string& value) {
  return one_of("a status of executions", value, execution_statuses());
}

Result<> check_position(const Engine&, const std::string& value) {
  CHECK_OK(whole_number(value));
  return {};
}

Result<> check_page_size(const Engine&, const std::string& value) {
  auto number = TRY(whole_number(value));
  if (number < 1 || number > ledger_page_max)
    return fail(Errc::invalid, "{} is not within 1 and {}", number, ledger_page_max);
  return {};
}

Result<> check_no_further(const Engine&, const std::string&) { return {}; }

Result<std::map<std::string, std::string>> read_parameters(const net::Request& request,
                                                           std::span<const Parameter> known, const Engine& engine) {
  std::map<std::string, std::string> out;
  for (auto& [name, value] : net::parse_query(request.query())) {
    auto found = std::ranges::find(known, name, &Parameter::name);
    if (found == known.end())
      return fail({.code = Errc::invalid,
                   .message = known.empty() ? fmt::format("this takes no parameters, and not '{}'", name)
                                            : unknown_word("a parameter of this", name, names_of(known))});
    if (auto good = found->check(engine, value); !good) {
      auto error = good.error();
      if (error.code == Errc::invalid) error.message = fmt::format("{}: {}", name, error.message);
      return fail(std::move(error));
    }
    if (!out.try_emplace(name, std::move(value)).second) return fail(Errc::invalid, "{} is said twice", name);
  }
  return out;
}

Result<json::Value> read_any_body(const net::Request& request) {
  if (request.body.empty()) return json::Value(json::Object());
  auto body = TRY(json::parse(request.body));
  if (!body.is_object()) return fail(Errc::invalid, "the body is an object");
  return body;
}

Result<json::Value> read_body(const net::Request& request, std::span<const Member> known) {
  auto body = TRY(read_any_body(request));
  for (const auto& [name, value] : json::members(body)) {
    auto found = std::ranges::find(known, std::string_view(name), &Member::name);
    if (found == known.end())
      return fail({.code = Errc::invalid,
                   .message = known.empty()
                                  ? fmt::format("the body has no members, and not '{}'", std::string_view(name))
                                  : unknown_word("a member of this body", name, names_of(known))});
    if (!fits(value, found->kind))
      return fail(Errc::invalid, "{} is {}", std::string_view(name),
                  found->kind == Member::Kind::text ? "a text" : "an object");
  }
  return body;
}

}  // namespace aright::server
