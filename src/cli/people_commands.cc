// approvals, notify list, notify test: who is asked, and how people are reached.

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

// "1 of 2: ana", or who is asked.
std::string standing(const json::Value& item) {
  const auto& approval = json::at(item, "approval");
  if (approval.is_null()) return "";
  std::vector<std::string> agreed;
  for (const auto& one : json::items(json::at(approval, "agreed"))) agreed.push_back(text_of(one, "principal"));
  auto needed = json::integer(json::at(approval, "needed"), 1);
  auto out = fmt::format("{} of {}", agreed.size(), needed);
  return agreed.empty() ? out : fmt::format("{}: {}", out, fmt::join(agreed, ", "));
}

std::string asked(const json::Value& item) {
  auto names = json::texts(json::at(json::at(item, "approval"), "asked"));
  return names.empty() ? "any approver" : fmt::format("{}", fmt::join(names, ", "));
}

Result<int> list_approvals(const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  auto answer = TRY(desk->get("/approvals"));
  if (settings.json) {
    print_json(answer);
    return exit_ok;
  }
  const auto& items = json::items(json::at(answer, "approvals"));
  if (items.empty()) {
    print_line("Nothing waits for a person.");
    return exit_ok;
  }
  Table table({"ID", "SEVERITY", "RESOURCE", "WHAT", "AGREED", "ASKED", "UNTIL"});
  for (const auto& item : items) {
    auto severity = text_of(item, "severity");
    bool step = text_of(item, "kind") == "step";
    table.row({{step ? text_of(item, "execution") : text_of(item, "remediation"), Tone::accent},
               {severity, tone_of_severity(severity)},
               {text_of(json::at(item, "resource"), "id")},
               {step ? "step " + text_of(item, "step") : text_of(item, "title")},
               {standing(item)},
               {asked(item)},
               {text_of(item, "expires_at").substr(0, 16), Tone::faint}});
  }
  table.print();
  print_line("Look with `aright why FINDING`, then `aright approve ID` or `aright reject ID`.");
  return exit_ok;
}

Result<int> list_escalations(const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  auto answer = TRY(desk->get("/escalations"));
  if (settings.json) {
    print_json(answer);
    return exit_ok;
  }
  const auto& items = json::items(json::at(answer, "escalations"));
  if (items.empty()) {
    print_line("Nothing is escalated.");
    return exit_ok;
  }
  Table table({"ID", "REASON", "WHAT", "SINCE", "TOLD", "NEXT", "SEEN TO BY"});
  for (const auto& item : items) {
    auto by = text_of(json::at(item, "acknowledged"), "by");
    auto next = text_of(item, "next");
    table.row({{text_of(item, "id"), Tone::accent},
               {text_of(item, "reason"), by.empty() ? Tone::bad : Tone::plain},
               {text_of(item, "subject")},
               {text_of(item, "raised").substr(0, 16), Tone::faint},
               {fmt::format("{}", fmt::join(json::texts(json::at(item, "told")), ", "))},
               {next.empty() ? "" : next.substr(0, 16), Tone::faint},
               {by}});
  }
  table.print();
  print_line("Say that you see to one with `aright ack ID`.");
  return exit_ok;
}

Result<int> acknowledge_one(const Settings& settings, const std::string& id, const std::string& comment) {
  auto desk = TRY(open_desk(settings));
  auto answer = TRY(desk->post("/escalations/" + id + "/ack", {{"comment", comment}}));
  if (settings.json)
    print_json(answer);
  else
    print_line(fmt::format("{} sees to it: {}", text_of(json::at(answer, "acknowledged"), "by"),
                           text_of(answer, "subject")));
  return exit_ok;
}

// How many messages were given up.
Table::Cell dead_cell(const json::Value& channel) {
  auto dead = json::integer(json::at(channel, "dead"));
  return {std::to_string(dead), dead > 0 ? Tone::bad : Tone::faint};
}

Result<int> list_channels(const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  auto answer = TRY(desk->get("/channels"));
  if (settings.json) {
    print_json(answer);
    return exit_ok;
  }
  const auto& items = json::items(json::at(answer, "channels"));
  if (items.empty()) {
    print_line("The policy has no channels; docs/guide/notifications.md shows some.");
    return exit_ok;
  }
  Table table({"NAME", "KIND", "FORMAT", "TO", "HEARS", "DEAD"});
  for (const auto& item : items) {
    auto on = json::texts(json::at(item, "on"));
    table.row({{text_of(item, "name"), Tone::accent}, {text_of(item, "kind")}, {text_of(item, "format")},
               {text_of(item, "to")}, {on.empty() ? "all" : fmt::format("{}", fmt::join(on, ", "))},
               dead_cell(item)});
  }
  table.print();
  for (const auto& item : items)
    if (auto why = text_of(item, "dead_error"); !why.empty())
      print_line(tone(Tone::faint, fmt::format("{}: {}", text_of(item, "name"), why)));
  if (auto more = json::integer(json::at(answer, "dead_elsewhere")); more > 0)
    print_line(fmt::format("{} more could not be delivered: to channels that are gone, targets of rules, tools", more));
  return exit_ok;
}

Result<int> try_channel(const Settings& settings, const std::string& channel) {
  auto desk = TRY(open_desk(settings));
  auto answer = TRY(desk->post("/channels/test", {{"channel", channel}}));
  if (settings.json)
    print_json(answer);
  else
    print_line(tone(Tone::good, "sent") + ": " + channel + " took a test message");
  return exit_ok;
}

}  // namespace

int approvals(const Settings& settings) { return told(list_approvals(settings), settings.json); }
int escalations(const Settings& settings) { return told(list_escalations(settings), settings.json); }
int acknowledge(const Settings& settings, const std::string& id, const std::string& comment) {
  return told(acknowledge_one(settings, id, comment), settings.json);
}
int notify_list(const Settings& settings) { return told(list_channels(settings), settings.json); }
int notify_test(const Settings& settings, const std::string& channel) {
  return told(try_channel(settings, channel), settings.json);
}

}  // namespace aright::cli
