#include "server/api.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/known.h"
#include "base/text.h"
#include "inventory/under_way.h"
#include "remediation/narrate.h"
#include "remediation/projection.h"
#include "report/html.h"
#include "server/question.h"
#include "server/views.h"

namespace aright::server {

namespace {

using remediation::Engine;

constexpr milliseconds request_timeout{120'000};
constexpr milliseconds scan_timeout{30 * 60'000};
constexpr std::int64_t ledger_page_default = 100;

// One request on its way through a route.
struct Turn {
  Engine& engine;
  const Surroundings& surroundings;
  const Caller& caller;
  std::map<std::string, std::string> query;
  json::Value body;
  std::string id;  // what {id} in the route stood for

  std::string parameter(const std::string& name) const {
    auto found = query.find(name);
    return found == query.end() ? "" : found->second;
  }
  std::string text(std::string_view member) const { return json::text(body, member, ""); }
  Context context() const { return Context::within(request_timeout); }
};

using Answer = Result<json::Value>;

Answer findings(const Turn& turn) {
  auto list = TRY(remediation::list_findings(turn.engine.ledger(), {.status = turn.parameter("status"), .parent = ""}));
  json::Array out;
  for (auto& finding : list) {
    bool wanted = true;
    for (auto member : {"control", "severity"}) {
      auto filter = turn.parameter(member);
      wanted = wanted && (filter.empty() || json::text(finding, member, "") == filter);
    }
    if (wanted) out.push_back(std::move(finding));
  }
  return json::Object{{"findings", std::move(out)}};
}

Answer finding(const Turn& turn) {
  auto id = TRY(FindingId::parse(turn.id));
  return finding_view(turn.engine, id);
}

Answer why(const Turn& turn) {
  auto id = TRY(FindingId::parse(turn.id));
  return why_view(turn.engine, id);
}

Answer remediations(const Turn& turn) {
  auto list =
      TRY(remediation::list_remediations(turn.engine.ledger(), {.status = turn.parameter("stage"), .parent = ""}));
  return json::Object{{"remediations", json::Array(list.begin(), list.end())}};
}

Result<RemediationId> remediation_id(const Turn& turn) { return RemediationId::parse(turn.id); }

Answer remediation_page(const Turn& turn) {
  auto id = TRY(remediation_id(turn));
  return remediation_view(turn.engine, id);
}

Answer approvals(const Turn& turn) {
  auto list = TRY(waiting(turn.engine));
  return json::Object{{"approvals", std::move(list)}};
}

Answer executions(const Turn& turn) {
  auto list = TRY(remediation::list_executions(turn.engine.ledger(),
                                               {.status = turn.parameter("status"), .parent = ""}));
  return json::Object{{"executions", json::Array(list.begin(), list.end())}};
}

Answer execution(const Turn& turn) {
  auto id = TRY(ExecutionId::parse(turn.id));
  return turn.engine.executor().describe(id);
}

Answer execution_flow(const Turn& turn) {
  auto id = TRY(ExecutionId::parse(turn.id));
  return flow_view(turn.engine, id);
}

Answer ledger_page(const Turn& turn) {
  const auto& ledger = turn.engine.ledger();
  auto size = static_cast<std::int64_t>(ledger.size());
  auto from = json::integer(json::Value(turn.parameter("from")), 1);
  if (from < 0) from = std::max<std::int64_t>(1, size + from + 1);
  auto limit = json::integer(json::Value(turn.parameter("limit")), ledger_page_default);
  auto entries = TRY(ledger.read(static_cast<std::uint64_t>(from), static_cast<std::size_t>(limit)));
  json::Array out;
  for (const auto& entry : entries) out.push_back(entry_view(entry));
  return json::Object{{"entries", std::move(out)}, {"size", size}};
}

Answer ledger_verify(const Turn& turn) {
  auto verdict = TRY(verdict_view(turn.engine.ledger(), turn.engine.controls()));
  return verdict;
}

Answer checkpoint(const Turn& turn) { return checkpoint_view(turn.surroundings); }
Answer proofs(const Turn& turn) {
  return proofs_view(turn.engine.ledger(), turn.surroundings, turn.parameter("of"));
}

Answer channels(const Turn& turn) { return channels_view(turn.engine); }

Answer escalations(const Turn& turn) {
  auto list = TRY(turn.engine.escalations());
  return json::Object{{"escalations", json::Array(list.begin(), list.end())}};
}

Answer acknowledge(const Turn& turn) {
  auto id = TRY(remediation::EscalationId::parse(turn.id));
  auto one = TRY(turn.engine.acknowledge(id, turn.caller.actor, turn.text("comment")));
  return remediation::to_json(one);
}

Answer test_channel(const Turn& turn) {
  CHECK_OK(turn.engine.test_channel(turn.text("channel"), turn.caller.actor, turn.context()));
  return json::Object{{"channel", turn.text("channel")}, {"sent", true}};
}

Answer scan(const Turn& turn) {
  const auto& said = json::at(turn.body, "controls");
  auto wanted = json::texts(said);
  if (!said.is_null() && (!said.is_array() || wanted.size() != json::items(said).size()))
    return fail(Errc::invalid, "a scan takes {{\"controls\": [id, …]}}, or nothing for all");
  auto report = TRY(turn.engine.scan(wanted, Context::within(scan_timeout)));
  json::Array gaps;
  for (const auto& gap : report.gaps) {
    json::Object one{{"what", gap.what}, {"why", gap.why}};
    if (!gap.control.empty()) one["control"] = gap.control;
    if (!gap.control.empty()) one["resource"] = cloud::to_json(gap.where);
    if (!gap.aspect.empty()) one["aspect"] = gap.aspect;
    if (!gap.action.empty()) one["action"] = gap.action;
    gaps.push_back(std::move(one));
  }
  return json::Object{{"evaluated", report.evaluated},
                      {"non_compliant", report.non_compliant},
                      {"insufficient_data", report.insufficient},
                      {"findings_opened", report.findings_opened},
                      {"gaps", std::move(gaps)}};
}

Answer scanning(const Turn&) {
  auto so_far = inventory::under_way();
  if (!so_far) return json::Object{{"under_way", false}};
  return json::Object{{"under_way", true},
                      {"resources", so_far->resources},
                      {"listings", so_far->listings},
                      {"listings_all", so_far->listings_all}};
}

Answer signal(const Turn& turn) {
  auto id = TRY(turn.engine.accept_event(json::members(turn.body)));
  return json::Object{{"signal", id.str()}};
}

Answer archives(const Turn& turn) {
  json::Array out;
  for (const auto& one : turn.engine.policy().archives)
    out.push_back(json::Object{{"name", one.name}, {"bus", one.bus}, {"retention_days", one.retention.count()}});
  return json::Object{{"archives", std::move(out)}};
}

Answer replays(const Turn& turn) {
  auto listed = TRY(remediation::list_event_replays(turn.engine.ledger()));
  return json::Object{{"replays", json::Array(listed.begin(), listed.end())}};
}

Answer start_replay(const Turn& turn) {
  remediation::ReplayOrder order{.name = turn.text("name"),
                                 .archive = turn.text("archive"),
                                 .rules = json::texts(json::at(turn.body, "rules")),
                                 .again = json::truth(json::at(turn.body, "again")),
                                 .events_max = json::integer(json::at(turn.body, "events_max"),
                                                             remediation::replay_events_default)};
  auto from = parse_timestamp(turn.text("from"));
  if (!from) return wrap(from.error(), "from");
  auto until = parse_timestamp(turn.text("until"));
  if (!until) return wrap(until.error(), "until");
  order.from = *from;
  order.until = *until;
  CHECK_OK(turn.engine.start_replay(order, turn.caller.actor));
  auto replay = TRY(remediation::read_event_replay(turn.engine.ledger(), order.name));
  return remediation::to_json(replay);
}

Answer plan(const Turn& turn) {
  auto id = TRY(FindingId::parse(turn.id));
  auto made = TRY(turn.engine.plan(id, turn.caller.actor, turn.context()));
  return plan_view(made);
}

Answer fix(const Turn& turn) {
  auto id = TRY(FindingId::parse(turn.id));
  auto hash = turn.text("plan_hash");
  if (hash.empty())
    return fail(Errc::invalid,
                "a fix carries out a plan that somebody saw: say {{\"plan_hash\": …}} of one that POST "
                "/findings/{}/plan made", id.str());
  auto remediation = TRY(turn.engine.fix(id, hash, turn.caller.actor));
  return json::Object{{"remediation", remediation.str()}};
}

Answer autonomy(const Turn& turn) { return autonomy_view(turn.engine); }
Answer exceptions(const Turn& turn) { return exceptions_view(turn.engine); }

Answer set_exception(const Turn& turn) {
  auto id = TRY(FindingId::parse(turn.id));
  auto message = turn.text("message");
  if (message.empty()) return fail(Errc::invalid, "an exception needs a reason: say {{\"message\": …}}");
  remediation::Exception exception{.message = std::move(message), .by = {}, .until = remediation::forever};
  if (auto said = turn.text("until"); !said.empty()) exception.until = TRY(parse_timestamp(said));
  exception.owner = turn.text("owner");
  exception.compensating = turn.text("compensating_control");
  for (const auto& before : json::items(json::at(turn.body, "remind_s")))
    exception.reminders.emplace_back(json::integer(before));
  std::ranges::sort(exception.reminders, std::greater<>());
  CHECK_OK(turn.engine.except(id, turn.caller.actor, std::move(exception)));
  return finding_view(turn.engine, id);
}

Answer end_exception(const Turn& turn) {
  auto id = TRY(FindingId::parse(turn.id));
  CHECK_OK(turn.engine.end_exception(id, turn.caller.actor));
  return finding_view(turn.engine, id);
}

// What is approved or rejected is a plan, and not whatever there may be.
Result<std::string> answered_plan(const Turn& turn) {
  auto hash = turn.text("plan_hash");
  if (hash.empty()) return fail(Errc::invalid, "say which plan: {{\"plan_hash\": …}}, as GET /approvals shows it");
  return hash;
}

Answer approve(const Turn& turn) {
  auto id = TRY(remediation_id(turn));
  auto hash = TRY(answered_plan(turn));
  CHECK_OK(turn.engine.approve(id, hash, turn.caller.actor, turn.text("comment")));
  return remediation_view(turn.engine, id);
}

Answer reject(const Turn& turn) {
  auto id = TRY(remediation_id(turn));
  auto hash = TRY(answered_plan(turn));
  CHECK_OK(turn.engine.reject(id, hash, turn.caller.actor, turn.text("comment")));
  return remediation_view(turn.engine, id);
}

Answer roll_back(const Turn& turn) {
  auto id = TRY(remediation_id(turn));
  CHECK_OK(turn.engine.roll_back(id, turn.caller.actor, turn.text("reason")));
  return remediation_view(turn.engine, id);
}

Answer signal_execution(const Turn& turn) {
  auto id = TRY(ExecutionId::parse(turn.id));
  CHECK_OK(turn.engine.signal_execution(id, turn.text("type"), turn.text("step"), turn.caller.actor,
                                        turn.text("comment")));
  return turn.engine.executor().describe(id);
}

// What was done stays done, but what the runbook does when it is cancelled.
Answer cancel_execution(const Turn& turn) {
  auto id = TRY(ExecutionId::parse(turn.id));
  auto stopped = turn.engine.stop_execution(id, turn.caller.actor, turn.text("reason"), false);
  if (!stopped && stopped.error().code == Errc::invalid) return fail(Errc::conflict, "{}", stopped.error().message);
  if (!stopped) return fail(stopped.error());
  return turn.engine.executor().describe(id);
}

Answer start_runbook(const Turn& turn) {
  auto account = turn.text("account").empty() ? turn.surroundings.account : turn.text("account");
  auto region = turn.text("region").empty() ? std::string("us-east-1") : turn.text("region");
  auto id = TRY(turn.engine.start_runbook(turn.text("document"), json::members(json::at(turn.body, "parameters")),
                                          account, region, turn.caller.actor, turn.context(),
                                          {.for_each = json::members(json::at(turn.body, "for_each"))}));
  return json::Object{{"execution", id.str()}};
}

Answer halt(const Turn& turn) {
  // Whoever meant to stop everything must not have started it by a slip.
  const auto& said = json::at(turn.body, "on");
  if (!said.is_bool()) return fail(Errc::invalid, "say {{\"on\": true}} to stop writes, or false to let them go on");
  const auto& asked = json::at(turn.body, "scope");
  auto scope = gateway::scope_from_json(asked);
  for (const auto& [member, value] : json::members(asked))
    if (!to_json(scope).contains(member))
      return fail(Errc::invalid, "scope: write one or more of account, region, service and control");
  scope = TRY(gateway::checked(std::move(scope), turn.engine.models()));
  if (!scope.control.empty() && !turn.engine.controls().find(scope.control))
    return fail({.code = Errc::not_found, .message = "there is no control " + scope.control, .number = "AR-0006"});
  bool all = json::truth(json::at(turn.body, "all"));
  const auto& file = turn.surroundings.halt_file;
  bool goes_on = !said.get_bool() && (all || scope.everything());
  if (goes_on && !file.empty() && std::filesystem::exists(file))
    return fail(Errc::conflict, "the file {} stops everything again at once: remove it first", file.string());
  const auto& actor = turn.caller.actor;
  if (said.get_bool()) CHECK_OK(turn.engine.halt(scope, actor, turn.text("reason")));
  else if (all) CHECK_OK(turn.engine.resume_all(actor, turn.text("reason")));
  else CHECK_OK(turn.engine.resume(scope, actor, turn.text("reason")));
  auto now = TRY(turn.engine.brakes());
  auto flying = TRY(in_flight(turn.engine));
  return json::Object{{"halted", turn.engine.all_halted()}, {"halts", json::at(now, "halts")},
                      {"in_flight", std::move(flying)}};
}

Answer reload(const Turn& turn) {
  if (!turn.surroundings.reload)
    return fail(Errc::unsupported, "this aright has its policy from no file, and so cannot read it again");
  auto done = TRY(turn.surroundings.reload(turn.caller.actor));
  return done;
}

Answer brakes(const Turn& turn) {
  auto now = TRY(turn.engine.brakes());
  auto flying = TRY(in_flight(turn.engine));
  now["in_flight"] = std::move(flying);
  return now;
}

Answer overview(const Turn& turn) { return overview_view(turn.engine, turn.surroundings); }
Answer controls(const Turn& turn) { return controls_view(turn.engine); }
Answer config_rules(const Turn& turn) { return config_rules_view(turn.engine, turn.parameter("pack")); }
Answer control(const Turn& turn) { return control_view(turn.engine, turn.surroundings, turn.id); }
Answer policy(const Turn& turn) { return policy_view(turn.engine.policy()); }

Answer report(const Turn& turn) {
  auto review = TRY(turn.surroundings.reports->tell(turn.engine, turn.parameter("since"), turn.parameter("until")));
  return review;
}

Answer report_page(const Turn& turn) {
  auto review = TRY(turn.surroundings.reports->tell(turn.engine, turn.parameter("since"), turn.parameter("until")));
  return json::Object{{"html", report::html(review)}};
}

// Who asks, and what they may do.
Answer session(const Turn& turn) {
  json::Array roles, may;
  for (auto role : turn.caller.roles) roles.emplace_back(name(role));
  for (auto role : {Role::viewer, Role::operator_, Role::approver, Role::admin})
    if (turn.caller.may(role)) may.emplace_back(name(role));
  return json::Object{{"principal", turn.caller.actor.name}, {"arn", turn.caller.actor.arn},
                      {"roles", std::move(roles)}, {"may", std::move(may)}};
}

constexpr Parameter of_findings[]{{"status", check_finding_status},
                                  {"control", check_control},
                                  {"severity", check_severity}};
constexpr Parameter of_remediations[]{{"stage", check_stage}};
constexpr Parameter of_executions[]{{"status", check_execution_status}};
constexpr Parameter of_config_rules[]{{"pack", check_pack}};
constexpr Parameter of_report[]{{"since", check_no_further}, {"until", check_no_further}};
constexpr Parameter of_proofs[]{{"of", check_no_further}};
constexpr Parameter of_ledger[]{{"from", check_position}, {"limit", check_page_size}};

constexpr auto object = Member::Kind::object;
constexpr auto any = Member::Kind::any;
constexpr Member scan_body[]{{"controls", any}};
constexpr Member fix_body[]{{"plan_hash"}};
constexpr Member exception_body[]{{"message"}, {"until"}, {"owner"}, {"compensating_control"}, {"remind_s", any}};
constexpr Member answer_body[]{{"plan_hash"}, {"comment"}};
constexpr Member rollback_body[]{{"reason"}};
constexpr Member runbook_body[]{{"document"}, {"parameters", object}, {"account"}, {"region"},
                                {"for_each", object}};
constexpr Member signal_body[]{{"type"}, {"step"}, {"comment"}};
constexpr Member replay_body[]{{"name"},       {"archive"},    {"from"},           {"until"},
                               {"rules", any}, {"again", any}, {"events_max", any}};
constexpr Member channel_body[]{{"channel"}};
constexpr Member acknowledge_body[]{{"comment"}};
constexpr Member halt_body[]{{"on", any}, {"reason"}, {"scope", object}, {"all", any}};

struct Route {
  std::string_view method, path;
  Role role;
  Answer (*answer)(const Turn&);
  std::span<const Parameter> query = {};
  std::span<const Member> body = {};
  bool own_form = false;  // the body has a form of its own, which the answer checks
};

constexpr std::array route_table{
    Route{"GET", "/overview", Role::viewer, overview},
    Route{"GET", "/findings", Role::viewer, findings, of_findings},
    Route{"GET", "/findings/{id}", Role::viewer, finding},
    Route{"GET", "/findings/{id}/why", Role::viewer, why},
    Route{"GET", "/remediations", Role::viewer, remediations, of_remediations},
    Route{"GET", "/remediations/{id}", Role::viewer, remediation_page},
    Route{"GET", "/approvals", Role::viewer, approvals},
    Route{"GET", "/executions", Role::viewer, executions, of_executions},
    Route{"GET", "/executions/{id}", Role::viewer, execution},
    Route{"GET", "/executions/{id}/flow", Role::viewer, execution_flow},
    Route{"GET", "/controls", Role::viewer, controls},
    Route{"GET", "/config-rules", Role::viewer, config_rules, of_config_rules},
    Route{"GET", "/controls/{id}", Role::viewer, control},
    Route{"GET", "/policy", Role::viewer, policy},
    Route{"GET", "/session", Role::viewer, session},
    Route{"GET", "/report", Role::viewer, report, of_report},
    Route{"GET", "/report/page", Role::viewer, report_page, of_report},
    Route{"GET", "/ledger", Role::viewer, ledger_page, of_ledger},
    Route{"GET", "/ledger/verify", Role::viewer, ledger_verify},
    Route{"GET", "/ledger/checkpoint", Role::viewer, checkpoint},
    Route{"GET", "/ledger/proofs", Role::viewer, proofs, of_proofs},
    Route{"GET", "/scan", Role::viewer, scanning},
    Route{"POST", "/scan", Role::operator_, scan, {}, scan_body},
    Route{"POST", "/signals", Role::operator_, signal, {}, {}, true},
    Route{"GET", "/archives", Role::viewer, archives},
    Route{"GET", "/replays", Role::viewer, replays},
    Route{"POST", "/replays", Role::operator_, start_replay, {}, replay_body},
    Route{"POST", "/findings/{id}/plan", Role::operator_, plan},
    Route{"POST", "/findings/{id}/fix", Role::operator_, fix, {}, fix_body},
    Route{"GET", "/autonomy", Role::viewer, autonomy},
    Route{"GET", "/exceptions", Role::viewer, exceptions},
    Route{"POST", "/findings/{id}/exception", Role::operator_, set_exception, {}, exception_body},
    Route{"POST", "/findings/{id}/exception/end", Role::operator_, end_exception},
    Route{"POST", "/remediations/{id}/approve", Role::approver, approve, {}, answer_body},
    Route{"POST", "/remediations/{id}/reject", Role::approver, reject, {}, answer_body},
    Route{"POST", "/remediations/{id}/rollback", Role::operator_, roll_back, {}, rollback_body},
    Route{"POST", "/executions", Role::admin, start_runbook, {}, runbook_body},
    Route{"POST", "/executions/{id}/cancel", Role::operator_, cancel_execution, {}, rollback_body},
    Route{"POST", "/executions/{id}/signal", Role::approver, signal_execution, {}, signal_body},
    Route{"GET", "/escalations", Role::viewer, escalations},
    Route{"POST", "/escalations/{id}/ack", Role::operator_, acknowledge, {}, acknowledge_body},
    Route{"GET", "/channels", Role::viewer, channels},
    Route{"POST", "/channels/test", Role::operator_, test_channel, {}, channel_body},
    Route{"GET", "/brakes", Role::viewer, brakes},
    Route{"POST", "/halt", Role::admin, halt, {}, halt_body},
    Route{"POST", "/reload", Role::admin, reload},
};

constexpr std::string_view prefix = "/api/v1";

// Whether `path` fits the route's; what stands for {id} goes to `id`.
bool leads_to(std::string_view route, std::string_view path, std::string& id) {
  auto open = route.find("{id}");
  if (open == std::string_view::npos) return route == path;
  auto head = route.substr(0, open), tail = route.substr(open + 4);
  if (path.size() <= head.size() + tail.size() || !path.starts_with(head) || !path.ends_with(tail)) return false;
  auto middle = path.substr(head.size(), path.size() - head.size() - tail.size());
  if (middle.find('/') != std::string_view::npos) return false;
  id = percent_decode(middle);
  return true;
}

// What an id of this route begins with; "" where any text is one.
std::string_view id_prefix(const Route& route) {
  if (route.path.starts_with("/controls")) return "";
  if (route.path.starts_with("/findings")) return FindingTag::prefix;
  if (route.path.starts_with("/escalations")) return remediation::EscalationTag::prefix;
  return route.path.starts_with("/remediations") ? RemediationTag::prefix : ExecutionTag::prefix;
}

// Reads the whole question before the route sees any of it.
Answer answer_to(const Route& route, Turn turn, const net::Request& request) {
  auto form = id_prefix(route);
  if (!turn.id.empty() && !form.empty() && !has_id_form(turn.id, form))
    return fail(Errc::invalid, "'{}' is not an id of the form {}…", turn.id, form);
  turn.query = TRY(read_parameters(request, route.query, turn.engine));
  turn.body = TRY(route.own_form ? read_any_body(request) : read_body(request, route.body));
  return route.answer(turn);
}

Error lacks_role(const Caller& caller, Role needed) {
  std::vector<std::string_view> own;
  for (auto role : caller.roles) own.push_back(name(role));
  return {.code = Errc::denied,
          .message = fmt::format("this needs the role {}; {} has {}", name(needed), caller.actor.name,
                                 own.empty() ? "none" : fmt::format("{}", fmt::join(own, ", "))),
          .number = "AR-0011"};
}

int http_status(const Error& error) {
  switch (error.code) {
    case Errc::invalid: return 400;
    case Errc::denied: return 403;
    case Errc::not_found: return 404;
    case Errc::conflict:
    case Errc::drifted: return 409;
    case Errc::throttled: return 429;
    case Errc::unsupported: return 501;
    case Errc::unavailable: return 503;
    case Errc::deadline: return 504;
    case Errc::cancelled:
    case Errc::corrupt:
    case Errc::internal: return 500;
  }
  return 500;
}

}  // namespace

std::string_view name(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::operator_: return "operator";
    case Role::approver: return "approver";
    case Role::admin: return "admin";
  }
  return "";
}

bool Caller::may(Role role) const {
  return std::ranges::any_of(roles, [role](Role own) {
    return own == role || own == Role::admin || role == Role::viewer;
  });
}

net::Response json_response(const json::Value& value, int status) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = json::print(value) + "\n",
          .stream = {}};
}

