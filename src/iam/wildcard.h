#pragma once
// Texts of policies with wildcards and variables: arn:aws:s3:::home/${aws:username}/*. Pure.
// IAM JSON policy elements: "Variables and tags", "Resource" in the IAM user guide.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/request.h"

namespace aright::iam {

// Bytes that stand for themselves, and wildcards; what a variable brings in is never a wildcard.
class Wildcard {
 public:
  static constexpr std::int16_t star = -1, any = -2;

  explicit Wildcard(std::vector<std::int16_t> pieces) : pieces_(std::move(pieces)) {}
  // * and ? as wildcards, no variables.
  static Wildcard plain(std::string_view text);
  // Without any: the text itself.
  std::string text() const;

  bool matches(std::string_view text) const;
  // ARNs are compared part by part: a wildcard stays within its part, but in the last one goes on to
  // the end.
  bool matches_arn(std::string_view arn) const;

 private:
  std::vector<std::int16_t> pieces_;
};

// Puts the values of variables in. Nothing when one has no value and no default: then the text matches
// nothing. Only `wildcards` texts have * and ?.
std::optional<Wildcard> resolve(std::string_view text, const Keys& keys, bool variables, bool wildcards = true);

}  // namespace aright::iam
