#include "ledger/format.h"

#include <fmt/format.h>

#include <iterator>

#include "base/digest.h"
#include "json/value.h"

namespace aright::ledger {

namespace {

void print(std::string& out, const Leaf& leaf) {
  auto quoted = [](std::string_view text) { return json::canonical(json::Value(text)); };
  out.reserve(out.size() + leaf.body.size() + leaf.kind.size() + leaf.stream.size() + 160);
  fmt::format_to(std::back_inserter(out),
                 R"({{"body":{},"kind":{},"position":{},"sequence":{},"stream":{},"time":"{}"}})",
                 leaf.body, quoted(leaf.kind), leaf.position, leaf.sequence, quoted(leaf.stream),
                 leaf.time.iso());
}

}  // namespace

std::string canonical(const Leaf& leaf) {
  std::string out;
  print(out, leaf);
  return out;
}

std::string leaf_hash(std::string_view canonical) {
  std::string bytes(1, '\0');
  bytes += canonical;
  return sha256(bytes);
}

std::string leaf_hash(const Leaf& leaf) {
  std::string bytes(1, '\0');
  print(bytes, leaf);
  return sha256(bytes);
}

std::string first_hash() {
  return std::string(hash_bytes, '\0');
}

std::string chained_hash(std::string_view previous, std::string_view leaf_hash) {
  std::string bytes(1, '\1');
  bytes.append(previous).append(leaf_hash);
  return sha256(bytes);
}

}  // namespace aright::ledger
