#pragma once
// A text that must not be seen. It prints as [redacted]; reveal() is the one way in, and easy to search for.

#include <fmt/format.h>

#include <ostream>
#include <string>

namespace aright {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "[redacted]"; }

}  // namespace aright

template <>
struct fmt::formatter<aright::Secret> : fmt::formatter<std::string_view> {
  auto format(const aright::Secret&, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format("[redacted]", context);
  }
};
