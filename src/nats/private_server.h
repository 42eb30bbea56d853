#pragma once
// A NATS server of a test's own, with JetStream: on loopback, on a port that it picks, in a fresh directory; gone with
// the process that started it. Not part of the module: tests include it.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/file.h"
#include "json/value.h"
#include "nats/jetstream.h"

namespace aright::nats {

inline constexpr const char* server_program = "/usr/sbin/nats-server";
inline constexpr int start_looks_max = 600;  // 100 ms apart

class PrivateServer {
 public:
  // `more`: further arguments, such as {"--user", "ana", "--pass", "secret"}.
  explicit PrivateServer(std::vector<std::string> more = {}) : more_(std::move(more)) { start(); }
  ~PrivateServer() { kill(); }

  Server address() const { return {.urls = {fmt::format("nats://127.0.0.1:{}", port_)}}; }
  std::unique_ptr<Client> connect() const {
    auto client = Client::connect(address(), Context::within(seconds(30)));
    EXPECT_TRUE(client) << client.error().text();
    return client ? std::move(*client) : nullptr;
  }
  void make_stream(const std::string& name, const std::string& subject) const {
    json::Object body{{"name", name}, {"subjects", json::Array{json::Value(subject)}}, {"storage", "file"}};
    auto made = connect()->request({.subject = "$JS.API.STREAM.CREATE." + name, .reply = {}, .headers = {},
                                    .payload = json::print(body)}, Context::within(seconds(30)));
    ASSERT_TRUE(made) << made.error().text();
    EXPECT_TRUE(json::at(*json::parse(made->payload), "error").is_null()) << made->payload;
  }
  // At once, as a power cut would, but for what the disk holds.
  void kill() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  // The first time, and again after kill(): then on the same port, with what it kept.
  void start() {
    auto ports = directory_.path() / fmt::format("ports-{}", ++starts_);
    std::filesystem::create_directories(ports);
    std::vector<std::string> words{server_program, "-a", "127.0.0.1", "-p", std::to_string(port_), "-js", "-sd",
                                   (directory_.path() / "kept").string(), "--ports_file_dir", ports.string(), "-l",
                                   (directory_.path() / "log").string()};
    words.insert(words.end(), more_.begin(), more_.end());
    process_ = fork();
    if (process_ == 0) run(std::move(words));
    for (int look = 0; look < start_looks_max && !is_ready(ports); ++look)
      std::this_thread::sleep_for(milliseconds(100));
    EXPECT_GT(port_, 0) << "the private NATS server did not start; is Debian's nats-server installed?";
  }

 private:
  [[noreturn]] static void run(std::vector<std::string> words) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(server_program, arguments.data());
    _exit(127);
  }
  bool is_ready(const std::filesystem::path& ports) {
    for (const auto& file : std::filesystem::directory_iterator(ports)) {
      auto text = read_file(file.path());
      auto told = text ? json::parse(*text) : fail(text.error());
      auto urls = told ? json::texts(json::at(*told, "nats")) : std::vector<std::string>();
      if (urls.empty()) continue;
      port_ = std::stoi(urls[0].substr(urls[0].rfind(':') + 1));
      return true;
    }
    return false;
  }

  TemporaryDirectory directory_{"aright-nats-"};
  std::vector<std::string> more_;
  int port_ = -1, starts_ = 0;
  pid_t process_ = 0;
};

}  // namespace aright::nats
