#include "cli/desk.h"

#include <filesystem>

#include "base/file.h"
#include "cli/ledger_place.h"

namespace aright::cli {

namespace {

constexpr milliseconds answer_timeout{180'000};
constexpr milliseconds scan_answer_timeout{31 * 60'000};  // a little longer than a server scans
constexpr milliseconds hello_timeout{2'000};
constexpr const char* note_file = "server.json";

Errc code_from_name(std::string_view text) {
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
    if (name(static_cast<Errc>(code)) == text) return static_cast<Errc>(code);
  return Errc::internal;
}

Result<json::Value> taken_apart(const net::Response& response) {
  auto body = json::parse(response.body);
  if (!body) return fail(Errc::unavailable, "the server answered {} and no JSON", response.status);
  if (response.status < 400) return std::move(*body);
  const auto& error = json::at(*body, "error");
  return fail({.code = code_from_name(json::text(error, "code", "")),
               .message = json::text(error, "message", ""),
               .http_status = response.status,
               .number = json::text(error, "number", "")});
}

net::Request request_for(std::string method, const std::string& path, json::Object body) {
  net::Request request{.method = std::move(method), .target = "/api/v1" + path, .headers = {}, .body = ""};
  if (request.method == "POST") {
    request.headers.set("Content-Type", "application/json");
    request.body = json::print(body);
  }
  return request;
}

class RemoteDesk final : public Desk {
 public:
  RemoteDesk(net::Endpoint endpoint, ServerNote note) : endpoint_(std::move(endpoint)), note_(std::move(note)) {}

  Result<json::Value> ask(std::string method, std::string path, json::Object body) override {
    const auto timeout = method == "POST" && path == "/scan" ? scan_answer_timeout : answer_timeout;
    auto request = request_for(std::move(method), path, std::move(body));
    request.headers.set("Authorization", "Bearer " + note_.token.reveal());
    auto response = client_.send(endpoint_, request, Context::within(timeout));
    if (!response) return wrap(response.error(), "asking {}", note_.url);
    return taken_apart(*response);
  }
  std::string where() const override { return note_.url; }

  Result<> hello() {
    net::Request request{.method = "GET", .target = "/healthz", .headers = {}, .body = ""};
    auto response = TRY(client_.send(endpoint_, request, Context::within(hello_timeout)));
    if (response.status != 200) return fail(Errc::unavailable, "{} answers {}", note_.url, response.status);
    return {};
  }

 private:
  net::Endpoint endpoint_;
  ServerNote note_;
  net::Client client_;
};

// Works between the questions: what is due is done before each answer, as a running server would have done it.
class LocalDesk final : public Desk {
 public:
  explicit LocalDesk(std::unique_ptr<House> house) : house_(std::move(house)) {}

  Result<json::Value> ask(std::string method, std::string path, json::Object body) override {
    auto caller = server::operator_of(house_->engine().policy().principals);
    CHECK_OK(house_->engine().settle(Context::within(answer_timeout)));
    auto response = house_->api().handle(request_for(std::move(method), path, std::move(body)), caller);
    CHECK_OK(house_->engine().settle(Context::within(answer_timeout)));
    return taken_apart(response);
  }
  std::string where() const override { return "this process"; }

 private:
  std::unique_ptr<House> house_;
};

}  // namespace

Result<> write_note(const std::string& state_directory, const ServerNote& note) {
  std::error_code error;
  std::filesystem::create_directories(state_directory, error);
  if (error) return fail(Errc::denied, "{}: {}", state_directory, error.message());
  json::Object value{{"url", note.url}, {"token", note.token.reveal()}};
  return write_file(std::filesystem::path(state_directory) / note_file, json::print(value) + "\n", 0600);
}

void erase_note(const std::string& state_directory) {
  std::error_code ignored;
  std::filesystem::remove(std::filesystem::path(state_directory) / note_file, ignored);
}

Result<ServerNote> read_note(const std::string& state_directory) {
  auto text = TRY(read_file(std::filesystem::path(state_directory) / note_file));
  auto value = TRY(json::parse(text));
  return ServerNote{json::text(value, "url", ""), Secret(json::text(value, "token", ""))};
}

Result<std::unique_ptr<Desk>> find_server(const Settings& settings) {
  ServerNote note{settings.server, Secret(settings.token)};
  bool asked_for = !note.url.empty();
  if (auto left = read_note(settings.state); left && (!asked_for || left->url == note.url)) {
    if (note.url.empty()) note.url = left->url;
    if (note.token.empty()) note.token = left->token;
  }
  if (note.url.empty()) return nullptr;
  auto endpoint = TRY(net::parse_endpoint(note.url));
  auto desk = std::make_unique<RemoteDesk>(std::move(endpoint), note);
  auto answers = desk->hello();
  if (answers) return desk;
  if (asked_for) return wrap(answers.error(), "no aright answers at {}", note.url);
  return nullptr;
}

Result<std::unique_ptr<Desk>> open_desk(const Settings& settings) {
  if (auto server = TRY(find_server(settings))) return server;
  if (settings.target == "sandbox" || settings.target.empty())
    return fail({.code = Errc::unavailable,
                 .message = "no aright is running here. Start one with `aright serve` or `aright demo`, or say where "
                            "your resources are with --endpoint-url URL or --aws",
                 .number = "AR-0015"});
  auto policy = TRY(find_policy(settings));
  std::error_code error;
  std::filesystem::create_directories(settings.state, error);
  if (error) return fail(Errc::denied, "{}: {}", settings.state, error.message());
  auto house = TRY(House::open({.policy_text = std::move(policy.text),
                                .policy_directory = std::move(policy.directory),
                                .ledger_path = ledger_place(settings),
                                .state_directory = settings.state,
                                .target = settings.target,
                                .region = settings.region,
                                .profile = settings.profile}));
  return std::make_unique<LocalDesk>(std::move(house));
}

}  // namespace aright::cli
