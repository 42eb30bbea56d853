// JUnit: a suite for each data file, a case for each rules file.

#include <fmt/format.h>

#include "guard/formats.h"

namespace aright::guard {

namespace {

std::string failure_element(const Judgement& judgement) {
  std::string rules, reasons;
  for (const auto& rule : judgement.report.rules) {
    if (rule.status != Status::fail) continue;
    rules += (rules.empty() ? "" : ", ") + rule.name;
    for (const auto* failure : leaves(rule.failures)) {
      reasons += fmt::format("{}: {}{}{}\n", failure->path(), failure->reason,
                             failure->message.empty() ? "" : ". ", failure->message);
    }
  }
  return fmt::format("            <failure message=\"{}\">{}</failure>\n", xml_escaped(rules),
                     xml_escaped(reasons));
}

std::string_view status_word(Status status) {
  return status == Status::pass ? "pass" : "skip";
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '\n':
      case '\t':
        out += c;
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return out;
}

std::string junit(const std::vector<FileReport>& reports) {
  std::string suites;
  std::size_t tests = 0, failures = 0;
  std::int64_t took_ms = 0;
  for (const auto& report : reports) {
    std::string cases;
    std::size_t own_failures = 0;
    std::int64_t own_ms = 0;
    for (const auto* judgement : report.judgements) {
      auto status = judgement->report.status;
      own_ms += judgement->took_ms;
      auto head = fmt::format("        <testcase name=\"{}\" time=\"{}\"",
                              xml_escaped(judgement->rules), judgement->took_ms);
      if (status == Status::fail) {
        ++own_failures;
        cases += head + ">\n" + failure_element(*judgement) + "        </testcase>\n";
      } else {
        cases += fmt::format("{} status=\"{}\"/>\n", head, status_word(status));
      }
    }
    tests += report.judgements.size();
    failures += own_failures;
    took_ms += own_ms;
    suites += fmt::format(
        "    <testsuite name=\"{}\" errors=\"0\" failures=\"{}\" time=\"{}\">\n{}    "
        "</testsuite>\n",
        xml_escaped(report.data), own_failures, own_ms, cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"aright guard validate\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
      "time=\"{}\">\n{}"
      "</testsuites>\n",
      tests, failures, took_ms, suites);
}

}  // namespace aright::guard
