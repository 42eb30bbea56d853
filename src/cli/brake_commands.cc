// What holds starts back, and the switch that stops all writes.

#include <fmt/format.h>

#include <cmath>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/terminal.h"

namespace aright::cli {

namespace {

void print_halts(const json::Value& halts) {
  if (json::items(halts).empty()) return print_line("writes       " + tone(Tone::good, "may go on"));
  for (const auto& halt : json::items(halts))
    print_line("halted       " + tone(Tone::bad, text_of(halt, "what")) +
               fmt::format(" since {} by {}: {}", text_of(halt, "at"), text_of(halt, "by"), text_of(halt, "reason")));
}

void print_in_flight(const json::Value& flying) {
  for (const auto& one : json::items(flying))
    print_line(fmt::format("in flight    {}  {}  {}", text_of(one, "id"), text_of(one, "document"),
                           text_of(one, "status")));
}

void print_limit(const json::Value& limit) {
  if (auto running = json::integer(json::at(limit, "running")); running > 0)
    return print_line(fmt::format("limit        {} at one time, for each {} {}", running, text_of(limit, "of"),
                                  text_of(limit, "value")));
  bool share = !json::at(limit, "percent").is_null();
  auto count = json::integer(json::at(limit, share ? "percent" : "starts"));
  print_line(fmt::format("limit        {}{} in {} s, for each {} {}", count, share ? " %" : " starts",
                         json::integer(json::at(limit, "window_s")), text_of(limit, "of"), text_of(limit, "value")));
}

// "  for account 1111…, env=prod": what a freeze holds back; "" when it is everything.
std::string scope_text(const json::Value& freeze) {
  std::vector<std::string> parts;
  for (const auto& account : json::texts(json::at(freeze, "accounts"))) parts.push_back("account " + account);
  for (const auto& [key, value] : json::members(json::at(freeze, "tags")))
    parts.push_back(fmt::format("{}={}", std::string_view(key), json::text(value)));
  auto spared = json::texts(json::at(freeze, "except_severities"));
  auto out = parts.empty() ? std::string() : fmt::format("  for {}", fmt::join(parts, ", "));
  return spared.empty() ? out : fmt::format("{}  but {}", out, fmt::join(spared, ", "));
}

void print_brakes(const json::Value& brakes) {
  print_halts(json::at(brakes, "halts"));
  for (const auto& freeze : json::items(json::at(brakes, "freezes"))) {
    bool on = json::truth(json::at(freeze, "on"));
    print_line("freeze       " + text_of(freeze, "name") + "  " +
               (on ? tone(Tone::warn, "on until " + text_of(freeze, "until")) : "off") + scope_text(freeze));
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

Result<int> show_brakes(const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  auto brakes = TRY(desk->get("/brakes"));
  settings.json ? print_json(brakes) : print_brakes(brakes);
  return exit_ok;
}

Result<int> switch_writes(const Settings& settings, const HaltOrder& order) {
  auto desk = TRY(open_desk(settings));
  json::Object body{{"on", order.on}, {"reason", order.reason}, {"scope", gateway::to_json(order.scope)}};
  if (order.all) body["all"] = true;
  auto answer = TRY(desk->post("/halt", std::move(body)));
  if (settings.json) {
    print_json(answer);
    return exit_ok;
  }
  print_halts(json::at(answer, "halts"));
  if (order.on) print_line("Restarts change nothing about it. `aright resume` lets writes go on.");
  if (order.on) print_in_flight(json::at(answer, "in_flight"));
  return exit_ok;
}

}  // namespace

int exceptions_list(const Settings& settings) {
  auto body = [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto answer = TRY(desk->get("/exceptions"));
    if (settings.json) {
      print_json(answer);
      return exit_ok;
    }
    const auto& list = json::items(json::at(answer, "exceptions"));
    if (list.empty()) print_line("No exceptions.");
    Table table({"UNTIL", "RESOURCE", "CONTROL", "OWNER", "REASON", "UNLESS BROKEN", "FINDING"});
    for (const auto& one : list) {
      const auto& exception = json::at(one, "exception");
      bool is_void = json::truth(json::at(one, "void"));
      auto broken = json::items(json::at(one, "void_for")).size();
      auto ends = is_void ? "void" : json::text(exception, "until", "it is ended");
      if (broken > 0) ends += fmt::format(", void for {}", broken);
      table.row({{ends, is_void || broken > 0 ? Tone::bad : Tone::plain},
                 {text_of(json::at(one, "resource"), "id"), Tone::strong},
                 {text_of(one, "control")}, {json::text(exception, "owner", text_of(exception, "by"))},
                 {text_of(exception, "message")}, {text_of(exception, "compensating_control")},
                 {text_of(one, "finding"), Tone::faint}});
    }
    if (!list.empty()) table.print();
    return exit_ok;
  };
  return told(body(), settings.json);
}

int exceptions_set(const Settings& settings, const ExceptionOrder& order) {
  auto body = [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    json::Object said{{"message", order.reason},
                      {"until", order.until},
                      {"owner", order.owner},
                      {"compensating_control", order.compensating}};
    said["remind_s"] = json::Array(order.reminders.begin(), order.reminders.end());
    auto answer = TRY(desk->post("/findings/" + order.finding + "/exception", std::move(said)));
    if (settings.json)
      print_json(answer);
    else
      print_line(fmt::format("Nothing is done about {} by itself, until {}.", order.finding,
                             order.until.empty() ? "the exception is ended" : order.until));
    return exit_ok;
  };
  return told(body(), settings.json);
}

int autonomy(const Settings& settings) {
  auto body = [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto answer = TRY(desk->get("/autonomy"));
    if (settings.json) {
      print_json(answer);
      return exit_ok;
    }
    const auto& list = json::items(json::at(answer, "controls"));
    if (list.empty()) print_line("No fix was started yet, so none has earned anything.");
    Table table({"CONTROL", "EARNED", "GOOD", "BAD", "VOUCHED", "TO NEXT", "DEMOTED"});
    for (const auto& one : list) {
      auto more = json::integer(json::at(one, "to_next"));
      auto vouched = json::at(one, "vouched").to_number<double>();
      table.row({{text_of(one, "control")}, {text_of(one, "level"), Tone::strong},
                 {json::scalar_text(json::at(one, "good"))}, {json::scalar_text(json::at(one, "bad"))},
                 {fmt::format("{:.0f} %", std::floor(vouched * 100))}, {more > 0 ? std::to_string(more) : ""},
                 {text_of(one, "demoted_because"), Tone::faint}});
    }
    if (!list.empty()) table.print();
    return exit_ok;
  };
  return told(body(), settings.json);
}

int exceptions_end(const Settings& settings, const std::string& finding) {
  auto body = [&]() -> Result<int> {
    auto desk = TRY(open_desk(settings));
    auto answer = TRY(desk->post("/findings/" + finding + "/exception/end", {}));
    if (settings.json)
      print_json(answer);
    else
      print_line("The exception is over; what waited is decided anew.");
    return exit_ok;
  };
  return told(body(), settings.json);
}

int brakes(const Settings& settings) { return told(show_brakes(settings), settings.json); }

int halt(const Settings& settings, const HaltOrder& order) {
  return told(switch_writes(settings, order), settings.json);
}

}  // namespace aright::cli
