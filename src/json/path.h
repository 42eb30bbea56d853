#pragma once
// JSONPath as runbook selectors and event input paths use it: $, .name, ['name'], [n], [-n], [*],
// .*, .., [a:b], unions [a,b], a length() at the end, and filters [?(@.x == 'y')] with == != < <= > >= in nin && || !,
// =~ /pattern/i and existence. Total: no host access, bounded work. A Path is immutable once parsed: any thread may
// evaluate it.

#include <optional>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace aright::json {

inline constexpr std::size_t path_nodes_max = 100'000;  // visited by one evaluation
inline constexpr std::size_t path_bytes_max = 8'192;    // of one path's text
inline constexpr int path_depth_max = 32;               // of parentheses and nested filters

namespace path_ast {
struct Step;
}

class Path {
 public:
  // The leading $ may be missing ("Reservations[0].Instances"). Fails with invalid and the offset.
  static Result<Path> parse(std::string_view text);
  ~Path();
  Path(Path&&) noexcept;
  Path& operator=(Path&&) noexcept;

  // Definite: at most one match (no wildcard, slice, union, filter, deep scan).
  bool definite() const;
  // All matches, in document order (a union: in its own order). They point into `root`. Fails with
  // invalid when more than path_nodes_max values had to be visited.
  Result<std::vector<const Value*>> select(const Value& root) const;
  // Definite path: the value, or nothing. Indefinite path: an array of all matches.
  Result<std::optional<Value>> get(const Value& root) const;

 private:
  explicit Path(std::vector<path_ast::Step> steps);
  std::vector<path_ast::Step> steps_;
};

}  // namespace aright::json
