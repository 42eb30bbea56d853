// serve and sandbox: what keeps running until it is told to stop.

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/file.h"
#include "base/lock.h"
#include "base/stopwatch.h"
#include "base/text.h"
#include "cli/agents.h"
#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/exporting.h"
#include "cli/sandbox_accounts.h"
#include "cli/service_manager.h"
#include "cli/signals.h"
#include "cli/ledger_place.h"
#include "cli/terminal.h"
#include "remediation/intake.h"
#include "sandbox/http_server.h"
#include "server/checked_documents.h"
#include "telemetry/log.h"
#include "trial/functions.h"
#include "trial/seed.h"

namespace aright::cli {

namespace {

constexpr milliseconds scan_timeout{30 * 60'000};
constexpr milliseconds halt_look_pause{200};  // between looks for the halt file
constexpr milliseconds checkpoint_every{10 * 60'000};
constexpr milliseconds stop_grace{20'000};  // for turns under way, once it is told to stop
constexpr std::size_t halt_reason_bytes_max = 4096;

// What one of all workers does: at once when it becomes that one, since nobody knows what the last one left, and then
// each `every`. Who is first keeps the lease by looking; the others find out in half a lease that it is free.
void keep_duty(House& house, milliseconds lease, std::stop_token stop, const std::function<milliseconds()>& every,
               const std::function<void(const Context&)>& duty) {
  Context context{.stop = stop};
  bool was_first = false;
  Stopwatch since;
  do {
    const bool first = house.engine().is_first();
    const bool due = !was_first || since.seconds() * 1000 >= static_cast<double>(every().count());
    if (first && due) {
      since = {};
      duty(context);
    }
    was_first = first;
  } while (context.sleep(std::min(lease / 2, every())));
}

void keep_scanning(House& house, milliseconds lease, std::stop_token stop) {
  keep_duty(house, lease, stop, [&] { return milliseconds(house.engine().policy().scan_every); },
            [&](const Context& context) { (void)house.engine().scan({}, context.at_most(scan_timeout)); });
}

// What came since the last time is signed, so that a ledger that is cut or replaced later is found out.
void keep_signing(House& house, milliseconds lease, const telemetry::Log& log, std::stop_token stop) {
  keep_duty(house, lease, stop, [] { return checkpoint_every; }, [&](const Context&) {
    if (auto signed_now = house.notary().checkpoint(); !signed_now)
      log.write(telemetry::Level::error, "ledger", "no checkpoint: " + signed_now.error().text());
  });
}

// While this file is in the state directory, nothing is written. What it says is the reason.
std::string halt_file_says(const std::filesystem::path& file) {
  auto text = read_file(file, halt_reason_bytes_max);
  auto line = text ? std::string(trim(std::string_view(*text).substr(0, text->find('\n')))) : "";
  return line.empty() ? "the file " + file.string() : line;
}

// What a running server listens to beside its port: signals, the halt file, and its service manager.
class Attention {
 public:
  Attention(House& house, const telemetry::Log& log, std::filesystem::path halt_file)
      : house_(house), log_(log), halt_file_(std::move(halt_file)) {}

  // Until somebody stops it.
  void keep() {
    while (true) {
      auto heard = wait_for_signal(halt_look_pause);
      if (heard == Heard::stop) return;
      heed_halt_file();
      if (heard == Heard::reload) read_policy_again();
      if (heard == Heard::halt) halt("SIGUSR1", "the signal SIGUSR1");
      show_life();
    }
  }

  void heed_halt_file() {
    if (std::filesystem::exists(halt_file_) && !house_.engine().all_halted())
      halt("halt file", halt_file_says(halt_file_));
  }

 private:
  void halt(const char* who, const std::string& why) {
    auto halted = house_.engine().halt({}, {.name = who, .arn = ""}, why);
    if (!halted) log_.write(telemetry::Level::error, "serve", halted.error().text());
  }

  void read_policy_again() {
    tell_manager(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_us()));
    auto done = house_.read_policy_again({.name = "SIGHUP", .arn = ""});
    if (done) log_.write(telemetry::Level::info, "serve", json::text(*done, "policy", "") + " is in force", *done);
    else log_.write(telemetry::Level::error, "serve", "the policy stays as it was: " + done.error().text());
    tell_manager("READY=1");
  }

  // Twice in each interval of the watchdog, as long as what is needed works.
  void show_life() {
    if (!watchdog_ || shown_.seconds() * 2000 < static_cast<double>(watchdog_->count())) return;
    shown_ = {};
    if (json::truth(json::at(house_.watch().readiness(), "ready"))) tell_manager("WATCHDOG=1");
  }

  House& house_;
  const telemetry::Log& log_;
  const std::filesystem::path halt_file_;
  const std::optional<milliseconds> watchdog_ = watchdog_interval();
  Stopwatch shown_;
};

void tell_serving(const Settings& settings, House& house, const std::string& url, const PolicyText& policy,
                  const Secret& token) {
  if (settings.json) {
    fmt::print("{}\n", json::print(json::Object{{"url", url}, {"policy", policy.origin}, {"state", settings.state}}));
  } else {
    print_line(fmt::format("aright serves {} with {}", tone(Tone::strong, url), policy.origin));
    print_line(fmt::format("console   {}/#token={}", url, token.reveal()));
    print_line(fmt::format("ledger    {}", shown_place(ledger_place(settings))));
    if (house.sandbox())
      print_line(fmt::format(
          "sandbox   AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test aws --endpoint-url {} s3 ls",
          url));
    print_line(tone(Tone::faint, "Ctrl-C stops it."));
  }
  std::fflush(stdout);
}

// The engine's faults as lines of log. One begins with the stream that it is about.
std::function<void(const std::string&)> faults_to(const telemetry::Log& log) {
  return [&log](const std::string& line) {
    log.write(telemetry::Level::error, "engine", line, observe::fields_of(line.substr(0, line.find(':'))));
  };
}

Result<FileLock> own_state(const std::string& state) {
  std::error_code error;
  std::filesystem::create_directories(state, error);
  if (error) return fail(Errc::denied, "{}: {}", state, error.message());
  auto lock = FileLock::take(std::filesystem::path(state) / lock_file);
  if (!lock && lock.error().code == Errc::conflict)
    return fail(Errc::conflict, "another aright serves the state directory {}; stop it, or choose another with --state",
                state);
  return lock;
}

// Runs until it is told to stop, and then lets what is under way come to its end. `started` is called once all works.
void work(House& house, milliseconds lease, const telemetry::Log& log, const std::filesystem::path& halt_file,
          const std::function<void()>& started) {
  Attention attention(house, log, halt_file);
  attention.heed_halt_file();
  house.engine().run();
  remediation::Intake intake(house.engine(), house.cloud(), [&](const std::string& line) {
    log.write(telemetry::Level::error, "intake", line);
  });
  intake.run();
  std::jthread scanner([&](std::stop_token stop) { keep_scanning(house, lease, stop); });
  std::jthread signer([&](std::stop_token stop) { keep_signing(house, lease, log, stop); });
  started();
  tell_manager("READY=1");
  attention.keep();
  tell_manager("STOPPING=1");
  obey_stop_signals();  // a second one does not wait
  log.write(telemetry::Level::info, "serve", "stopping: what is under way may come to its end");
  house.watch().stopping();
  scanner.request_stop();
  signer.request_stop();
  intake.stop();
  house.engine().stop(stop_grace);
}

Result<int> run_server(const Settings& settings, const ServeOptions& options) {
  block_stop_signals();
  SystemClock clock;
  auto format = options.log_format == "json" ? telemetry::Log::Format::json : telemetry::Log::Format::text;
  telemetry::Log log(format, TRY(telemetry::parse_level(options.log_level)), clock);
  auto exporter = TRY(open_exporter(options.otlp_endpoint));
  auto policy = TRY(find_policy(settings));
  auto lock = TRY(own_state(settings.state));
  HouseOptions house_options{.policy_text = policy.text,
                             .policy_directory = policy.directory,
                             .reread = [settings] { return find_policy(settings); },
                             .ledger_path = ledger_place(settings),
                             .state_directory = settings.state,
                             .lease = seconds(options.lease_seconds),
                             .worker = options.worker,
                             .target = settings.target.empty() ? "sandbox" : settings.target,
                             .region = settings.region,
                             .profile = settings.profile,
                             .workers = options.turns,
                             .readers = options.readers,
                             .log = faults_to(log),
                             .lines = &log,
                             .exporter = exporter.get()};
  if (!options.crash_at.empty()) house_options.crash_at = TRY(ledger::parse_crash_point(options.crash_at));
  auto house = TRY(House::open(std::move(house_options)));
  auto token = server::make_token();
  auto url = TRY(house->serve(options.listen.host, static_cast<std::uint16_t>(options.listen.port), token));
  if (house->sandbox())
    TRY(trial::seed(*house->sandbox(), demo_account(), house->account(), "us-east-1",
                    Context::within(trial::seed_timeout)));
  house->listen();
  CHECK_OK(write_note(settings.state, {url, token}));
  work(*house, seconds(options.lease_seconds), log, std::filesystem::path(settings.state) / halt_file_name,
       [&] { tell_serving(settings, *house, url, policy, token); });
  erase_note(settings.state);
  return exit_ok;
}

// Its cloud, filled from a file, or as the demonstration has it.
Result<> fill_sandbox(sandbox::Cloud& cloud, const SandboxOptions& options, const std::string& account) {
  if (!options.faults.empty()) {
    auto text = TRY(read_file(options.faults, sandbox::plan_bytes_max));
    auto plan = sandbox::parse_fault_plan(text);
    if (!plan) return wrap(std::move(plan.error()), "{}", options.faults);
    cloud.set_faults(std::move(*plan));
  }
  if (!options.file.empty() && std::filesystem::exists(options.file)) {
    auto text = TRY(read_file(options.file));
    auto state = TRY(json::parse(text));
    return cloud.import_state(json::members(state));
  }
  if (options.empty) return {};
  auto faults = cloud.faults();
  cloud.set_faults({});  // filling it is nobody's bad day
  TRY(trial::seed(cloud, demo_account(), account, "us-east-1", Context::within(trial::seed_timeout)));
  cloud.set_faults(std::move(faults));
  return {};
}

Result<sandbox::CloudOptions> cloud_options(const SandboxOptions& options, std::string account) {
  sandbox::CloudOptions out{.account = std::move(account), .furnished = true};
  out.authorize = options.authorize;
  for (const auto& file : options.service_control) {
    auto text = TRY(read_file(file, iam::document_bytes_max));
    out.service_control.push_back(iam::named_policy(file, text));
    if (!out.service_control.back().broken.empty())
      return fail(Errc::invalid, "{}: {}", file, out.service_control.back().broken);
  }
  return out;
}

void tell_sandbox(const Settings& settings, const std::string& url, const std::vector<SandboxAccount>& accounts,
                  const Secret& token) {
  if (settings.json) {
    json::Array listed;
    for (const auto& one : accounts)
      listed.push_back(
          json::Object{{"account", one.id}, {"access_key_id", one.key}, {"secret_access_key", one.secret}});
    fmt::print("{}\n", json::print(json::Object{{"url", url}, {"account", accounts.front().id},
                                                {"accounts", std::move(listed)}, {"token", token.reveal()}}));
    return;
  }
  print_line("The sandbox cloud answers at " + tone(Tone::strong, url));
  for (const auto& one : accounts)
    print_line(fmt::format("  export AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} AWS_DEFAULT_REGION=us-east-1   # {}",
                           one.key, one.secret, one.id));
  print_line(fmt::format("  aws --endpoint-url {} s3api list-buckets", url));
  print_line(fmt::format("  curl -H 'Authorization: Bearer {}' {}/_aright/faults", token.reveal(), url));
  print_line(tone(Tone::faint, "Ctrl-C stops it."));
}

Result<int> run_sandbox(const Settings& settings, const SandboxOptions& options) {
  block_stop_signals();
  auto accounts = TRY(sandbox_accounts(options.accounts));
  SystemClock system;
  ScaledClock clock(system, options.speed);
  auto made = TRY(cloud_options(options, accounts.front().id));
  sandbox::Cloud cloud(std::move(made), clock);
  trial::Functions functions(cloud, {.stopped = stop_heard()});  // before the server: nobody calls it when it goes
  functions.serve();
  Agents agents(cloud);
  agents.serve();
  sandbox::Keys keys;
  for (const auto& one : accounts)
    keys[one.key] = {
        .secret = Secret(one.secret), .session_token = {}, .principal = {.account = one.id}, .expires = {}};
  sandbox::Front front(cloud, std::move(keys), system);
  front.intercept([](const sandbox::Principal&, const aws::Call& call, const Context&) {
    return server::refused_document(call);
  });
  auto token = server::make_token();
  sandbox::Control door(cloud, token);
  auto server = TRY(sandbox::HttpServer::start(front, options.listen.host,
                                               static_cast<std::uint16_t>(options.listen.port), &door));
  cloud.set_endpoint(server->url());
  CHECK_OK(fill_sandbox(cloud, options, accounts.front().id));
  tell_sandbox(settings, server->url(), accounts, token);
  std::fflush(stdout);
  wait_for_stop_signal();
  server->stop();
  if (!options.file.empty()) CHECK_OK(write_file(options.file, json::print(cloud.export_state()) + "\n"));
  return exit_ok;
}

}  // namespace

int serve(const Settings& settings, const ServeOptions& options) {
  return told(run_server(settings, options), settings.json);
}

int sandbox(const Settings& settings, const SandboxOptions& options) {
  return told(run_sandbox(settings, options), settings.json);
}

}  // namespace aright::cli
