#include "base/error.h"

namespace aright {

std::string_view name(Errc code) {
  switch (code) {
    case Errc::invalid: return "invalid";
    case Errc::not_found: return "not_found";
    case Errc::denied: return "denied";
    case Errc::throttled: return "throttled";
    case Errc::conflict: return "conflict";
    case Errc::unavailable: return "unavailable";
    case Errc::deadline: return "deadline";
    case Errc::cancelled: return "cancelled";
    case Errc::corrupt: return "corrupt";
    case Errc::unsupported: return "unsupported";
    case Errc::drifted: return "drifted";
    case Errc::internal: return "internal";
  }
  return "internal";
}

std::string Error::text() const {
  std::string prefix(wire_code.empty() ? name(code) : std::string_view(wire_code));
  return number.empty() ? prefix + ": " + message : number + " " + prefix + ": " + message;
}

}  // namespace aright
