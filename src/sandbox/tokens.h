#pragma once
// Client tokens: a creation that was made before with the same token is not made again, and answers
// the same. Not thread-safe: the Cloud lets one call in at a time.

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "aws/call.h"
#include "base/error.h"
#include "model/model.h"

namespace aright::sandbox {

class Tokens {
 public:
  explicit Tokens(const model::Models& models) : models_(models) {}

  // The answer of the first call with this token; IdempotentParameterMismatch when that said
  // something else. Nothing when the token is new, or there is none.
  std::optional<Result<json::Object>> known(const aws::Call& call) const;
  void keep(const aws::Call& call, const json::Object& output);

 private:
  std::string name_of(const aws::Call& call) const;  // "": no token

  struct Told {
    json::Object input, output;
  };
  const model::Models& models_;
  std::map<std::string, Told, std::less<>> told_;
  std::deque<std::string> order_;
};

}  // namespace aright::sandbox
