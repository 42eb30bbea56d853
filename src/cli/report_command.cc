// report: what was found, how long it stood open, who decided, what held, and what to change.

#include <fstream>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/terminal.h"
#include "net/url.h"
#include "report/html.h"

namespace aright::cli {

namespace {

std::string figure(const json::Value& of, std::initializer_list<std::string_view> path) {
  return json::scalar_text(json::at(of, path));
}

std::string time_of(const json::Value& times, std::string_view kind, std::string_view member) {
  const auto& value = json::at(times, {kind, member});
  if (!value.is_number()) return "–";
  return report::duration_text(milliseconds(static_cast<std::int64_t>(value.to_number<double>() * 1000)));
}

void print_times(const json::Value& times) {
  Table table({"TIME TO", "MEAN", "MEDIAN", "9 OF 10", "LONGEST", "OF"});
  struct Kind {
    const char *member, *label;
  };
  for (auto [member, label] : {Kind{"detect", "detect"}, Kind{"decide", "decide"}, Kind{"approve", "approve"},
                               Kind{"execute", "execute"}, Kind{"verify", "verify"}, Kind{"whole", "resolve"}}) {
    if (json::at(times, member).is_null()) continue;
    table.row({{label, Tone::strong},
               {time_of(times, member, "mean_s")},
               {time_of(times, member, "median_s")},
               {time_of(times, member, "p90_s")},
               {time_of(times, member, "max_s")},
               {figure(times, {member, "count"}), Tone::faint}});
  }
  table.print();
}

void print_controls(const json::Array& controls) {
  Table table({"CONTROL", "OPENED", "SET RIGHT", "OPEN", "EXPOSURE", "WORKED", "TAKEN BACK", "RECURRED", "DISPUTED"});
  for (const auto& control : controls) {
    auto open = figure(control, {"findings", "open"}),
         back = report::taken_back_text(json::at(control, "remediations")),
         again = figure(control, {"remediations", "recurred"}),
         disputed = figure(control, {"remediations", "disputed"});
    table.row({{json::text(control, "control", ""), Tone::strong},
               {figure(control, {"findings", "opened"})},
               {figure(control, {"findings", "resolved"})},
               {open, open == "0" ? Tone::plain : Tone::bad},
               {report::hours_text(json::at(control, {"findings", "exposure_hours"}))},
               {report::share_text(json::at(control, {"rates", "success"}))},
               {back, back == "0" ? Tone::plain : Tone::warn},
               {again, again == "0" ? Tone::plain : Tone::warn},
               {disputed, disputed == "0" ? Tone::plain : Tone::warn}});
  }
  table.print();
}

void print_advice(const json::Array& controls) {
  for (const auto& control : controls)
    for (const auto& advice : json::items(json::at(control, "advice"))) {
      auto kind = json::text(advice, "kind", "");
      print_line(fmt::format("{} {}: {}", tone(kind == "promote" ? Tone::good : Tone::warn, kind),
                             json::text(control, "control", ""), json::text(advice, "reason", "")));
    }
}

void print_review(const json::Value& review) {
  const auto& overall = json::at(review, "overall");
  const auto& controls = json::items(json::at(review, "controls"));
  print_line(fmt::format("{} to {}", json::text(review, "since", ""), json::text(review, "until", "")));
  print_line(fmt::format("{} findings opened, {} set right by a fix, {} resolved otherwise, {} open; {} of exposure",
                         figure(overall, {"findings", "opened"}), figure(overall, {"findings", "resolved"}),
                         figure(overall, {"findings", "resolved_otherwise"}), figure(overall, {"findings", "open"}),
                         report::hours_text(json::at(overall, {"findings", "exposure_hours"}))));
  if (controls.empty()) return print_line("Nothing was found in this time.");
  print_line();
  print_times(json::at(overall, "times"));
  print_line();
  print_controls(controls);
  print_line();
  print_advice(controls);
  for (const auto& one : json::items(json::at(review, "waiting")))
    print_line(fmt::format("{} {} for {}: {}", tone(Tone::warn, "waits"), json::text(one, "remediation", ""),
                           report::duration_text(seconds(json::integer(json::at(one, "waiting_s")))),
                           json::text(one, "resource", "")));
  for (const auto& one : json::items(json::at(review, "exceptions_due")))
    print_line(fmt::format("{} {}: the exception of {} for {}: {}", tone(Tone::warn, "ends"),
                           json::text(one, "until", "").substr(0, 10), json::text(one, "by", ""),
                           json::text(one, "control", ""), json::text(one, "message", "")));
}

Result<> write(const std::string& file, std::string_view text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) return fail(Errc::unavailable, "{} can't be written", file);
  return {};
}

Result<int> made(const ReportOptions& options, const Settings& settings) {
  auto desk = TRY(open_desk(settings));
  net::Query query;
  if (!options.since.empty()) query.emplace_back("since", options.since);
  if (!options.until.empty()) query.emplace_back("until", options.until);
  auto review = TRY(desk->get("/report" + (query.empty() ? "" : "?" + net::build_query(query))));
  auto format = settings.json ? "json" : options.format;
  std::string text;
  if (format == "html") text = report::html(json::members(review));
  if (format == "csv") text = report::csv(json::members(review));
  if (format == "json") text = json::print_pretty(review) + "\n";
  if (!options.output.empty()) {
    if (text.empty()) return fail(Errc::invalid, "a text for the terminal is not written to a file; say --format");
    CHECK_OK(write(options.output, text));
  } else if (text.empty()) {
    print_review(review);
  } else {
    print_bytes(text);
  }
  return exit_ok;
}

}  // namespace

int report(const Settings& settings, const ReportOptions& options) {
  return told(made(options, settings), settings.json);
}

}  // namespace aright::cli
