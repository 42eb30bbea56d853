#pragma once
// The door's answers to a program in a jail, which asks in one of two ways: as our bridge does for boto3, with service,
// operation and members, or with a whole HTTP request as any SDK makes it. Internal to script.

#include <optional>

#include "net/http.h"
#include "script/script.h"

namespace aright::script {

class Answers {
 public:
  // Both must outlive this.
  Answers(const Program& program, aws::Caller& door) : program_(program), door_(door) {}

  // The line that answers; nothing when the message asks for nothing. `spent`: it made all the calls that it may.
  std::optional<std::string> to(const json::Object& message, bool spent, const Context& context) const;

 private:
  Result<json::Object> made(aws::Call call, bool spent, const Context& context) const;
  std::string to_bridge(const json::Object& asked, bool spent, const Context& context) const;
  net::Response to_http(const net::Request& request, bool spent, const Context& context) const;

  const Program& program_;
  aws::Caller& door_;
};

}  // namespace aright::script
