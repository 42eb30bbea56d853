#pragma once
// The REST API (docs/reference/api.md) as a function from request to response. The HTTP server and
// the command line both call it, so that both answer alike.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/http.h"
#include "remediation/engine.h"
#include "server/reports.h"

namespace aright::ledger {
class Notary;
}

namespace aright::server {

// Least first. A principal has every role up to its highest, except that approver and operator do
// not include each other.
enum class Role { viewer, operator_, approver, admin };
std::string_view name(Role role);  // as the policy writes it

struct Caller {
  remediation::Actor actor;
  std::vector<Role> roles;

  bool may(Role role) const;
};

struct Surroundings {
  std::string version;
  std::string target;  // "sandbox", or the endpoint
  std::string account;
  ledger::Notary* notary = nullptr;  // not owned; null: nothing is signed here
  // Reads the policy again and puts it into force; what came of it. Empty: the policy came from no file.
  std::function<Result<json::Object>(const remediation::Actor&)> reload = {};
  std::filesystem::path halt_file;   // while there is one, nothing resumes; "": nobody looks for it
  // The names of a control's tests, by its id; empty: none are known here.
  std::function<std::vector<std::string>(const std::string& control)> tests_of = {};
  std::shared_ptr<Reports> reports = std::make_shared<Reports>();
};

class Api {
 public:
  Api(remediation::Engine& engine, Surroundings surroundings);

  // Thread-safe. A route that is not in the table, or whose role the caller lacks, is refused before anything is read.
  net::Response handle(const net::Request& request, const Caller& caller) const;

  // Every route with the role it asks for, for the docs and the tests.
  struct Listed {
    std::string_view method, path;
    Role role;
  };
  static std::vector<Listed> routes();
  remediation::Engine& engine() const { return engine_; }

 private:
  remediation::Engine& engine_;
  Surroundings surroundings_;
};

net::Response error_response(const Error& error);
net::Response json_response(const json::Value& value, int status = 200);

}  // namespace aright::server
