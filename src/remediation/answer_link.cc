#include "remediation/answer_link.h"

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "base/random.h"
#include "base/text.h"

namespace aright::remediation {

namespace {

constexpr std::string_view domain = "aright answer link 1\n";  // nothing else is signed with these words before it
constexpr std::string_view page_domain = "aright answer page 1\n";
constexpr std::size_t plan_fields = 4, step_fields = 5;
constexpr std::string_view for_step = "step";  // where a plan's link has its remediation

// Base 64 as URLs take it, without padding.
std::string url_text(std::string_view bytes) {
  auto text = to_base64(bytes);
  text.erase(std::min(text.find('='), text.size()));
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

Result<std::string> from_url_text(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  return from_base64(plain);
}

Error not_ours() {
  return {.code = Errc::denied, .message = "this link was not made here, or is not whole", .number = "AR-0021"};
}

Error over(std::string message) {
  return {.code = Errc::conflict, .message = std::move(message), .number = "AR-0021"};
}

Result<AnswerLink> read_payload(std::string_view payload) {
  auto parts = split(payload, '\n');
  bool is_for_step = parts.size() == step_fields && parts[0] == for_step;
  if (parts.size() != plan_fields && !is_for_step) return fail(not_ours());
  AnswerLink link{.remediation = {}, .plan_hash = {}, .person = parts.back(), .expires = {}};
  if (is_for_step) {
    link.execution = TRY(ExecutionId::parse(parts[1]));
    link.step = parts[2];
  } else {
    link.remediation = TRY(RemediationId::parse(parts[0]));
    link.plan_hash = parts[1];
  }
  const auto& time = parts[parts.size() - 2];
  auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), link.expires.ms);
  if (error != std::errc() || end != time.data() + time.size()) return fail(not_ours());
  return link;
}

std::string payload_of(const AnswerLink& link) {
  auto about = link.is_for_step() ? fmt::format("{}\n{}\n{}", for_step, link.execution.str(), link.step)
                                  : fmt::format("{}\n{}", link.remediation.str(), link.plan_hash);
  return fmt::format("{}\n{}\n{}", about, link.expires.ms, link.person);
}

}  // namespace

json::Object to_json(const AnswerLink& link) {
  json::Object out{{"person", link.person}, {"expires", link.expires.iso()}};
  if (link.is_for_step()) {
    out["execution"] = link.execution.str();
    out["step"] = link.step;
  } else {
    out["remediation"] = link.remediation.str();
    out["plan_hash"] = link.plan_hash;
  }
  return out;
}

Result<AnswerLink> answer_link_from_json(const json::Value& value) {
  if (auto step = json::text(value, "step", ""); !step.empty())
    return AnswerLink{.remediation = {}, .plan_hash = {}, .person = json::text(value, "person", ""),
                      .expires = TRY(parse_timestamp(json::text(value, "expires", ""))),
                      .execution = TRY(ExecutionId::parse(json::text(value, "execution", ""))), .step = step};
  return AnswerLink{.remediation = TRY(RemediationId::parse(json::text(value, "remediation", ""))),
                    .plan_hash = json::text(value, "plan_hash", ""),
                    .person = json::text(value, "person", ""),
                    .expires = TRY(parse_timestamp(json::text(value, "expires", "")))};
}

std::string LinkSeal::url_of(const AnswerLink& link) const {
  auto payload = payload_of(link);
  auto signature = hmac_sha256(key_.reveal(), std::string(domain) + payload);
  return fmt::format("{}{}{}.{}", public_url_, link_path, url_text(payload), url_text(signature));
}

Result<AnswerLink> LinkSeal::open(std::string_view token) const {
  auto dot = token.find('.');
  if (token.size() > link_token_bytes_max || dot == std::string_view::npos) return fail(not_ours());
  auto payload = from_url_text(token.substr(0, dot));
  if (!payload) return fail(not_ours());
  // As text: of the spellings that decode to the same bytes, one is ours.
  auto signature = url_text(hmac_sha256(key_.reveal(), std::string(domain) + *payload));
  bool ours = equal_secret(signature, token.substr(dot + 1)) && url_text(*payload) == token.substr(0, dot);
  if (!ours) return fail(not_ours());
  return read_payload(*payload);
}

std::string LinkSeal::page_token(std::string_view token) const {
  return url_text(hmac_sha256(key_.reveal(), std::string(page_domain) + std::string(token)));
}

Secret make_link_key() { return Secret(random_bytes(link_key_bytes)); }

Result<> check_holds(const AnswerLink& link, const State& state, Timestamp now) {
  for (const auto& one : state.approvals)
    if (one.principal == link.person)
      return fail(over(fmt::format("{} approved already, at {}", one.principal, one.at.iso_seconds())));
  const auto* waiting = std::get_if<AwaitingApproval>(&state.stage);
  if (!waiting || !state.plan) {
    auto answered = std::string(name(state.stage));
    if (const auto* closed = std::get_if<Closed>(&state.stage)) answered = closed->reason;
    else if (!state.approvals.empty())
      answered = fmt::format("{} approved, at {}", state.approvals.back().principal,
                             state.approvals.back().at.iso_seconds());
    return fail(over("nothing waits for this answer any more: " + answered));
  }
  const auto& request = waiting->request;
  if (link.plan_hash != state.plan->hash || link.expires != request.expires)
    return fail(over("this link is for another plan, or an earlier request; a newer message has the right one"));
  if (now >= request.expires)
    return fail(over(fmt::format("the time to answer is over, since {}", request.expires.iso_seconds())));
  return {};
}

}  // namespace aright::remediation
