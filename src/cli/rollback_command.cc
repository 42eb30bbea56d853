// rollback: remediations one by one, all of a control since a time, or all that one plan did.

#include <algorithm>
#include <set>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "cli/terminal.h"
#include "report/review.h"

namespace aright::cli {

namespace {

constexpr std::size_t plan_hash_digits_min = 8;

// Those that were set right since then by fixes of the control, the latest first: what builds on another goes first.
Result<std::vector<json::Value>> fixed_since(Desk& desk, const RollbackOrder& order) {
  TRY(desk.get("/controls/" + order.control));  // or there is none of this name
  auto overview = TRY(desk.get("/overview"));
  auto now = TRY(parse_timestamp(text_of(overview, "now")));
  auto window = TRY(report::parse_window(order.since, "", now));
  auto answer = TRY(desk.get("/remediations?stage=resolved"));
  std::vector<json::Value> out;
  for (const auto& item : json::items(json::at(answer, "remediations"))) {
    auto at = parse_timestamp(text_of(item, "updated_at"));
    if (text_of(item, "control") == order.control && at && *at >= window.since) out.push_back(item);
  }
  std::ranges::sort(out, std::greater{}, [](const json::Value& item) { return text_of(item, "updated_at"); });
  return out;
}

// Why nothing of a plan is there to take back: there is no such plan, or it stands somewhere else.
Result<Error> why_none(Desk& desk, const std::string& hash) {
  auto all = TRY(desk.get("/remediations"));
  for (const auto& item : json::items(json::at(all, "remediations")))
    if (text_of(item, "plan_hash").starts_with(hash))
      return Error{.code = Errc::conflict,
                   .message = fmt::format("there is nothing to take back of the plan {}: {} is {}", hash,
                                          text_of(item, "id"), text_of(item, "stage"))};
  return Error{.code = Errc::not_found,
               .message = fmt::format("no remediation has a plan whose hash begins with {}; aright why FINDING shows "
                                      "the hashes",
                                      hash),
               .number = "AR-0010"};
}

// What the plan did, also where it came to no good end; the latest first.
Result<std::vector<json::Value>> done_by_plan(Desk& desk, const RollbackOrder& order) {
  if (order.plan_hash.size() < plan_hash_digits_min)
    return fail(Errc::invalid, "say at least {} digits of the plan's hash", plan_hash_digits_min);
  std::vector<json::Value> out;
  std::set<std::string> plans;
  for (auto stage : {"resolved", "escalated"}) {
    auto answer = TRY(desk.get(fmt::format("/remediations?stage={}", stage)));
    for (const auto& item : json::items(json::at(answer, "remediations")))
      if (auto hash = text_of(item, "plan_hash"); hash.starts_with(order.plan_hash)) {
        plans.insert(std::move(hash));
        out.push_back(item);
      }
  }
  if (plans.size() > 1)
    return fail(Errc::invalid, "{} plans begin with {}: say more of the hash", plans.size(), order.plan_hash);
  if (out.empty()) return fail(TRY(why_none(desk, order.plan_hash)));
  std::ranges::sort(out, std::greater{}, [](const json::Value& item) { return text_of(item, "updated_at"); });
  return out;
}

std::string all_of(const RollbackOrder& order) {
  return order.plan_hash.empty() ? order.control : "the plan " + order.plan_hash;
}

struct Outcome {
  std::string remediation, resource, stage, note;
};

Outcome take_back_one(Desk& desk, const Settings& settings, const json::Value& item, const std::string& reason,
                      const Waiting& waiting) {
  Outcome out{.remediation = text_of(item, "id"), .resource = text_of(json::at(item, "resource"), "id"), .stage = "",
              .note = ""};
  auto asked = desk.post("/remediations/" + out.remediation + "/rollback", {{"reason", reason}});
  auto done = asked ? follow(desk, settings, out.remediation, waiting) : std::move(asked);
  if (!done) {
    out.stage = "failed";
    out.note = done.error().text();
    return out;
  }
  out.stage = text_of(*done, "stage");
  const auto& rollback = json::at(*done, "rollback");
  out.note = text_of(rollback, "error");
  if (out.note.empty() && out.stage == "rolled_back") out.note = text_of(rollback, "text");
  return out;
}

// Those that are named, the latest first as well; or all of the control, or of the plan.
Result<std::vector<json::Value>> meant(Desk& desk, const RollbackOrder& order) {
  if (!order.plan_hash.empty()) return done_by_plan(desk, order);
  if (order.ids.empty()) return fixed_since(desk, order);
  std::vector<json::Value> out;
  for (const auto& id : order.ids) out.push_back(TRY(find_remediation(desk, id)));
  std::ranges::sort(out, std::greater{}, [](const json::Value& item) { return text_of(item, "updated_at"); });
  return out;
}

Result<int> roll_back_one(Desk& desk, const Settings& settings, const RollbackOrder& order, const Waiting& waiting) {
  auto remediation = text_of(TRY(find_remediation(desk, order.ids[0])), "id");
  TRY(desk.post("/remediations/" + remediation + "/rollback", {{"reason", order.reason}}));
  return finish(desk, settings, remediation, waiting, {"rolled_back"});
}

Result<int> roll_back_all(Desk& desk, const Settings& settings, const RollbackOrder& order, const Waiting& waiting) {
  auto fixed = TRY(meant(desk, order));
  bool asks = order.ids.empty() && !fixed.empty() && !order.yes;
  if (asks && !confirmed(fmt::format("Take {} fixes of {} back?", fixed.size(), all_of(order))))
    return fail(Errc::cancelled, "nothing was taken back");
  json::Array list;
  Table table({"STAGE", "RESOURCE", "REMEDIATION", "NOTE"});
  bool whole = true;
  for (const auto& item : fixed) {
    auto one = take_back_one(desk, settings, item, order.reason, waiting);
    whole = whole && (one.stage == "rolled_back" || (waiting.no_wait && one.stage != "failed"));
    table.row({{one.stage, tone_of_stage(one.stage)}, {one.resource}, {one.remediation, Tone::accent}, {one.note}});
    list.push_back(json::Object{{"remediation", one.remediation}, {"resource", one.resource}, {"stage", one.stage},
                                {"note", one.note}});
  }
  if (settings.json)
    print_json(json::Object{
        {"control", order.control}, {"plan_hash", order.plan_hash}, {"rollbacks", std::move(list)}});
  else if (fixed.empty()) print_line("No fix of " + all_of(order) + " is there to take back.");
  else table.print();
  return whole ? exit_ok : exit_failed;
}

}  // namespace

int roll_back(const Settings& settings, const RollbackOrder& order, const Waiting& waiting) {
  auto back = [&]() -> Result<int> {
    if (order.ids.empty() && order.control.empty() && order.plan_hash.empty())
      return fail(Errc::invalid, "say what to take back: rem_… or fnd_…, all of a control with --control, or of a plan "
                                 "with --plan");
    auto desk = TRY(open_desk(settings));
    return order.ids.size() == 1 ? roll_back_one(*desk, settings, order, waiting)
                                 : roll_back_all(*desk, settings, order, waiting);
  };
  return told(back(), settings.json);
}

}  // namespace aright::cli
