// What holds starts back, and the switch that stops all writes.

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

std::string text_of(const json::Value& value, std::string_view member) { return json::text(value, member, ""); }

void print_halt(const json::Value& halt) {
  if (!json::truth(json::at(halt, "on"))) return print_line("writes       " + tone(Tone::good, "may go on"));
  print_line("writes       " + tone(Tone::bad, "halted") +
             fmt::format(" since {} by {}: {}", text_of(halt, "at"), text_of(halt, "by"), text_of(halt, "reason")));
}

void print_in_flight(const json::Value& flying) {
  for (const auto& one : json::items(flying))
    print_line(fmt::format("in flight    {}  {}  {}", text_of(one, "id"), text_of(one, "document"),
                           text_of(one, "status")));
}

void print_limit(const json::Value& limit) {
  bool share = !json::at(limit, "percent").is_null();
  auto count = json::integer(json::at(limit, share ? "percent" : "starts"));
  print_line(fmt::format("limit        {}{} in {} s, for each {} {}", count, share ? " %" : " starts",
                         json::integer(json::at(limit, "window_s")), text_of(limit, "of"), text_of(limit, "value")));
}

void print_brakes(const json::Value& brakes) {
  print_halt(json::at(brakes, "halt"));
  for (const auto& freeze : json::items(json::at(brakes, "freezes"))) {
    bool on = json::truth(json::at(freeze, "on"));
    print_line("freeze       " + text_of(freeze, "name") + "  " +
               (on ? tone(Tone::warn, "on until " + text_of(freeze, "until")) : "off"));
  }
  for (const auto& breaker : json::items(json::at(brakes, "breakers"))) {
    bool open = text_of(breaker, "state") == "open";
    auto state = open ? "open until " + text_of(breaker, "until") : std::string("half open: one goes as a trial");
    print_line("breaker      " + text_of(breaker, "control") + "  " + tone(open ? Tone::bad : Tone::warn, state));
  }
  for (const auto& limit : json::items(json::at(brakes, "limits"))) print_limit(limit);
  print_in_flight(json::at(brakes, "in_flight"));
  const auto& held = json::items(json::at(brakes, "held"));
  if (held.empty()) return print_line("held         nothing");
  print_line();
  Table table({"HELD UNTIL", "RESOURCE", "CONTROL", "REASON"});
  for (const auto& one : held)
    table.row({{text_of(one, "until")}, {text_of(json::at(one, "resource"), "id")}, {text_of(one, "control")},
               {text_of(one, "reason")}});
  table.print();
}

Result<int> show(const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  auto brakes = TRY(desk->get("/brakes"));
  settings.json ? print_json(brakes) : print_brakes(brakes);
  return exit_ok;
}

Result<int> switch_writes(const Settings& settings, bool off, const std::string& reason) {
  auto desk = TRY(open_desk(settings));
  auto answer = TRY(desk->post("/halt", {{"on", off}, {"reason", reason}}));
  if (settings.json) {
    print_json(answer);
    return exit_ok;
  }
  print_line(off ? tone(Tone::bad, "All writes are halted") + ", restarts included. `aright resume` lets them go on."
                 : tone(Tone::good, "Writes may go on."));
  if (off) print_in_flight(json::at(answer, "in_flight"));
  return exit_ok;
}

}  // namespace

int brakes(const Settings& settings) { return told(show(settings), settings.json); }

int halt(const Settings& settings, bool on, const std::string& reason) {
  return told(switch_writes(settings, on, reason), settings.json);
}

}  // namespace aright::cli
