#pragma once
// What a NATS server says, as bytes and as frames (the client protocol, version 1). Pure, one thread at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace aright::nats {

inline constexpr std::size_t line_bytes_max = 64u << 10;     // of a control line; INFO's is the longest
inline constexpr std::size_t header_bytes_max = 64u << 10;   // of one message
inline constexpr std::size_t payload_bytes_max = 8u << 20;   // of one message; of a longer one nothing is kept
inline constexpr std::size_t message_bytes_max = 72u << 20;  // that a server may say; its own bound is 64 MiB

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Message {
  std::string subject, reply;
  int status = 0;  // of a message of the server's own, such as 404; 0: it is somebody's
  std::string description;
  Headers headers;
  std::string payload;
  std::size_t bytes = 0;  // of its payload
  bool oversized = false;  // longer than the bounds above: headers and payload were passed over

  std::string_view header(std::string_view name) const;  // "" when there is none
};

struct Info {
  std::string text;  // JSON
};
struct Ping {};
struct Pong {};
struct Ok {};
struct Refusal {
  std::string what;
};
using Frame = std::variant<Info, Ping, Pong, Ok, Refusal, Message>;

// Takes bytes as they come, in whatever pieces.
class Reader {
 public:
  void feed(std::string_view bytes);
  // The next frame, or nothing until more is fed. Fails with invalid for what is no frame, or breaks a bound; then the
  // rest of the connection is worth nothing.
  Result<std::optional<Frame>> next();

 private:
  struct Body {
    Message message;
    std::size_t header_bytes = 0, bytes = 0;  // bytes: headers and payload
    std::size_t left = 0;                     // still to be passed over, of an oversized one
  };
  Result<std::optional<Frame>> read_line(std::string_view line);
  Result<> begin_message(const std::vector<std::string_view>& words, bool with_headers);
  Result<std::optional<Frame>> read_body();
  std::string_view rest() const { return std::string_view(pending_).substr(at_); }

  std::string pending_;
  std::size_t at_ = 0;  // pending_ is read up to here
  std::optional<Body> body_;
};

// Whether it may stand in a control line: no spaces, control characters or empty tokens. `wild`: * and > may be tokens.
bool is_subject(std::string_view text, bool wild = false);
// PUB, or HPUB with headers. Fails with invalid for what could be read as something else.
Result<std::string> print_publish(std::string_view subject, std::string_view reply, const Headers& headers,
                                  std::string_view payload);

}  // namespace aright::nats
