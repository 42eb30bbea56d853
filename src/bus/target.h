#pragma once
// A target of an event rule: where the event goes, how long its delivery is tried, and which queue gets what could not
// be delivered. Members, limits and the words of the dead letter are EventBridge's. Pure, any thread.

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/error.h"
#include "json/value.h"

namespace aright::bus {

inline constexpr std::size_t rule_targets_max = 100;  // of one rule; EventBridge itself allows 5
inline constexpr int retries_default = 185;           // EventBridge's bounds and defaults
inline constexpr seconds event_age_min{60};
inline constexpr seconds event_age_max{86'400};
inline constexpr int bus_hops_max = 8;  // from bus to bus; each bus hears an event once in any case
inline constexpr std::string_view default_bus = "default";

struct RetryPolicy {
  int retries_max = retries_default;
  seconds age_max = event_age_max;
};

struct Target {
  enum class Kind {
    control,     // aright:control/<id>
    channel,     // aright:notify/<channel>
    webhook,     // aright:webhook/<channel>: the channel's address, with the input as the body
    bus,         // aright:bus/<name>
    runbook,     // arn:aws:ssm:…:automation-definition/<name>
    function,    // arn:aws:lambda:…:function:<name>
    queue,       // arn:aws:sqs:…
    topic,       // arn:aws:sns:…
    remote_bus,  // arn:aws:events:…:event-bus/<name>: PutEvents
  };
  Kind kind = Kind::control;
  std::string id, arn;
  std::string name;                                   // what stands for it behind the ARN's prefix
  std::string region, account;                        // of an AWS ARN
  std::string message_group;                          // SqsParameters, of a FIFO queue
  std::map<std::string, std::string> headers, query;  // HttpParameters, of a webhook
  RetryPolicy retry;
  std::string dead_letter;  // ARN of a queue, or ""
  json::Value said;         // as the policy has it; read_target() reads it again

  // Whether somebody else has to take it, so that it goes through the outbox.
  bool is_sent() const;
};

// Fails with invalid and the member's name.
Result<Target> read_target(const json::Value& said);

// The service, region, account and name of "arn:aws:sqs:us-east-1:111122223333:name". Fails with invalid.
struct Arn {
  std::string service, region, account, name;
};
Result<Arn> read_arn(std::string_view text);

// One event on its way to one target.
struct Delivery {
  std::string id;  // the same each time: receivers can tell by it
  std::string rule;
  std::string rule_arn = {};  // "": as rule_arn() has it
  Target target;
  json::Object event;
  std::string input;   // what the target gets
  int hops = 0;        // from bus to bus, so far
  Timestamp accepted;  // ages count from here
};
json::Object to_json(const Delivery& delivery);
Result<Delivery> delivery_from_json(const json::Value& value);

// The ARN by which targets and dead letters hear of a rule that AWS's API did not make.
std::string rule_arn(std::string_view rule);

// What goes to the dead-letter queue: the event, and why.
struct DeadLetter {
  std::string id, queue;  // ARN
  std::string body;
  std::map<std::string, std::string> attributes;  // RULE_ARN, TARGET_ARN, ERROR_CODE …
};
json::Object to_json(const DeadLetter& letter);
Result<DeadLetter> dead_letter_from_json(const json::Value& value);

// EventBridge's word for a failure, as ERROR_CODE has it.
std::string_view error_code(const Error& error);

// What comes after the attempt-th attempt (from 1) failed; `wait` is how long the next one would be put off.
struct TryAgain {
  Timestamp due;
};
struct GiveUp {
  std::string exhausted;  // MaximumRetryAttempts, MaximumEventAgeInSeconds; "" when trying again has no sense
};
std::variant<TryAgain, GiveUp> after_failure(const Delivery& delivery, const Error& error, int attempt,
                                             milliseconds wait, Timestamp now);
DeadLetter dead_letter(const Delivery& delivery, const Error& error, int attempts, const GiveUp& why);

}  // namespace aright::bus
