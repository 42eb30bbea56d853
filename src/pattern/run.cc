#include "pattern/run.h"

#include <algorithm>
#include <bit>

#include "pattern/consistency.h"

namespace aright::pattern {

namespace {

constexpr std::size_t sets_max = 16;  // of one sub-rule, to be chosen from by bits
constexpr std::size_t word_bits = 64;

}  // namespace

std::optional<std::span<const RuleNumber>> Run::match(const Automaton& automaton, std::string_view event, bool padded) {
  if (bound_to_ != automaton.generation()) bind(automaton);
  if (!reader_.read(event, automaton.tree(), padded)) return {};
  for (const auto& leaf : reader_.leaves())
    see(leaf);
  follow_values();
  follow_triggers();
  collect();
  forget();
  return std::span<const RuleNumber>(rules_);
}

void Run::bind(const Automaton& automaton) {
  automaton_ = &automaton;
  bound_to_ = automaton.generation();
  first_.assign(automaton.paths(), none);
  shown_.assign(std::min<std::size_t>(automaton.paths(), path_last) + 1, shown_nothing);
  if (automaton.paths() > path_last) shown_[path_last] = shown_many;
  answers_.assign(automaton.fields(), {});
  scopes_.assign(automaton.fields(), 0);
  const auto words = automaton.ids().size() / word_bits + 1;
  matched_.assign(words, 0);
  matched_words_.assign(words / word_bits + 1, 0);
}

void Run::forget() {
  for (auto path : touched_) {
    first_[path] = none;
    if (path < path_last) shown_[path] = shown_nothing;
  }
  for (auto field : asked_)
    answers_[field] = {};
  touched_.clear();
  asked_.clear();
  seen_.clear();
  hits_.clear();
  exclusions_.clear();
}

void Run::see(const TextLeaf& leaf) {
  const auto& path = automaton_->path(leaf.path);
  auto& seen = seen_.emplace_back();
  seen.scalar = leaf.kind == Kind::number ? number_scalar(leaf.text) : Scalar{.kind = leaf.kind, .text = leaf.text};
  seen.scope = leaf.scope;
  seen.value = value_of(leaf.path, path, seen.scalar);
  auto& first = first_[leaf.path];
  const bool alone = first == none;
  if (alone) touched_.push_back(leaf.path);
  seen.next = first;
  first = static_cast<std::uint32_t>(seen_.size() - 1);
  Shown shown = shown_nothing;
  if (seen.value != none) {
    const auto& value = automaton_->value(seen.value);
    shown = value.shown;
    if (!value.filed.empty() || !value.triggers.empty()) {
      hits_.push_back(seen.value);
      automaton_->expect(value.filed);
    }
  }
  if (leaf.path < path_last) shown_[leaf.path] = alone && leaf.scope == root_scope ? shown : shown_many;
}

ValueId Run::value_of(PathId id, const Automaton::Path& path, const Scalar& scalar) const {
  using Sort = Automaton::Sort;
  switch (scalar.kind) {
    case Kind::text:
      if (path.addresses) {
        if (auto address = parse_address(scalar.text))
          return automaton_->find(id, Sort::address, key_of(*address).view());
      }
      return path.texts ? automaton_->find(id, Sort::text, scalar.text) : none;
    case Kind::number:
      if (!path.numbers) return none;
      return scalar.exact ? automaton_->find(id, Sort::number, key_of(scalar.number).view())
                          : automaton_->find(id, Sort::inexact_number, scalar.text);
    case Kind::null:
    case Kind::no:
    case Kind::yes:
      return path.literals ? automaton_->find(id, Sort::literal, key_of(scalar.kind).view()) : none;
  }
  return none;
}

void Run::follow_values() {
  for (auto hit : hits_) {
    const auto& value = automaton_->value(hit);
    look_at(value.filed);
    for (auto field : automaton_->list(value.triggers))
      follow(field);
  }
}

void Run::follow_triggers() {
  for (auto path : touched_) {
    const auto* triggers = automaton_->path(path).triggers;
    if (!triggers) continue;
    triggered_.clear();
    for (auto at = first_[path]; at != none; at = seen_[at].next)
      triggers->find(seen_[at].scalar, scratch_, triggered_);
    const bool one_leaf = path < path_last && shown_[path] != shown_many;
    for (const auto [field, sure] : triggered_) {
      if (sure && one_leaf && answers_[field].truth == Truth::unknown) learn(field, Truth::yes);
      follow(field);
    }
  }
  for (auto path : automaton_->paths_with_absent()) {
    if (first_[path] != none) continue;
    for (auto field : automaton_->list(automaton_->path(path).absent))
      follow(field);
  }
}

void Run::follow(FieldId field) {
  const auto truth = ask(field);
  if (answers_[field].followed) return;
  answers_[field].followed = true;
  if (truth != Truth::no) look_at(automaton_->field(field).filed);
}

void Run::look_at(Slice filed) {
  const auto words = automaton_->filed(filed);
  const auto* at = words.data();
  const auto* end = at + words.size();
  while (at != end) {
    const auto rule = at[0];
    const auto checks = at[1] & ((Word{1} << checks_bits) - 1);
    const auto same_first = at[1] >> checks_bits;
    const auto glance = at[2];
    const auto* fields = at + filed_head;
    at = fields + checks + 1;
    in_arrays_.clear();
    if (checks > 0) {
      const auto first = std::bit_cast<Check>(glance);
      const auto shown = shown_[first.path];
      const bool clear = shown != shown_many && first.value < maybe_in_mask;
      if (clear ? shown != first.value : !passes(*fields)) {
        at += same_first;
        continue;
      }
    }
    if (!rest_passes(fields, checks)) continue;
    const auto word = rule / word_bits;
    matched_[word] |= std::uint64_t{1} << (rule % word_bits);
    matched_words_[word / word_bits] |= std::uint64_t{1} << (word % word_bits);
  }
}

// Notes the field when it holds in elements of arrays only.
inline bool Run::passes(FieldId field) {
  const auto check = automaton_->check(field);
  const auto shown = shown_[check.path];
  if (shown == check.value) return true;
  if (shown != shown_many && check.value != ask_field) {
    if (check.value < maybe_in_mask || shown == shown_nothing) return false;
    if (!(automaton_->mask(field) & mask_bit(shown))) return false;
    if (check.value == in_mask) return true;
  }
  const auto truth = ask(field);
  if (truth == Truth::in_arrays) in_arrays_.push_back(field);
  return truth != Truth::no;
}

// All fields but the first, and whether the elements that fields hold in go together. The last field is the one that
// led here.
bool Run::rest_passes(const Word* fields, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i)
    if (!passes(fields[i])) return false;
  const auto led_here = fields[count];
  if (shown_[automaton_->check(led_here).path] == shown_many && ask(led_here) == Truth::in_arrays)
    in_arrays_.push_back(led_here);
  return in_arrays_.size() < 2 || go_together(in_arrays_);
}

