#include "pattern/run.h"

namespace aright::pattern {

struct Workspace::State {
  Run run;
};

Workspace::Workspace() : state_(std::make_unique<State>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

namespace {

// Why the reader took no event from the text. It only says no; a parser that knows places tells the rest.
std::unexpected<Error> refused(std::string_view event_json) {
  auto value = json::parse(event_json);
  if (!value) return fail(value.error());
  if (!value->is_object()) return fail(Errc::invalid, "line 1, column 1: an event is a JSON object");
  return fail(Errc::invalid, "line 1, column 1: not JSON");
}

}  // namespace

Matcher::Matcher() : Matcher(std::vector<Entry>()) {}

Matcher::Matcher(std::vector<Entry> entries) : automaton_(std::make_shared<const Automaton>(std::move(entries))) {}

Result<std::span<const RuleNumber>> Matcher::match(std::string_view event_json, Workspace& workspace) const {
  auto rules = workspace.state_->run.match(*automaton_, event_json, false);
  if (!rules) return refused(event_json);
  return *rules;
}

Result<std::span<const RuleNumber>> Matcher::match_padded(std::string_view event_json, Workspace& workspace) const {
  auto rules = workspace.state_->run.match(*automaton_, event_json, true);
  if (!rules) return refused(event_json);
  return *rules;
}

Result<std::vector<std::string>> Matcher::match(std::string_view event_json) const {
  Workspace workspace;
  auto rules = TRY(match(event_json, workspace));
  std::vector<std::string> out;
  for (auto rule : rules)
    out.push_back(id(rule));
  return out;
}

const std::string& Matcher::id(RuleNumber rule) const {
  return automaton_->ids()[rule];
}
std::size_t Matcher::ids() const {
  return automaton_->ids().size();
}
std::size_t Matcher::size() const {
  return automaton_->entries().size();
}
const std::vector<Matcher::Entry>& Matcher::entries() const {
  return automaton_->entries();
}

Matcher::Size Matcher::compiled_size() const {
  return {.sub_rules = automaton_->sub_rules(),
          .fields = automaton_->fields(),
          .paths = automaton_->paths(),
          .bytes = automaton_->bytes()};
}

}  // namespace aright::pattern
