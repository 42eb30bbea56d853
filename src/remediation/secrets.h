#pragma once
// The secrets of one execution: what AWS's models call sensitive, what goes by the name of a password or a key, and
// every text that holds one of these. On the ledger they are locked, so that the runbook can go on from there and
// nobody else can read them; where people look, they are masked. One thread at a time.

#include <set>

#include "gateway/redact.h"

namespace aright::remediation {

inline constexpr std::size_t secret_bytes_min = 6;  // of one that is known again inside other texts
inline constexpr const char* masked = "[redacted]";

// Whether a member of this name holds a secret, where it holds a text: MasterUserPassword, client_secret, AuthToken.
bool names_a_secret(std::string_view member);

class Secrets {
 public:
  explicit Secrets(const gateway::Redactor& redactor) : redactor_(&redactor) {}

  // What a call answered: its secrets are known from now on.
  void notice(const aws::Call& call, const json::Value& output);
  // What a call says.
  void notice_input(const aws::Call& call);
  // As it may stand on the ledger. What is locked is known from now on.
  json::Value lock(const json::Value& value);
  // What lock() was given. Fails with corrupt where another key locked it.
  Result<json::Value> unlock(const json::Value& value);

  // For people: without what is known.
  std::string mask(std::string text) const;
  json::Value mask_all(const json::Value& value) const;

 private:
  void learn(const json::Value& value);
  bool holds_known(std::string_view text) const;
  json::Value lock_named(const json::Value& value, bool named);

  const gateway::Redactor* redactor_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace aright::remediation
