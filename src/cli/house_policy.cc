// Where the house's policy comes from: the file, and what is put over AWS's API. And who may put it there.

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"
#include "cli/house.h"
#include "remediation/organization.h"
#include "remediation/put.h"
#include "rules/config_policy.h"
#include "server/put_policy.h"

namespace aright::cli {

namespace {

constexpr std::size_t secret_bytes_max = 4096;

// So that no id is given out twice, whatever came before.
std::uint64_t fresh_seed() {
  std::uint64_t seed = 0;
  for (unsigned char byte : random_bytes(sizeof seed)) seed = seed << 8 | byte;
  return seed;
}

// A managed rule that no control judges by is none here; one that its control cannot judge says so itself.
bool holds_nothing(const remediation::HeldRule& held, const rules::Controls& controls) {
  if (!held.controls.empty()) return false;
  return held.rule.owner != rules::ConfigRule::Owner::aws || !rules::is_managed_rule(held.identifier, controls);
}

// What would hold and do nothing: a remediation by a runbook that is nowhere, a rule that cannot be read. What was put
// before stays as it is.
Result<> check_put(const json::Object& put, const json::Object& before, const remediation::Policy& policy,
                   const remediation::Library& library) {
  for (const auto& one : json::items(json::at(put, "remediations")))
    if (auto known = library.runbook(json::text(one, "TargetId", "")); !known) return fail(known.error());
  std::set<std::string> names;
  const auto& known = json::items(json::at(before, "config_rules"));
  for (const auto& one : json::items(json::at(put, "config_rules")))
    if (std::ranges::find(known, one) == known.end()) names.insert(json::text(one, "ConfigRuleName", ""));
  for (const auto& held : policy.held_rules)
    if (held.pack.empty() && names.contains(held.name) && holds_nothing(held, *policy.known))
      return fail(Errc::invalid, "{}: {}", held.name, held.why_not);
  return {};
}

}  // namespace

Result<Secret> secret_of(const remediation::AccessKey& key, const std::filesystem::path& directory) {
  if (!key.secret_env.empty()) {
    const char* set = std::getenv(key.secret_env.c_str());
    if (set == nullptr || *set == '\0') return fail(Errc::not_found, "{} is not set", key.secret_env);
    return Secret(set);
  }
  auto text = TRY(read_file(directory / key.secret_file, secret_bytes_max));
  return Secret(std::string(trim(text)));
}

Result<remediation::Policy> House::read_policy(const std::string& text) const {
  auto policy = TRY(remediation::parse_policy(text, options_.policy_directory));
  policy.channels.insert(policy.channels.end(), options_.channels.begin(), options_.channels.end());
  for (const auto& [name, runbook] : options_.runbooks) {
    policy.runbooks[name] = runbook;
    if (!options_.runbooks_folder.empty()) policy.runbook_folders[name] = options_.runbooks_folder;
  }
  return policy;
}

Result<remediation::Policy> House::policy_with(const json::Object& put, bool strictly) const {
  auto policy = TRY(read_policy(policy_text_));
  policy.targets = targets_;
  auto faults = remediation::add_put(policy, put);
  if (!faults.empty() && strictly) return fail(Errc::invalid, "{}", fmt::join(faults, "; "));
  for (const auto& fault : faults)
    if (options_.log) options_.log("left out of what was put over AWS's API: " + fault);
  return policy;
}

// What is on the ledger holds from the start.
Result<> House::open_held() {
  if (sandbox_) return {};
  held_ = std::make_unique<sandbox::Cloud>(
      sandbox::CloudOptions{.account = account_, .seed = fresh_seed()}, *clock_);
  auto on_record = TRY(remediation::put_on_record(*ledger_));
  CHECK_OK(held_->import_state(on_record));
  put_ = server::put_policy(json::members(json::at(on_record, "resources")));
  if (!put_.empty()) policy_ = TRY(policy_with(put_, false));
  return {};
}

// What was seen goes with its process where the ledger does.
Result<> House::open_aws() {
  std::string seen(store::in_memory);
  if (!options_.state_directory.empty() && !sandbox_)
    seen = (std::filesystem::path(options_.state_directory) / server::seen_file).string();
  auto recorder = server::Recorder::open(*engine_, seen);
  if (!recorder && options_.log) options_.log(fmt::format("{} is left alone: {}", seen, recorder.error().message));
  recorder_ = recorder ? std::move(*recorder) : TRY(server::Recorder::open(*engine_, std::string(store::in_memory)));

  auto check = [this](const json::Object& put) -> Result<> {
    std::lock_guard lock(policy_mutex_);
    auto policy = TRY(policy_with(put, true));
    auto library = TRY(remediation::Library::open(policy));
    return check_put(put, put_, policy, library);
  };
  auto take = [this](const json::Object& put, const remediation::Actor& actor, const std::string& because) -> Result<> {
    std::lock_guard lock(policy_mutex_);
    CHECK_OK(adopt(TRY(policy_with(put, false)), actor, because));
    put_ = put;
    return {};
  };
  auto follow = [this](const json::Object& put) -> Result<> {
    std::lock_guard lock(policy_mutex_);
    auto policy = TRY(policy_with(put, false));
    auto principals = policy.principals;
    CHECK_OK(engine_->follow(std::move(policy)));
    put_ = put;
    renew_ways_in(principals);
    return {};
  };
  desk_.emplace(server::AwsDeskOptions{.engine = engine_.get(), .cloud = sandbox_ ? sandbox_.get() : held_.get(),
                                       .durable = !sandbox_, .recorder = recorder_.get(), .check = check,
                                       .adopt = take, .follow = follow, .log = options_.log});
  mappings_.emplace(server::MappingsOptions{
      .kept = sandbox_ ? sandbox_.get() : held_.get(), .queues = &*counted_,
      .invoke = [this](const aws::Call& call, const Context& context) { return desk_->invoke(call, context); },
      .log = options_.log});
  engine_->hear_others([this] {
    auto heard = desk_->hear_others();
    if (!heard && options_.log) options_.log("what another worker put is not in force here: " + heard.error().text());
  });
  engine_->hear_judgements([this](const std::vector<remediation::Judged>& judged) { desk_->hear(judged); });
  return {};
}

Result<> House::adopt(remediation::Policy policy, const remediation::Actor& actor, const std::string& because) {
  auto principals = policy.principals;
  CHECK_OK(engine_->adopt(std::move(policy), actor, {{"reason", because}}));
  renew_ways_in(principals);
  return {};
}

void House::renew_ways_in(const std::vector<remediation::Principal>& principals) {
  if (tokens_) tokens_->replace(principals);
  auto front = make_aws_front();
  {
    std::lock_guard lock(ways_in_mutex_);
    aws_front_ = std::move(front);
  }
  if (on_policy_) on_policy_();
}

// Whoever came that way before signs in anew: what they may do stands in the policy that was.
void House::open_sign_on(const remediation::Policy& policy) {
  std::shared_ptr<server::SignOn> made;
  if (policy.sign_on)
    made = std::make_shared<server::SignOn>(
        *policy.sign_on, policy.principals, policy.public_url, system_clock_,
        [this, issuer = policy.sign_on->issuer](const char* kind, const server::Caller& who) {
          return engine_->record_session(kind, who.actor, issuer);
        });
  std::lock_guard lock(ways_in_mutex_);
  sign_on_ = std::move(made);
}

Result<> House::reload(const std::string& text, const remediation::Actor& actor, const std::string& because) {
  std::lock_guard lock(policy_mutex_);
  auto policy = TRY(read_policy(text));
  CHECK_OK(remediation::expand_organization(policy, *cloud_, model::Models::embedded(), options_.region,
                                            Context::within(organization_timeout)));
  TRY(remediation::Library::open(policy));
  auto before = std::pair(policy_text_, targets_);
  policy_text_ = text;
  targets_ = policy.targets;
  auto adopted = [&]() -> Result<> { return adopt(TRY(policy_with(put_, false)), actor, because); }();
  if (adopted && accounts_) accounts_->know(targets_);
  if (adopted) open_sign_on(policy);
  if (!adopted) std::tie(policy_text_, targets_) = std::move(before);
  return adopted;
}

Result<json::Object> House::read_policy_again(const remediation::Actor& actor) {
  if (!options_.reread)
    return fail(Errc::unsupported, "this aright has its policy from no file, and so cannot read it again");
  auto source = TRY(options_.reread());
  auto hash = TRY(read_policy(source.text)).hash;
  bool changed = false;
  {
    std::lock_guard lock(policy_mutex_);
    changed = policy_text_ != source.text;
  }
  CHECK_OK(reload(source.text, actor, "the policy was read again"));
  return json::Object{{"policy", source.origin}, {"hash", hash}, {"changed", changed}};
}

// The keys of the policy's principals; in a sandbox the one of the demonstration as well. A key whose secret is nowhere
// is nobody's.
std::shared_ptr<const sandbox::Front> House::make_aws_front() {
  sandbox::Keys keys;
  if (sandbox_) keys = sandbox::demonstration_keys(account_);
  remediation::Engine::Pin pin(*engine_);
  for (const auto& one : engine_->policy().principals) {
    if (one.access_key.id.empty()) continue;
    auto secret = secret_of(one.access_key, options_.policy_directory);
    if (!secret) {
      if (options_.log)
        options_.log(fmt::format("the access key of {} has no secret: {}", one.name, secret.error().message));
      continue;
    }
    auto arn = one.arn.empty() ? fmt::format("arn:aws:iam::{}:user/{}", account_, one.name) : one.arn;
    keys[one.access_key.id] = {.secret = std::move(*secret),
                               .principal = {.account = account_, .arn = std::move(arn), .user_id = one.name}};
  }
  auto front = std::make_shared<sandbox::Front>(sandbox_ ? *sandbox_ : *held_, std::move(keys), system_clock_);
  front->intercept([this](const sandbox::Principal& who, const aws::Call& call, const Context& context) {
    return desk_->answer(who, call, context);
  });
  return front;
}

net::Response House::answer_aws(const net::Request& request) const {
  std::shared_ptr<const sandbox::Front> front;
  {
    std::lock_guard lock(ways_in_mutex_);
    front = aws_front_;
  }
  return front->answer(request);
}

}  // namespace aright::cli
