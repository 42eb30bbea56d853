// doctor's look at this machine: the system, the jail, the state directory with the ledger in it, and the port.

#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/lock.h"
#include "base/text.h"
#include "cli/checkup.h"
#include "cli/desk.h"
#include "ledger/standing.h"
#include "net/http.h"
#include "rules/control.h"
#include "script/script.h"
#include "server/views.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;
using State = Finding::State;

constexpr std::uintmax_t free_bytes_min = 200u << 20, free_bytes_good = 2ull << 30;
constexpr long nfs_magic = 0x6969, smb_magic = 0xfe534d42;
constexpr auto others = fs::perms::group_all | fs::perms::others_all;
constexpr seconds unsigned_long{24 * 3600};

std::string gigabytes(std::uintmax_t bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

Finding version() {
  utsname system{};
  ::uname(&system);
  return {.about = "version",
          .what = fmt::format("aright {} on {} {}", ARIGHT_VERSION, system.sysname, system.release)};
}

Finding jail() {
  auto can = script::can_jail();
  if (can) return {.about = "jail", .what = "Python scripts and functions run in a jail"};
  return {.about = "jail",
          .state = State::fail,
          .what = can.error().message,
          .next =
              "apt-get install bubblewrap python3 python3-boto3; in a container, let it make user namespaces. "
              "Runbooks without scripts work all the same"};
}

Finding node() {
  for (const char* path : {"/usr/bin/node", "/usr/bin/nodejs"})
    if (std::error_code code; fs::exists(path, code))
      return {.about = "node", .what = std::string(path) + " runs Lambda functions written in JavaScript"};
  return {.about = "node",
          .state = State::warn,
          .what = "there is no /usr/bin/node",
          .next = "apt-get install nodejs, where functions are written in JavaScript"};
}

// Whether directories can be made in this one: permissions do not say it of /proc, nor of what is mounted to be read.
bool can_hold(const fs::path& directory) {
  auto tried = (directory / ".aright-doctor-XXXXXX").string();
  if (::mkdtemp(tried.data()) == nullptr) return false;
  ::rmdir(tried.c_str());
  return true;
}

Finding directory(const fs::path& state) {
  std::error_code code;
  if (!fs::exists(state, code)) {
    fs::path above = state;
    while (!above.empty() && !fs::exists(above, code) && above != above.parent_path())
      above = above.parent_path();
    if (fs::is_directory(above, code) && can_hold(above))
      return {.about = "state", .what = state.string() + " does not exist yet; aright serve makes it"};
    return {.about = "state",
            .state = State::fail,
            .what = fmt::format("{} cannot be made below {}", state.string(), above.string()),
            .next = "say --state DIRECTORY, or give this user the right to write there"};
  }
  auto tried = write_file(state / ".doctor", "");
  if (!tried)
    return {
        .about = "state",
        .state = State::fail,
        .what = "nothing can be written there: " + tried.error().message,
        .next = fmt::format("make {} writable for user {}, or say --state DIRECTORY", state.string(), ::geteuid())};
  fs::remove(state / ".doctor", code);
  for (const char* file : {"", ledger_file, key_file, secrets_key_file, link_key_file}) {
    auto path = *file ? state / file : state;
    auto status = fs::status(path, code);
    if (fs::exists(status) && *file && (status.permissions() & others) != fs::perms::none)
      return {.about = "state",
              .state = State::warn,
              .what = path.string() + " can be read by others",
              .next = fmt::format("chmod 600 {}", path.string())};
  }
  return {.about = "state", .what = state.string() + " can be written, and is for its owner only"};
}

Finding disk(const fs::path& state) {
  std::error_code code;
  auto at = state;
  while (!fs::exists(at, code) && at != at.parent_path())
    at = at.parent_path();
  auto space = fs::space(at, code);
  if (code) return {.about = "disk", .state = State::warn, .what = code.message(), .next = "look at it with df"};
  struct statfs file_system {};
  if (::statfs(at.c_str(), &file_system) == 0 && (file_system.f_type == nfs_magic || file_system.f_type == smb_magic))
    return {.about = "disk",
            .state = State::fail,
            .what = at.string() + " is on a network file system, whose locks do not hold",
            .next = "keep the state directory on a disk of this machine"};
  auto text = gigabytes(space.available) + " free";
  if (space.available < free_bytes_min)
    return {.about = "disk", .state = State::fail, .what = text, .next = "make room: a full disk stops aright"};
  if (space.available < free_bytes_good)
    return {.about = "disk", .state = State::warn, .what = text, .next = "make room before it runs out"};
  return {.about = "disk", .what = text};
}

Finding lock(const Settings& settings) {
  auto path = fs::path(settings.state) / lock_file;
  std::error_code code;
  if (!fs::exists(path, code)) return {.about = "server", .what = "none runs over this state directory"};
  auto held = FileLock::take(path);
  if (held) return {.about = "server", .what = "none runs over this state directory"};
  if (held.error().code != Errc::conflict)
    return {
        .about = "server", .state = State::fail, .what = held.error().message, .next = "look at who owns that file"};
  auto note = read_note(settings.state);
  auto endpoint = note ? net::parse_endpoint(note->url) : std::unexpected(note.error());
  net::Client client({.connect_timeout = milliseconds(2'000),
                      .request_timeout = milliseconds(5'000),
                      .ca_file = {},
                      .admit_address = {}});
  auto answer = endpoint ? client.send(*endpoint, {.method = "GET", .target = "/readyz", .headers = {}, .body = {}},
                                       Context::within(seconds(5)))
                         : std::unexpected(endpoint.error());
  if (!answer)
    return {
        .about = "server",
        .state = State::fail,
        .what = "one holds the state directory and does not answer: " + answer.error().message,
        .next = "give it a minute when it was just started; else look at its log, and restart it: nothing is lost"};
  if (answer->status != 200)
    return {.about = "server",
            .state = State::fail,
            .what = "the one at " + note->url + " is not ready: " + std::string(trim(answer->body)),
            .next = "look at the check that is not ok, and at its log"};
  return {.about = "server", .what = "one runs at " + note->url + ", and is ready"};
}

Finding ledger_sound(const fs::path& path) {
  auto opened = ledger::Ledger::open({.path = path.string()});
  if (!opened)
    return {.about = "ledger",
            .state = State::fail,
            .what = fmt::format("{} cannot be opened: {}", path.string(), opened.error().message),
            .next = "aright restore FILE from the last backup; or move the file away, and a new ledger begins empty"};
  auto verdict = server::verdict_view(**opened, rules::Controls::embedded());
  if (!verdict)
    return {.about = "ledger",
            .state = State::fail,
            .what = verdict.error().message,
            .next = "aright ledger rebuild, or aright restore FILE from the last backup"};
  auto fault = json::at(*verdict, "fault");
  if (!json::truth(json::at(*verdict, "ok"))) {
    auto position = json::integer(json::at(fault, "position"));
    auto what = fault.is_null() ? "what was made of its entries is not what they say"
                : position > 0  ? fmt::format("entry {}: {}", position, json::text(fault, "what", ""))
                                : json::text(fault, "what", "");
    return {.about = "ledger",
            .state = State::fail,
            .what = what,
            .next = position > 0 ? "only a copy brings an entry back: aright restore FILE from the last backup"
                                 : "stop the server and run aright ledger rebuild"};
  }
  auto text = fmt::format("{} entries, all of them sound", json::integer(json::at(*verdict, "entries")));
  static const SystemClock clock;
  auto standing = ledger::standing(**opened, clock.now());
  if (standing && standing->unsigned_since && clock.now() - *standing->unsigned_since > unsigned_long)
    return {.about = "ledger",
            .state = State::warn,
            .what = text + ", but not signed since " + standing->unsigned_since->iso_seconds(),
            .next = "a running server signs by itself; else aright ledger checkpoint"};
  return {.about = "ledger", .what = text};
}

}  // namespace

Findings look_at_machine(const Settings&) {
  return {version(), jail(), node()};
}

Findings look_at_state(const Settings& settings) {
  auto state = fs::absolute(settings.state);
  Findings out{directory(state), disk(state), lock(settings)};
  std::error_code code;
  auto path = state / ledger_file;
  if (fs::exists(path, code))
    out.push_back(ledger_sound(path));
  else
    out.push_back({.about = "ledger", .what = "there is none yet"});
  if (fs::exists(state / halt_file_name, code))
    out.push_back({.about = "halt",
                   .state = State::warn,
                   .what = "the file " + (state / halt_file_name).string() + " halts all writes",
                   .next = "remove it, and then aright resume, when writes may go on"});
  return out;
}

Findings look_at_port(const Settings& settings, const DoctorOrder& order) {
  auto where = fmt::format("{}:{}", order.host, order.port);
  auto tried = net::Server::start({.host = order.host,
                                   .port = static_cast<std::uint16_t>(order.port),
                                   .unix_socket = {},
                                   .certificate_file = {},
                                   .key_file = {}},
                                  [](const net::Request&, const net::Peer&) { return net::Response{}; });
  if (tried) return {{.about = "port", .what = (order.port == 0 ? order.host : where) + " is free"}};
  auto note = read_note(settings.state);
  if (note && order.port != 0 && note->url.ends_with(fmt::format(":{}", order.port)))
    return {{.about = "port", .what = where + " is where aright listens"}};
  return {{.about = "port",
           .state = State::fail,
           .what = where + " cannot be listened on: " + tried.error().message,
           .next = "choose another one with --port, or stop who has it: ss -ltnp"}};
}

}  // namespace aright::cli
