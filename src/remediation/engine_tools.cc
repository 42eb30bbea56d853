// What Security Hub and Config are told about findings. Messages name findings, not words: what is told is how the
// finding stands when it is sent, so that none is late and their order does not matter.

#include <algorithm>

#include "notify/security_hub.h"
#include "remediation/engine.h"
#include "remediation/exchange.h"
#include "remediation/notices.h"

namespace aright::remediation {

namespace {

using notify::Identifier;
using notify::Place;

constexpr std::string_view hub_tool = "aws.securityhub", config_tool = "aws.config";

struct Task {
  std::string message;
  Finding finding;
};
using Tasks = std::vector<Task>;

// One batch of messages on its way.
class Sending {
 public:
  Sending(Engine& engine, const Context& context) : engine_(engine), context_(context) {}

  void import(const Tasks& tasks);
  void update(const Tasks& tasks);
  void evaluate(const Tasks& tasks);
  void fail(const std::string& message, const Error& error) { failed_.emplace(message, error); }
  const std::map<std::string, Error>& failed() const { return failed_; }  // by message

 private:
  // What each finding of Security Hub is to say, and the messages that ask for it.
  struct Said {
    Word word;
    std::vector<std::string> messages;
  };
  using Sayings = std::map<Identifier, Said>;
  void update_at(const Place& place, const Sayings& sayings);
  void note(const Result<notify::Refused>& answer, const std::string& id, const std::vector<std::string>& messages);

  aws::Caller& cloud() { return engine_.gateway().cloud(); }

