// Schedules of all groups at once, and what an update says nothing of.
#include <algorithm>
#include <array>

#include "sandbox/emulate.h"
#include "sandbox/hook.h"
#include "sandbox/paging.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view schedule_type = "AWS::Scheduler::Schedule", group_type = "AWS::Scheduler::ScheduleGroup";
constexpr const char* default_group = "default";
constexpr std::size_t schedules_page = 100;

// What a schedule has where nobody says otherwise; null: nothing.
constexpr std::array usual{std::pair{"ActionAfterCompletion", "NONE"}, std::pair{"ScheduleExpressionTimezone", "UTC"},
                           std::pair{"State", "ENABLED"},              std::pair{"Description", ""},
                           std::pair{"EndDate", ""},                   std::pair{"StartDate", ""},
                           std::pair{"KmsKeyArn", ""}};

void say_usual(const Scene& scene, Resource& schedule) {
  for (const auto& [name, value] : usual)
    if (scene.input(name).is_null()) schedule.set(name, *value == '\0' ? json::Value() : json::Value(value));
}

Result<Resource*> the_schedule(Scene& scene) {
  return scene.need(schedule_type, scene.text("GroupName", default_group) + "|" + scene.text("Name"));
}

// An update replaces all of a schedule.
Result<> finish_update(Scene& scene, json::Object&) {
  say_usual(scene, *TRY(the_schedule(scene)));
  return {};
}

Result<> check_create(Scene& scene) {
  auto group = scene.need(group_type, scene.text("GroupName", default_group));
  return group ? Result<>() : fail(group.error());
}

Result<> check_delete_group(Scene& scene) {
  if (scene.text("Name") != default_group) return {};
  return fail(scene.error("ValidationException", "The default schedule group cannot be deleted."));
}

Result<json::Object> list_schedules(Scene& scene) {
  auto group = scene.text("GroupName");
  if (!group.empty()) CHECK_OK(scene.need(group_type, group));
  json::Array all;
  for (const auto* schedule : scene.world.all(scene.ref(schedule_type, group.empty() ? "" : group + "|"))) {
    auto shown = scene.shown(*schedule);
    bool fits = json::text(shown["Name"]).starts_with(scene.text("NamePrefix")) &&
                (scene.text("State").empty() || json::text(shown["State"]) == scene.text("State"));
    if (fits) all.push_back(std::move(shown));
  }
  auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(json::integer(scene.input("MaxResults"), schedules_page), 1, schedules_page));
  auto from = std::min(all.size(), TRY(page_start(scene, "NextToken", "ValidationException")));
  auto to = std::min(all.size(), from + limit);
  json::Object output{{"Schedules", json::Array(all.begin() + static_cast<std::ptrdiff_t>(from),
                                                all.begin() + static_cast<std::ptrdiff_t>(to))}};
  if (to < all.size()) output["NextToken"] = page_token(scene.call.operation, std::to_string(to));
  return output;
}

}  // namespace

void add_scheduler_hooks(Hooks& hooks) {
  hooks.check("scheduler:CreateSchedule", check_create);
  hooks.check("scheduler:DeleteScheduleGroup", check_delete_group);
  hooks.emulate("scheduler:ListSchedules", list_schedules);
  hooks.finish("scheduler:UpdateSchedule", finish_update);
}

}  // namespace aright::sandbox