inline Run::Truth Run::ask(FieldId field) {
  const auto known = answers_[field].truth;
  if (known != Truth::unknown) return known;
  const auto truth = answer(field);
  learn(field, truth);
  return truth;
}

void Run::learn(FieldId field, Truth truth) {
  answers_[field].truth = truth;
  asked_.push_back(field);
}

Run::Truth Run::answer(FieldId id) {
  const auto& field = automaton_->field(id);
  auto at = first_[field.path];
  if (at == none) return field.may_be_absent ? Truth::yes : Truth::no;
  ScopeSet scopes = 0;
  for (; at != none; at = seen_[at].next) {
    if (!holds_for(field, seen_[at])) continue;
    const auto scope = seen_[at].scope;
    if (scope == root_scope) return Truth::yes;
    scopes |= scope < scopes_in_set ? ScopeSet{1} << scope : other_scopes;
  }
  scopes_[id] = scopes;
  return scopes ? Truth::in_arrays : Truth::no;
}

bool Run::holds_for(const AskedField& field, const Seen& seen) const {
  if (field.exact) {
    const auto values = automaton_->list(field.asks);
    return seen.value != none && std::ranges::binary_search(values, seen.value);
  }
  return automaton_->conditions().any_holds(field.asks.first, field.asks.last - field.asks.first, seen.scalar);
}

bool Run::go_together(std::span<const FieldId> fields) {
  if (fields.size() > sets_max) return go_together_slowly(fields);
  ScopeSet sets[sets_max];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    sets[i] = scopes_[fields[i]];
    if (sets[i] & other_scopes) return go_together_slowly(fields);
  }
  int choices = 0;
  const bool found = choose({sets, fields.size()}, choices);
  return choices > choices_max ? go_together_slowly(fields) : found;
}

// One scope for the first field, and none that it excludes for the others.
bool Run::choose(std::span<ScopeSet> sets, int& choices) {
  if (sets.empty()) return true;
  for (auto left = sets[0]; left; left &= left - 1) {
    if (++choices > choices_max) return false;
    const auto excluded = excluded_by(static_cast<ScopeId>(std::countr_zero(left)));
    ScopeSet rest[sets_max];
    bool possible = true;
    for (std::size_t i = 1; i < sets.size(); ++i) {
      rest[i - 1] = sets[i] & ~excluded;
      possible = possible && rest[i - 1];
    }
    if (possible && choose({rest, sets.size() - 1}, choices)) return true;
  }
  return false;
}

ScopeSet Run::excluded_by(ScopeId scope) {
  const auto& scopes = reader_.scopes();
  if (exclusions_.empty()) {
    const auto count = std::min<std::size_t>(scopes.size(), scopes_in_set);
    exclusions_.assign(count, 0);
    for (ScopeId one = 0; one < count; ++one) {
      for (ScopeId other = 0; other < one; ++other) {
        if (!exclude(scopes, one, other)) continue;
        exclusions_[one] |= ScopeSet{1} << other;
        exclusions_[other] |= ScopeSet{1} << one;
      }
    }
  }
  return exclusions_[scope];
}

bool Run::go_together_slowly(std::span<const FieldId> fields) const {
  std::vector<std::vector<ScopeId>> all;
  for (auto id : fields) {
    auto& scopes = all.emplace_back();
    const auto& field = automaton_->field(id);
    for (auto at = first_[field.path]; at != none; at = seen_[at].next)
      if (holds_for(field, seen_[at])) scopes.push_back(seen_[at].scope);
  }
  return consistent(reader_.scopes(), std::move(all));
}

void Run::collect() {
  rules_.clear();
  for (std::size_t i = 0; i < matched_words_.size(); ++i) {
    for (auto words = matched_words_[i]; words; words &= words - 1) {
      const auto word = i * word_bits + static_cast<std::size_t>(std::countr_zero(words));
      for (auto bits = matched_[word]; bits; bits &= bits - 1)
        rules_.push_back(static_cast<RuleNumber>(word * word_bits + static_cast<std::size_t>(std::countr_zero(bits))));
      matched_[word] = 0;
    }
    matched_words_[i] = 0;
  }
}

}  // namespace aright::pattern