net::Response error_response(const Error& error) {
  json::Object body{{"code", name(error.code)}, {"message", error.message}};
  if (!error.number.empty()) body["number"] = error.number;
  return json_response(json::Object{{"error", std::move(body)}}, http_status(error));
}

Api::Api(Engine& engine, Surroundings surroundings) : engine_(engine), surroundings_(std::move(surroundings)) {}

std::vector<Api::Listed> Api::routes() {
  std::vector<Listed> out;
  for (const auto& route : route_table) out.push_back({route.method, route.path, route.role});
  return out;
}

net::Response Api::handle(const net::Request& request, const Caller& caller) const {
  remediation::Engine::Pin pin(engine_);
  auto path = request.path();
  std::string_view rest = path;
  if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  std::string id;
  bool other_method = false;
  for (const auto& route : route_table) {
    if (!leads_to(route.path, rest, id)) continue;
    if (route.method != request.method) {
      other_method = true;
      continue;
    }
    if (!caller.may(route.role)) return error_response(lacks_role(caller, route.role));
    auto answer = answer_to(route, {.engine = engine_, .surroundings = surroundings_, .caller = caller, .query = {},
                                    .body = {}, .id = id}, request);
    return answer ? json_response(*answer) : error_response(answer.error());
  }
  if (other_method)
    return json_response(json::Object{{"error", json::Object{{"code", "invalid"}, {"message", "wrong method"}}}}, 405);
  return error_response({.code = Errc::not_found, .message = "no such route: " + path, .number = "AR-0010"});
}

}  // namespace aright::server
