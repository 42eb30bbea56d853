#pragma once
// JSONPath as runbook selectors and event input paths use it: $, .name, ['name'], [n], [-n], [*], .*, .., [a:b], unions
// [a,b], and filters [?(@.x == 'y')] with == != < <= > >= && || ! and existence. Total: no host access, bounded work.

#include <optional>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::json {

inline constexpr std::size_t path_nodes_max = 100'000;  // visited by one evaluation

class Path {
 public:
  // The leading $ may be missing ("Reservations[0].Instances"). Fails with invalid and the offset.
  static Result<Path> parse(std::string_view text);
  ~Path();
  Path(Path&&) noexcept;
  Path& operator=(Path&&) noexcept;

  // Definite: at most one match (no wildcard, slice, filter, deep scan).
  bool definite() const;
  // All matches, in document order. They point into `root`.
  Result<std::vector<const Value*>> select(const Value& root) const;
  // Definite path: the value, or nothing. Indefinite path: an array of all matches.
  Result<std::optional<Value>> get(const Value& root) const;

 private:
  struct Step;
  explicit Path(std::vector<Step> steps);
  std::vector<Step> steps_;
};

}  // namespace aright::json
