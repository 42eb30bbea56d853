#include "cli/options.h"

namespace aright::cli {

void acknowledge_options(CLI::App& app, std::string& id, std::string& comment) {
  app.add_option("id", id, "esc_…")->required()->check(id_of({"esc_"}));
  app.add_option("-m,--comment", comment, "What you do about it; goes on record");
}

void answer_options(CLI::App& app, Answer& answer) {
  app.add_option("id", answer.ids, "rem_…, fnd_…, exec_…, or a plan's hash; one or more")
      ->required()
      ->check(id_of({"rem_", "fnd_", "exec_"}) | beginning_of_hash());
  app.add_option("--step", answer.step, "The waiting step, when there are several");
  app.add_option("--plan", answer.plan_hash, "Hash of the plan that was looked at: that one, or none")->check(hash());
  app.add_option("-m,--comment", answer.comment, "Why; goes on record");
}

void report_options(CLI::App& app, ReportOptions& report) {
  app.add_option("--since", report.since, "30d, 12h, 2w, a day or an instant; else 30d before the end");
  app.add_option("--until", report.until, "A day or an instant; else now");
  app.add_option("--format", report.format, "text, html, csv or json")
      ->check(one_of("a format", {"text", "html", "csv", "json"}))->capture_default_str();
  app.add_option("-o,--output", report.output, "Write to this file");
}

void evidence_options(CLI::App& app, ReportOptions& report, EvidenceOrder& order) {
  auto* framework = app.add_option("--framework", order.framework,
                                   "A pack: each of its requirements, with controls, findings and fixes");
  auto* one = app.add_option("--remediation", order.remediation, "Or one remediation, rem_…")
                  ->check(id_of({"rem_"}))->excludes(framework);
  app.add_option("--since", report.since, "30d, 12h, 2w, a day or an instant; else 30d before the end")
      ->excludes(one);
  app.add_option("--until", report.until, "A day or an instant; else now")->excludes(one);
  app.add_option("--to", order.to, "The directory: made, or empty")->required();
}

}  // namespace aright::cli
