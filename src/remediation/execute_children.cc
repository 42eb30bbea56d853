// Executions that another one started and waits for, side by side: on threads of their own, or, where there is a plan
// or time is virtual, one after the other as far as each goes. Each is a stream of its own; their calls are in the
// stream of the one at the top, whose turn drives them all.

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/digest.h"
#include "base/id.h"
#include "ledger/fence.h"
#include "remediation/assume_role.h"
#include "remediation/execute_run.h"
#include "remediation/projection.h"
#include "remediation/runner.h"

namespace aright::remediation {

namespace {

using namespace runbook;

constexpr std::size_t execution_id_digits = 26;

ExecutionId child_id(const ExecutionId& parent, std::string_view token) {
  return execution_named_by(scope_of(parent, token));
}

}  // namespace

ExecutionId execution_named_by(std::string_view words) {
  return ExecutionId::derived(to_hex(sha256(words)).substr(0, execution_id_digits));
}

std::string scope_of(const ExecutionId& id, std::string_view token) { return fmt::format("{}#{}", id.str(), token); }

// What is performed now, and so is performed again after a crash: the command, and those of the children it waits for.
Result<std::vector<std::string>> Executor::running_scopes(const Run& run) const {
  const auto& command = run.machine.next();
  std::vector<std::string> out{scope_of(run.id(), token(command))};
  const auto* running = std::get_if<RunChildren>(&command);
  if (!running) return out;
  for (const auto& child : running->children) {
    out.push_back(scope_of(run.id(), child.token));
    auto id = child_id(run.id(), child.token);
    auto started = TRY(ledger_.stream(id.str()));
    if (started.empty()) continue;
    auto below = TRY(load(id));
    auto more = TRY(running_scopes(below));
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

Result<std::optional<Progress>> Executor::go_below(Run& run, const RunChildren& children, Doorway& door,
                                                   const Context& context) {
  const bool late = clock_.now() >= children.due;
  if (late && !children.stopping) {
    CHECK_OK(record(run, {clock_.now(), Woke{children.token}}));
    return std::nullopt;
  }
  auto driven = TRY(drive_children(run, children, door, context));
  Progress waits{.status = run.machine.status(), .due = children.due, .sequence = run.sequence};
  std::optional<Error> stopped;
  bool told = false;
  // A stop that came in meanwhile is another command: what is told of this one then fits no more, and is left out.
  auto tell = [&](Returned returned) -> Result<> {
    auto recorded = record(run, {clock_.now(), std::move(returned)});
    told = true;
    return recorded || recorded.error().code == Errc::invalid ? Result<>() : fail(recorded.error());
  };
  for (std::size_t i = 0; i < driven.size(); ++i) {
    auto& one = driven[i];
    if (one.stopped && !is_held(one.stopped)) stopped = one.stopped;
    if (one.progress.ended) {
      if (!children.stopping)
        CHECK_OK(tell({.token = children.children[i].token, .output = std::move(one.output),
                       .error = violates(one.stopped) ? one.stopped : one.refused}));
      continue;
    }
    if (is_held(one.stopped)) waits.sequence = 0;
    waits.due = std::min(waits.due, one.progress.due);
    waits.below.emplace_back(child_id(run.id(), children.children[i].token).str(), one.progress.sequence);
    waits.below.insert(waits.below.end(), one.progress.below.begin(), one.progress.below.end());
  }
  if (children.stopping && (waits.below.empty() || late))
    CHECK_OK(tell({.token = children.token, .output = json::Object(), .error = std::nullopt}));
  if (stopped) {
    door.stopped_below = stopped;
    return TRY(stop_by(run, *stopped, door, context));
  }
  if (told) return std::nullopt;
  return waits;
}

Result<std::vector<Executor::Driven>> Executor::drive_children(Run& parent, const RunChildren& children,
                                                               Doorway& door, const Context& context) {
  const auto count = children.children.size();
  std::vector<Result<Driven>> driven(count, Driven{.progress = {.ended = true}});
  std::vector<std::size_t> waiting;  // to be driven
  std::vector<ExecutionId> ids;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& child = children.children[i];
    ids.push_back(child_id(parent.id(), child.token));
    auto refused = children.stopping ? std::optional<Error>() : TRY(start_child(parent, child, door, context));
    if (refused)
      driven[i]->refused = std::move(refused);
    else
      waiting.push_back(i);
  }
  std::atomic<std::size_t> next = 0;
  auto fence = ledger::Fence::current();
  auto drive_some = [&] {
    ledger::Fence::Around around(fence);
    for (auto at = next++; at < waiting.size(); at = next++) {
      Doorway own(Doorway::Below{}, door);
      driven[waiting[at]] = drive_child(ids[waiting[at]], children.stopping, own, context);
    }
  };
  // With a plan each write is held against all that was made before it: they take turns.
  const bool alone = door.below || door.plan || gateway_.time_is_virtual();
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; !alone && i < std::min(waiting.size(), children_threads_max); ++i)
      threads.emplace_back(drive_some);
    drive_some();
  }
  std::vector<Driven> out;
  for (auto& one : driven) out.push_back(TRY(std::move(one)));
  return out;
}

