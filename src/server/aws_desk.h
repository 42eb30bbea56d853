#pragma once
// AWS's APIs of the services that find and remediate, answered by aright itself: who may ask, what the engine answers
// (aws_services.h), and what is only kept, in a cloud of its own. What is put there becomes part of the policy
// (put_policy.h), and is on the ledger before the call is answered.

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "sandbox/cloud.h"
#include "server/api.h"
#include "server/aws_services.h"
#include "server/code_links.h"
#include "server/judgements.h"

namespace aright::server {

struct AwsDeskOptions {
  remediation::Engine* engine = nullptr;
  sandbox::Cloud* cloud = nullptr;  // where what is put is kept
  // The cloud is nothing but what is put, and is on the ledger. Else it is a sandbox, which holds everything and
  // forgets it.
  bool durable = false;
  Recorder* recorder = nullptr;  // of the cloud that is worked on
  // Whether a policy of the file and of what was put would be one; and puts it into force.
  std::function<Result<>(const json::Object& put)> check;
  std::function<Result<>(const json::Object& put, const remediation::Actor& actor, const std::string& because)> adopt;
  // Puts into force what another worker put, and has told.
  std::function<Result<>(const json::Object& put)> follow;
  std::function<void(const std::string&)> log;  // one line about each fault; empty: nobody listens
};

struct AwsTurn;

// Thread-safe. What the options point to must outlive it.
class AwsDesk {
 public:
  explicit AwsDesk(AwsDeskOptions options);

  // Nothing: it is not ours, and the sandbox answers.
  std::optional<Result<json::Object>> answer(const sandbox::Principal& who, const aws::Call& call,
                                             const Context& context);
  // What Lambda's Invoke answers, asked for by aright itself.
  Result<json::Object> invoke(const aws::Call& call, const Context& context);
  // A function's code, behind a link of GetFunction.
  net::Response code(const net::Request& request) const;
  // What others who share the ledger put since the last call is kept here as well.
  Result<> hear_others();
  // What was judged, as Config's evaluations.
  void hear(const std::vector<remediation::Judged>& judged);

 private:
  using Places = std::multimap<std::string, std::pair<std::string, std::string>>;
  Result<> admit(const remediation::Principal* who, const std::string& arn, const aws::Call& call) const;
  Result<> fits_model(const aws::Call& call) const;
  bool is_hub_there(const std::string& account, const aws::Call& call) const;
  Result<json::Object> invoke_version(const sandbox::Principal& who, const Signer& signer, aws::Call call,
                                      const Context& context);
  Result<json::Object> kept(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                            const Context& context);
  Result<json::Object> put_targets(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                                   const Context& context);
  Result<json::Object> write(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                             const Context& context);
  Result<json::Object> standards(const AwsTurn& turn);
  Result<> keep(const Signer& signer, const aws::Call& call, const json::Object& before, const json::Object& after);
  Result<> tell_threats(const AwsTurn& turn, const json::Object& before, const json::Object& after);
  Result<> follow_archived(const Signer& signer, const aws::Call& call);
  Result<> follow(const Signer& signer, const aws::Call& call);
  Result<> date_ops_items(const std::map<std::string, json::Value>& found_at);
  Result<> write_by_rules(const sandbox::Principal& who, const aws::Call& import, const Context& context);
  Result<> lend(const aws::Call& call, const Context& context);
  Result<> lend_queue(const aws::Call& call, const Context& context);
  Result<> lend_to_template(const aws::Call& call, const Context& context);
  Result<> lend_bucket(const aws::Call& call, const Context& context);
  Result<json::Object> recorders(const sandbox::Principal& who, const aws::Call& call, const Context& context);
  Result<json::Object> documents(const sandbox::Principal& who, const Signer& signer, const aws::Call& call,
                                 const Context& context);
  Result<> check_remediation(const aws::Call& call) const;
  aws::Call with_version(const sandbox::Principal& who, const aws::Call& call, const Context& context) const;
  Result<json::Object> ops_items(const sandbox::Principal& who, const aws::Call& call, const Context& context);
  Result<> look_at_resources(const Signer& signer, const aws::Call& call, const json::Object& made);
  json::Object own_recorder(const aws::Call& call) const;
  void record_what_is_put() const;
  Result<> show_findings(const std::string& account, const std::string& region, const Context& context);
  Result<> show_ops_items(const std::string& account, const std::string& region, const Context& context);
  json::Object resources() const;
  // What is to become of events that are handed to a function.
  sandbox::Afterwards afterwards(const std::string& function, const std::string& account,
                                 const std::string& region) const;
  // What people attested of process checks is told with what was judged.
  void hear_attested();
  void seal_code(const std::string& account, const std::string& region, json::Object& told) const;
  std::shared_ptr<const Places> places_of_rules();

  AwsDeskOptions options_;
  Judgements judgements_;
  const CodeLinks code_links_;
  std::mutex writing_;     // one write at a time
  std::uint64_t heard_ = 0;  // of the stream of what was put: up to there it is kept here; guarded by writing_
  json::Object put_;       // the policy's part, as it was adopted last; guarded by writing_
  std::map<std::string, std::string> shown_;  // digests of findings that stand in the cloud; guarded by writing_
  // Where Config's rules stand, as account and region; nothing: not known. Guarded by its mutex.
  std::mutex places_mutex_;
  std::shared_ptr<const Places> places_;
};

// The role that an operation asks for; nothing where aright does not answer it.
std::optional<Role> role_for(const aws::Call& call);
// The services that aright answers, by the models' names.
std::span<const std::string_view> desk_services();

}  // namespace aright::server
