#pragma once
// A fault in a rules file or a data file, or in judging one by the other: where, what, and how to
// mend it.

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace aright::guard {

// Of a character: line and column from 1, columns in characters; 0 where nobody knows.
struct Place {
  std::uint32_t line = 0, column = 0;
  bool operator==(const Place&) const = default;
};

struct Diagnostic {
  std::string file;  // as the caller named it
  Place place;
  std::string message;
  std::string hint;  // may be empty

  // "net.guard:3:7: error: … (…)"
  std::string text() const;
};

// What evaluation returns inside the module: a value, or the fault that ends the run.
template <typename T = void>
using Outcome = std::expected<T, std::unique_ptr<Diagnostic>>;

inline std::unexpected<std::unique_ptr<Diagnostic>> stop(Place place, std::string message,
                                                         std::string hint = "") {
  return std::unexpected(
      std::make_unique<Diagnostic>(Diagnostic{"", place, std::move(message), std::move(hint)}));
}

}  // namespace aright::guard
