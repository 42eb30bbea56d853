#include "cli/house.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "cli/accounts.h"
#include "cli/signals.h"
#include "ledger/agreed.h"
#include "remediation/organization.h"
#include "sandbox/as_role.h"
#include "store/postgres.h"
#include "trial/control_cases.h"

ARIGHT_EMBEDDED(demo_account)
ARIGHT_EMBEDDED(demo_policy)

namespace aright::cli {

namespace {

constexpr std::size_t policy_bytes_max = 4u << 20;
constexpr std::size_t key_bytes_max = 4096;

// What the house calls its own; the whole organization has no one name.
std::string first_account(const remediation::Policy& policy) {
  if (policy.targets.empty() || policy.targets[0].organization) return std::string(sandbox::default_account);
  return policy.targets[0].account;
}

// The engine, under a name by which its events can be told from everybody else's.
sandbox::Principal engine_in(const std::string& account) {
  return {.account = account, .arn = fmt::format(fmt::runtime(engine_role), account), .user_id = "AROAARIGHT:engine",
          .user_agent = "aright"};
}

}  // namespace

std::string_view demo_account() { return embedded_demo_account(); }
std::string_view demo_policy() { return embedded_demo_policy(); }

std::string default_state_directory() {
  if (const char* set = std::getenv("ARIGHT_STATE")) return set;
  if (const char* xdg = std::getenv("XDG_STATE_HOME")) return std::string(xdg) + "/aright";
  const char* home = std::getenv("HOME");
  return std::string(home ? home : ".") + "/.local/state/aright";
}

Result<PolicyText> find_policy(const Settings& settings) {
  std::filesystem::path file = settings.policy;
  if (file.empty() && std::filesystem::exists("aright.yaml")) file = "aright.yaml";
  if (file.empty()) return PolicyText{std::string(demo_policy()), ".", "the demonstration's policy"};
  auto text = TRY(read_file(file, policy_bytes_max));
  auto directory = file.parent_path();
  return PolicyText{std::move(text), directory.empty() ? "." : directory.string(), file.string()};
}

House::~House() {
  if (mappings_) mappings_->stop();
  if (engine_) engine_->stop();
  if (recorder_) recorder_->stop();
  if (server_) server_->stop();
  if (watch_) watch_->stop();
}

Result<> House::build_cloud(const HouseOptions& options) {
  target_ = options.target;
  bool own_sandbox = options.target == "sandbox";
  auto speed = options.speed > 0 ? options.speed : own_sandbox ? sandbox_speed : 1;
  if (store::is_postgres_url(options.ledger_path)) real_clock_ = &database_clock_;
  scaled_clock_ = std::make_unique<ScaledClock>(*real_clock_, speed);
  clock_ = speed == 1 ? real_clock_ : scaled_clock_.get();
  if (own_sandbox) {
    sandbox_ = std::make_unique<sandbox::Cloud>(sandbox::CloudOptions{.account = account_, .furnished = true}, *clock_);
    functions_.emplace(*sandbox_, trial::Surroundings{.stopped = stop_heard()});
    functions_->serve();
    agents_.emplace(*sandbox_);
    agents_->serve();
    cloud_ = std::make_unique<sandbox::AsRole>(*sandbox_, engine_in);
    return {};
  }
  AccountsOptions accounts{.policy = &policy_,
                           .endpoint_url = options.target == "aws" ? "" : options.target,
                           .region = options.region,
                           .profile = options.profile,
                           .execution_role = options.execution_role};
  // Signatures are dated by the real time, however fast the engine's runs.
  auto made = std::make_unique<Accounts>(std::move(accounts), *real_clock_);
  accounts_ = made.get();
  cloud_ = std::move(made);
  return {};
}

// One in memory goes with its process, and so does the key that signs it.
Result<> House::open_ledger(const HouseOptions& options) {
  const std::filesystem::path state = options.state_directory;
  ledger::Options ledger{.path = options.ledger_path, .clock = clock_, .readers = options.readers,
                         .crash_at = options.crash_at};
  if (!state.empty()) ledger.strongbox = TRY(Strongbox::in(state / secrets_key_file));
  ledger_ = TRY(ledger::Ledger::open(std::move(ledger)));
  auto signer = state.empty() ? ledger::Signer::generate("aright/memory") : TRY(ledger::signer_in(state / key_file));
  notary_.emplace(*ledger_, std::move(signer));
  return {};
}

Result<> House::open_links(const HouseOptions& options) {
  if (policy_.public_url.empty()) return {};
  auto key = remediation::make_link_key();
  if (!options.state_directory.empty())
    key = TRY(key_in(std::filesystem::path(options.state_directory) / link_key_file, remediation::link_key_bytes));
  links_.emplace(std::move(key), policy_.public_url);
  return {};
}

Result<> House::agree_on_keys() {
  const std::filesystem::path state = options_.state_directory;
  for (const char* file : {key_file, secrets_key_file, link_key_file}) {
    if (!std::filesystem::exists(state / file)) continue;  // the policy needs none
    auto mark = to_hex(sha256(fmt::format("aright {}\n{}", file, TRY(read_file(state / file, key_bytes_max)))));
    std::string theirs;
    CHECK_OK(ledger_->database().transact([&](store::Transaction& tx) -> Result<> {
      theirs = TRY(ledger::agreed::get(tx, file));
      if (theirs.empty()) CHECK_OK(ledger::agreed::replace(tx, file, "", mark));
      return {};
    }));
    if (!theirs.empty() && theirs != mark)
      return fail({.code = Errc::conflict,
                   .message = fmt::format("{} is another key than the other workers of this store have; copy theirs",
                                          (state / file).string()),
                   .number = "AR-0033"});
  }
  return {};
}

std::optional<remediation::FleetOptions> House::fleet() {
  if (!ledger_->database().serves_many()) return std::nullopt;
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  auto name = fmt::format("{}-{}-{}", host, getpid(), to_hex(random_bytes(3)));
  return remediation::FleetOptions{.worker = options_.worker.empty() ? name : options_.worker,
                                  .term = options_.lease,
                                  .clock = &database_clock_};
}

// What people do in the sandbox is heard at once; what the engine does itself tells it nothing new.
void House::hear_sandbox() {
  if (!sandbox_) return;
  sandbox_->on_call([this](const json::Object& event) {
    if (!listening_) return;
    auto who = json::text(json::at(json::at(event, "detail"), {"userIdentity", "arn"}));
    if (who != fmt::format(fmt::runtime(engine_role), json::text(event, "account"))) (void)engine_->accept_event(event);
  });
}

Result<std::unique_ptr<House>> House::open(HouseOptions options) {
  std::unique_ptr<House> house(new House());
  house->options_ = options;
  house->policy_text_ = options.policy_text;
  house->policy_ = TRY(house->read_policy(options.policy_text));
  house->account_ = first_account(house->policy_);
  CHECK_OK(house->build_cloud(options));
  house->counted_.emplace(*house->cloud_);
  CHECK_OK(remediation::expand_organization(house->policy_, *house->counted_, model::Models::embedded(), options.region,
                                            Context::within(organization_timeout)));
  if (!house->sandbox_) house->account_ = first_account(house->policy_);
  house->targets_ = house->policy_.targets;
  if (house->accounts_) house->accounts_->know(house->targets_);
  CHECK_OK(house->open_ledger(options));
  CHECK_OK(house->open_held());
  house->library_ = TRY(remediation::Library::open(house->policy_));
  CHECK_OK(house->open_links(options));
  if (house->ledger_->database().serves_many()) CHECK_OK(house->agree_on_keys());
  house->engine_ = TRY(remediation::Engine::open({.policy = &house->policy_,
                                                  .controls = house->policy_.known.get(),
                                                  .catalog = &cloud::Catalog::embedded(),
                                                  .models = &model::Models::embedded(),
                                                  .cloud = &*house->counted_,
                                                  .ledger = house->ledger_.get(),
                                                  .clock = house->clock_,
                                                  .library = &*house->library_,
                                                  .links = house->links_ ? &*house->links_ : nullptr,
                                                  .workers = options.workers,
                                                  .fleet = house->fleet(),
                                                  .log = std::move(options.log)}));
  house->watch_.emplace(observe::WatchOptions{
      .engine = house->engine_.get(),
      .version = ARIGHT_VERSION,
      .state_directory = options.state_directory,
      .log = options.lines,
      .exporter = options.exporter});
  const std::filesystem::path state = options.state_directory;
  house->api_ = std::make_unique<server::Api>(
      *house->engine_,
      server::Surroundings{.version = ARIGHT_VERSION, .target = house->target_, .account = house->account_,
                           .notary = &*house->notary_,
                           .reload = [made = house.get()](const auto& actor) { return made->read_policy_again(actor); },
                           .halt_file = state.empty() ? state : state / halt_file_name,
                           .tests_of = trial::catalog_test_names});
  CHECK_OK(house->open_aws());
  house->hear_sandbox();
  return house;
}

Result<std::string> House::serve(std::string host, std::uint16_t port, const Secret& own_token) {
  tokens_.emplace(policy_.principals, own_token);
  watch_->start();
  server::FrontOptions options{.api = api_.get(), .tokens = &*tokens_, .ledger = ledger_.get(), .aws = {},
                               .links = links_ ? &*links_ : nullptr, .watch = &*watch_,
                               .hosts = server::own_hosts(host)};
  // People come back to this name from their identity provider, and go on there.
  if (auto url = net::parse_endpoint(policy_.public_url); policy_.sign_on && url && !options.hosts.empty())
    options.hosts.push_back(lower(url->host));
  open_sign_on(policy_);
  options.sign_on = [this] {
    std::lock_guard lock(ways_in_mutex_);
    return sign_on_;
  };
  {
    std::lock_guard lock(ways_in_mutex_);
    aws_front_ = make_aws_front();
  }
  if (!sandbox_) recorder_->start();
  options.code = [this](const net::Request& request) { return desk_->code(request); };
  options.aws = [this](const net::Request& request) { return answer_aws(request); };
  front_.emplace(std::move(options));
  net::ServerOptions listen{.host = std::move(host), .port = port};
  server_ = TRY(net::Server::start(std::move(listen), [this](const net::Request& request, const net::Peer& peer) {
    return front_->handle(request, peer);
  }));
  (sandbox_ ? sandbox_ : held_)->set_endpoint(server_->url());
  mappings_->run();
  return server_->url();
}

}  // namespace aright::cli
