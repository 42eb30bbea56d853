// Guard rules as nobody wrote them, on a document of ours.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "guard/formats.h"
#include "guard/parse_tree.h"

namespace {

using namespace aright;

constexpr std::string_view document_text = R"(
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {Name: b, Tags: [{Key: a, Value: 1}, {Key: b, Value: 2.5}], Public: false, Nothing: null}
  Queue: {Type: AWS::SQS::Queue, Properties: {Name: !Sub "${x}-q", Empty: [], Text: ""}}
a: {b: {c: [1, 2, 3]}}
l: [{k: 1}, {k: 2}, {}]
m: {x: 1, y: two}
t: "2024-01-31T12:00:00Z"
)";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto document = *guard::read_document(document_text, "document.yaml");
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto rules = guard::parse_rules(text, "fuzz.guard");
  if (!rules) {
    if (rules.error().message.empty()) std::abort();
    return 0;
  }
  json::print(guard::parse_tree(*rules));
  auto report = guard::evaluate(*rules, document, {.steps_max = 20'000, .trace = true});
  if (!report) return 0;
  guard::Judgement judgement{"fuzz.guard", "document.yaml", std::move(*report), 0};
  guard::failures_text(judgement);
  guard::junit({{"document.yaml", {&judgement}}});
  json::print(guard::report_json({"document.yaml", {&judgement}}));
  return 0;
}
