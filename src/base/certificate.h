#pragma once
// What an X.509 certificate says of itself. Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace aright {

struct Certificate {
  std::string subject, issuer;     // CN=www.example.com,O=Example
  std::string common_name;
  std::vector<std::string> names;  // DNS names among the alternative names of the subject
  std::string serial;              // 0a:1b:…
  std::string key;                 // RSA-2048, EC-prime256v1
  Timestamp not_before, not_after;
};

// The first certificate of a PEM text. Fails with invalid.
Result<Certificate> parse_certificate(std::string_view pem);

}  // namespace aright
