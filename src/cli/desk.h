#pragma once
// Where commands ask: the API of a running `aright serve`, or of a house in this process. Both answer alike.

#include <memory>

#include "cli/house.h"
#include "cli/settings.h"
#include "net/http.h"

namespace aright::cli {

class Desk {
 public:
  virtual ~Desk() = default;
  // `path` is below /api/v1. Fails with what the API said.
  virtual Result<json::Value> ask(std::string method, std::string path, json::Object body) = 0;

  Result<json::Value> get(std::string path) { return ask("GET", std::move(path), {}); }
  Result<json::Value> post(std::string path, json::Object body = {}) {
    return ask("POST", std::move(path), std::move(body));
  }
  virtual std::string where() const = 0;  // for people
};

// A running server's, when the settings or the state directory name one that answers; else null.
Result<std::unique_ptr<Desk>> find_server(const Settings& settings);
// A running server's, when the settings or the state directory name one that answers; else a house of its own over the
// state directory's ledger.
Result<std::unique_ptr<Desk>> open_desk(const Settings& settings);

// What `aright serve` leaves for other commands: readable by its owner only.
struct ServerNote {
  std::string url;
  Secret token;
};
Result<> write_note(const std::string& state_directory, const ServerNote& note);
void erase_note(const std::string& state_directory);
Result<ServerNote> read_note(const std::string& state_directory);

}  // namespace aright::cli
