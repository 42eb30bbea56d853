#include <list>
#include <mutex>
#include <optional>

#include "net/connection.h"
#include "net/http.h"
#include "net/message.h"

namespace aright::net {

struct Client::Impl {
  struct Idle {
    std::string key;
    Connection connection;
  };

  explicit Impl(ClientOptions given) : options(std::move(given)) {}

  const ClientOptions options;
  std::mutex mutex;
  std::list<Idle> idle;  // the one used last in front
  std::shared_ptr<SSL_CTX> tls;

  static std::string key_of(const Endpoint& endpoint) {
    return fmt::format("{}|{}|{}|{}", endpoint.tls, endpoint.host, endpoint.port,
                       endpoint.unix_socket);
  }

  std::optional<Connection> take(const std::string& key) {
    std::lock_guard lock(mutex);
    for (auto entry = idle.begin(); entry != idle.end();) {
      if (entry->key != key) {
        ++entry;
        continue;
      }
      Connection connection = std::move(entry->connection);
      entry = idle.erase(entry);
      if (connection.quiet()) return connection;
    }
    return std::nullopt;
  }

  void keep(std::string key, Connection connection) {
    std::lock_guard lock(mutex);
    idle.push_front({std::move(key), std::move(connection)});
    if (idle.size() > options.idle_connections_max) idle.pop_back();
  }

  Result<Connection> open(const Endpoint& endpoint, SteadyTime until, const Waker* waker) {
    std::shared_ptr<SSL_CTX> context;
    if (endpoint.tls) {
      std::lock_guard lock(mutex);
      if (!tls) tls = client_tls(options.ca_file);
      context = tls;
    }
    auto limit = std::min(until, std::chrono::steady_clock::now() + options.connect_timeout);
    auto connection = connect(endpoint, options, context.get(), limit, waker);
    if (!connection) {
      Error error = std::move(connection.error());
      bool passing = error.code == Errc::unavailable || error.code == Errc::deadline;
      if (passing) error.retry = Retry::later;  // nothing was sent
      return wrap(std::move(error), "connecting to {}", endpoint.authority());
    }
    return connection;
  }

  Result<Response> exchange(const Endpoint& endpoint, const Request& request,
                            const std::string& bytes, Connection connection, SteadyTime until,
                            const Waker* waker) {
    auto written = connection.write(bytes, until, waker);
    // A server may answer and close before it has read everything, so a failed write still reads.
    bool may_answer = written || written.error().code == Errc::unavailable;
    if (!may_answer) return lost(std::move(written.error()));
    std::string pending;
    auto answer = read_response(connection, pending, request.method == "HEAD",
                                options.response_bytes_max, until, waker);
    if (!answer) return lost(std::move(answer.error()));
    if (answer->keep_alive && written && pending.empty()) {
      keep(key_of(endpoint), std::move(connection));
    }
    return std::move(answer->response);
  }

  static std::unexpected<Error> lost(Error error) {
    error.retry = Retry::unknown_outcome;
    error.http_status = 0;
    return fail(std::move(error));
  }
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

Result<Response> Client::send(const Endpoint& endpoint, const Request& request,
                              const Context& context) {
  CHECK_OK(context.check());
  auto bytes = TRY(print_request(endpoint, request));
  auto until = context.at_most(impl_->options.request_timeout).deadline;
  Waker waker;
  std::stop_callback wake(context.stop, [&] { waker.raise(); });

  if (auto kept = impl_->take(Impl::key_of(endpoint))) {
    auto response = impl_->exchange(endpoint, request, bytes, std::move(*kept), until, &waker);
    bool repeatable = request.method == "GET" || request.method == "HEAD";
    bool stale = !response && response.error().code == Errc::unavailable;
    if (!stale || !repeatable) return response;
  }
  auto connection = TRY(impl_->open(endpoint, until, &waker));
  return impl_->exchange(endpoint, request, bytes, std::move(connection), until, &waker);
}

Result<> reach(const Endpoint& endpoint, const ClientOptions& options, const Context& context) {
  CHECK_OK(context.check());
  Waker waker;
  std::stop_callback wake(context.stop, [&] { waker.raise(); });
  CHECK_OK(connect(endpoint, options, nullptr, context.at_most(options.connect_timeout).deadline, &waker));
  return {};
}

}  // namespace aright::net
