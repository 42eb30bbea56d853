#pragma once
// The commands, one function each: settings and arguments in, exit code out.

#include <string>
#include <vector>

#include "cli/settings.h"
#include "gateway/halts.h"

namespace aright::cli {

inline constexpr int wait_s_default = 300;  // for a remediation to come to rest
inline constexpr int wait_s_max = 7 * 24 * 3600;

struct Waiting {
  bool no_wait = false;
  int seconds = wait_s_default;
};

int scan(const Settings& settings, const std::vector<std::string>& controls);
struct FindingFilter {
  std::string status = "open", control, severity;
  std::string format = "table", group_by = {};  // "": not grouped
};
int findings(const Settings& settings, const FindingFilter& filter);
int plan(const Settings& settings, const std::string& finding);
struct FixOrder {
  std::string finding;
  bool yes = false;
  std::string plan_hash;  // of a plan that was seen before; empty: one is made now, and shown
};
int fix(const Settings& settings, const FixOrder& order, const Waiting& waiting);
struct Answer {
  std::vector<std::string> ids;  // rem_…, fnd_… or exec_…
  std::string step, comment;
  std::string plan_hash;         // what was looked at; empty: the plan that waits now
};
int approve(const Settings& settings, const Answer& answer, const Waiting& waiting);
int reject(const Settings& settings, const Answer& answer, const Waiting& waiting);
int approvals(const Settings& settings);
int escalations(const Settings& settings);
int acknowledge(const Settings& settings, const std::string& id, const std::string& comment);
int notify_list(const Settings& settings);
int notify_test(const Settings& settings, const std::string& channel);
struct RollbackOrder {
  std::vector<std::string> ids;  // rem_… or fnd_…; empty: all of the control, or of the plan
  std::string control, since, plan_hash, reason;
  bool yes = false;
};
int roll_back(const Settings& settings, const RollbackOrder& order, const Waiting& waiting);
// One, or all of a status; "": all.
int executions(const Settings& settings, const std::string& id, const std::string& status);
// Of a finding, or of all findings about a resource: by its id or ARN.
int why(const Settings& settings, const std::string& what);
// What nothing is done about by itself. "" as `until`: until it is ended.
int exceptions_list(const Settings& settings);
struct ExceptionOrder {
  std::string finding, reason, until, owner, compensating;
  std::vector<std::int64_t> reminders;  // seconds before its end
};
int exceptions_set(const Settings& settings, const ExceptionOrder& order);
// What each control's fix has earned (docs/guide/autonomy.md).
int autonomy(const Settings& settings);
int exceptions_end(const Settings& settings, const std::string& finding);
int brakes(const Settings& settings);
// All writes, off or on again.
struct HaltOrder {
  bool on = true, all = false;  // all: every halt there is ends
  gateway::Scope scope;
  std::string reason;
};
int halt(const Settings& settings, const HaltOrder& order);

struct ReportOptions {
  std::string since, until, format = "text", output;
};
int report(const Settings& settings, const ReportOptions& options);
struct EvidenceOrder {
  std::string framework, remediation;  // one of these
  std::string to;                      // a directory that is made, or is empty
};
int report_evidence(const Settings& settings, const ReportOptions& window, const EvidenceOrder& order);

// The policy file by itself.
struct PolicyQuestion {
  std::string control, account, source = "aright", unit;
  std::vector<std::string> tags;  // of the resource: Name=value
  std::int64_t age_hours = 0;     // of the finding
  std::string disruption, confidence;  // of the rehearsal; both "": there was none yet
  bool irreversible = false;
};
int policy_schema(const Settings& settings);
int policy_check(const Settings& settings);
int policy_explain(const Settings& settings, const PolicyQuestion& question);
// The IAM policy of the role that judges, plans and verifies; with `fixes`, of the one that sets right as well.
int policy_permissions(const Settings& settings, bool fixes);
int policy_replay(const Settings& settings, const ReportOptions& options);

// Those of the catalog and of the policy, by name.
int runbook_list(const Settings& settings);
int runbook_validate(const Settings& settings, const std::vector<std::string>& files);
// Whom a runbook runs for, as `aws ssm start-automation-execution` takes it.
struct ForEach {
  std::vector<std::string> targets;    // Key=…,Values=…,… or JSON
  std::vector<std::string> locations;  // Accounts=…,…,Regions=…,… or JSON
  std::string parameter, maps, concurrency_max, errors_max;
};
struct RunbookRun {
  std::string document;                      // a name, or a file
  std::vector<std::string> parameters = {};  // Name=value
  bool yes = false;                     // whatever the document asks, when it is run by itself
  ForEach for_each = {};
};
int runbook_run(const Settings& settings, const RunbookRun& what, const Waiting& waiting);
int runbook_rehearse(const Settings& settings, const RunbookRun& what);
// Its flow, its calls and the permissions that it needs; or its flow as an SVG image.
int runbook_explain(const Settings& settings, const std::string& document, bool picture);
// Test files, or names of the catalog's runbooks; none: all of the catalog's. `only`: tests whose name holds it.
int runbook_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only);

