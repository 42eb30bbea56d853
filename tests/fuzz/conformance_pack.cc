// Conformance packs: each rule of what is read has a judge, or a reason why not.

#include <cstdint>
#include <string_view>

#include "rules/config_policy.h"
#include "rules/conformance_pack.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto pack = rules::read_conformance_pack(text, {}, {.account = "111122223333", .region = "us-east-1"});
  if (!pack) return 0;
  for (const auto& rule : pack->rules) {
    if (rule.left_out || !rule.fault.empty()) continue;
    if (rule.rule.identifier == rules::process_check) continue;  // people attest it
    auto judges = rules::judges_of(rule.rule, rules::Controls::embedded(), cloud::Catalog::embedded());
    if (judges.judges.empty() == judges.why_not.empty()) __builtin_trap();
  }
  return 0;
}
