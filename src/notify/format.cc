#include "notify/format.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "base/utf8.h"

namespace aright::notify {

namespace {

constexpr std::string_view digest_kind = "digest";
constexpr std::string_view answer_words = "Look and answer";
constexpr std::size_t facts_max = 12;
constexpr std::size_t fact_chars_max = 300;
constexpr std::size_t summary_chars_max = 1024;  // PagerDuty's limit; Jira's is 255
constexpr std::size_t jira_summary_chars_max = 250;
constexpr std::size_t slack_text_chars_max = 3000, slack_header_chars_max = 150;  // Slack's limits
constexpr std::size_t mail_subject_chars_max = 200, teams_title_chars_max = 80;

// With a mark where something is left out.
std::string cut(std::string text, std::size_t characters) {
  auto whole = text.size();
  text = clipped(std::move(text), characters);
  return text.size() == whole ? text : clipped(std::move(text), characters - 1) + "…";
}

std::string one_line(std::string_view text) {
  std::string out(text);
  std::ranges::replace_if(out, [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return out;
}

struct Fact {
  std::string name, value;
};

// What a person wants to see of a message, in a few lines.
std::vector<Fact> facts_of(const Notice& notice) {
  std::vector<Fact> out;
  for (const auto& [key, value] : notice.body) {
    if (out.size() == facts_max) break;
    std::string_view name = key;
    if (name == "notices") continue;  // of a digest: its lines are told apart
    if (name == "resource") {
      const auto& resource = value;  // other tools call theirs as they like
      auto text = fmt::format("{} {} in {} {}", json::text(resource, "type", ""), json::text(resource, "id", ""),
                              json::text(resource, "account", ""), json::text(resource, "region", ""));
      out.push_back({"resource", cut(one_line(text), fact_chars_max)});
    } else if (value.is_string() || value.is_number() || value.is_bool()) {
      if (auto text = json::scalar_text(value); !text.empty())
        out.push_back({std::string(name), cut(one_line(text), fact_chars_max)});
    }
  }
  return out;
}

struct Line {
  std::string subject, answer_at;
};
// Of what a digest holds. In other messages a member of this name is what somebody wrote, and no link of ours.
std::vector<Line> lines_of_digest(const Notice& notice) {
  std::vector<Line> out;
  for (const auto& one : json::items(json::at(notice.body, "notices")))
    out.push_back({one_line(json::text(one, "subject", "")),
                   notice.kind == digest_kind ? json::text(one, "answer_at", "") : ""});
  return out;
}

// The links of a message, each with what it answers; "" for the message itself.
std::vector<Line> answers_of(const Notice& notice) {
  std::vector<Line> out;
  if (!notice.answer_at.empty()) out.push_back({"", notice.answer_at});
  for (auto& line : lines_of_digest(notice))
    if (!line.answer_at.empty()) out.push_back(std::move(line));
  return out;
}

// Slack reads &, < and > as the beginnings of entities, links and mentions.
std::string slack_text(std::string_view text) {
  return replace_all(replace_all(replace_all(std::string(text), "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
}

json::Object slack(const Notice& notice) {
  auto subject = slack_text(one_line(notice.subject));
  std::string text;
  for (const auto& fact : facts_of(notice)) text += fmt::format("{}: {}\n", fact.name, slack_text(fact.value));
  for (const auto& line : lines_of_digest(notice)) text += fmt::format("• {}\n", slack_text(line.subject));
  auto plain = [](std::string_view what) {
    return json::Object{{"type", "plain_text"}, {"text", cut(std::string(what), slack_text_chars_max)}};
  };
  json::Array blocks{json::Object{{"type", "header"}, {"text", plain(cut(subject, slack_header_chars_max))}}};
  if (!text.empty()) blocks.push_back(json::Object{{"type", "section"}, {"text", plain(text)}});
  for (const auto& [what, link] : answers_of(notice)) {
    auto words = fmt::format("<{}|{}>", link, answer_words);
    if (!what.empty()) words += " " + slack_text(cut(replace_all(what, "|", "/"), slack_header_chars_max));
    blocks.push_back(json::Object{{"type", "section"},
                                  {"text", json::Object{{"type", "mrkdwn"}, {"text", words}, {"verbatim", true}}}});
  }
  return {{"text", subject}, {"blocks", std::move(blocks)}};
}

// An Adaptive Card, as the webhooks of Teams' workflows take it. Its texts are a subset of Markdown.
json::Object teams(const Notice& notice) {
  auto plain = [](std::string_view text) {
    std::string out;
    for (char c : text) {
      if (std::string_view("\\`*_[]()#<>!|~").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    return out;
  };
  json::Array facts;
  for (const auto& fact : facts_of(notice))
    facts.push_back(json::Object{{"title", fact.name}, {"value", plain(fact.value)}});
  json::Array body{json::Object{{"type", "TextBlock"}, {"text", plain(one_line(notice.subject))}, {"weight", "Bolder"},
                                {"wrap", true}}};
  if (!facts.empty()) body.push_back(json::Object{{"type", "FactSet"}, {"facts", std::move(facts)}});
  for (const auto& line : lines_of_digest(notice))
    body.push_back(json::Object{{"type", "TextBlock"}, {"text", plain(line.subject)}, {"wrap", true}});
  json::Object card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                    {"type", "AdaptiveCard"},
                    {"version", "1.4"},
                    {"body", std::move(body)}};
  json::Array actions;
  for (const auto& [what, link] : answers_of(notice))
    actions.push_back(json::Object{
        {"type", "Action.OpenUrl"},
        {"title", what.empty() ? std::string(answer_words) : cut(what, teams_title_chars_max)},
        {"url", link}});
  if (!actions.empty()) card["actions"] = std::move(actions);
  return {{"type", "message"},
          {"attachments", json::Array{json::Object{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                                   {"content", std::move(card)}}}}};
}

// Events API 2: one incident for a finding, which ends when it is set right.
json::Object pagerduty(const Channel& channel, const Notice& notice) {
  bool over = notice.kind == "resolved" || notice.kind == "rolled_back";
  auto finding = json::text(notice.body, "finding", notice.id);
  const auto& resource = json::at(notice.body, "resource");
  json::Object payload{{"summary", cut(one_line(notice.subject), summary_chars_max)},
                       {"source", json::text(resource, "id", "aright")},
                       {"severity", notice.kind == "escalated" ? "error" : "warning"},
                       {"component", json::text(resource, "type", "")},
                       {"class", json::text(notice.body, "control", notice.kind)},
                       {"custom_details", notice.body}};
  return {{"routing_key", channel.key.reveal()},
          {"event_action", over ? "resolve" : "trigger"},
          {"dedup_key", finding},
          {"client", "aright"},
          {"payload", std::move(payload)}};
}

json::Object jira(const Channel& channel, const Notice& notice) {
  std::string text;
  for (const auto& fact : facts_of(notice)) text += fmt::format("{}: {}\n", fact.name, fact.value);
  for (const auto& line : lines_of_digest(notice)) text += fmt::format("- {}\n", line.subject);
  // {noformat} keeps what stands between from being markup. It cannot be ended from within: there is no other brace.
  text = replace_all(replace_all(text, "{", "("), "}", ")");
  return {{"fields",
           json::Object{{"project", json::Object{{"key", channel.project}}},
                        {"issuetype", json::Object{{"name", channel.issue_type}}},
                        {"summary", cut(one_line(notice.subject), jira_summary_chars_max)},
                        {"description", "{noformat}\n" + text + "{noformat}"},
                        {"labels", json::Array{"aright", notice.kind}}}}};
}

const json::Value& value_at(const Notice& notice, std::string_view path, json::Value& held) {
  if (path == "id") return held = notice.id;
  if (path == "kind") return held = notice.kind;
  if (path == "subject") return held = notice.subject;
  if (path == "answer_at") return held = notice.answer_at;
  held = notice.body;
  const json::Value* at = &held;
  auto parts = split(path, '.');
  for (std::size_t i = 1; i < parts.size(); ++i) at = &json::at(*at, parts[i]);
  static const json::Value nothing;
  return parts[0] == "body" ? *at : nothing;
}

std::string filled_text(std::string_view text, const Notice& notice) {
  std::string out;
  while (true) {
    auto begin = text.find("{{"), end = text.find("}}", begin == std::string_view::npos ? 0 : begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return out += text;
    out += text.substr(0, begin);
    json::Value held;
    const auto& value = value_at(notice, trim(text.substr(begin + 2, end - begin - 2)), held);
    out += value.is_object() || value.is_array() ? json::print(value) : json::scalar_text(value);
    text.remove_prefix(end + 2);
  }
}

json::Value filled(const json::Value& value, const Notice& notice) {
  if (value.is_string()) return json::Value(filled_text(json::text(value), notice));
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : json::items(value)) out.push_back(filled(item, notice));
    return out;
  }
  if (!value.is_object()) return value;
  json::Object out;
  for (const auto& [key, member] : json::members(value)) out[key] = filled(member, notice);
  return out;
}

// RFC 2047: what is not plain ASCII, in pieces that a header line takes.
std::string header_text(std::string_view text) {
  auto line = cut(one_line(text), mail_subject_chars_max);
  if (std::ranges::all_of(line, [](unsigned char c) { return c < 0x7f; })) return line;
  constexpr std::size_t piece = 42;
  std::string out;
  for (std::size_t from = 0; from < line.size();) {
    auto to = std::min(line.size(), from + piece);
    while (to < line.size() && (line[to] & 0xC0) == 0x80) --to;
    out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", to_base64(line.substr(from, to - from)));
    from = to;
  }
  return out;
}

}  // namespace

std::string_view name(Format format) {
  switch (format) {
    case Format::aright: return "aright";
    case Format::slack: return "slack";
    case Format::teams: return "teams";
    case Format::pagerduty: return "pagerduty";
    case Format::jira: return "jira";
    case Format::own: return "own";
  }
  return "";
}

Result<Format> parse_format(std::string_view text) {
  for (auto format : {Format::aright, Format::slack, Format::teams, Format::pagerduty, Format::jira, Format::own})
    if (name(format) == text) return format;
  return fail(Errc::invalid, "'{}' is no format; write one of aright, slack, teams, pagerduty, jira, own", text);
}

Result<std::string> fill(std::string_view words, const Notice& notice) {
  auto value = TRY(json::parse(words));
  return json::print(filled(value, notice));
}

Result<std::string> body_for(const Channel& channel, const Notice& notice) {
  switch (channel.format) {
    case Format::aright: return json::print(to_json(notice));
    case Format::slack: return json::print(slack(notice));
    case Format::teams: return json::print(teams(notice));
    case Format::pagerduty: return json::print(pagerduty(channel, notice));
    case Format::jira: return json::print(jira(channel, notice));
    case Format::own: return fill(channel.words, notice);
  }
  return fail(Errc::internal, "a format without words");
}

std::map<std::string, std::string> headers_for(const Channel& channel) {
  if (channel.format != Format::jira) return {};
  return {{"Authorization", "Basic " + to_base64(channel.key.reveal())}};
}

std::string mail_text(const Mail& mail, const Notice& notice, std::string_view date) {
  std::string text = one_line(notice.subject) + "\n\n";
  for (const auto& fact : facts_of(notice)) text += fmt::format("{}: {}\n", fact.name, fact.value);
  for (const auto& line : lines_of_digest(notice)) text += fmt::format("- {}\n", line.subject);
  for (const auto& [what, link] : answers_of(notice))
    text += fmt::format("\n{}{}{}:\n{}\n", answer_words, what.empty() ? "" : ": ", what, link);
  std::string body = to_base64(text), lines;
  std::string to;  // a line each, so that none is too long
  for (const auto& one : mail.to) to += (to.empty() ? "" : ",\r\n ") + one_line(one);
  for (std::size_t from = 0; from < body.size(); from += 76) lines += body.substr(from, 76) + "\r\n";
  return fmt::format("Date: {}\r\nFrom: {}\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}@aright>\r\n"
                     "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                     "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
                     date, one_line(mail.from), to, header_text(notice.subject),
                     to_hex(sha256(notice.id)).substr(0, 32), lines);
}

Notice digest_of(std::vector<Notice> notices) {
  if (notices.size() == 1) return std::move(notices[0]);
  std::map<std::string, std::size_t> kinds;
  std::string ids;
  json::Array list;
  for (const auto& notice : notices) {
    ++kinds[notice.kind];
    ids += notice.id + "\n";
    list.push_back(to_json(notice));
  }
  std::string counts;
  for (const auto& [kind, count] : kinds)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, replace_all(kind, "_", " "));
  return {.id = "digest/" + to_hex(sha256(ids)).substr(0, 32),
          .kind = std::string(digest_kind),
          .subject = fmt::format("{} messages: {}", notices.size(), counts),
          .body = {{"notices", std::move(list)}}};
}

}  // namespace aright::notify
