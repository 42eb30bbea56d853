#include "report/html.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "base/embedded.h"
#include "report/chart.h"

namespace aright::report {

ARIGHT_EMBEDDED(palette)
ARIGHT_EMBEDDED(style)

namespace {

std::string time_text(const json::Value& times, std::string_view kind, std::string_view member) {
  const auto& value = json::at(times, {kind, member});
  if (!value.is_number()) return "–";
  return duration_text(milliseconds(static_cast<std::int64_t>(value.to_number<double>() * 1000)));
}

std::string tile(std::string_view figure, std::string_view label) {
  return fmt::format(R"(<div class="tile"><b>{}</b><span class="quiet">{}</span></div>)", figure, label);
}

std::string tiles(const json::Value& overall) {
  const auto& findings = json::at(overall, "findings");
  const auto& times = json::at(overall, "times");
  return R"(<div class="tiles">)" + tile(text_of(findings, "opened"), "findings opened") +
         tile(text_of(findings, "resolved"), "set right by a fix") + tile(text_of(findings, "open"), "open now") +
         tile(hours_text(json::at(findings, "exposure_hours")), "of exposure, all together") +
         tile(time_text(times, "whole", "median_s"), "median time to resolve") +
         tile(share_text(json::at(overall, {"rates", "success"})), "of the fixes worked") + "</div>";
}

std::string trend_section(const json::Object& review) {
  return section("Findings over time",
                 R"(<p class="legend"><span><i class="opened"></i>opened</span><span><i class="resolved"></i>resolved by )"
                 R"(a fix</span><span><i class="open"></i>open</span></p>)" +
                     trend_chart(json::at(review, "trend")));
}

std::string times_section(const json::Value& overall) {
  return section("Where the time goes",
                 R"(<p class="legend">from the median (the dot) to what nine of ten do not exceed</p>)" +
                     times_chart(json::at(overall, "times")));
}

std::string advice_section(const json::Array& controls) {
  std::string list;
  for (const auto& control : controls)
    for (const auto& advice : json::items(json::at(control, "advice")))
      list += fmt::format(R"(<li><span class="kind {0}">{0}</span> <code>{1}</code>: {2}.</li>)", text_of(advice, "kind"),
                          text_of(control, "control"), text_of(advice, "reason"));
  return section("Advice", list.empty() ? R"(<p class="quiet">Nothing to change: no figure asks for it yet.</p>)"
                                        : "<ul>" + list + "</ul>");
}

std::string waiting_section(const json::Array& waiting) {
  if (waiting.empty()) return section("Waiting for a person", R"(<p class="quiet">Nothing.</p>)");
  std::string rows;
  for (const auto& one : waiting)
    rows += fmt::format(R"(<tr><td>{}<small>{}</small></td><td class="left">{}</td><td>{}</td></tr>)",
                        text_of(one, "resource"), text_of(one, "control"), text_of(one, "remediation"),
                        duration_text(seconds(json::integer(json::at(one, "waiting_s")))));
  return section("Waiting for a person",
                 R"(<div class="scroll"><table><tr><th>Resource</th><th class="left">Remediation</th><th>For</th></tr>)" +
                     rows + "</table></div>");
}

std::string exceptions_section(const json::Array& due) {
  if (due.empty()) return section("Exceptions that end within 30 days", R"(<p class="quiet">None.</p>)");
  std::string rows;
  for (const auto& one : due)
    rows += fmt::format(R"(<tr><td>{}<small>{}</small></td><td class="left">{}</td><td class="left">{}</td></tr>)",
                        text_of(one, "control"), text_of(one, "message"), text_of(one, "by"), text_of(one, "until"));
  return section("Exceptions that end within 30 days",
                 R"(<div class="scroll"><table><tr><th>Control</th><th class="left">Whose</th>)"
                 R"(<th class="left">Until</th></tr>)" +
                     rows + "</table></div>");
}

constexpr std::array control_heads{"Opened", "Set right",  "Open",     "Exposure", "Fixes",
                                   "Worked", "Taken back", "Recurred", "Disputed", "Median"};

// Each figure says what it is: on a phone a row is a card, without the table's head.
std::string control_row(const json::Value& control) {
  const auto& findings = json::at(control, "findings");
  const auto& remediations = json::at(control, "remediations");
  const auto& rates = json::at(control, "rates");
  const std::array figures{text_of(findings, "opened"),
                           text_of(findings, "resolved"),
                           text_of(findings, "open"),
                           hours_text(json::at(findings, "exposure_hours")),
                           text_of(remediations, "fixed"),
                           share_text(json::at(rates, "success")),
                           taken_back_text(remediations),
                           text_of(remediations, "recurred"),
                           share_text(json::at(rates, "false_positive")),
                           time_text(json::at(control, "times"), "whole", "median_s")};
  static_assert(figures.size() == control_heads.size());
  auto row = fmt::format("<tr><td>{}<small>{} · {}</small></td>", text_of(control, "title"),
                         text_of(control, "control"), text_of(control, "severity"));
  for (std::size_t i = 0; i < figures.size(); ++i)
    row += fmt::format(R"(<td data-head="{}">{}</td>)", control_heads[i], figures[i]);
  return row + "</tr>";
}

std::string controls_section(const json::Array& controls) {
  if (controls.empty()) return section("By control", R"(<p class="quiet">Nothing was found in this time.</p>)");
  std::string rows;
  for (const auto& control : controls) rows += control_row(control);
  std::string heads = "<th>Control</th>";
  for (const auto* head : control_heads) heads += fmt::format("<th>{}</th>", head);
  return section("By control",
                 R"(<div class="scroll"><table class="cards"><tr>)" + heads + "</tr>" + rows + "</table></div>");
}

std::string day_and_time(const json::Object& review, std::string_view member) {
  auto at = json::text(review, member, "");
  return at.size() < 16 ? at : at.substr(0, 10) + " " + at.substr(11, 5);
}

}  // namespace

std::string text_of(const json::Value& value, std::string_view member) {
  return escape(json::scalar_text(json::at(value, member)));
}

std::string section(std::string_view title, std::string_view body) {
  return fmt::format("<section><h2>{}</h2>{}</section>\n", title, body);
}

std::string duration_text(milliseconds took) {
  constexpr std::int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
  auto ms = took.count();
  // Two units, while the second one still says something.
  auto pair = [&](std::int64_t unit, const char* name, std::int64_t part, const char* part_name) {
    auto whole = ms / unit, rest = ms % unit / part;
    return rest == 0 || whole >= 10 ? fmt::format("{} {}", whole, name)
                                    : fmt::format("{} {} {} {}", whole, name, rest, part_name);
  };
  if (ms < second) return fmt::format("{} ms", ms);
  if (ms < 10 * second) return fmt::format("{:.1f} s", static_cast<double>(ms) / second);
  if (ms < minute) return fmt::format("{} s", ms / second);
  if (ms < hour) return pair(minute, "min", second, "s");
  if (ms < day) return pair(hour, "h", minute, "min");
  return pair(day, ms < 2 * day ? "day" : "days", hour, "h");
}

std::string hours_text(const json::Value& hours) {
  constexpr double ms_per_hour = 3'600'000;
  return duration_text(milliseconds(std::llround(hours.is_number() ? hours.to_number<double>() * ms_per_hour : 0)));
}

std::string share_text(const json::Value& share) {
  if (!share.is_number()) return "–";
  return fmt::format("{} %", std::lround(share.to_number<double>() * 100));
}

std::string taken_back_text(const json::Value& remediations) {
  auto all = text_of(remediations, "rolled_back"), own = text_of(remediations, "withdrawn");
  return own.empty() || own == "0" ? all : fmt::format("{}, {} by itself", all, own);
}

std::string_view palette() { return embedded_palette(); }

std::string html(const json::Object& review) {
  const auto& overall = json::at(review, "overall");
  const auto& controls = json::items(json::at(review, "controls"));
  auto window = day_and_time(review, "since") + " to " + day_and_time(review, "until") + " UTC";
  return fmt::format("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<title>Review of effectiveness, {0}</title>\n<style>\n{2}{1}</style>\n</head>\n<body>\n"
                     "<h1>Review of effectiveness</h1>\n<p class=\"quiet\">{0}</p>\n",
                     escape(window), embedded_style(), palette()) +
         tiles(overall) + trend_section(review) + times_section(overall) + advice_section(controls) +
         waiting_section(json::items(json::at(review, "waiting"))) +
         exceptions_section(json::items(json::at(review, "exceptions_due"))) + controls_section(controls) +
         "</body>\n</html>\n";
}

}  // namespace aright::report
