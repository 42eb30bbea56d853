#include "pattern/triggers.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <unordered_map>

#include "base/overloaded.h"
#include "pattern/fold.h"

namespace aright::pattern {

namespace {

std::string reversed(std::string_view text) {
  return {text.rbegin(), text.rend()};
}

// Texts in their order have heads in their order; equal heads say nothing.
std::uint64_t head_of(std::string_view text) {
  std::uint64_t out = 0;
  std::memcpy(&out, text.data(), std::min(text.size(), sizeof out));
  return __builtin_bswap64(out);
}

}  // namespace

void PrefixSet::seal() {
  if (added_.empty()) return;
  std::ranges::sort(added_, {},
                    [](const auto& one) { return std::pair(std::string_view(one.first), FieldId{one.second.field}); });
  const auto& first = added_.front().first;
  const auto& last = added_.back().first;
  common_.assign(first.begin(), std::ranges::mismatch(first, last).in1);
  for (const auto& [text, field] : added_) {
    const auto rest = std::string_view(text).substr(common_.size());
    auto shorter = static_cast<std::uint32_t>(items_.size());
    // Those that this one begins with are on the way from its predecessor to the shortest.
    while (shorter && !rest.starts_with(text_of(items_[shorter - 1])))
      shorter = items_[shorter - 1].shorter;
    items_.push_back({.at = static_cast<std::uint32_t>(texts_.size()),
                      .size = static_cast<std::uint32_t>(rest.size()),
                      .field = field,
                      .shorter = shorter});
    heads_.push_back(head_of(rest));
    texts_ += rest;
  }
  added_ = {};
}

// The last item that is not greater than the text begins with every item that the text begins with.
void PrefixSet::find(std::string_view text, std::vector<Triggered>& out) const {
  if (!text.starts_with(common_)) return;
  text.remove_prefix(common_.size());
  const auto [from, to] = std::ranges::equal_range(heads_, head_of(text));
  const auto after =
      std::upper_bound(items_.begin() + (from - heads_.begin()), items_.begin() + (to - heads_.begin()), text,
                       [&](std::string_view wanted, const Item& item) { return wanted < text_of(item); });
  auto candidate = static_cast<std::uint32_t>(after - items_.begin());
  for (; candidate; candidate = items_[candidate - 1].shorter) {
    const auto& item = items_[candidate - 1];
    if (text.starts_with(text_of(item))) out.push_back(item.field);
  }
}

std::size_t PrefixSet::bytes() const {
  return items_.size() * sizeof(Item) + heads_.size() * sizeof(heads_[0]) + texts_.size();
}

void SubstringSet::add(std::string_view text, FieldId field) {
  texts_.emplace_back(text, field);
  for (char c : text) {
    auto& letter = letter_[static_cast<unsigned char>(c)];
    if (letter == 0 && letters_ < 256) letter = static_cast<std::uint8_t>(letters_++);
  }
}

void SubstringSet::seal() {
  std::vector<std::vector<FieldId>> ends(1);
  next_.assign(letters_, 0);
  for (const auto& [text, field] : texts_) {
    std::uint32_t state = 0;
    for (char c : text) {
      const auto at = state * letters_ + letter_[static_cast<unsigned char>(c)];
      if (next_[at] == 0) {
        next_[at] = static_cast<std::uint32_t>(ends.size());
        ends.emplace_back();
        next_.resize(next_.size() + letters_, 0);
      }
      state = next_[at];
    }
    ends[state].push_back(field);
  }
  states_.assign(ends.size(), {});
  for (std::size_t state = 0; state < ends.size(); ++state) {
    states_[state].first = static_cast<std::uint32_t>(found_.size());
    found_.insert(found_.end(), ends[state].begin(), ends[state].end());
    states_[state].last = static_cast<std::uint32_t>(found_.size());
  }
  // In breadth: where no text goes on, go on from the longest end of what was read that begins a text.
  std::vector<std::uint32_t> queue = {0}, fallback(states_.size(), 0);
  for (std::size_t head = 0; head < queue.size(); ++head) {
    const auto state = queue[head];
    for (std::uint32_t letter = 0; letter < letters_; ++letter) {
      auto& to = next_[state * letters_ + letter];
      const auto otherwise = state ? next_[fallback[state] * letters_ + letter] : 0;
      if (to == 0) {
        to = otherwise;
        continue;
      }
      fallback[to] = otherwise;
      const auto& shorter = states_[otherwise];
      states_[to].shorter = shorter.first != shorter.last ? otherwise : shorter.shorter;
      queue.push_back(to);
    }
  }
}

void SubstringSet::find(std::string_view text, std::vector<Triggered>& out) const {
  std::uint32_t state = 0;
  for (char c : text) {
    state = next_[state * letters_ + letter_[static_cast<unsigned char>(c)]];
    for (auto end = state; end; end = states_[end].shorter)
      for (auto i = states_[end].first; i < states_[end].last; ++i)
        out.push_back({.field = found_[i], .sure = 0});
  }
}

std::size_t SubstringSet::bytes() const {
  return next_.size() * sizeof(std::uint32_t) + states_.size() * sizeof(State) + found_.size() * sizeof(FieldId);
}

NetworkSet::Key NetworkSet::key_of(const Address& address) {
  std::uint64_t words[2];
  std::memcpy(words, address.bytes.data(), sizeof words);
  return {.v6 = address.v6, .high = __builtin_bswap64(words[0]), .low = __builtin_bswap64(words[1])};
}

void NetworkSet::add(const AddressRange& range, FieldId field) {
  Address all_ones;
  all_ones.bytes.fill(0xFF);
  clear_host_bits(all_ones, range.prefix_bits);
  const auto mask = key_of(all_ones);
  items_.push_back(
      {.first = key_of(range.network), .high_mask = mask.high, .low_mask = mask.low, .field = field, .shorter = 0});
}

void NetworkSet::seal() {
  std::ranges::sort(items_, {},
                    [](const Item& item) { return std::tuple(item.first, item.high_mask, item.low_mask, item.field); });
  for (std::uint32_t i = 1; i < items_.size(); ++i) {
    auto wider = i;
    while (wider && !items_[wider - 1].holds(items_[i].first))
      wider = items_[wider - 1].shorter;
    items_[i].shorter = wider;
  }
}

void NetworkSet::find(const Address& address, std::vector<Triggered>& out) const {
  const auto key = key_of(address);
  auto candidate = static_cast<std::uint32_t>(std::ranges::upper_bound(items_, key, {}, &Item::first) - items_.begin());
  for (; candidate; candidate = items_[candidate - 1].shorter) {
    const auto& item = items_[candidate - 1];
    if (item.holds(key)) out.push_back({.field = item.field, .sure = 1});
  }
}

struct Triggers::Adder {
  Triggers& to;
  FieldId field;

