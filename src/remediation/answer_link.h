#pragma once
// Links with which a person answers one request for approval, without holding a token: signed, for this person, this
// plan or step (waiting_step.h) and this request, and good for one answer. Whoever holds such a link answers as that
// person, so none is kept anywhere: the outbox holds what a link is about, and it is signed when the message goes out.
// docs/guide/approvals.md.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "remediation/remediation.h"

namespace aright::remediation {

inline constexpr std::size_t link_key_bytes = 32;
inline constexpr std::size_t link_token_bytes_max = 1024;
inline constexpr std::string_view link_path = "/answer/";  // under which the server takes them, behind `public_url`

// For a plan; or for a step of an execution that waits for a person.
struct AnswerLink {
  RemediationId remediation;
  std::string plan_hash;
  std::string person;  // a principal of the policy
  Timestamp expires;   // of the request, which it also tells from every other request
  ExecutionId execution = {};
  std::string step = {};  // "": it is for a plan

  bool is_for_step() const { return !step.empty(); }
};
json::Object to_json(const AnswerLink& link);
Result<AnswerLink> answer_link_from_json(const json::Value& value);

// Signs links and knows its own. Immutable; any thread.
class LinkSeal {
 public:
  // `public_url`: where people reach the server, without a slash at its end.
  LinkSeal(Secret key, std::string public_url) : key_(std::move(key)), public_url_(std::move(public_url)) {}

  std::string url_of(const AnswerLink& link) const;
  // What stands behind the path. Fails with denied, AR-0021, for one that was not signed here; says nothing of whether
  // it still holds.
  Result<AnswerLink> open(std::string_view token) const;
  // What the page of a link puts into its form, so that nothing but that page answers.
  std::string page_token(std::string_view token) const;
  const std::string& public_url() const { return public_url_; }

 private:
  Secret key_;
  std::string public_url_;
};

Secret make_link_key();

// Whether the request that a link is for still waits for this person. Fails with conflict, AR-0021, and says who
// answered, or what else came between.
Result<> check_holds(const AnswerLink& link, const State& state, Timestamp now);

}  // namespace aright::remediation
