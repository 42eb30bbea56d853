#include "guard/guard.h"

#include "guard/evaluator.h"
#include "guard/parser.h"
#include "guard/program.h"
#include "guard/report.h"
#include "guard/unicode.h"

namespace aright::guard {

const std::string& Rules::name() const {
  return syntax_->name;
}

bool Rules::empty() const {
  return syntax_->empty;
}

std::vector<std::string> Rules::rule_names() const {
  std::vector<std::string> out;
  for (const auto& rule : program_->rules)
    out.push_back(rule.name);
  return out;
}

std::expected<Rules, Diagnostic> parse_rules(std::string_view text, const std::string& name) {
  if (!is_utf8(text)) return std::unexpected(Diagnostic{name, {}, "not UTF-8", "save it as UTF-8"});
  auto file = Parser(text, name).read();
  if (!file) return std::unexpected(std::move(file.error()));
  Rules rules;
  rules.program_ = std::make_shared<const Program>(compile(*file));
  rules.syntax_ = std::make_shared<const syntax::File>(std::move(*file));
  return rules;
}

std::expected<Report, Diagnostic> evaluate(const Rules& rules, const Document& document,
                                           const Options& options) {
  struct Run {
    Rules rules;
    Document document;
    Evaluator evaluator;
  };
  auto run =
      std::make_shared<Run>(Run{rules, document,
                                Evaluator(rules.program(), document.root(),
                                          {options.steps_max, options.now_s, options.trace})});
  auto statuses = run->evaluator.run();
  auto named = [&](std::unique_ptr<Diagnostic> fault) {
    fault->file = rules.name();
    return std::unexpected(std::move(*fault));
  };
  if (!statuses) return named(std::move(statuses.error()));
  auto root = run->evaluator.record();
  Report report{.status = root.status};
  for (std::size_t at = 0; at < statuses->size(); ++at) {
    auto& own =
        report.rules.emplace_back(RuleReport{rules.program().rules[at].name, (*statuses)[at], {}});
    if (own.status != Status::fail || !options.reasons) continue;
    auto failures = failures_of(root.children[at]);
    if (!failures) return named(std::move(failures.error()));
    own.failures = std::move(*failures);
  }
  if (options.trace) report.trace = trace_of(root);
  report.keeps = std::move(run);
  return report;
}

std::vector<const Failure*> leaves(const std::vector<Failure>& failures) {
  std::vector<const Failure*> out;
  for (const auto& failure : failures) {
    bool holds_others =
        failure.kind == Failure::Kind::rule || failure.kind == Failure::Kind::any_of;
    if (!holds_others) out.push_back(&failure);
    for (const auto* inner : leaves(failure.parts))
      out.push_back(inner);
  }
  return out;
}

}  // namespace aright::guard
