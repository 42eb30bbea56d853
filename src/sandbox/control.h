#pragma once
// The operator's door to a running sandbox, beside the AWS wire protocols on the same port:
//
//   GET    /_aright/faults   the plan and its counters
//   PUT    /_aright/faults   a new plan (YAML or JSON), counters at nought
//   DELETE /_aright/faults   no faults any more
//
// Only from loopback, and with the token as bearer. No bucket can have this name. Thread-safe.

#include "base/secret.h"
#include "net/http.h"
#include "sandbox/cloud.h"

namespace aright::sandbox {

inline constexpr const char* control_path = "/_aright/";
inline constexpr std::size_t plan_bytes_max = 1u << 20;

class Control {
 public:
  // `cloud` must outlive it.
  Control(Cloud& cloud, Secret token) : cloud_(cloud), token_(std::move(token)) {}

  static bool is_for(const net::Request& request) { return request.target.starts_with(control_path); }
  net::Response answer(const net::Request& request, const net::Peer& peer) const;

 private:
  Cloud& cloud_;
  const Secret token_;
};

}  // namespace aright::sandbox
