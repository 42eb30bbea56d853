#pragma once
// What may be asked of a route: the parameters of its query, the members of its body, and the form of its id. Checked
// before anything is read or done, since a slip that is passed over widens the question.

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "net/http.h"
#include "remediation/engine.h"

namespace aright::server {

inline constexpr std::int64_t ledger_page_max = 1000;  // entries of one answer

// A parameter of a query. `check` fails with what the value should be.
struct Parameter {
  std::string_view name;
  Result<> (*check)(const remediation::Engine& engine, const std::string& value);
};
Result<> check_finding_status(const remediation::Engine& engine, const std::string& value);
Result<> check_severity(const remediation::Engine& engine, const std::string& value);
// One of the catalog, or one that some finding names.
Result<> check_control(const remediation::Engine& engine, const std::string& value);
Result<> check_stage(const remediation::Engine& engine, const std::string& value);
Result<> check_execution_status(const remediation::Engine& engine, const std::string& value);
Result<> check_position(const remediation::Engine& engine, const std::string& value);
Result<> check_page_size(const remediation::Engine& engine, const std::string& value);
Result<> check_pack(const remediation::Engine& engine, const std::string& value);
// Any text: the route itself judges it.
Result<> check_no_further(const remediation::Engine& engine, const std::string& value);

std::vector<std::string> finding_statuses();
std::vector<std::string> execution_statuses();

// A member of a body.
struct Member {
  enum class Kind { text, object, any };
  std::string_view name;
  Kind kind = Kind::text;
};

// The query's parameters by name. Fails with invalid for one that is not known, said twice, or of no good value.
Result<std::map<std::string, std::string>> read_parameters(const net::Request& request,
                                                           std::span<const Parameter> known,
                                                           const remediation::Engine& engine);
// The body, {} when there is none. Fails with invalid for one that is no object, or has members that are not known or
// of another kind.
Result<json::Value> read_body(const net::Request& request, std::span<const Member> known);
// Any object, for what has a form of its own.
Result<json::Value> read_any_body(const net::Request& request);

}  // namespace aright::server