  void operator()(const ExactText&) const {}
  void operator()(const ExactNumber&) const {}
  void operator()(const ExactLiteral&) const {}
  void operator()(const Prefix& prefix) const {
    (prefix.any_case ? to.any_case_prefixes_ : to.prefixes_).add(prefix.text, {.field = field, .sure = 1});
  }
  void operator()(const Suffix& suffix) const {
    (suffix.any_case ? to.any_case_suffixes_ : to.suffixes_).add(reversed(suffix.text), {.field = field, .sure = 1});
  }
  void operator()(const EqualAnyCase& equal) const {
    to.any_case_prefixes_.add(equal.folded, {.field = field, .sure = 0});
  }
  void operator()(const Wildcard& wildcard) const { to.wildcards_.push_back({&wildcard.parts, field}); }
  void operator()(const Range& range) const {
    to.ranges_.emplace_back(range.lower ? range.lower->value : -std::numeric_limits<double>::infinity(), field);
  }
  void operator()(const InAddressRange& in) const { to.networks_.add(in.range, field); }
  void operator()(const Present&) const { to.always_.push_back(field); }
  void operator()(const AnythingBut&) const { to.always_.push_back(field); }
};

void Triggers::add(const Condition& condition, FieldId field) {
  std::visit(Adder{*this, field}, condition.kind);
}

// A wildcard is found by one of its parts: the one that the fewest others hold, and of those the longest.
void Triggers::seal_wildcards() {
  auto key = [](const std::vector<std::string>& parts, std::size_t i) {
    return (i == 0 ? '<' : i + 1 == parts.size() ? '>' : '=') + parts[i];
  };
  std::unordered_map<std::string, std::size_t> uses;
  for (const auto& [parts, field] : wildcards_)
    for (std::size_t i = 0; i < parts->size(); ++i)
      ++uses[key(*parts, i)];
  for (const auto& [wildcard, field] : wildcards_) {
    const auto& parts = *wildcard;
    std::size_t best = 0;
    auto badness = [&](std::size_t i) {
      return std::tuple(parts[i].empty(), uses.at(key(parts, i)), -static_cast<std::ptrdiff_t>(parts[i].size()));
    };
    for (std::size_t i = 1; i < parts.size(); ++i)
      if (badness(i) < badness(best)) best = i;
    if (parts[best].empty()) {
      any_text_.push_back(field);
    } else if (best == 0) {
      prefixes_.add(parts[best], {.field = field, .sure = 0});
    } else if (best + 1 == parts.size()) {
      suffixes_.add(reversed(parts[best]), {.field = field, .sure = 0});
    } else {
      substrings_.add(parts[best], field);
    }
  }
  wildcards_ = {};
}

void Triggers::seal() {
  seal_wildcards();
  for (auto* set : {&prefixes_, &suffixes_, &any_case_prefixes_, &any_case_suffixes_})
    set->seal();
  substrings_.seal();
  networks_.seal();
  std::ranges::sort(ranges_);
}

void Triggers::find(const Scalar& leaf, Scratch& scratch, std::vector<Triggered>& out) const {
  for (auto field : always_)
    out.push_back({.field = field, .sure = 0});
  if (leaf.kind == Kind::text) find_in_text(leaf.text, scratch, out);
  if (leaf.kind != Kind::number || !leaf.exact) return;
  for (const auto& [lower, field] : ranges_) {
    if (lower > leaf.number) break;
    out.push_back({.field = field, .sure = 0});
  }
}

void Triggers::find_in_text(std::string_view text, Scratch& scratch, std::vector<Triggered>& out) const {
  for (auto field : any_text_)
    out.push_back({.field = field, .sure = 0});
  if (!prefixes_.empty()) prefixes_.find(text, out);
  if (!suffixes_.empty()) {
    scratch.reversed.assign(text.rbegin(), text.rend());
    suffixes_.find(scratch.reversed, out);
  }
  if (!any_case_prefixes_.empty() || !any_case_suffixes_.empty()) {
    fold(text, scratch.folded);
    if (!any_case_prefixes_.empty()) any_case_prefixes_.find(scratch.folded, out);
    scratch.reversed.assign(scratch.folded.rbegin(), scratch.folded.rend());
    if (!any_case_suffixes_.empty()) any_case_suffixes_.find(scratch.reversed, out);
  }
  if (!substrings_.empty()) substrings_.find(text, out);
  if (networks_.empty()) return;
  if (auto address = parse_address(text)) networks_.find(*address, out);
}

std::size_t Triggers::bytes() const {
  std::size_t out = sizeof(Triggers) + substrings_.bytes() + networks_.bytes();
  for (const auto* set : {&prefixes_, &suffixes_, &any_case_prefixes_, &any_case_suffixes_})
    out += set->bytes();
  return out + ranges_.size() * sizeof(ranges_[0]) + (always_.size() + any_text_.size()) * sizeof(FieldId);
}

}  // namespace aright::pattern
