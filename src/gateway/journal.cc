#include "gateway/journal.h"

#include <algorithm>

namespace aright::gateway {

namespace {

json::Object json_of(const aws::Call& call) {
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

json::Object json_of(const Error& error) {
  return {{"code", name(error.code)}, {"message", error.message}, {"wire_code", error.wire_code},
          {"http_status", error.http_status}};
}

Errc code_from_name(std::string_view text) {
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
    if (name(static_cast<Errc>(code)) == text) return static_cast<Errc>(code);
  return Errc::internal;
}

Error error_from_json(const json::Value& error) {
  return {.code = code_from_name(json::text(error, "code", "")),
          .message = json::text(error, "message", ""),
          .wire_code = json::text(error, "wire_code", ""),
          .http_status = static_cast<int>(json::integer(json::at(error, "http_status")))};
}

json::Array json_of(const std::vector<Read>& reads) {
  json::Array out;
  for (const auto& read : reads) {
    json::Object one{{"fingerprint", read.fingerprint}};
    if (read.secret)
      one["secret"] = true;
    else if (read.error)
      one["error"] = json_of(*read.error);
    else
      one["output"] = read.output;
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<Read> reads_from_json(const json::Value& value) {
  std::vector<Read> out;
  for (const auto& item : json::items(value)) {
    Read read{.fingerprint = json::text(item, "fingerprint", ""),
              .output = json::at(item, "output"),
              .error = std::nullopt,
              .secret = json::truth(json::at(item, "secret"))};
    if (const auto& error = json::at(item, "error"); !error.is_null()) read.error = error_from_json(error);
    out.push_back(std::move(read));
  }
  return out;
}

Result<Returned> returned_from_json(const json::Value& body) {
  Returned out;
  const auto& error = json::at(body, "error");
  out.ok = error.is_null();
  out.output = json::at(body, "output");
  if (const auto& after = json::at(body, "after"); !after.is_null())
    out.after = TRY(cloud::image_from_json(after));
  out.recovered = json::truth(json::at(body, "recovered"));
  if (!out.ok) out.error = error_from_json(error);
  return out;
}

}  // namespace

Result<Journal> Journal::read(ledger::Ledger& ledger, const Redactor& redactor, std::string stream) {
  auto entries = TRY(ledger.stream(stream));
  return fold(ledger, redactor, std::move(stream), entries);
}

Result<Journal> Journal::fold(ledger::Ledger& ledger, const Redactor& redactor, std::string stream,
                              const std::vector<ledger::Entry>& entries) {
  Journal journal(ledger, redactor, std::move(stream));
  for (const auto& entry : entries) CHECK_OK(journal.fold(entry));
  return journal;
}

Result<> Journal::fold(const ledger::Entry& entry) {
  const auto& body = entry.body;
  if (entry.kind == call_intended) {
    auto before = TRY(cloud::image_from_json(json::at(body, "before")));
    add({.token = json::text(body, "token", ""),
         .call = call_from_json(json::at(body, "call")),
         .before = std::move(before),
         .effect = json::text(body, "effect", ""),
         .resources = json::texts(json::at(body, "resources")),
         .reads = reads_from_json(json::at(body, "reads")),
         .returned = std::nullopt});
  } else if (entry.kind == call_returned) {
    if (Intent* intent = find(json::text(body, "token", ""))) intent->returned = TRY(returned_from_json(body));
  }
  return {};
}

Intent* Journal::add(Intent intent) {
  std::lock_guard lock(*mutex_);
  intents_.push_back(std::make_unique<Intent>(std::move(intent)));
  by_token_[intents_.back()->token] = intents_.back().get();
  return intents_.back().get();
}

std::vector<Read> Journal::reads_of(const std::string& scope) const {
  std::lock_guard lock(*mutex_);
  std::vector<Read> out;
  for (const auto& intent : intents_)
    if (intent->token.starts_with(scope + "/"))
      out.insert(out.end(), intent->reads.begin(), intent->reads.end());
  return out;
}

Intent* Journal::find(const std::string& token) {
  std::lock_guard lock(*mutex_);
  auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : found->second;
}

Result<Intent*> Journal::intend(Intent intent, const store::Work& also) {
  json::Object body{{"token", intent.token},
                    {"call", json_of(redactor_->call(intent.call))},
                    {"before", cloud::to_json(intent.before)},
                    {"effect", intent.effect},
                    {"resources", json::Array(intent.resources.begin(), intent.resources.end())}};
  if (!intent.reads.empty()) body["reads"] = json_of(intent.reads);
  CHECK_OK(append(call_intended, std::move(body), also));
  return add(std::move(intent));
}

Result<> Journal::conclude(Intent& intent, Returned returned) {
  json::Object body{{"token", intent.token}};
  if (returned.ok)
    body["output"] = redactor_->lock_output(intent.call, returned.output);
  else
    body["error"] = json_of(returned.error);
  body["after"] = cloud::to_json(returned.after);
  if (returned.recovered) body["recovered"] = true;
  CHECK_OK(append(call_returned, std::move(body)));
  std::lock_guard lock(*mutex_);
  intent.returned = std::move(returned);
  return {};
}

Result<> Journal::append(const char* kind, json::Object body, const store::Work& also) {
  ledger::Fence::Around around(fence_);
  std::vector<ledger::Draft> drafts;
  drafts.push_back({.stream = stream_, .kind = kind, .body = std::move(body), .sequence = {}});
  CHECK_OK(ledger_->append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
    return also ? also(tx) : Result<>();
  }));
  ++*appended_;
  return {};
}

std::size_t Journal::size() const {
  std::lock_guard lock(*mutex_);
  return intents_.size();
}

bool Journal::has_open_intents() const {
  std::lock_guard lock(*mutex_);
  return std::ranges::any_of(intents_, [](const auto& intent) { return !intent->returned; });
}

}  // namespace aright::gateway
