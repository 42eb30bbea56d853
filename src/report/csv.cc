#include <fmt/format.h>

#include <array>
#include <cmath>

#include "report/html.h"

namespace aright::report {

namespace {

struct Column {
  std::string_view head;
  std::array<std::string_view, 3> path;  // empty from where it ends
};
constexpr std::array columns{
    Column{"control", {"control"}},
    Column{"title", {"title"}},
    Column{"severity", {"severity"}},
    Column{"findings_opened", {"findings", "opened"}},
    Column{"findings_resolved", {"findings", "resolved"}},
    Column{"findings_resolved_otherwise", {"findings", "resolved_otherwise"}},
    Column{"findings_open", {"findings", "open"}},
    Column{"exposure_hours", {"findings", "exposure_hours"}},
    Column{"automatic", {"remediations", "automatic"}},
    Column{"asked", {"remediations", "asked"}},
    Column{"manual", {"remediations", "manual"}},
    Column{"fixed", {"remediations", "fixed"}},
    Column{"escalated", {"remediations", "escalated"}},
    Column{"rolled_back", {"remediations", "rolled_back"}},
    Column{"withdrawn", {"remediations", "withdrawn"}},
    Column{"recurred", {"remediations", "recurred"}},
    Column{"success_rate", {"rates", "success"}},
    Column{"rollback_rate", {"rates", "rollback"}},
    Column{"recurrence_rate", {"rates", "recurrence"}},
    Column{"disputed", {"remediations", "disputed"}},
    Column{"false_positive_rate", {"rates", "false_positive"}},
    Column{"approved", {"approvals", "approved"}},
    Column{"rejected", {"approvals", "rejected"}},
    Column{"expired", {"approvals", "expired"}},
    Column{"detect_mean_s", {"times", "detect", "mean_s"}},
    Column{"detect_median_s", {"times", "detect", "median_s"}},
    Column{"detect_p90_s", {"times", "detect", "p90_s"}},
    Column{"detect_p99_s", {"times", "detect", "p99_s"}},
    Column{"decide_mean_s", {"times", "decide", "mean_s"}},
    Column{"decide_median_s", {"times", "decide", "median_s"}},
    Column{"decide_p90_s", {"times", "decide", "p90_s"}},
    Column{"decide_p99_s", {"times", "decide", "p99_s"}},
    Column{"approve_mean_s", {"times", "approve", "mean_s"}},
    Column{"approve_median_s", {"times", "approve", "median_s"}},
    Column{"approve_p90_s", {"times", "approve", "p90_s"}},
    Column{"approve_p99_s", {"times", "approve", "p99_s"}},
    Column{"execute_mean_s", {"times", "execute", "mean_s"}},
    Column{"execute_median_s", {"times", "execute", "median_s"}},
    Column{"execute_p90_s", {"times", "execute", "p90_s"}},
    Column{"execute_p99_s", {"times", "execute", "p99_s"}},
    Column{"verify_mean_s", {"times", "verify", "mean_s"}},
    Column{"verify_median_s", {"times", "verify", "median_s"}},
    Column{"verify_p90_s", {"times", "verify", "p90_s"}},
    Column{"verify_p99_s", {"times", "verify", "p99_s"}},
    Column{"whole_mean_s", {"times", "whole", "mean_s"}},
    Column{"whole_median_s", {"times", "whole", "median_s"}},
    Column{"whole_p90_s", {"times", "whole", "p90_s"}},
    Column{"whole_p99_s", {"times", "whole", "p99_s"}},
};

std::string cell(const json::Value& value) {
  auto text = json::scalar_text(value);
  bool formula = value.is_string() && !text.empty() && std::string_view("=+-@\t\r").contains(text[0]);
  if (formula) text = fmt::format("'{}", text);
  if (text.find_first_of(",\"\r\n") == text.npos) return text;
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string csv(const json::Object& review) {
  std::string out;
  for (const auto& column : columns) out += fmt::format("{}{}", out.empty() ? "" : ",", column.head);
  out += "\r\n";
  for (const auto& control : json::items(json::at(review, "controls"))) {
    bool first = true;
    for (const auto& column : columns) {
      const auto* value = &control;
      for (auto member : column.path)
        if (!member.empty()) value = &json::at(*value, member);
      if (!first) out += ',';
      out += cell(*value);
      first = false;
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace aright::report
