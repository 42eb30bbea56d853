#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace aright::cli {

namespace {

struct Example {
  std::string_view command, line, why;
};

constexpr std::array examples{
    Example{"scan", "aright scan", "every control of the policy"},
    Example{"scan", "aright scan restricted-ssh", "one control"},
    Example{"scan", "aright scan --endpoint-url http://127.0.0.1:4566",
            "another account than a running aright's"},
    Example{"findings", "aright findings", "what is open, newest first"},
    Example{"findings", "aright findings --severity critical --json", "for programs"},
    Example{"doctor", "aright doctor --aws --policy aright.yaml",
            "before the first aright serve, and on every bad day"},
    Example{"doctor", "aright doctor --json", "exit code 3 when something is to be mended"},
    Example{"backup", "aright backup /backup/aright-$(date +%F)", "checked, signed, for its owner only"},
    Example{"restore", "aright restore /backup/aright-2026-11-28", "into a state directory that holds none"},
    Example{"reload", "aright reload", "the same as SIGHUP"},
    Example{"plan", "aright plan fnd_…", "the calls, the difference, and the way back"},
    Example{"fix", "aright fix fnd_…", "shows the plan, and asks"},
    Example{"fix", "aright fix fnd_… --plan HASH", "the plan that `aright plan` showed, or nothing"},
    Example{"fix", "aright fix fnd_… --yes --no-wait", "for programs: started, not waited for"},
    Example{"approvals", "aright approvals", "and until when"},
    Example{"report evidence", "aright report evidence --framework cis-aws-foundations-3.0 --since 90d --to audit",
            "for an auditor: index.html, evidence.json, proofs, verify.py"},
    Example{"report evidence", "aright report evidence --remediation rem_… --to case-17", "all of one fix"},
    Example{"escalations", "aright escalations", "who was told, and who is next"},
    Example{"ack", "aright ack esc_… -m 'on it'", "the ladder ends here"},
    Example{"approve", "aright approve rem_… rem_… -m 'all of one release'", "several at once"},
    Example{"approve", "aright approve rem_… --plan 9f2c…", "the plan that was looked at, or none"},
    Example{"approve", "aright approve rem_… -m 'seen, and right'",
            "a plan that waits, bound to its hash"},
    Example{"approve", "aright approve exec_… --step AskBeforeIsolation",
            "a runbook's step that waits"},
    Example{"reject", "aright reject rem_… -m 'not before Friday'", "a plan that waits"},
    Example{"rollback", "aright rollback rem_… -m 'the site needs it'",
            "and what others changed since stays"},
    Example{"rollback", "aright rollback rem_… rem_… -m 'approved by mistake'", "all that was approved together"},
    Example{"rollback", "aright rollback --control restricted-ssh --since 2h -m 'the fix was wrong'",
            "all of a control, and each told by itself"},
    Example{"executions", "aright executions", "all of them"},
    Example{"executions", "aright executions --status Waiting", "for a person"},
    Example{"executions", "aright executions exec_…", "one, step by step"},
    Example{"why", "aright why fnd_…", "signals, evaluations, decisions and their reasons"},
    Example{"why", "aright why acme-reports", "all that is on record about a resource"},
    Example{"policy check", "aright policy check aright.yaml", "exit code 1, and each fault with its place"},
    Example{"policy explain", "aright policy explain restricted-ssh --account 111122223333 --tag team=web",
            "which rule decides"},
    Example{"policy permissions", "aright policy permissions aright.yaml > read.json", "for a role that only looks"},
    Example{"policy permissions", "aright policy permissions aright.yaml --fixes", "for one that sets right as well"},
    Example{"policy replay", "aright policy replay changed.yaml --since 7d", "before it is put to use"},
    Example{"exceptions list", "aright exceptions list", "those of the policy, too"},
    Example{"exceptions set", "aright exceptions set fnd_… -m 'until the new site is up' --until 2026-12-20T00:00:00Z",
            "then it is set right as the policy says"},
    Example{"exceptions set",
            "aright exceptions set fnd_… -m 'behind a proxy' --owner web --compensating-control restricted-ssh",
            "void as soon as that control fails"},
    Example{"exceptions end", "aright exceptions end fnd_…", "before its time"},
    Example{"autonomy", "aright autonomy", "levels, and the figures behind them"},
    Example{"policy schema", "aright policy schema > aright.schema.json", "for editors that know YAML"},
    Example{"brakes", "aright brakes", "what is held, until when, and why"},
    Example{"halt", "aright halt -m 'something is wrong'", "and lists what was in flight"},
    Example{"halt", "aright halt --control restricted-ssh --account 111122223333 -m 'its fix is wrong there'",
            "the rest goes on"},
    Example{"resume", "aright resume --all", "every halt there is"},
    Example{"resume", "aright resume -m 'it was the network'", "what waited goes on where it stood"},
    Example{"report", "aright report --since 7d", "the last week, on the terminal"},
    Example{"report", "aright report --format html -o review.html", "a page with charts, to send or to print"},
    Example{"export cloudformation", "aright export cloudformation > aright.template.yaml",
            "and, beside it, what is not in it"},
    Example{"export cloudformation", "aright export cloudformation --to templates --own-documents",
            "as many as are needed; our documents in place of AWS's"},
    Example{"deploy", "aright deploy --target aws --region eu-central-1", "shows what would change, and asks"},
    Example{"deploy", "aright deploy --target http://127.0.0.1:4566 -p Automatic=false --yes",
            "into a sandbox; nothing is set right by itself"},
    Example{"runbook validate", "aright runbook validate my-runbook.yaml",
            "exit code 3 when it is not valid"},
    Example{"runbook run", "aright runbook run Aright-SecureInstance -p InstanceId=i-…",
            "without finding or plan; for admins"},
    Example{"runbook run", "aright runbook run ./mine.yaml -p Bucket=acme --endpoint-url http://127.0.0.1:4566",
            "a file, with nothing but the endpoint"},
    Example{"runbook rehearse", "aright runbook rehearse ./mine.yaml -p Bucket=acme --aws",
            "what it would change; needs to read only"},
    Example{"runbook explain", "aright runbook explain AWS-DisableS3BucketPublicReadWrite",
            "its flow, its calls, the permissions it needs"},
    Example{"runbook explain", "aright runbook explain ./mine.yaml --svg > mine.svg", "the flow as a picture"},
    Example{"runbook run", "aright runbook run AWS-StopEC2Instance --targets Key=tag:env,Values=test "
                           "--target-parameter-name InstanceId --aws",
            "once for each instance that has the tag"},
    Example{"runbook test", "aright runbook test", "all tests of the catalog's runbooks"},
    Example{"runbook test", "aright runbook test tests/mine.yaml --only 'public bucket'", "your own"},
    Example{"function list", "aright function list --policy aright.yaml", "with runtime, handler and bounds"},
    Example{"function show", "aright function show close-port", "its files, too"},
    Example{"function invoke", "aright function invoke ./tag-owner --event event.json",
            "a folder, in an emulated account"},
    Example{"function invoke", "aright function invoke tag.zip -e event.json --endpoint-url http://127.0.0.1:4566",
            "its calls go there"},
    Example{"function invoke", "aright function invoke arn:aws:lambda:us-east-1:111122223333:function:tag --aws",
            "one that AWS runs"},
    Example{"function test", "aright function test tests/tag-owner.yaml", "exit code 3 when one fails"},
    Example{"controls list", "aright controls list --json", "for programs"},
    Example{"controls show", "aright controls show restricted-ssh", "what it requires, and what its fix may break"},
    Example{"controls test", "aright controls test restricted-ssh", "judged, set right, verified, taken back"},
    Example{"pack check", "aright pack check Operational-Best-Practices-for-CIS.yaml",
            "exit code 3 when some rules can't be evaluated"},
    Example{"pack deploy", "aright pack deploy s3.yaml --param S3TargetBucketNameForEnableLogging=logs",
            "into ./aright.yaml, after a look"},
    Example{"pack status", "aright pack status s3", "as the latest scan and the findings tell"},
    Example{"notify list", "aright notify list", "and what they hear"},
    Example{"notify test", "aright notify test on-call", "exit code 1 when it does not arrive"},
    Example{"ledger show", "aright ledger show --limit 20", "the end of it"},
    Example{"ledger show", "aright ledger show rem_…", "one remediation's entries"},
    Example{"ledger verify", "aright ledger verify", "exit code 3 when it is not sound"},
    Example{"ledger verify", "aright ledger verify copy.db", "a copy, on any machine"},
    Example{"ledger verify", "aright ledger verify --since kept-elsewhere.txt",
            "finds entries that were cut off, and older copies"},
    Example{"ledger verify", "aright ledger verify proofs.json --key aright/5f0c2a7d+…",
            "what somebody else was given"},
    Example{"ledger checkpoint", "aright ledger checkpoint -o /mnt/elsewhere/checkpoint", "every night, say"},
    Example{"ledger key", "aright ledger key", "for those who check proofs"},
    Example{"ledger prove", "aright ledger prove rem_… -o proofs.json", "the evidence of one remediation"},
    Example{"ledger prove", "aright ledger prove 17 18", "two entries"},
    Example{"ledger export", "aright ledger export audit-2024", "all of it, and verify.py beside it"},
    Example{"ledger export", "aright ledger export for-partners --redact plan_sealed", "without what plans say"},
    Example{"ledger rebuild", "aright ledger rebuild",
            "when verify says that the entries are sound and the rest is not"},
    Example{"events put", "zcat trail.json.gz | aright events put", "a log file of CloudTrail"},
    Example{"events archive", "aright events archive", "and how far each replay is"},
    Example{"events replay", "aright events replay again --archive security --from 2024-05-01T00:00:00Z --rule contain",
            "one rule sees what happened since then once more"},
    Example{"events match", "aright events match --rules rules.jsonl events.jsonl",
            "the ids that match, a line for each event"},
    Example{"events match", "zcat events.jsonl.gz | aright events match --rules rules.jsonl --count",
            "totals"},
    Example{"events match", "aright events match --rules rules.jsonl --bench 5 events.jsonl",
            "events per second"},
    Example{"events test-pattern",
            "aright events test-pattern --pattern '{\"source\": [\"aws.s3\"]}' --event event.json",
            "a text, and a file"},
    Example{"events test-pattern", "aright events test-pattern --pattern pattern.json --event -",
            "the event from standard input"},
    Example{"version", "aright version --json", "for programs"},
    Example{"completion", "source <(aright completion bash)", "bash, now"},
    Example{"completion", "aright completion bash --json", "for programs: the shell, and the script"},
    Example{"completion",
            "aright completion zsh > ~/.aright.zsh && echo 'source ~/.aright.zsh' >> ~/.zshrc",
            "zsh, for good"},
    Example{"completion", "aright completion fish > ~/.config/fish/completions/aright.fish",
            "fish, for good"},
    Example{"demo", "aright demo", "and then look at the console"},
    Example{"demo", "aright demo --once --json",
            "for programs: exit code 0 only when all went well"},
    Example{"sandbox", "aright sandbox --port 4566", "with the demonstration's resources"},
    Example{"sandbox", "aright sandbox --empty --file state.json", "your own, kept between runs"},
    Example{"serve", "aright serve --policy aright.yaml", "with a sandbox inside"},
    Example{"serve", "aright serve --policy aright.yaml --aws --profile security",
            "for your accounts"},
};

}  // namespace

std::string examples_of(std::string_view command) {
  auto meant = [&](const Example& example) {
    bool within = example.command.starts_with(command) && example.command.substr(command.size()).starts_with(' ');
    return example.command == command || within;
  };
  std::size_t width = 0;
  for (const auto& example : examples)
    if (meant(example)) width = std::max(width, example.line.size());
  std::string out;
  for (const auto& example : examples)
    if (meant(example))
      out += fmt::format("{}  {:<{}}  {}", out.empty() ? "Examples:\n" : "\n", example.line, width,
                         example.why);
  return out;
}

}  // namespace aright::cli
