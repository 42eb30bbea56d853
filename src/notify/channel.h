#pragma once
// Where a message goes, and how it is handed over.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/call.h"
#include "base/clock.h"
#include "base/secret.h"
#include "nats/jetstream.h"
#include "net/http.h"
#include "notify/queues.h"
#include "notify/quiet.h"

namespace aright::notify {

inline constexpr milliseconds delivery_timeout{10'000};
inline constexpr std::size_t sns_subject_chars_max = 100;  // SNS's own limit
inline constexpr const char* notice_source = "aright";     // of messages that are events

// Whose words a message is put into.
enum class Format { aright, slack, teams, pagerduty, jira, own };
std::string_view name(Format format);
Result<Format> parse_format(std::string_view text);

// Where mail is handed over.
struct Mail {
  std::string server;  // smtp://HOST:PORT, with STARTTLS, or smtps://HOST:PORT
  std::string from;
  std::vector<std::string> to;
  std::string user;    // "": without signing in
  Secret password;
  bool plaintext = false;  // without TLS: for a relay on this machine
};

// Where JetStream takes messages.
struct NatsSubject {
  nats::Server server;
  std::string subject;
};

struct Channel {
  std::string name;
  std::string webhook_url;  // one of these
  std::string sns_topic_arn = {}, queue_arn = {}, bus_arn = {};
  std::optional<Mail> mail = {};
  std::optional<NatsSubject> nats = {};
  Format format = Format::aright;
  Secret key = {};                    // PagerDuty's routing key; Jira's "mail:token"
  std::string project = {}, issue_type = "Task";  // of Jira
  std::string words = {};             // in the format `own`: JSON, with {{subject}} and the like in its texts
  milliseconds digest{0};             // messages of so long are one; 0: each by itself
  Secret signing_key;                 // of webhooks; empty: not signed
  bool allow_internal = false;        // webhooks to loopback and private addresses
  std::vector<std::string> on;        // kinds of messages; empty: all
  std::optional<Quiet> quiet = {};    // when what comes is held until it ends

  bool wants(std::string_view kind) const;
};

// Where a channel leads, for people: of a webhook's URL only the host, since the rest lets one write there.
struct Way {
  std::string_view kind;  // webhook, mail, sns, sqs, events, nats
  std::string to;
};
Way way_of(const Channel& channel);

// What is told. `id` lets the receiver recognise a message that comes twice.
struct Notice {
  std::string id;
  std::string kind;     // approval_requested, resolved, escalated …
  std::string subject;  // one line for people
  json::Object body;
  std::string answer_at = {};  // a link with which its one receiver answers. Put in as it goes out, never stored
};
json::Object to_json(const Notice& notice);
Result<Notice> notice_from_json(const json::Value& value);

inline constexpr std::size_t digest_max = 200;  // messages in one
// Many as one: of the kind digest, with the others in its body. One alone stays as it is.
Notice digest_of(std::vector<Notice> notices);

// One POST to a channel's webhook, signed as the channel says, for those who have a body of their own.
struct Post {
  std::string id, body;
  std::map<std::string, std::string> headers = {}, query = {};  // beside the channel's own
};
// Fails with unavailable and the status when the answer is not 2xx.
Result<> post(const Channel& channel, const Post& what, const Context& context);

// Hands notices over. Thread-safe; blocks at most delivery_timeout. A webhook gets a POST with
//   X-Aright-Delivery: <id>      X-Aright-Signature: sha256=<HMAC-SHA256 of the body, hexadecimal>
// and must answer 2xx; redirects are not followed, and its address must be public unless the channel says otherwise.
class Courier {
 public:
  explicit Courier(aws::Caller& cloud) : cloud_(cloud), queues_(cloud) {}
  Result<> deliver(const Channel& channel, const Notice& notice, const Context& context);

 private:
  Result<> publish(const Channel& channel, const Notice& notice, const Context& context);
  Result<> send(const Channel& channel, const Notice& notice, const Context& context);
  Result<> tell_stream(const Channel& channel, const Notice& notice, const Context& context);
  Result<> tell_bus(const Channel& channel, const Notice& notice, const Context& context);

  aws::Caller& cloud_;
  Queues queues_;
  nats::Publishers publishers_;
};

}  // namespace aright::notify
