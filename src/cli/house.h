#pragma once
// All of aright in one process: policy, ledger, cloud, engine and API, built from what the command line says. Owns them
// all; members go in the reverse order of their making.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "aws/client.h"
#include "base/clock.h"
#include "cli/accounts.h"
#include "cli/agents.h"
#include "cli/settings.h"
#include "ledger/ledger.h"
#include "ledger/notary.h"
#include "observe/counted_cloud.h"
#include "observe/watch.h"
#include "remediation/engine.h"
#include "sandbox/cloud.h"
#include "sandbox/front.h"
#include "server/api.h"
#include "server/aws_desk.h"
#include "server/front.h"
#include "server/mappings.h"
#include "server/recorder.h"
#include "server/tokens.h"
#include "trial/functions.h"

namespace aright::cli {

inline constexpr double sandbox_speed = 60;  // of the clock, where the sandbox is in this process
inline constexpr milliseconds organization_timeout{5 * 60'000};  // to list all of its accounts
inline constexpr const char* ledger_file = "ledger.db";
inline constexpr const char* key_file = "ledger.key";    // that signs it, beside it
inline constexpr const char* link_key_file = "links.key";  // that signs the links of approvals
inline constexpr const char* secrets_key_file = "secrets.key";  // that locks the secrets in it
inline constexpr const char* halt_file_name = "halt";  // while it is there, nothing is written
inline constexpr const char* lock_file = "serve.lock";  // held by the one that serves the state directory
inline constexpr const char* engine_role = "arn:aws:sts::{}:assumed-role/aright/engine";

// The policy file that the settings name, else ./aright.yaml, else the demonstration's.
struct PolicyText {
  std::string text, directory, origin;
};
Result<PolicyText> find_policy(const Settings& settings);

struct HouseOptions {
  std::string policy_text, policy_directory;
  std::function<Result<PolicyText>()> reread;  // the policy as it is by now; empty: it came from no file
  std::map<std::string, std::string> runbooks;  // name → text, beside the policy's
  std::string runbooks_folder;                  // where they, and so their attachments, stand; "": nowhere
  std::string execution_role;  // its name, for accounts that the policy does not name; "": these are refused
  std::string ledger_path = std::string(store::in_memory);  // a file, or the URL of a PostgreSQL database
  std::string state_directory;        // where the keys are, and the halt file; "": nowhere
  milliseconds lease = ledger::leases::term_default;  // for which its work is its own without a word from it
  std::string worker;                 // its name among those that share the database; "": a new one
  std::string target = "sandbox";     // "sandbox", "aws", or a URL
  std::string region = "us-east-1", profile;
  double speed = 0;                   // of the engine's clock; 0: sandbox_speed for the sandbox, else real time
  std::vector<notify::Channel> channels;  // beside the policy's
  std::optional<ledger::CrashPoint> crash_at;
  unsigned workers = remediation::workers_default;
  std::size_t readers = store::readers_default;  // connections to the ledger that read
  std::function<void(const std::string&)> log;  // one line about each fault; empty: nobody listens
  const telemetry::Log* lines = nullptr;    // takes the story; not owned; null: nobody reads it
  telemetry::Exporter* exporter = nullptr;  // not owned; null: nobody takes spans
};

class House {
 public:
  static Result<std::unique_ptr<House>> open(HouseOptions options);
  ~House();

  // Console, API and AWS services on one port.
  Result<std::string> serve(std::string host, std::uint16_t port, const Secret& own_token);

  // Another text of the policy's file, put into force. Fails with what is wrong with it, and then the one before stays.
  // The ledger, the links and the server's address stay as they are until the next start.
  Result<> reload(const std::string& text, const remediation::Actor& actor, const std::string& because);
  // The same of the file as it is by now: {"policy", "hash", "changed"}. Fails with unsupported where there is none.
  Result<json::Object> read_policy_again(const remediation::Actor& actor);
  // Called after another policy came into force, whoever put it there. Before serve().
  void on_policy(std::function<void()> heard) { on_policy_ = std::move(heard); }

  // From now on the engine hears what others do in the sandbox. Not earlier: filling it is nobody's deed.
  void listen() { listening_ = true; }

  remediation::Engine& engine() { return *engine_; }
  const server::Api& api() const { return *api_; }
  sandbox::Cloud* sandbox() { return sandbox_.get(); }  // null: the target is elsewhere
  observe::Watch& watch() { return *watch_; }
  aws::Caller& cloud() { return *counted_; }
  ledger::Ledger& ledger() { return *ledger_; }
  ledger::Notary& notary() { return *notary_; }
  const Clock& clock() const { return *clock_; }
  const remediation::Library& library() const { return *library_; }
  const std::string& account() const { return account_; }

 private:
  House() = default;
  Result<> build_cloud(const HouseOptions& options);
  Result<> open_ledger(const HouseOptions& options);
  Result<> open_held();
  // That all who share a ledger have the same keys: what one of them locked, the others have to read.
  Result<> agree_on_keys();
  std::optional<remediation::FleetOptions> fleet();
  Result<remediation::Policy> read_policy(const std::string& text) const;
  // The file's policy as it is now, and what was put over AWS's API; that has to fit when `strictly`.
  Result<remediation::Policy> policy_with(const json::Object& put, bool strictly) const;
  Result<> adopt(remediation::Policy policy, const remediation::Actor& actor, const std::string& because);
  // After another policy came into force.
  void renew_ways_in(const std::vector<remediation::Principal>& principals);
  Result<> open_aws();
  std::shared_ptr<const sandbox::Front> make_aws_front();
  void open_sign_on(const remediation::Policy& policy);
  net::Response answer_aws(const net::Request& request) const;
  Result<> open_links(const HouseOptions& options);
  void hear_sandbox();

  SystemClock system_clock_;
  ledger::DatabaseClock database_clock_;  // where other workers share the ledger
  const Clock* real_clock_ = &system_clock_;
  std::unique_ptr<Clock> scaled_clock_;
  const Clock* clock_ = nullptr;
  remediation::Policy policy_;
  std::optional<remediation::Library> library_;
  std::string account_, target_;
  HouseOptions options_;
  std::mutex policy_mutex_;
  std::string policy_text_;  // of the file; guarded by policy_mutex_
  std::vector<remediation::Target> targets_;  // the file's, each account by itself; as well
  json::Object put_;                          // over AWS's API, the policy's part; as well
  Accounts* accounts_ = nullptr;              // cloud_, where it is them
  std::unique_ptr<sandbox::Cloud> sandbox_;
  std::unique_ptr<sandbox::Cloud> held_;  // what is put over AWS's API, where the target is elsewhere
  std::optional<trial::Functions> functions_;
  std::optional<Agents> agents_;
  std::unique_ptr<aws::Caller> cloud_;
  std::optional<observe::CountedCloud> counted_;  // in front of cloud_
  std::unique_ptr<ledger::Ledger> ledger_;
  std::optional<ledger::Notary> notary_;
  std::optional<remediation::LinkSeal> links_;  // where the policy has a public_url
  std::unique_ptr<remediation::Engine> engine_;
  std::optional<observe::Watch> watch_;
  std::unique_ptr<server::Api> api_;
  std::optional<server::Tokens> tokens_;
  std::unique_ptr<server::Recorder> recorder_;
  std::optional<server::AwsDesk> desk_;
  std::optional<server::Mappings> mappings_;
  mutable std::mutex ways_in_mutex_;
  std::shared_ptr<server::SignOn> sign_on_;  // where the policy names an issuer; guarded by ways_in_mutex_
  std::shared_ptr<const sandbox::Front> aws_front_;  // guarded by ways_in_mutex_
  std::function<void()> on_policy_;
  std::optional<server::Front> front_;
  std::unique_ptr<net::Server> server_;
  std::atomic<bool> listening_ = false;
};

// Of a principal's access key: from the environment, or from a file beside the policy.
Result<Secret> secret_of(const remediation::AccessKey& key, const std::filesystem::path& directory);

std::string_view demo_account();  // the calls that fill it
std::string_view demo_policy();

}  // namespace aright::cli
