#include "gateway/journal.h"

#include <algorithm>

namespace aright::gateway {

namespace {

json::Object to_json(const aws::Call& call) {
  return {{"service", call.service}, {"operation", call.operation}, {"account", call.account},
          {"region", call.region},   {"input", call.input}};
}

aws::Call call_from_json(const json::Value& value) {
  return {.service = json::text(value, "service", ""),
          .operation = json::text(value, "operation", ""),
          .region = json::text(value, "region", ""),
          .account = json::text(value, "account", ""),
          .input = json::members(json::at(value, "input"))};
}

json::Object to_json(const Error& error) {
  return {{"code", name(error.code)}, {"message", error.message}, {"wire_code", error.wire_code},
          {"http_status", error.http_status}};
}

Errc code_from_name(std::string_view text) {
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
    if (name(static_cast<Errc>(code)) == text) return static_cast<Errc>(code);
  return Errc::internal;
}

Returned returned_from_json(const json::Value& body) {
  Returned out;
  const auto& error = json::at(body, "error");
  out.ok = error.is_null();
  out.output = json::at(body, "output");
  out.after = json::at(body, "after");
  out.recovered = json::truth(json::at(body, "recovered"));
  if (!out.ok)
    out.error = {.code = code_from_name(json::text(error, "code", "")),
                 .message = json::text(error, "message", ""),
                 .wire_code = json::text(error, "wire_code", ""),
                 .http_status = static_cast<int>(json::integer(json::at(error, "http_status")))};
  return out;
}

}  // namespace

Result<Journal> Journal::read(ledger::Ledger& ledger, std::string stream) {
  Journal journal(ledger, std::move(stream));
  auto entries = TRY(ledger.stream(journal.stream_));
  for (const auto& entry : entries) journal.fold(entry);
  return journal;
}

void Journal::fold(const ledger::Entry& entry) {
  if (entry.kind == call_intended) {
    const auto& body = entry.body;
    add({.token = json::text(body, "token", ""),
         .call = call_from_json(json::at(body, "call")),
         .before = json::at(body, "before"),
         .effect = json::text(body, "effect", ""),
         .resources = json::texts(json::at(body, "resources")),
         .returned = std::nullopt});
  } else if (entry.kind == call_returned) {
    if (Intent* intent = find(json::text(entry.body, "token", ""))) intent->returned = returned_from_json(entry.body);
  }
}

Intent* Journal::add(Intent intent) {
  intents_.push_back(std::make_unique<Intent>(std::move(intent)));
  by_token_[intents_.back()->token] = intents_.back().get();
  return intents_.back().get();
}

Intent* Journal::find(const std::string& token) {
  auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : found->second;
}

Result<Intent*> Journal::intend(Intent intent) {
  json::Object body{{"token", intent.token},   {"call", to_json(intent.call)},
                    {"before", intent.before}, {"effect", intent.effect},
                    {"resources", json::Array(intent.resources.begin(), intent.resources.end())}};
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = stream_, .kind = call_intended, .body = std::move(body), .sequence = {}});
  CHECK_OK(ledger_->append(std::move(drafts)));
  return add(std::move(intent));
}

Result<> Journal::conclude(Intent& intent, Returned returned) {
  json::Object body{{"token", intent.token}};
  if (returned.ok)
    body["output"] = returned.output;
  else
    body["error"] = to_json(returned.error);
  if (!returned.after.is_null()) body["after"] = returned.after;
  if (returned.recovered) body["recovered"] = true;
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = stream_, .kind = call_returned, .body = std::move(body), .sequence = {}});
  CHECK_OK(ledger_->append(std::move(drafts)));
  intent.returned = std::move(returned);
  return {};
}

bool Journal::has_open_intents() const {
  return std::ranges::any_of(intents_, [](const auto& intent) { return !intent->returned; });
}

}  // namespace aright::gateway
