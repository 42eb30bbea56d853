#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "pattern/pattern.h"
#include "pattern/program.h"

namespace aright::pattern {

namespace {

struct Rule {
  std::size_t entry = 0;
  NumberedRule fields;
};

// The texts of a field that asks for nothing but exact strings: the field can be looked up. Empty
// for other fields, and for addresses, which have many spellings.
std::vector<std::string_view> exact_texts(const Field& field) {
  std::vector<std::string_view> texts;
  if (field.may_be_absent) return {};
  for (const auto& condition : field.conditions) {
    const auto* exact = std::get_if<ExactText>(&condition.kind);
    if (!exact || exact->address) return {};
    texts.push_back(exact->text);
  }
  return texts;
}

}  // namespace

// Each sub-rule is filed under the exact strings of one of its fields, the one whose strings the
// fewest sub-rules ask for; a sub-rule without such a field is tried on every event.
struct Matcher::Index {
  std::vector<Entry> entries;  // keeps the programs alive that the rules point into
  Paths paths;
  std::vector<Rule> rules;
  // By path number, then by value: indexes of rules.
  std::vector<std::unordered_map<std::string_view, std::vector<std::size_t>>> filed;
  std::vector<std::size_t> unfiled;

  void build() {
    for (std::size_t entry = 0; entry < entries.size(); ++entry) {
      for (const auto& sub_rule : entries[entry].pattern.program_->sub_rules) {
        rules.push_back({.entry = entry, .fields = number_fields(sub_rule, paths)});
      }
    }
    filed.resize(paths.size());
    auto demand = count_demand();
    for (std::size_t rule = 0; rule < rules.size(); ++rule)
      file(rule, demand);
  }

  using Demand = std::map<std::pair<std::uint32_t, std::string_view>, std::size_t>;

  // How many sub-rules ask for each string.
  Demand count_demand() const {
    Demand demand;
    for (const auto& rule : rules) {
      for (const auto& [path, field] : rule.fields) {
        for (auto text : exact_texts(*field))
          ++demand[{path, text}];
      }
    }
    return demand;
  }

  void file(std::size_t rule, const Demand& demand) {
    const NumberedField* best = nullptr;
    std::size_t best_cost = 0;
    for (const auto& numbered : rules[rule].fields) {
      std::size_t cost = 0;
      for (auto text : exact_texts(*numbered.field))
        cost += demand.at({numbered.path, text});
      if (cost > 0 && (!best || cost < best_cost)) {
        best = &numbered;
        best_cost = cost;
      }
    }
    if (!best) return unfiled.push_back(rule);
    for (auto text : exact_texts(*best->field))
      filed[best->path][text].push_back(rule);
  }

  std::vector<std::size_t> candidates(const EventFields& event) const {
    auto out = unfiled;
    for (std::uint32_t path = 0; path < filed.size(); ++path) {
      if (filed[path].empty()) continue;
      for (const auto& leaf : event.at(path)) {
        if (!leaf.value->is_string()) continue;
        auto found = filed[path].find(leaf.value->get_string());
        if (found != filed[path].end())
          out.insert(out.end(), found->second.begin(), found->second.end());
      }
    }
    return out;
  }
};

Matcher::Matcher() : Matcher(std::vector<Entry>()) {}

Matcher::Matcher(std::vector<Entry> entries) {
  auto index = std::make_shared<Index>();
  index->entries = std::move(entries);
  index->build();
  index_ = std::move(index);
}

std::vector<std::string> Matcher::match(const json::Value& event) const {
  std::set<std::string_view> ids;
  if (event.is_object()) {
    const EventFields fields(index_->paths, event);
    for (auto candidate : index_->candidates(fields)) {
      const auto& rule = index_->rules[candidate];
      const std::string_view id = index_->entries[rule.entry].id;
      if (!ids.contains(id) && matches(rule.fields, fields)) ids.insert(id);
    }
  }
  return {ids.begin(), ids.end()};
}

std::size_t Matcher::size() const {
  return index_->entries.size();
}

}  // namespace aright::pattern
