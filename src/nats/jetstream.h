#pragma once
// JetStream on a connection: messages that are kept until somebody acknowledged them, and publishing with an answer.
// Calls are the client's: one thread at a time.

#include <map>
#include <mutex>
#include <span>

#include "nats/client.h"

namespace aright::nats {

inline constexpr int batch_max = 100;                  // messages of one fetch
inline constexpr milliseconds api_timeout{10'000};     // of the server's answer to one question
inline constexpr std::int64_t in_flight_max = 1'000;   // delivered to all workers and not acknowledged
inline constexpr std::size_t idle_publishers_max = 8;  // connections that wait for the next message

// A durable pull consumer, which all workers of a fleet share.
struct Consumer {
  std::string stream, name;
  std::string subject;       // of the stream's only these; "": all
  seconds ack_wait{30};      // then a message is delivered again
  int deliveries_max = 0;    // 0: without end
};

// Makes the consumer when it is not there; one that is there stays as it is. Fails with not_found when there is no such
// stream, and with conflict when the consumer of this name is none of whom one pulls and to whom each message is
// acknowledged.
Result<> bind(Client& client, const Consumer& consumer, const Context& context);

struct Delivery {
  Message message;
  std::string stream;
  std::uint64_t sequence = 0;     // in the stream
  std::int64_t deliveries = 0;    // this one counted
  std::string stored;             // when it came there, in nanoseconds since 1970
};

// At most `most` of what is there; when nothing is, the first that comes within `wait`, or none.
Result<std::vector<Delivery>> fetch(Client& client, const Consumer& consumer, int most, milliseconds wait,
                                    const Context& context);

// They do not come again: the server says so of each before this returns.
Result<> acknowledge(Client& client, std::span<const Delivery> deliveries, const Context& context);
// They are worked on: the time of each begins anew.
Result<> keep(Client& client, std::span<const Delivery> deliveries, const Context& context);
// They come again, after a while.
Result<> put_off(Client& client, std::span<const Delivery> deliveries, milliseconds delay, const Context& context);
// They are of no use to anybody, and do not come again. Not waited for: one that does is given up again.
Result<> give_up(Client& client, std::span<const Delivery> deliveries, const Context& context);

struct Receipt {
  std::string stream;
  std::uint64_t sequence = 0;
  bool duplicate = false;  // it was there already, by its id
};
// Kept by a stream when this returns; one that is sent again with the same id is there once, within its window.
// Fails with unavailable when no stream takes the subject.
Result<Receipt> publish(Client& client, const std::string& subject, const std::string& id, std::string payload,
                        const Context& context);

// Publishes on connections that it keeps. Thread-safe.
class Publishers {
 public:
  Result<Receipt> publish(const Server& server, const std::string& subject, const std::string& id,
                          const std::string& payload, const Context& context);

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<Client> client;
  };
  std::unique_ptr<Client> take(const std::string& key);
  void give_back(std::string key, std::unique_ptr<Client> client);

  std::mutex mutex_;
  std::vector<Idle> idle_;  // guarded by mutex_; the one used last behind
};

}  // namespace aright::nats
