#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "guard/formats.h"

namespace aright::guard {

namespace {

std::string indented(std::string_view text, std::string_view margin) {
  std::string out(margin);
  for (char c : text) {
    out += c;
    if (c == '\n') out += margin;
  }
  return out;
}

void print_failure(const Judgement& judgement, const Failure& failure, std::string margin,
                   std::string& out) {
  if (failure.kind == Failure::Kind::rule || failure.kind == Failure::Kind::any_of) {
    out += failure.kind == Failure::Kind::rule ? fmt::format("{}rule {}\n", margin, failure.rule)
                                               : fmt::format("{}none of these holds\n", margin);
    if (!failure.message.empty()) out += indented(failure.message, margin + "  ") + "\n";
    for (const auto& part : failure.parts)
      print_failure(judgement, part, margin + "  ", out);
    return;
  }
  auto place = failure.place();
  auto where = place.line == 0 ? judgement.data
                               : fmt::format("{}:{}:{}", judgement.data, place.line, place.column);
  auto path = failure.path();
  out += fmt::format("{}{}{}{}\n", margin, where, path.empty() ? "" : ": ", path);
  out += indented(failure.reason, margin + "  ") + "\n";
  if (!failure.message.empty()) out += indented(failure.message, margin + "  ") + "\n";
  out += fmt::format("{}  {}:{}:{}: {}\n", margin, judgement.rules, failure.clause_place.line,
                     failure.clause_place.column, failure.clause);
}

}  // namespace

std::string qualified(const std::string& rules, const std::string& rule) {
  return rule.starts_with(rules + "/") ? rule : rules + "/" + rule;
}

std::string summary_text(const Judgement& judgement, Shown shown) {
  struct Group {
    Status status;
    bool wanted;
    std::string_view title;
  };
  const Group groups[] = {{Status::skip, shown.skip, "SKIP rules"},
                          {Status::pass, shown.pass, "PASS rules"},
                          {Status::fail, shown.fail, "FAILED rules"}};
  std::map<std::string, Status> rules;
  std::size_t width = 0;
  for (const auto& rule : judgement.report.rules) {
    auto name = qualified(judgement.rules, rule.name);
    auto [at, fresh] = rules.try_emplace(name, rule.status);
    // Of rules with one name, the worst is told.
    if (!fresh && (rule.status == Status::fail || at->second == Status::skip))
      at->second = rule.status;
    width = std::max(width, name.size());
  }
  std::string out;
  for (const auto& group : groups) {
    bool titled = false;
    for (const auto& [name, status] : rules) {
      if (!group.wanted || status != group.status) continue;
      if (!titled) out += fmt::format("{}\n", group.title);
      titled = true;
      out += fmt::format("{:<{}}    {}\n", name, width, aright::guard::name(status));
    }
  }
  if (out.empty()) return "";
  return fmt::format("{} Status = {}\n{}---\n", judgement.data, name(judgement.report.status), out);
}

std::string failures_text(const Judgement& judgement) {
  std::string out;
  for (const auto& rule : judgement.report.rules) {
    if (rule.status != Status::fail) continue;
    out += fmt::format("{}\n", qualified(judgement.rules, rule.name));
    for (const auto& failure : rule.failures)
      print_failure(judgement, failure, "  ", out);
  }
  return out;
}

}  // namespace aright::guard
