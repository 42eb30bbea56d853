#include <fmt/format.h>

#include "base/embedded.h"
#include "report/evidence.h"
#include "report/html.h"

ARIGHT_EMBEDDED(style)

namespace aright::report {

namespace {

std::string words(std::string_view status) {
  std::string out(status);
  for (auto& c : out)
    if (c == '_') c = ' ';
  return escape(out);
}

std::string badge(std::string_view status) {
  bool good = status == "compliant" || status == "resolved", bad = status == "not_compliant" || status == "open";
  auto tone = good ? "promote" : bad ? "demote" : "review";
  return fmt::format(R"(<span class="kind {}">{}</span>)", tone, words(status));
}

std::string lines(const json::Value& of) {
  std::string rows;
  for (const auto& line : json::items(json::at(of, "entries")))
    rows += fmt::format("<tr><td>{}</td><td class=\"left\">{}</td><td>{}</td></tr>", text_of(line, "text"),
                        text_of(line, "at"), text_of(line, "entry"));
  return "<details><summary>Entries of the ledger</summary><div class=\"scroll\"><table><tr><th>What</th>"
         "<th class=\"left\">When</th><th>Entry</th></tr>" + rows + "</table></div></details>";
}

std::string resource_text(const json::Value& of) {
  const auto& resource = json::at(of, "resource");
  return fmt::format("{} {} <small>{} {}</small>", text_of(resource, "type"), text_of(resource, "id"),
                     text_of(resource, "account"), text_of(resource, "region"));
}

std::string finding(const json::Value& one) {
  auto out = fmt::format("<li>{} <b>finding</b> {} <code>{}</code><br>{}", badge(json::text(one, "status", "")),
                         resource_text(one), text_of(one, "id"), text_of(one, "annotation"));
  if (const auto& exception = json::at(one, "exception"); !exception.is_null())
    out += fmt::format("<br>exception by {} until {}: {}", text_of(exception, "by"), text_of(exception, "until"),
                       text_of(exception, "message"));
  return out + lines(one) + "</li>";
}

std::string fix(const json::Value& one) {
  auto writes = fmt::format("{}", fmt::join(json::texts(json::at(one, "writes")), ", "));
  auto out = fmt::format("<li><span class=\"kind\">{}</span> <b>remediation</b> {} <code>{}</code><br>{}{}",
                         words(json::text(one, "stage", "")), resource_text(one), text_of(one, "id"),
                         text_of(one, "decision"),
                         writes.empty() ? "" : ": " + escape(writes));
  for (const auto& approval : json::items(json::at(one, "approvals")))
    out += fmt::format("<br>approved by {} at {} {}", text_of(approval, "principal"), text_of(approval, "at"),
                       text_of(approval, "comment"));
  return out + lines(one) + "</li>";
}

std::string control_section(const json::Value& control) {
  const auto& scanned = json::at(control, "scanned");
  auto judged = scanned.is_null()
                    ? std::string("Not judged by a scan in this time.")
                    : fmt::format("Last scan {}: {} compliant, {} not compliant (entry {}).", text_of(scanned, "at"),
                                  json::integer(json::at(scanned, "COMPLIANT")),
                                  json::integer(json::at(scanned, "NON_COMPLIANT")), text_of(scanned, "entry"));
  if (!json::truth(json::at(control, "held"))) judged += " The policy does not enable this control.";
  std::string list;
  for (const auto& one : json::items(json::at(control, "findings"))) list += finding(one);
  for (const auto& one : json::items(json::at(control, "remediations"))) list += fix(one);
  return section(fmt::format("{} <small><code id=\"{}\">{}</code></small>", text_of(control, "title"),
                             text_of(control, "control"), text_of(control, "control")),
                 fmt::format("<p>{} <span class=\"quiet\">{}</span></p>", badge(json::text(control, "status", "")),
                             judged) +
                     (list.empty() ? "" : "<ul>" + list + "</ul>"));
}

std::string requirements_section(const json::Array& requirements) {
  if (requirements.empty()) return "";
  std::string rows;
  for (const auto& one : requirements) {
    std::string links;
    for (const auto& control : json::texts(json::at(one, "controls")))
      links += fmt::format("{}<a href=\"#{}\">{}</a>", links.empty() ? "" : ", ", escape(control), escape(control));
    rows += fmt::format("<tr><td>{}</td><td class=\"left\">{}</td><td class=\"left list\">{}</td></tr>",
                        text_of(one, "requirement"), badge(json::text(one, "status", "")), links);
  }
  return section("Requirements", "<div class=\"scroll\"><table><tr><th>Requirement</th><th class=\"left\">Status</th>"
                                 "<th class=\"left\">Controls</th></tr>" + rows + "</table></div>");
}

std::string check_section(const json::Object& evidence) {
  std::string commands;
  for (const auto& file : json::texts(json::at(evidence, "proofs")))
    commands += fmt::format("python3 verify.py {} --key KEY\n", escape(file));
  return section("Check it", fmt::format(
      "<p>Each entry number is one of the ledger's, whose {} entries are signed as a whole. The files beside this page "
      "hold the entries themselves, and the proofs that they are among them:</p><pre>{}</pre><p>KEY is the public key, "
      "which you should know from elsewhere; here it says it is <code>{}</code>.</p>",
      text_of(evidence, "ledger_entries"), commands, text_of(evidence, "key")));
}

}  // namespace

std::string evidence_html(const json::Object& evidence) {
  const auto& scope = json::at(evidence, "scope");
  std::string tiles;
  for (const auto& [status, count] : json::members(json::at(evidence, "requirements_by_status")))
    tiles += fmt::format(R"(<div class="tile"><b>{}</b><span class="quiet">requirements {}</span></div>)",
                         json::scalar_text(count), words(status));
  std::string controls;
  for (const auto& control : json::items(json::at(evidence, "controls"))) controls += control_section(control);
  auto title = "Evidence: " + text_of(scope, "title");
  return fmt::format("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
                     "<style>\n{5}{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p class=\"quiet\">{2} to {3}{4}</p>\n",
                     title, embedded_style(), text_of(evidence, "since"), text_of(evidence, "until"),
                     text_of(scope, "source").empty() ? "" : ". " + text_of(scope, "source"), palette()) +
         "<div class=\"tiles\">" + tiles + "</div>" + check_section(evidence) +
         requirements_section(json::items(json::at(evidence, "requirements"))) + controls + "</body>\n</html>\n";
}

}  // namespace aright::report
