// demo: the four examples for people, or unattended.

#include <algorithm>
#include <atomic>
#include <mutex>

#include "cli/commands.h"
#include "cli/demo.h"
#include "cli/desk.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "server/views.h"
#include "remediation/narrate.h"
#include "trial/seed.h"

namespace aright::cli {

namespace {

constexpr milliseconds delivery_wait{10'000};

// Somebody's webhook receiver, on loopback: what it hears shows that notices go out.
class Receiver {
 public:
  static Result<std::unique_ptr<Receiver>> start() {
    auto receiver = std::make_unique<Receiver>();
    receiver->server_ = TRY(net::Server::start(
        {}, [raw = receiver.get()](const net::Request& request, const net::Peer&) {
          if (request.headers.find("X-Aright-Signature")) ++raw->heard_;
          return net::Response{.status = 204, .headers = {}, .body = "", .stream = {}};
        }));
    return receiver;
  }
  notify::Channel channel() const {
    return {.name = "webhook", .webhook_url = server_->url() + "/hook", .sns_topic_arn = "",
            .signing_key = server::make_token(), .allow_internal = true,
            .on = {"event", "approval_requested", "resolved", "escalated", "rolled_back"}};
  }
  int heard() const { return heard_; }

 private:
  std::unique_ptr<net::Server> server_;
  std::atomic<int> heard_ = 0;
};

// Tells the milestones of the ledger as they happen.
class Teller {
 public:
  Teller(ledger::Ledger& ledger, bool quiet) : ledger_(ledger) {
    if (quiet) return;
    subscription_ = ledger.subscribe([this](const std::vector<ledger::Entry>& entries) {
      std::lock_guard lock(mutex_);
      for (const auto& entry : entries)
        if (remediation::is_milestone(entry)) print_line("   " + tone(Tone::faint, remediation::narrate(entry)));
      std::fflush(stdout);
    });
  }
  ~Teller() {
    if (subscription_) ledger_.unsubscribe(*subscription_);
  }
  void say(const std::string& text) {
    std::lock_guard lock(mutex_);
    print_line(text.starts_with("\n") ? tone(Tone::strong, text) : " " + tone(Tone::accent, "› ") + text);
    std::fflush(stdout);
  }

 private:
  ledger::Ledger& ledger_;
  std::optional<std::uint64_t> subscription_;
  std::mutex mutex_;
};

// How many messages the SNS topic brought into the subscribed queue.
Result<std::int64_t> inbox(House& house, const json::Object& seeded) {
  aws::Call call{.service = "sqs", .operation = "GetQueueAttributes", .region = "us-east-1", .account = house.account(),
                 .input = {{"QueueUrl", json::at(json::at(seeded, "inbox"), "QueueUrl")},
                           {"AttributeNames", json::Array{"ApproximateNumberOfMessages"}}}};
  auto answer = TRY(house.sandbox()->call(call, Context::within(trial::seed_timeout)));
  return json::integer(json::at(json::at(answer, "Attributes"), "ApproximateNumberOfMessages"));
}

Result<int> play(const Settings& settings, const DemoOptions& options) {
  block_stop_signals();
  auto receiver = TRY(Receiver::start());
  auto house = TRY(House::open({.policy_text = std::string(demo_policy()), .policy_directory = ".",
                                .channels = {receiver->channel()}}));
  auto token = server::make_token();
  auto url = TRY(house->serve(options.listen.host, static_cast<std::uint16_t>(options.listen.port), token));
  auto seeded = TRY(trial::seed(*house->sandbox(), demo_account(), house->account(), "us-east-1",
                         Context::within(trial::seed_timeout)));
  house->listen();
  if (!options.once) CHECK_OK(write_note(settings.state, {url, token}));
  house->engine().run();

  bool quiet = settings.json || settings.quiet;
  Teller teller(house->ledger(), quiet);
  if (!quiet) {
    print_line(tone(Tone::strong, "aright") + " in a sandbox account, with nothing real at stake.");
    print_line("Watch it in the console: " + tone(Tone::accent, fmt::format("{}/#token={}", url, token.reveal())));
  }
  auto say = [&](const std::string& text) {
    if (!quiet) teller.say(text);
  };
  Demonstration demonstration(*house, seeded, say);
  auto played = demonstration.play();
  say("\nAnd everything back again");
  demonstration.take_back(played);

  auto deadline = Context::within(delivery_wait);
  auto messages = TRY(inbox(*house, seeded));
  while ((receiver->heard() == 0 || messages == 0) && deadline.sleep(milliseconds(50)))
    messages = TRY(inbox(*house, seeded));
  auto verdict = TRY(server::verdict_view(house->ledger(), house->engine().controls()));
  bool sound = json::truth(json::at(verdict, "ok"));
  auto entries = json::integer(json::at(verdict, "entries"));
  bool told = receiver->heard() > 0 && messages > 0;
  bool good = std::ranges::all_of(played, &Played::good) && sound && told;
  if (settings.json) {
    json::Array examples;
    for (const auto& one : played) examples.push_back(to_json(one));
    print_json(json::Object{{"ok", good},
                            {"examples", std::move(examples)},
                            {"notifications", json::Object{{"webhook", receiver->heard()}, {"sns", messages}}},
                            {"ledger", json::Object{{"entries", entries}, {"sound", sound}}},
                            {"url", url}});
  } else {
    print_line(fmt::format("\n{} ledger entries, {}; {} webhook deliveries, {} messages through SNS.", entries,
                           !sound ? tone(Tone::bad, "broken") : tone(Tone::good, "sound"), receiver->heard(),
                           messages));
    print_line(good ? tone(Tone::good, "All four examples were set right, verified, and taken back.")
                    : tone(Tone::bad, "Not everything went as it should; see above."));
  }
  std::fflush(stdout);
  if (options.once) return good ? exit_ok : exit_failed;
  print_line(fmt::format("\nStill running: {}/#token={}", url, token.reveal()));
  print_line(fmt::format("Try: aright scan; aright findings; aws --endpoint-url {} s3 ls (AWS_ACCESS_KEY_ID=test "
                         "AWS_SECRET_ACCESS_KEY=test)", url));
  print_line(tone(Tone::faint, "Ctrl-C stops it."));
  std::fflush(stdout);
  wait_for_stop_signal();
  erase_note(settings.state);
  return good ? exit_ok : exit_failed;
}

}  // namespace

int demo(const Settings& settings, const DemoOptions& options) {
  return told(play(settings, options), settings.json);
}

}  // namespace aright::cli