// Of the catalog, and of a directory of own ones ("": none). `pack`: only those of this pack.
int controls_list(const Settings& settings, const std::string& own, const std::string& pack);
int controls_show(const Settings& settings, const std::string& own, const std::string& id);
int controls_packs(const Settings& settings);
// Makes `directory`/<id> with a control that works, and its tests.
int controls_new(const Settings& settings, const std::string& id, const std::string& directory);
int controls_test(const Settings& settings, const std::vector<std::string>& what, const std::string& only);

int ledger_show(const Settings& settings, const std::string& stream, long from, int limit);
int ledger_rebuild(const Settings& settings);
struct LedgerCheck {
  std::string file;   // a ledger, an export, or proofs; "": the state directory's ledger
  std::string key;    // whose signature counts, or the file that has it; "": the one that is at hand
  std::string since;  // a file with a checkpoint that it must continue, or ""
};
int ledger_verify(const Settings& settings, const LedgerCheck& asked);
// Both into a file, or ("") to the terminal.
int ledger_checkpoint(const Settings& settings, const std::string& file);
int ledger_prove(const Settings& settings, const std::vector<std::string>& what, const std::string& file);
int ledger_key(const Settings& settings);
int ledger_export(const Settings& settings, const std::string& directory, const std::vector<std::string>& redact);

// What stands in the way of a good day, and what to do about it.
struct DoctorOrder {
  std::string host = "127.0.0.1";
  int port = 0;  // that `aright serve` is to listen on; 0: any
};
int doctor(const Settings& settings, const DoctorOrder& order);

// The state directory as one file, while it is served or not; and back.
struct BackupOrder {
  std::string file;
  bool without_keys = false, force = false;
};
int backup(const Settings& settings, const BackupOrder& order);
int restore(const Settings& settings, const BackupOrder& order);
int reload(const Settings& settings);

struct Listen {
  std::string host = "127.0.0.1";
  int port = 0;
};
struct ServeOptions {
  Listen listen;
  std::string log_format = "text", log_level = "info";
  std::string otlp_endpoint;  // "": as the environment says
  std::string crash_at;
  std::string worker;        // its name in a fleet; "": a new one
  int lease_seconds = 15;    // for which its work is its own without a word from it
  unsigned turns = 32;       // under way at one time
  unsigned readers = 4;      // connections that read the store
};
// Who works on the store, and what they hold.
int fleet(const Settings& settings);
struct StoreMigration {
  std::string from, to;  // files or URLs; "sqlite", "postgres": as the settings say
};
int store_migrate(const Settings& settings, const StoreMigration& what);
int serve(const Settings& settings, const ServeOptions& options);
struct SandboxOptions {
  Listen listen;
  std::string file;        // its state, read at the start and written at the end
  bool empty = false;      // without the demonstration's resources
  double speed = 60;
  std::vector<std::string> accounts;  // ID or ID:KEY:SECRET; none: the demonstration's
  bool authorize = false;             // IAM decides over calls
  std::vector<std::string> service_control;  // files
  std::string faults;                        // file
};
int sandbox(const Settings& settings, const SandboxOptions& options);
struct DemoOptions {
  Listen listen;
  bool once = false;
};
int demo(const Settings& settings, const DemoOptions& options);

}  // namespace aright::cli
