// Schedules of all groups at once, and the groups that they stand in.
#include <algorithm>

#include "sandbox/emulate.h"
#include "sandbox/hook.h"
#include "sandbox/paging.h"

namespace aright::sandbox::scheduler_hooks {

namespace {

constexpr std::string_view schedule_type = "AWS::Scheduler::Schedule", group_type = "AWS::Scheduler::ScheduleGroup";
constexpr const char* default_group = "default";
constexpr std::size_t schedules_page = 100;

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
  return page_of(scene, "Schedules", all, {.most = schedules_page});
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("scheduler:CreateSchedule", check_create);
  hooks.check("scheduler:DeleteScheduleGroup", check_delete_group);
  hooks.emulate("scheduler:ListSchedules", list_schedules);
}

}  // namespace aright::sandbox::scheduler_hooks
