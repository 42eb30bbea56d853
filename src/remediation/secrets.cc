#include "remediation/secrets.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::remediation {

namespace {

// Endings of names, without case and punctuation.
constexpr std::array<std::string_view, 14> secret_endings{
    "password",   "passwd",    "passphrase",    "secret",       "secretstring", "secretbinary", "secretaccesskey",
    "secretkey",  "authtoken", "sessiontoken",  "privatekey",   "apikey",       "credentials",  "connectionstring"};

// An ARN names a secret and is none.
bool could_be_secret(const json::Value& value) {
  return value.is_string() && !value.get_string().empty() && !json::text(value).starts_with("arn:");
}

}  // namespace

bool names_a_secret(std::string_view member) {
  std::string plain;
  for (char c : member)
    if (std::isalnum(static_cast<unsigned char>(c))) plain += static_cast<char>(std::tolower(c));
  return std::ranges::any_of(secret_endings, [&](auto ending) { return plain.ends_with(ending); });
}

void Secrets::learn(const json::Value& value) {
  if (value.is_string() && !value.get_string().empty()) known_.insert(json::text(value));
  if (value.is_object())
    for (const auto& [key, member] : value.get_object()) learn(member);
  if (value.is_array())
    for (const auto& item : value.get_array()) learn(item);
}

bool Secrets::holds_known(std::string_view text) const {
  return std::ranges::any_of(known_, [&](const auto& secret) {
    return text == secret || (secret.size() >= secret_bytes_min && text.contains(secret));
  });
}

// What somebody made look as if it were locked is locked itself: it is not for us to open.
json::Value Secrets::lock_named(const json::Value& value, bool named) {
  if (gateway::is_locked(value)) return redactor_->lock(value);
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object()) out[key] = lock_named(member, names_a_secret(key));
    return out;
  }
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(lock_named(item, named));
    return out;
  }
  bool secret = value.is_string() && ((named && could_be_secret(value)) || holds_known(json::text(value)));
  if (!secret) return value;
  learn(value);
  return redactor_->lock(value);
}

json::Value Secrets::lock(const json::Value& value) { return lock_named(value, false); }

namespace {

// The models call all data sensitive that goes into a state machine or a function, and comes out of it.
bool carries_data(const aws::Call& call) { return call.service == "stepfunctions" || call.name() == "lambda:Invoke"; }

}  // namespace

void Secrets::notice(const aws::Call& call, const json::Value& output) {
  if (carries_data(call)) return;
  redactor_->each_secret(call, output, [this](const json::Value& secret) { learn(secret); });
}

void Secrets::notice_input(const aws::Call& call) {
  redactor_->each_secret_of_input(call, [this](const json::Value& secret) { learn(secret); });
}

Result<json::Value> Secrets::unlock(const json::Value& value) {
  return redactor_->unlock(value, [this](const json::Value& secret) { learn(secret); });
}

std::string Secrets::mask(std::string text) const {
  for (const auto& secret : known_)
    if (secret.size() >= secret_bytes_min) text = replace_all(std::move(text), secret, masked);
  return text;
}

json::Value Secrets::mask_all(const json::Value& value) const {
  if (known_.empty()) return value;
  if (value.is_string()) return json::Value(mask(json::text(value)));
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object()) out[key] = mask_all(member);
    return out;
  }
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(mask_all(item));
    return out;
  }
  return value;
}

}  // namespace aright::remediation