// Why it can't be; nothing when it is on record.
Result<std::optional<Error>> Executor::start_child(Run& parent, const Child& child, Doorway& door,
                                                   const Context& context) {
  auto id = child_id(parent.id(), child.token);
  auto existing = TRY(ledger_.stream(id.str()));
  if (!existing.empty()) return std::nullopt;
  door.session->scope(scope_of(parent.id(), child.token));
  auto prepared = prepare_child(library_, child, parent.beginning.start, door, context);
  if (!prepared) return prepared.error();
  Beginning beginning{.id = id, .remediation = parent.beginning.remediation, .parent = parent.id().str(),
                      .owner = parent.beginning.owner, .start = parent.beginning.start};
  beginning.start.execution_id = uuid_from(id.str());
  beginning.start.parent = parent.beginning.start.execution_id;
  beginning.start.depth += 1;
  beginning.start.interactive = false;
  if (!child.account.empty()) beginning.start.account = child.account;
  if (!child.region.empty()) beginning.start.region = child.region;
  beginning.start.parameters = prepared->parameters;
  beginning.start.run_at = run_at(parent.beginning.start);
  beginning.start.at = clock_.now();
  beginning.start.about = child.about;
  if (!door.plan && child.about.contains("ExecutionRoleName"))
    if (auto may = check_role(gateway_.cloud(), *prepared, beginning.start, context); !may) {
      CHECK_OK(context.check());
      return may.error();
    }
  std::vector<ledger::Draft> drafts;
  drafts.push_back(begin(beginning, *prepared, parent.secrets));
  CHECK_OK(ledger_.append(std::move(drafts), [&](store::Transaction& tx, const auto&) {
    return project(tx, beginning, *prepared);
  }, store::Runs::repeatably));
  return std::nullopt;
}

Result<Executor::Driven> Executor::drive_child(const ExecutionId& id, bool stopping, Doorway& door,
                                               const Context& context) {
  if (stopping) {
    auto started = TRY(ledger_.stream(id.str()));
    if (started.empty()) return Driven{.progress = {.ended = true}};
  }
  auto run = TRY(load(id));
  door.go_as(run.machine, id);
  auto status = run.machine.status();
  if (stopping && !ended(status) && status != Status::cancelling)
    CHECK_OK(record(run, {clock_.now(), StopRequested{}}));
  auto progress = TRY(go(run, door, context));
  const auto& own = door.session->stopped_by();
  Driven out{.progress = std::move(progress), .stopped = own ? own : door.stopped_below};
  if (!out.stopped) out.stopped = run.violation;
  if (out.progress.ended) out.output = child_output(run.machine);
  return out;
}

}  // namespace aright::remediation
