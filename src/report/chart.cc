#include "report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "report/html.h"

namespace aright::report {

namespace {

constexpr double width = 920, left = 44, right = 12;
constexpr double inner = width - left - right;

double number(const json::Value& value) {
  return value.is_number() ? value.to_number<double>() : 0;
}

constexpr int grid_lines = 4;

// A round number of whole steps that is not below the greatest value.
double round_up(double greatest) {
  for (double power = 1;; power *= 10)
    for (double step : {1.0, 2.0, 5.0})
      if (step * power * grid_lines >= greatest) return step * power * grid_lines;
}

struct Plot {
  double top = 12, height = 180, greatest;
  double y(double value) const { return top + height * (1 - value / greatest); }
  double bottom() const { return top + height; }
};

void add_grid(std::string& out, const Plot& plot) {
  for (int i = 0; i <= grid_lines; ++i) {
    double value = plot.greatest * i / grid_lines;
    out += fmt::format(R"(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)", left, width - right, plot.y(value),
                       plot.y(value));
    out += fmt::format(R"(<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{:g}</text>)", left - 8,
                       plot.y(value) + 4, value);
  }
}

// Where a step's label stands: for the first of every few steps, so that labels do not meet.
void add_days(std::string& out, const Plot& plot, const json::Array& points, double step_s) {
  constexpr std::size_t labels_max = 10;
  constexpr double day_s = 86'400;
  auto every = (points.size() + labels_max - 1) / labels_max;
  for (std::size_t i = 0; i < points.size(); i += every) {
    auto at = json::text(points[i], "at", "");
    auto label = step_s < day_s ? at.substr(11, 5) : at.substr(5, 5);
    auto x = left + inner * (static_cast<double>(i) + 0.5) / static_cast<double>(points.size());
    out += fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", x, plot.bottom() + 18,
                       escape(label));
  }
}

void add_bar(std::string& out, const Plot& plot, std::string_view kind, double x, double wide, double value) {
  if (value <= 0) return;
  out += fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="1"/>)", kind, x,
                     plot.y(value), wide, plot.bottom() - plot.y(value));
}

struct Kind {
  std::string_view member, label;
};
constexpr std::array kinds{Kind{"detect", "detect"},   Kind{"decide", "decide"}, Kind{"approve", "approve"},
                           Kind{"execute", "execute"}, Kind{"verify", "verify"}, Kind{"whole", "finding to resolved"}};

// Milliseconds to a place on a line from a hundredth of a second to a month.
double place(double seconds) {
  constexpr double least = 0.01, most = 30 * 86'400.0;
  auto share = std::log(std::clamp(seconds, least, most) / least) / std::log(most / least);
  return 150 + (inner - 250) * share;
}

}  // namespace

std::string escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string trend_chart(const json::Value& trend) {
  const auto& points = json::items(json::at(trend, "points"));
  double greatest = 0;
  for (const auto& point : points)
    for (auto member : {"opened", "resolved", "open"}) greatest = std::max(greatest, number(json::at(point, member)));
  Plot plot{.greatest = round_up(greatest)};
  auto out = fmt::format(
      R"(<svg viewBox="0 0 {} 224" role="img" aria-label="Findings opened, resolved and open, over time">)", width);
  add_grid(out, plot);
  auto wide = inner / static_cast<double>(std::max<std::size_t>(points.size(), 1));
  std::string line;
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto x = left + wide * static_cast<double>(i), bar = std::min(wide * 0.36, 18.0), middle = x + wide / 2;
    add_bar(out, plot, "opened", middle - bar, bar, number(json::at(points[i], "opened")));
    add_bar(out, plot, "resolved", middle, bar, number(json::at(points[i], "resolved")));
    line += fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : " L", middle, plot.y(number(json::at(points[i], "open"))));
  }
  out += fmt::format(R"(<path class="open" d="{}"/>)", line);
  add_days(out, plot, points, number(json::at(trend, "step_s")));
  return out + "</svg>";
}

std::string times_chart(const json::Value& times) {
  constexpr double row = 30, first = 18;
  auto bottom = first + row * static_cast<double>(kinds.size());
  auto out = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="How long each part takes: median to 90th percentile">)",
                         width, bottom + 26);
  struct Mark {
    double seconds;
    std::string_view label;
  };
  constexpr std::array marks{Mark{0.1, "0.1 s"}, Mark{1, "1 s"}, Mark{60, "1 min"}, Mark{3600, "1 h"},
                             Mark{86'400, "1 day"}};
  for (auto [seconds, label] : marks) {
    out += fmt::format(R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="4" y2="{1}"/>)", place(seconds), bottom);
    out += fmt::format(R"(<text class="tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>)", place(seconds), bottom + 16,
                       label);
  }
  auto y = first;
  for (const auto& kind : kinds) {
    const auto& of = json::at(times, kind.member);
    out += fmt::format(R"(<text class="label" x="136" y="{}" text-anchor="end">{}</text>)", y + 4, kind.label);
    if (of.is_null()) {
      out += fmt::format(R"(<text class="tick" x="150" y="{}">never</text>)", y + 4);
    } else {
      auto median = number(json::at(of, "median_s")), rare = number(json::at(of, "p90_s"));
      auto text = [](double s) { return duration_text(milliseconds(static_cast<std::int64_t>(s * 1000))); };
      out += fmt::format(R"(<line class="span" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>)", place(median),
                         std::max(place(rare), place(median) + 0.5), y, y);
      out += fmt::format(R"(<circle class="median" cx="{:.1f}" cy="{}" r="5"/>)", place(median), y);
      out += fmt::format(R"(<text class="label" x="{}" y="{}" text-anchor="end">{} · {}</text>)", width - right, y + 4,
                         text(median), text(rare));
    }
    y += row;
  }
  return out + "</svg>";
}

}  // namespace aright::report
