#pragma once
// What can be said to commands that have much to be said to them.

#include "cli/checks.h"
#include "cli/commands.h"

namespace aright::cli {

void acknowledge_options(CLI::App& app, std::string& id, std::string& comment);
void answer_options(CLI::App& app, Answer& answer);
void report_options(CLI::App& app, ReportOptions& report);
void evidence_options(CLI::App& app, ReportOptions& report, EvidenceOrder& order);

}  // namespace aright::cli
