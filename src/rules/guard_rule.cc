#include "rules/guard_rule.h"

#include <mutex>
#include <optional>

#include "guard/guard.h"
#include "rules/judge.h"

namespace aright::rules {

class GuardText {
 public:
  GuardText(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

  const std::expected<guard::Rules, guard::Diagnostic>& rules() {
    std::call_once(once_, [this] { rules_ = guard::parse_rules(text_, name_); });
    return *rules_;
  }

 private:
  const std::string name_, text_;
  std::once_flag once_;
  std::optional<std::expected<guard::Rules, guard::Diagnostic>> rules_;
};

std::shared_ptr<GuardText> guard_text(std::string name, std::string text) {
  return std::make_shared<GuardText>(std::move(name), std::move(text));
}

std::string fault_of(GuardText& text) { return text.rules() ? "" : text.rules().error().text(); }

namespace {

// Its id stands in the document, too: parameters may name resources.
json::Object with_id(const cloud::Snapshot& snapshot) {
  auto document = snapshot.document();
  document["Id"] = snapshot.ref.id;
  return document;
}

// The author's words where there are any, else ours; the first that failed speaks for all.
std::string reason_of(const guard::Report& report) {
  for (const auto& rule : report.rules)
    for (const auto* failure : guard::leaves(rule.failures)) {
      if (failure->has_message) return failure->message;
      return fmt::format("{} {}", failure->path(), failure->reason);
    }
  return "It does not pass the rule.";
}

std::optional<Evaluation> blind(const cloud::Snapshot& snapshot) {
  for (const auto& [aspect, why] : snapshot.unreadable)
    return insufficient(fmt::format("{} of {} could not be read: {}", aspect, snapshot.ref.id, why));
  return std::nullopt;
}

Evaluation judge_by(GuardText& text, const View& view, const Subject& subject, const json::Object& parameters) {
  if (auto unseen = blind(subject.resource)) return *unseen;
  for (const auto& other : subject.related)
    if (auto unseen = blind(other)) return *unseen;
  if (subject.account)
    for (const auto& [aspect, why] : subject.account->unreadable)
      return insufficient(fmt::format("{} of the account could not be read: {}", aspect, why));
  const auto& rules = text.rules();
  if (!rules) return insufficient("The rule can't be read: " + rules.error().text());
  auto document = guard::document_of(view(subject, parameters), subject.resource.ref.id);
  auto report = guard::evaluate(*rules, document, {.steps_max = guard_steps_max});
  if (!report) return insufficient("The rule can't judge it: " + report.error().text());
  switch (report->status) {
    case guard::Status::pass: return compliant("It passes the rule.");
    case guard::Status::fail: return non_compliant(reason_of(*report));
    case guard::Status::skip: return not_applicable("The rule does not apply to it.");
  }
  return insufficient("The rule gave no verdict.");
}

}  // namespace

json::Object template_view(const Subject& subject, const json::Object& parameters) {
  json::Object resources{{subject.resource.ref.id, with_id(subject.resource)}};
  json::Object document{{"Resources", std::move(resources)}, {"CONFIG_RULE_PARAMETERS", parameters}};
  if (subject.account) document["Account"] = json::at(subject.account->document(), "Properties");
  json::Object related;
  for (const auto& other : subject.related) related[other.ref.type + " " + other.ref.id] = with_id(other);
  document["Related"] = std::move(related);
  return document;
}

Rule with_guard(Rule rule, std::shared_ptr<GuardText> text, View view) {
  rule.judge = [text = std::move(text), view = std::move(view)](const Subject& subject,
                                                                const json::Object& parameters) {
    return judge_by(*text, view, subject, parameters);
  };
  return rule;
}

}  // namespace aright::rules
