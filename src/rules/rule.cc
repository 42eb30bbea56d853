#include "rules/rule.h"

#include <algorithm>
#include <iterator>

#include "rules/judge.h"

namespace aright::rules {

namespace {

// Config's limit counts characters; a sentence that is cut says so.
std::string short_enough(std::string annotation) {
  constexpr std::string_view cut = "...";
  if (annotation.size() <= annotation_chars_max) return annotation;
  annotation.resize(annotation_chars_max - cut.size());
  while (!annotation.empty() && (annotation.back() & 0x80)) annotation.pop_back();
  return annotation.append(cut);
}

}  // namespace

std::string_view name(Compliance compliance) {
  switch (compliance) {
    case Compliance::compliant: return "COMPLIANT";
    case Compliance::non_compliant: return "NON_COMPLIANT";
    case Compliance::not_applicable: return "NOT_APPLICABLE";
    case Compliance::insufficient_data: return "INSUFFICIENT_DATA";
  }
  return "INSUFFICIENT_DATA";
}

Evaluation compliant(std::string annotation) { return {Compliance::compliant, short_enough(std::move(annotation))}; }
Evaluation non_compliant(std::string annotation) {
  return {Compliance::non_compliant, short_enough(std::move(annotation))};
}
Evaluation not_applicable(std::string annotation) {
  return {Compliance::not_applicable, short_enough(std::move(annotation))};
}
Evaluation insufficient(std::string annotation) {
  return {Compliance::insufficient_data, short_enough(std::move(annotation))};
}

std::optional<Evaluation> unreadable(const cloud::Snapshot& snapshot, const std::vector<std::string_view>& aspects) {
  for (auto aspect : aspects) {
    auto found = snapshot.unreadable.find(std::string(aspect));
    if (found != snapshot.unreadable.end())
      return insufficient(fmt::format("{} of {} could not be read: {}", aspect, snapshot.ref.id, found->second));
  }
  return std::nullopt;
}

const std::vector<Rule>& managed_rules() {
  static const std::vector<Rule> rules = [] {
    auto all = s3_rules();
    for (auto* more : {ec2_rules, iam_rules, exposure_rules, age_rules, grant_rules, backup_rules})
      std::ranges::move(more(), std::back_inserter(all));
    std::ranges::stable_sort(all, {}, &Rule::identifier);
    return all;
  }();
  return rules;
}

const Rule* managed_rule(std::string_view identifier, std::string_view resource_type) {
  auto named = std::ranges::equal_range(managed_rules(), identifier, {}, &Rule::identifier);
  if (named.empty()) return nullptr;
  auto of_type = std::ranges::find(named, resource_type, &Rule::resource_type);
  return of_type != named.end() ? &*of_type : &named.front();
}

}  // namespace aright::rules
