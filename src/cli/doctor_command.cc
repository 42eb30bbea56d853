// doctor: everything at once, worst news not last.

#include "base/text.h"
#include "cli/checkup.h"
#include "cli/terminal.h"

namespace aright::cli {

std::string_view name(Finding::State state) {
  switch (state) {
    case Finding::State::ok:
      return "ok";
    case Finding::State::warn:
      return "warn";
    case Finding::State::fail:
      return "fail";
  }
  return "";
}

namespace {

using State = Finding::State;

constexpr std::size_t about_width = 12;

Tone tone_of(State state) {
  switch (state) {
    case State::ok:
      return Tone::good;
    case State::warn:
      return Tone::warn;
    case State::fail:
      return Tone::bad;
  }
  return Tone::plain;
}

void print_finding(const Finding& one) {
  auto lines = split(one.what, '\n');
  auto width = std::max(about_width, one.about.size());
  print_line(fmt::format("{}  {:<{}}  {}", tone(tone_of(one.state), fmt::format("{:<4}", name(one.state))), one.about,
                         width, lines.front()));
  auto indent = std::string(width + 8, ' ');
  for (std::size_t i = 1; i < lines.size(); ++i)
    print_line(indent + lines[i]);
  if (!one.next.empty()) print_line(indent + tone(Tone::accent, "→ " + one.next));
}

Findings look_at_everything(const Settings& settings, const DoctorOrder& order) {
  Progress progress(settings.quiet || settings.json);
  Findings all;
  auto add = [&](const char* what, const auto& look) {
    progress.say(what);
    for (auto& one : look())
      all.push_back(std::move(one));
  };
  std::optional<remediation::Policy> policy;
  add("this machine", [&] { return look_at_machine(settings); });
  add("the policy", [&] { return look_at_policy(settings, policy); });
  add("the state directory", [&] { return look_at_state(settings); });
  add("the port", [&] { return look_at_port(settings, order); });
  // Without a policy nobody knows the accounts; but the network and the clock are there to be looked at.
  add("the cloud", [&] { return look_at_cloud(settings, policy.value_or(remediation::Policy())); });
  if (policy) add("the channels", [&] { return look_at_channels(*policy); });
  progress.clear();
  return all;
}

}  // namespace

int doctor(const Settings& settings, const DoctorOrder& order) {
  auto all = look_at_everything(settings, order);
  std::size_t failing = 0, warning = 0;
  json::Array listed;
  for (const auto& one : all) {
    failing += one.state == State::fail ? 1 : 0;
    warning += one.state == State::warn ? 1 : 0;
    json::Object shown{{"about", one.about}, {"state", name(one.state)}, {"what", one.what}};
    if (!one.next.empty()) shown["next"] = one.next;
    listed.push_back(std::move(shown));
    if (!settings.json) print_finding(one);
  }
  if (settings.json) {
    print_json(
        json::Object{{"ok", failing == 0}, {"fail", failing}, {"warn", warning}, {"checks", std::move(listed)}});
  } else {
    print_line();
    print_line(failing > 0   ? tone(Tone::bad, fmt::format("{} to mend first", failing))
               : warning > 0 ? tone(Tone::warn, fmt::format("it works; {} to look at", warning))
                             : tone(Tone::good, "all is well"));
  }
  return failing == 0 ? exit_ok : exit_non_compliant;
}

}  // namespace aright::cli
