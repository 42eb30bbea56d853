// NOTIFY takes a lock of the whole server while it commits, so it is kept off the way of what writes: it has a
// connection and a thread of its own, and many calls become one.

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "base/context.h"
#include "base/digest.h"
#include "store/libpq.h"
#include "store/postgres.h"

namespace aright::store {

namespace {

constexpr milliseconds reconnect_pause{1'000};
constexpr std::size_t channel_digits = 16;

struct Closer {
  const Libpq* pq = nullptr;
  void operator()(PGconn* connection) const { pq->finish(connection); }
};
using Line = std::unique_ptr<PGconn, Closer>;

class PostgresBell final : public Bell {
 public:
  PostgresBell(PostgresOptions options, std::function<void()> heard)
      : options_(std::move(options)), heard_(std::move(heard)),
        channel_("aright_" + to_hex(sha256(options_.schema)).substr(0, channel_digits)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), thread_([this](std::stop_token stop) { run(stop); }) {}
  ~PostgresBell() override {
    thread_.request_stop();
    wake();
    thread_.join();
    close(wake_);
  }

  void ring() override {
    if (!rung_.exchange(true)) wake();
  }

 private:
  void wake() {
    eventfd_write(wake_, 1);
  }
  void run(std::stop_token stop) {
    Context context{.stop = stop};
    do {
      if (auto line = open()) listen(*line, stop);
    } while (context.sleep(reconnect_pause));
  }
  std::optional<Line> open() const {
    auto pq = libpq();
    if (!pq) return std::nullopt;
    auto limit = std::to_string(connect_limit.count());
    const char* keys[] = {"connect_timeout", "dbname", "fallback_application_name", nullptr};
    const char* values[] = {limit.c_str(), options_.url.c_str(), "aright bell", nullptr};
    Line line((*pq)->connect(keys, values, 1), {*pq});
    (*pq)->set_notice_processor(line.get(), [](void*, const char*) {}, nullptr);
    if ((*pq)->status(line.get()) != CONNECTION_OK || !say(**pq, line, "listen ")) return std::nullopt;
    return line;
  }
  bool say(const Libpq& pq, const Line& line, const std::string& word) const {
    auto* answer = pq.exec(line.get(), (word + channel_).c_str());
    bool done = pq.result_status(answer) == PGRES_COMMAND_OK;
    pq.clear(answer);
    return done;
  }
  // Until the connection breaks, or it is time to stop.
  void listen(const Line& line, const std::stop_token& stop) {
    const auto& pq = *line.get_deleter().pq;
    heard_();  // whatever was rung before
    while (!stop.stop_requested()) {
      pollfd looked_at[] = {{.fd = wake_, .events = POLLIN, .revents = 0},
                            {.fd = pq.socket(line.get()), .events = POLLIN, .revents = 0}};
      if (poll(looked_at, std::size(looked_at), -1) < 0 && errno != EINTR) return;
      eventfd_t count = 0;
      eventfd_read(wake_, &count);
      if (rung_.exchange(false) && !say(pq, line, "notify ")) return;
      if (pq.consume_input(line.get()) == 0) return;
      bool others = false;
      while (auto* one = pq.notifies(line.get())) {
        others = others || one->be_pid != pq.backend(line.get());
        pq.free(one);
      }
      if (others) heard_();
    }
  }

  const PostgresOptions options_;
  const std::function<void()> heard_;
  const std::string channel_;
  const int wake_;
  std::atomic<bool> rung_ = false;
  std::jthread thread_;
};

}  // namespace

std::unique_ptr<Bell> postgres_bell(PostgresOptions options, std::function<void()> heard) {
  return std::make_unique<PostgresBell>(std::move(options), std::move(heard));
}

}  // namespace aright::store
