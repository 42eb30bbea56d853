#include "pattern/automaton.h"

#include <atomic>
#include <bit>

#include "pattern/automaton_builder.h"

namespace aright::pattern {

Key key_of(double number) {
  Key key{.size = sizeof number};
  const auto bits = std::bit_cast<std::uint64_t>(number + 0.0);  // -0 is 0
  std::memcpy(key.bytes, &bits, sizeof bits);
  return key;
}

Key key_of(const Address& address) {
  Key key{.size = key_bytes};
  key.bytes[0] = address.v6 ? '6' : '4';
  std::memcpy(key.bytes + 1, address.bytes.data(), address.bytes.size());
  return key;
}

Key key_of(Kind literal) {
  Key key{.size = 1};
  key.bytes[0] = static_cast<char>(literal);
  return key;
}

namespace {

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

}  // namespace

Automaton::Automaton(std::vector<Matcher::Entry> entries)
    : generation_(next_generation()), entries_(std::move(entries)) {
  AutomatonBuilder(*this).build();
}

std::size_t Automaton::bytes() const {
  std::size_t out = tree_.bytes() + paths_.size() * sizeof(Path) +
                    fields_.size() * (sizeof(AskedField) + sizeof(Check) + sizeof(masks_[0])) + conditions_.bytes() +
                    values_.size() * sizeof(Value) + slots_.size() * sizeof(Slot) + texts_.size() +
                    lists_.size() * sizeof(lists_[0]) + stream_.size() * sizeof(Word);
  for (const auto& one : triggers_)
    out += one.bytes();
  for (const auto& id : ids_)
    out += sizeof id + id.size();
  return out;
}

}  // namespace aright::pattern
