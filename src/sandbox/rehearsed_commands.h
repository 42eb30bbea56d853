#pragma once
// Commands of Systems Manager that a rehearsal sends: nothing runs anywhere, and each is told of as if all had gone
// well. What it would do on its instances nobody knows; the rehearsal says so. One thread at a time.

#include <map>
#include <optional>
#include <string>

#include "aws/call.h"

namespace aright::sandbox {

class RehearsedCommands {
 public:
  static bool sends(const aws::Call& call);
  // SendCommand's answer.
  json::Object send(const aws::Call& call);
  // What is told of a command that was sent here, and what cancels it; nothing where the call is about none of them.
  std::optional<json::Object> answer(const aws::Call& call) const;
  // What a rehearsal does not know of it: one sentence.
  static std::string unknown_of(const aws::Call& call);

 private:
  std::map<std::string, json::Object> sent_;  // Commands as they are shown, by id
};

}  // namespace aright::sandbox
