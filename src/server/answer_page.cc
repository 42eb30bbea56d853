#include "server/answer_page.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/utf8.h"
#include "net/url.h"
#include "report/html.h"

ARIGHT_EMBEDDED(answer_style)

namespace aright::server {

namespace {

using namespace remediation;
using report::escape;

constexpr int ok = 200, bad_request = 400, forbidden = 403, wrong_method = 405, conflict = 409,
              too_large = 413, unavailable = 503;

net::Response page(int status, std::string_view title, std::string_view body) {
  net::Response out{.status = status, .headers = {}, .body = "", .stream = {}};
  static const auto style = std::string(report::palette()) + std::string(embedded_answer_style());
  out.body = fmt::format("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                         "<meta name=\"robots\" content=\"noindex\">\n<title>{}</title>\n<style>{}</style>\n</head>\n"
                         "<body>\n<p class=\"quiet\">aright</p>\n<h1>{}</h1>\n{}</body>\n</html>\n",
                         escape(title), style, escape(title), body);
  // Its own style sheet, its own form, and nothing else. The form's origin is told to its own server only.
  static const auto hash = to_base64(sha256(style));
  out.headers = {{"Content-Type", "text/html; charset=utf-8"},
                 {"Cache-Control", "no-store"},
                 {"Referrer-Policy", "same-origin"},
                 {"Content-Security-Policy", fmt::format("default-src 'none'; style-src 'sha256-{}'; base-uri 'none'; "
                                                         "form-action 'self'; frame-ancestors 'none'",
                                                         hash)}};
  return out;
}

std::string section(std::string_view title, std::string_view body) {
  return fmt::format("<section><h2>{}</h2>{}</section>\n", title, body);
}

std::string fact(std::string_view name, std::string_view value) {
  return value.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>", name, escape(value));
}

int page_status(const Error& error) {
  switch (error.code) {
    case Errc::denied: return forbidden;
    case Errc::invalid: return bad_request;
    case Errc::conflict:
    case Errc::not_found: return conflict;
    default: return unavailable;
  }
}

net::Response refusal(const Error& error) {
  return page(page_status(error), "This link does not answer",
              fmt::format("<section><p>{}.</p><p class=\"quiet\">Nothing was changed by this.{}</p></section>\n",
                          escape(error.message), error.number.empty() ? "" : " " + error.number));
}

std::string value_text(const std::optional<json::Value>& value, std::string_view kind, std::string_view mark) {
  return value ? fmt::format("<pre class=\"{}\">{} {}</pre>", kind, mark, escape(json::print(*value))) : "";
}

std::string changes(const Plan& plan) {
  std::string out;
  for (const auto& change : plan.difference)
    out += fmt::format("<li><code>{}</code>{}{}</li>", escape(change.pointer), value_text(change.before, "gone", "−"),
                       value_text(change.after, "new", "+"));
  return out.empty() ? "<p>The rehearsal shows no difference.</p>" : "<ul>" + out + "</ul>";
}

std::string calls(const Plan& plan) {
  std::string out;
  for (const auto& write : plan.writes)
    out += fmt::format("<li><code>{}</code> <span class=\"quiet\">{}</span><pre>{}</pre></li>",
                       escape(write.call.name()), escape(write.call.region), escape(json::print(write.call.input)));
  out = "<ul>" + out + "</ul>";
  out += plan.reversible() ? "<p class=\"good\">All of it can be taken back.</p>"
                           : "<p class=\"warn\">Not all of it can be taken back.</p>";
  for (const auto& why : plan.unrehearsed)
    out += fmt::format("<p class=\"warn\">Not rehearsed: {}</p>", escape(why));
  return out;
}

std::string about(const State& state, const rules::Control* control) {
  return section("What it is about",
                 "<dl>" + fact("Resource", state.resource.type + " " + state.resource.id) +
                     fact("Account", state.resource.account + ", " + state.resource.region) +
                     fact("Severity", control ? control->severity : state.severity) + fact("Control", state.control) +
                     fact("May break", control ? control->may_break : "") + "</dl>");
}

std::string standing(const State& state, const AnswerLink& link) {
  const auto& request = std::get<AwaitingApproval>(state.stage).request;
  std::string agreed;
  for (const auto& one : state.approvals) agreed += (agreed.empty() ? "" : ", ") + one.principal;
  return "<dl>" + fact("You are", link.person) + fact("Agreed", agreed.empty() ? "nobody yet" : agreed) +
         fact("Needed", std::to_string(request.needed)) + fact("Until", request.expires.iso_seconds()) + "</dl>";
}

// What the form of a page carries.
struct Asked {
  std::string page_token;
  std::string missing = {};
};

constexpr std::string_view reject_button =
    "<button class=\"reject\" name=\"answer\" value=\"reject\">Reject</button>";

// `yes`: what saying so is called. `missing`: what an answer lacked; "" before there was one.
std::string form(const std::string& standing, std::string_view yes, bool may_reject, const Asked& asked) {
  auto missing = asked.missing.empty() ? "" : fmt::format("<p class=\"warn\" role=\"alert\">{}</p>", asked.missing);
  return section("Your answer",
                 standing + missing +
                     fmt::format("<form method=\"post\"><input type=\"hidden\" name=\"page\" value=\"{}\"><p></p>"
                                 "<label for=\"comment\">Why (others read it; a rejection needs it)</label>"
                                 "<textarea id=\"comment\" name=\"comment\" maxlength=\"{}\"></textarea>"
                                 "<div class=\"answers\"><button class=\"approve\" name=\"answer\" value=\"approve\">"
                                 "{}</button>{}</div></form>",
                                 asked.page_token, answer_comment_chars_max, yes, may_reject ? reject_button : ""));
}

constexpr std::string_view too_long =
    "<section><p>This plan is too long for this page; look at it in the console, or with "
    "<code>aright why</code>.</p></section>\n";

Result<WaitingStep> step_of(Engine& engine, const AnswerLink& link) {
  const auto* person = engine.policy().approver(link.person);
  if (!person)
    return fail({.code = Errc::denied, .message = link.person + " approves nothing any more", .number = "AR-0021"});
  auto waiting = TRY(engine.executor().waiting_step(link.execution));
  CHECK_OK(check_holds(link, waiting ? &*waiting : nullptr, *person, engine.clock().now()));
  return std::move(*waiting);
}

net::Response show_step(Engine& engine, const AnswerLink& link, const Asked& asked) {
  auto step = step_of(engine, link);
  if (!step) return refusal(step.error());
  bool pauses = step->kind == "pause";
  auto about = section("What it is about",
                       "<dl>" + fact("Runbook", step->document) + fact("Step", step->step) +
                           fact("Execution", link.execution.str()) + fact("Remediation", step->remediation) +
                           fact("Account", step->account) + "</dl>");
  std::string standing = "<dl>" + fact("You are", link.person) +
                         fact("Answered", fmt::format("{}", fmt::join(step->decided, ", "))) +
                         fact("Until", step->expires.iso_seconds()) + "</dl>";
  auto title = pauses ? "Resume the runbook?" : "Approve the step?";
  return page(ok, title,
              fmt::format("<p>{}</p>\n", escape(step->message)) + about +
                  form(standing, pauses ? "Resume" : "Approve", !pauses, asked));
}

net::Response show_plan(Engine& engine, const AnswerLink& link, const Asked& asked) {
  auto state = engine.remediation(link.remediation);
  if (!state) return refusal(state.error());
  if (auto holds = check_holds(link, *state, engine.clock().now()); !holds) return refusal(holds.error());
  const auto* control = engine.controls().find(state->control);
  auto body = about(*state, control) + section("What would change", changes(*state->plan)) +
              section("What would be called", calls(*state->plan));
  // Nobody approves what they cannot see.
  if (body.size() > answer_page_bytes_max)
    return page(too_large, "Approve the fix?", too_long);
  auto title = control ? control->title : state->title.empty() ? state->control : state->title;
  return page(ok, "Approve the fix?", fmt::format("<p>{}</p>\n", escape(title)) + body +
                                          form(standing(*state, link), "Approve", true, asked));
}

net::Response show(Engine& engine, const AnswerLink& link, const Asked& asked) {
  return link.is_for_step() ? show_step(engine, link, asked) : show_plan(engine, link, asked);
}

struct Form {
  bool approves = false;
  std::string comment;
};

Result<Form> read_form(const net::Request& request, const std::string& page_token) {
  auto type = request.headers.get("Content-Type");
  if (!type.starts_with(net::form_type)) return fail(Errc::invalid, "an answer is the form of this page");
  if (request.body.size() > answer_body_bytes_max) return fail(Errc::invalid, "the answer is too long");
  std::string answer, comment, page;
  const std::array<std::pair<std::string_view, std::string*>, 3> fields{
      {{"answer", &answer}, {"comment", &comment}, {"page", &page}}};
  for (auto& [name, value] : net::parse_query(request.body, true)) {
    auto field = std::ranges::find(fields, name, [](const auto& one) { return std::string(one.first); });
    if (field == fields.end()) return fail(Errc::invalid, "the form has no such field");
    if (!field->second->empty()) return fail(Errc::invalid, "a field of the form is said twice");
    *field->second = std::move(value);
  }
  if (!equal_secret(page, page_token))
    return fail({.code = Errc::denied,
                 .message = "this answer is not of the link's own page: open the link, and answer there",
                 .number = "AR-0021"});
  if (answer != "approve" && answer != "reject") return fail(Errc::invalid, "say approve, or reject");
  if (utf8_fault(comment) != comment.size()) return fail(Errc::invalid, "the comment is no text");
  return Form{.approves = answer == "approve", .comment = clipped(std::move(comment), answer_comment_chars_max)};
}

net::Response take_answer(Engine& engine, const AnswerLink& link, const net::Request& request, Asked asked) {
  auto read = read_form(request, asked.page_token);
  if (!read) {
    // A link that is over shows no form: that is what there is to say, then.
    auto seen = show(engine, link, asked);
    return seen.status == conflict ? seen : refusal(read.error());
  }
  if (!read->approves && !check_reason(read->comment)) {
    asked.missing = "Nothing is answered yet: say why you reject it, for whoever asked.";
    auto again = show(engine, link, asked);
    if (again.status == ok) again.status = bad_request;
    return again;
  }
  if (auto told = engine.answer_by_link(link, read->approves, read->comment); !told) return refusal(told.error());
  auto id = link.is_for_step() ? link.execution.str() : link.remediation.str();
  return page(ok, read->approves ? "Approved" : "Rejected",
              fmt::format("<section><p>{} this {}, and it is on record: <code>{}</code></p>"
                          "<p class=\"quiet\">This link answers no more.</p></section>\n",
                          escape(link.person + (read->approves ? " approved" : " rejected")),
                          link.is_for_step() ? "step" : "plan", escape(id)));
}

}  // namespace

net::Response answer_page(Engine& engine, const LinkSeal& seal, const net::Request& request) {
  Engine::Pin pin(engine);
  auto path = request.path();
  auto token = std::string_view(path).substr(std::min(link_path.size(), path.size()));
  auto link = seal.open(token);
  if (!link) return refusal(link.error());
  Asked asked{.page_token = seal.page_token(token)};
  if (request.method == "POST") return take_answer(engine, *link, request, std::move(asked));
  if (request.method == "GET" || request.method == "HEAD") return show(engine, *link, asked);
  return page(wrong_method, "This link does not answer", "<section><p>Look at it in a browser.</p></section>\n");
}

}  // namespace aright::server