  Engine& engine_;
  const Context& context_;
  std::map<std::string, Error> failed_;
};

void Sending::note(const Result<notify::Refused>& answer, const std::string& id,
                   const std::vector<std::string>& messages) {
  std::optional<Error> error;
  if (!answer) error = answer.error();
  else if (auto refused = answer->find(id); refused != answer->end()) error = refused->second;
  if (!error) return;
  for (const auto& message : messages) fail(message, *error);
}

void Sending::import(const Tasks& tasks) {
  struct Imported {
    json::Object finding;
    std::vector<std::string> messages;
  };
  std::map<Place, std::map<std::string, Imported>> batches;
  for (const auto& [message, finding] : tasks) {
    if (!is_imported(finding, engine_.controls())) continue;
    auto told = asff(json::Value(to_json(finding)), engine_.controls());
    auto& one = batches[{finding.resource.account, finding.resource.region}][json::text(told, "Id")];
    one.finding = std::move(told);
    one.messages.push_back(message);
  }
  for (const auto& [place, findings] : batches) {
    json::Array list;
    for (const auto& [id, one] : findings) list.push_back(one.finding);
    auto answer = notify::import_findings(cloud(), place, std::move(list), context_);
    for (const auto& [id, one] : findings) note(answer, id, one.messages);
  }
}

void Sending::update(const Tasks& tasks) {
  std::map<Place, Sayings> by_place;
  const auto& settings = engine_.policy().hub;
  for (const auto& [message, finding] : tasks) {
    std::optional<State> state;
    if (!finding.remediation.empty()) {
      auto read = engine_.remediation(finding.remediation);
      if (!read) {
        fail(message, read.error());
        continue;
      }
      state = std::move(*read);
    }
    auto word = word_about(finding, state ? &*state : nullptr);
    if (!word) continue;
    for (const auto& teller : finding.tellers) {
      if (teller.tool != hub_tool) continue;
      Place place{settings.account.empty() ? teller.account : settings.account,
                  settings.region.empty() ? teller.region : settings.region};
      auto& said = by_place[place][{teller.id, teller.product_arn}];
      said.word = *word;
      said.messages.push_back(message);
    }
  }
  for (const auto& [place, sayings] : by_place) update_at(place, sayings);
}

// Only what they do not say yet is written; findings that are to say the same are written in one call.
void Sending::update_at(const Place& place, const Sayings& sayings) {
  std::vector<Identifier> all;
  for (const auto& [identifier, said] : sayings) all.push_back(identifier);
  auto there = notify::get_findings(cloud(), place, all, context_);
  std::map<std::string, std::pair<json::Object, std::vector<Identifier>>> groups;
  for (const auto& [identifier, said] : sayings) {
    if (!there) {
      for (const auto& message : said.messages) fail(message, there.error());
      continue;
    }
    auto known = there->find(identifier);
    if (known == there->end()) continue;  // Security Hub has forgotten it
    auto values = update_for(said.word, known->second);
    if (values.empty()) continue;
    auto& [same, identifiers] = groups[json::canonical(json::Value(values))];
    same = std::move(values);
    identifiers.push_back(identifier);
  }
  for (const auto& [key, group] : groups) {
    const auto& [values, identifiers] = group;
    for (std::size_t from = 0; from < identifiers.size(); from += notify::hub_batch_max) {
      const auto to = std::min(from + notify::hub_batch_max, identifiers.size());
      std::vector<Identifier> some(identifiers.begin() + static_cast<std::ptrdiff_t>(from),
                                   identifiers.begin() + static_cast<std::ptrdiff_t>(to));
      auto answer = notify::update_findings(cloud(), place, some, values, context_);
      for (const auto& identifier : some) note(answer, identifier.id, sayings.at(identifier).messages);
    }
  }
}

void Sending::evaluate(const Tasks& tasks) {
  std::map<Place, std::map<std::string, std::vector<std::string>>> by_place;  // rule → messages
  for (const auto& [message, finding] : tasks)
    for (const auto& teller : finding.tellers)
      if (teller.tool == config_tool) by_place[{teller.account, teller.region}][teller.id].push_back(message);
  for (const auto& [place, rules] : by_place) {
    std::vector<std::string> some;
    std::vector<std::string> messages;
    auto send = [&] {
      auto sent = notify::evaluate_again(cloud(), place, some, context_);
      if (!sent)
        for (const auto& message : messages) fail(message, sent.error());
      some.clear();
      messages.clear();
    };
    for (const auto& [rule, asking] : rules) {
      some.push_back(rule);
      messages.insert(messages.end(), asking.begin(), asking.end());
      if (some.size() == notify::config_rules_max) send();
    }
    if (!some.empty()) send();
  }
}

// What is wrong with a message does not become right by itself.
bool is_hopeless(const Error& error) { return error.code == Errc::not_found || error.code == Errc::invalid; }

}  // namespace

Result<bool> Engine::send_to_tools(const Context& context) {
  auto claims = TRY(claim_due(tools_channel, notify::hub_batch_max));
  if (claims.empty()) return false;
  std::map<Errand::Kind, Tasks> tasks;
  Sending sending(*this, context);
  for (const auto& claim : claims) {
    auto errand = errand_from_json(json::Value(claim.message.body));
    auto found = errand ? finding(errand->finding) : Result<Finding>(fail(errand.error()));
    if (found)
      tasks[errand->kind].push_back({claim.message.id, std::move(*found)});
    else
      sending.fail(claim.message.id, found.error());
  }
  sending.import(tasks[Errand::Kind::import_finding]);
  sending.update(tasks[Errand::Kind::update_finding]);
  sending.evaluate(tasks[Errand::Kind::evaluate_again]);
  CHECK_OK(ledger_.transact([&](store::Transaction& tx) -> Result<> {
    for (const auto& claim : claims) {
      auto failed = sending.failed().find(claim.message.id);
      if (failed == sending.failed().end()) {
        CHECK_OK(ledger::outbox::ack(tx, claim, clock_.now()));
        continue;
      }
      const auto& error = failed->second;
      log(claim.message.id + ": " + error.text());
      CHECK_OK(is_hopeless(error) ? ledger::outbox::bury(tx, claim, clock_.now(), error.text())
                                  : ledger::outbox::fail(tx, claim, clock_.now(), error.text()));
    }
    return {};
  }));
  return true;
}

}  // namespace aright::remediation
