// Data files and test files as nobody wrote them, judged by rules of ours.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "guard/formats.h"
#include "guard/test_file.h"

namespace {

using namespace aright;

constexpr std::string_view rules_text = R"(
let buckets = Resources.*[ Type == "AWS::S3::Bucket" ]
let parsed = json_parse(t)
let parts = regex_replace(t, '^(\w+)-(\d+)', '$2')
rule buckets when %buckets !empty { %buckets.Properties { Name == /^[a-z]+$/ or Tags[*].Key exists } }
rule keys { m[ k | keys == /x/ ] exists some m.%k is_int }
rule all { this.* exists this[*] != 1 }
rule lists { some l[*].k in [1, 2, r(0.5, 9.5]] l[0] exists l[ k == 1 ] { k >= 1 } }
rule functions { %parsed exists %parts == "1" or t !exists }
rule twice { a.b == a.c or a in b }
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto rules = *guard::parse_rules(rules_text, "fuzz.guard");
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (auto document = guard::read_document(text, "data.yaml")) {
    auto again = guard::read_document(guard::print(document->root()), "data.json");
    bool printed = !again || guard::print(again->root()) == guard::print(document->root());
    if (!printed) std::abort();
    if (auto report = guard::evaluate(rules, *document, {.steps_max = 50'000})) {
      guard::Judgement judgement{"fuzz.guard", "data.yaml", std::move(*report), 0};
      guard::failures_text(judgement);
      json::print(guard::report_json({"data.yaml", {&judgement}}));
    }
  }
  if (auto tests = guard::read_tests(text, "tests.yaml")) {
    for (const auto& test : *tests)
      static_cast<void>(guard::run_test(rules, test, {.steps_max = 50'000}));
  }
  return 0;
}
