#include "pattern/automaton_builder.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "base/overloaded.h"

namespace aright::pattern {

namespace {

// What filing a sub-rule under a field may cost an event, in sub-rules looked at. Values that many rules ask for are
// values that many events have; of conditions that are no exact values, a guess by their kind.
constexpr std::uint64_t text_operator_cost = 8;
constexpr std::uint64_t range_cost = 64;  // of numbers or addresses, at least
constexpr std::uint64_t presence_cost = 1u << 20;
constexpr std::uint64_t absence_cost = 1u << 24;
constexpr std::size_t same_first_max = (std::size_t{1} << (32 - checks_bits)) - 1;

void append(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void append(std::string& out, const std::optional<Bound>& bound) {
  if (bound) out += fmt::format("{}{}", bound->inclusive ? '[' : '(', std::bit_cast<std::uint64_t>(bound->value));
  out += ';';
}

// Equal conditions, and no others, give equal texts.
void describe(const Condition& condition, std::string& out) {
  out += static_cast<char>('A' + condition.kind.index());
  std::visit(
      Overloaded{[&](const ExactText& exact) {
                   append(out, exact.text);
                   out += exact.address ? '+' : '-';
                 },
                 [&](const ExactNumber& exact) {
                   append(out, exact.exact ? key_of(exact.value).view() : exact.text);
                   out += exact.exact ? '+' : '-';
                 },
                 [&](const ExactLiteral& exact) { out += static_cast<char>('0' + static_cast<int>(exact.kind)); },
                 [&](const Prefix& prefix) {
                   out += prefix.any_case ? 'i' : 'c';
                   append(out, prefix.text);
                 },
                 [&](const Suffix& suffix) {
                   out += suffix.any_case ? 'i' : 'c';
                   append(out, suffix.text);
                 },
                 [&](const EqualAnyCase& equal) { append(out, equal.folded); },
                 [&](const Wildcard& wildcard) {
                   out += std::to_string(wildcard.parts.size());
                   for (const auto& part : wildcard.parts)
                     append(out, part);
                 },
                 [&](const Range& range) {
                   append(out, range.lower);
                   append(out, range.upper);
                 },
                 [&](const InAddressRange& in) {
                   append(out, key_of(in.range.network).view());
                   out += std::to_string(in.range.prefix_bits) + ';';
                 },
                 [&](const Present&) {},
                 [&](const AnythingBut& but) {
                   out += std::to_string(but.excluded.size());
                   for (const auto& one : but.excluded)
                     describe(one, out);
                 }},
      condition.kind);
}

std::uint64_t cost_of(const Condition& condition) {
  return std::visit(Overloaded{[](const ExactText&) -> std::uint64_t { return 0; },
                               [](const ExactNumber&) -> std::uint64_t { return 0; },
                               [](const ExactLiteral&) -> std::uint64_t { return 0; },
                               [](const Range&) -> std::uint64_t { return range_cost; },
                               [](const InAddressRange&) -> std::uint64_t { return range_cost; },
                               [](const Present&) -> std::uint64_t { return presence_cost; },
                               [](const AnythingBut&) -> std::uint64_t { return presence_cost; },
                               [](const auto&) -> std::uint64_t { return text_operator_cost; }},
                    condition.kind);
}

bool has_range(const Field& field) {
  return std::ranges::any_of(field.conditions,
                             [](const Condition& one) { return std::holds_alternative<Range>(one.kind); });
}

}  // namespace

void AutomatonBuilder::build() {
  number_ids();
  collect();
  choose_places();
  out_.tree_.seal();
  show_values();
  write_values();
  write_fields();
  for (auto& triggers : out_.triggers_)
    triggers.seal();
}

void AutomatonBuilder::number_ids() {
  for (const auto& entry : out_.entries_)
    out_.ids_.push_back(entry.id);
  std::ranges::sort(out_.ids_);
  out_.ids_.erase(std::unique(out_.ids_.begin(), out_.ids_.end()), out_.ids_.end());
}

void AutomatonBuilder::collect() {
  for (const auto& entry : out_.entries_) {
    const auto number = std::ranges::lower_bound(out_.ids_, entry.id) - out_.ids_.begin();
    for (const auto& sub_rule : entry.pattern.program_->sub_rules) {
      Rule rule{.number = static_cast<RuleNumber>(number), .fields = {}};
      for (const auto& field : sub_rule.fields)
        rule.fields.push_back(add_field(field));
      for (auto field : rule.fields) {
        ++field_plans_[field].wanted;
        if (has_range(*field_plans_[field].field)) ++ranges_on_[out_.fields_[field].path];
        for (auto value : field_plans_[field].values)
          ++value_plans_[value].wanted;
      }
      rules_.push_back(std::move(rule));
    }
  }
  out_.sub_rules_ = rules_.size();
}

FieldId AutomatonBuilder::add_field(const Field& field) {
  const auto path = out_.tree_.add(field.path);
  if (path == out_.paths_.size()) {
    out_.paths_.emplace_back();
    triggers_.push_back(nullptr);
    absent_.emplace_back();
    ranges_on_.push_back(0);
  }
  std::string key = std::to_string(path) + (field.may_be_absent ? '?' : '.');
  for (const auto& condition : field.conditions)
    describe(condition, key);
  auto [known, fresh] = known_fields_.try_emplace(std::move(key), static_cast<FieldId>(field_plans_.size()));
  if (!fresh) return known->second;
  FieldPlan plan{.field = &field, .values = {}, .filed = {}};
  bool exact = !field.may_be_absent;
  for (const auto& condition : field.conditions) {
    auto value = add_value(path, condition);
    exact = exact && value;
    if (value) plan.values.push_back(*value);
  }
  std::ranges::sort(plan.values);
  plan.values.erase(std::unique(plan.values.begin(), plan.values.end()), plan.values.end());
  field_plans_.push_back(std::move(plan));
  out_.fields_.push_back({.path = path, .exact = exact, .may_be_absent = field.may_be_absent});
  return known->second;
}

std::optional<ValueId> AutomatonBuilder::add_value(PathId path, const Condition& condition) {
  using Sort = Automaton::Sort;
  auto& at = out_.paths_[path];
  auto add = [&](Sort sort, std::string_view bytes) {
    std::string key = std::to_string(path) + static_cast<char>('a' + static_cast<int>(sort)) + std::string(bytes);
    auto [known, fresh] = known_values_.try_emplace(std::move(key), static_cast<ValueId>(value_plans_.size()));
    if (fresh) {
      value_plans_.push_back({.path = path, .filed = {}, .triggers = {}});
      out_.values_.push_back({.place = Automaton::place(path, sort),
                              .text = static_cast<std::uint32_t>(out_.texts_.size()),
                              .size = static_cast<std::uint32_t>(bytes.size())});
      out_.texts_ += bytes;
    }
    return known->second;
  };
  if (const auto* exact = std::get_if<ExactText>(&condition.kind)) {
    (exact->address ? at.addresses : at.texts) = true;
    return exact->address ? add(Sort::address, key_of(*exact->address).view()) : add(Sort::text, exact->text);
  }
  if (const auto* exact = std::get_if<ExactNumber>(&condition.kind)) {
    at.numbers = true;
    return exact->exact ? add(Sort::number, key_of(exact->value).view()) : add(Sort::inexact_number, exact->text);
  }
  if (const auto* exact = std::get_if<ExactLiteral>(&condition.kind)) {
    at.literals = true;
    return add(Sort::literal, key_of(exact->kind).view());
  }
  return {};
}

std::uint64_t AutomatonBuilder::cost(FieldId id) const {
  const auto& plan = field_plans_[id];
  std::uint64_t out = 0;
  for (auto value : plan.values)
    out += value_plans_[value].wanted;
  const auto& field = out_.fields_[id];
  if (field.exact) return out;
  for (const auto& condition : plan.field->conditions)
    out += cost_of(condition);
  // A number lies in about half of all ranges: what is filed under one of them is looked at with the others.
  if (has_range(*plan.field)) out += ranges_on_[field.path] / 2;
  return out + plan.wanted + (field.may_be_absent ? absence_cost : 0);
}

// Each sub-rule is filed under its cheapest field: under the values when it is a list of exact values, else under the
// field itself, to which triggers lead.
void AutomatonBuilder::choose_places() {
  for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
    auto& fields = rules_[rule].fields;
    const auto best = *std::ranges::min_element(fields, {}, [&](FieldId field) { return cost(field); });
    rules_[rule].filed_under = best;
    if (out_.fields_[best].exact) {
      for (auto value : field_plans_[best].values)
        value_plans_[value].filed.push_back(rule);
    } else {
      field_plans_[best].filed.push_back(rule);
    }
  }
  for (FieldId id = 0; id < field_plans_.size(); ++id) {
    if (field_plans_[id].filed.empty()) continue;
    const auto& field = out_.fields_[id];
    for (auto value : field_plans_[id].values)
      value_plans_[value].triggers.push_back(id);
    if (field.may_be_absent) absent_[field.path].push_back(id);
    for (const auto& condition : field_plans_[id].field->conditions) {
      if (std::holds_alternative<ExactText>(condition.kind) || std::holds_alternative<ExactNumber>(condition.kind) ||
          std::holds_alternative<ExactLiteral>(condition.kind))
        continue;
      if (!triggers_[field.path]) triggers_[field.path] = &out_.triggers_.emplace_back();
      triggers_[field.path]->add(condition, id);
    }
  }
}

void AutomatonBuilder::show_values() {
  auto& shown = shown_on_;
  shown.assign(out_.paths_.size(), 0);
  for (ValueId id = 0; id < value_plans_.size(); ++id) {
    const auto number = ++shown[value_plans_[id].path];
    out_.values_[id].shown = number <= shown_max ? static_cast<Shown>(number) : shown_many;
  }
  for (PathId path = 0; path < out_.paths_.size(); ++path) {
    auto& at = out_.paths_[path];
    at.crowded = shown[path] > shown_max || path >= path_last;
    at.triggers = triggers_[path];
    at.absent = write_list(absent_[path]);
    if (!at.absent.empty()) out_.paths_with_absent_.push_back(path);
  }
}

Slice AutomatonBuilder::write_list(const std::vector<std::uint32_t>& items) {
  Slice out{.first = static_cast<std::uint32_t>(out_.lists_.size())};
  out_.lists_.insert(out_.lists_.end(), items.begin(), items.end());
  out.last = static_cast<std::uint32_t>(out_.lists_.size());
  return out;
}

void AutomatonBuilder::write_values() {
  for (ValueId id = 0; id < value_plans_.size(); ++id) {
    out_.values_[id].filed = write_filed(value_plans_[id].filed);
    out_.values_[id].triggers = write_list(value_plans_[id].triggers);
  }
  out_.texts_.append(slack_bytes, '\0');
  out_.slots_.assign(std::bit_ceil(out_.values_.size() * 2 + 1), Automaton::Slot{});
  out_.mask_ = out_.slots_.size() - 1;
  for (ValueId id = 0; id < out_.values_.size(); ++id) {
    const auto& value = out_.values_[id];
    const auto hash = hash_text({out_.texts_.data() + value.text, value.size}, value.place);
    auto at = hash & out_.mask_;
    while (out_.slots_[at].value != none)
      at = (at + 1) & out_.mask_;
    out_.slots_[at] = {.hash = static_cast<std::uint32_t>(hash >> 32), .value = id};
  }
}

void AutomatonBuilder::write_fields() {
  for (FieldId id = 0; id < field_plans_.size(); ++id) {
    out_.fields_[id].filed = write_filed(field_plans_[id].filed);
    const auto& plan = field_plans_[id];
    auto& field = out_.fields_[id];
    if (field.exact) {
      field.asks = write_list(plan.values);
    } else {
      field.asks.first = out_.conditions_.add(plan.field->conditions);
      field.asks.last = field.asks.first + static_cast<std::uint32_t>(plan.field->conditions.size());
    }
    out_.checks_.push_back(check_of(id));
    auto& mask = out_.masks_.emplace_back(0);
    for (auto value : field_plans_[id].values)
      mask |= mask_bit(out_.values_[value].shown);
  }
}

Check AutomatonBuilder::check_of(FieldId id) const {
  const auto& field = out_.fields_[id];
  const auto& values = field_plans_[id].values;
  Check out{.path = static_cast<std::uint16_t>(std::min(field.path, path_last))};
  if (!field.exact || out_.paths_[field.path].crowded) return out;
  out.value = values.size() == 1                          ? out_.values_[values[0]].shown
              : shown_on_[field.path] <= sure_in_mask_max ? in_mask
                                                          : maybe_in_mask;
  return out;
}

// First what is least likely to pass, and can be told at a glance. Last the field that the rule is filed under.
std::vector<FieldId> AutomatonBuilder::checks_of(const Rule& rule) const {
  std::vector<FieldId> out;
  for (auto field : rule.fields)
    if (field != rule.filed_under) out.push_back(field);
  std::ranges::sort(out, {},
                    [&](FieldId field) { return std::tuple(check_of(field).value == ask_field, cost(field), field); });
  out.push_back(rule.filed_under);
  return out;
}

Slice AutomatonBuilder::write_filed(const std::vector<std::uint32_t>& rules) {
  struct Place {
    RuleNumber rule;
    std::vector<FieldId> fields;
  };
  std::vector<Place> places;
  for (auto rule : rules)
    places.push_back({rules_[rule].number, checks_of(rules_[rule])});
  auto first = [](const Place& place) { return place.fields.size() > 1 ? place.fields[0] : none; };
  std::ranges::stable_sort(places, {}, first);
  auto& stream = out_.stream_;
  const auto begin = stream.size();
  auto end = begin;
  for (const auto& place : places)
    end += filed_head + place.fields.size();
  stream.resize(end);
  auto next_group = end, at = end;
  for (auto i = places.size(); i-- > 0;) {
    const auto& fields = places[i].fields;
    if (i + 1 < places.size() && first(places[i]) != first(places[i + 1])) next_group = at;
    const auto same_first = next_group - at;
    at -= filed_head + fields.size();
    stream[at] = places[i].rule;
    stream[at + 1] =
        static_cast<Word>((fields.size() - 1) | (same_first <= same_first_max ? same_first << checks_bits : 0));
    stream[at + 2] = std::bit_cast<Word>(check_of(fields[0]));
    std::ranges::copy(fields, stream.begin() + static_cast<std::ptrdiff_t>(at + filed_head));
  }
  return {.first = static_cast<std::uint32_t>(begin), .last = static_cast<std::uint32_t>(end)};
}

}  // namespace aright::pattern
