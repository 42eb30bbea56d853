// Functions by themselves, and the events that they were handed to deal with later: each attempt is an execution, and
// so is each telling of the end.

#include "aws/client.h"
#include "base/id.h"
#include "base/text.h"
#include "bus/target.h"
#include "remediation/bare_event.h"
#include "remediation/engine.h"

namespace aright::remediation {

namespace {

// A function by the name under which the library has it: name:version, or its name alone. "": it is not there.
std::string name_in_library(const Library& library, const std::string& arn) {
  constexpr std::size_t name_part = 6, version_part = 7;
  auto parts = split(arn, ':');
  if (parts.size() <= name_part || !library.function(arn)) return "";
  if (parts.size() <= version_part) return parts[name_part];
  auto exact = fmt::format("{}:{}", parts[name_part], parts[version_part]);
  return library.function(exact) ? exact : parts[name_part];
}

Actor starter(const ledger::Entry& begun) {
  return {.name = json::text(json::at(begun.body, {"start", "executed_by"})), .arn = ""};
}

// What an execution begins once, however often its end is looked at.
std::string token_after(const ExecutionId& id, std::string_view what) { return fmt::format("{}/{}", id.str(), what); }

}  // namespace

Result<ExecutionId> Engine::start_function(std::string_view name, const json::Object& event, const std::string& account,
                                           const std::string& region, const Actor& actor, const Context& context,
                                           const Manner& manner) {
  Pin pin(*this);
  Action action{.kind = Action::Kind::function, .target = std::string(name), .parameters = event};
  auto reader = gateway_.reader(account, region);
  Resource here{.account = account, .region = region, .type = "", .id = "", .arn = ""};
  auto prepared = TRY(prepare(library(), action, here, own_event, *reader, context));
  return begin(prepared, here, actor, manner, manner.token);
}

Result<ExecutionId> Engine::hand_event(std::string_view name, const json::Object& event, const std::string& account,
                                       const std::string& region, const Actor& actor, const Context& context,
                                       const HandedBy& by) {
  auto colon = name.find(':');
  std::string function(name.substr(0, colon));
  auto version = colon == std::string_view::npos ? std::string_view("$LATEST") : name.substr(colon + 1);
  HandedEvent handed{.function_arn = fmt::format("arn:{}:lambda:{}:{}:function:{}:{}", aws::partition_of(region),
                                                 region, account, function, version),
                     .accepted = clock_.now(),
                     .handed_on = by.handed_on};
  if (asks_afterwards_) handed.afterwards = asks_afterwards_(function, account, region);
  return start_function(name, event, account, region, actor, context,
                        {.token = by.token, .handed = to_json(handed)});
}

Result<> Engine::after_event(const ExecutionId& id, const Progress& progress, const Context& context) {
  auto handed = handed_event_from_json(progress.handed);
  auto entries = TRY(ledger_.stream(id.str()));
  auto answer = function_answer(TRY(executor().describe(id)));
  bool stopped = progress.status == runbook::Status::cancelled;
  auto next = after_attempt(handed, answer.good, stopped, clock_.now());
  if (const auto* later = std::get_if<TryLater>(&next)) {
    if (TRY(try_again(id, handed, entries[0], later->due, context))) return {};
    next = Over{"RetriesExhausted"};
  }
  const auto& event = json::at(entries[0].body, {"source", "payload"});
  for (const auto& tidings : tidings_of(handed, std::get<Over>(next).condition, event, answer, clock_.now()))
    CHECK_OK(tell_of_event(id, handed, tidings, starter(entries[0]), context));
  return {};
}

// False when the function was deleted meanwhile.
Result<bool> Engine::try_again(const ExecutionId& id, HandedEvent handed, const ledger::Entry& begun, Timestamp due,
                           const Context& context) {
  ++handed.attempts;
  const auto& start = json::at(begun.body, "start");
  auto begun_again = start_function(json::text(json::at(begun.body, {"source", "function"})),
                                    as_object(json::at(begun.body, {"source", "payload"})),
                                    json::text(start, "account", ""), json::text(start, "region", ""), starter(begun),
                                    context,
                                    {.token = token_after(id, "again"), .handed = to_json(handed), .at = due});
  if (begun_again) return true;
  return begun_again.error().code == Errc::not_found ? Result<bool>(false) : fail(begun_again.error());
}

// What cannot be told is on record as an execution that failed, or in the log.
Result<> Engine::tell_of_event(const ExecutionId& id, const HandedEvent& handed, const Tidings& tidings,
                               const Actor& actor, const Context& context) {
  auto token = token_after(id, tidings.name);
  auto arn = bus::read_arn(tidings.to);
  auto function = name_in_library(library(), tidings.to);
  if (arn && !function.empty() && handed.handed_on < handed_on_max) {
    auto event = TRY(json::parse(json::text(json::at(tidings.parameters, "Body"))));
    TRY(hand_event(function, as_object(std::move(event)), arn->account, arn->region, actor, context,
                   {.token = token, .handed_on = handed.handed_on + 1}));
    return {};
  }
  auto prepared = prepare_tidings(tidings, handed);
  if (!prepared || !function.empty()) {
    log(fmt::format("{}: {} hears nothing: {}", id.str(), tidings.to,
                    prepared ? "functions hand it on in a circle" : prepared.error().text()));
    return {};
  }
  Resource there{.account = arn->account, .region = arn->region, .type = "", .id = "", .arn = ""};
  TRY(begin(*prepared, there, actor, {.token = token}, token));
  return {};
}

}  // namespace aright::remediation
