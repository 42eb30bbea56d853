// How fast Guard rules judge templates: clauses on many resources, and whether time and memory grow
// with the resources.
//
//   guard_bench [resources at most]

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "guard/guard.h"

namespace aright {
namespace {

constexpr int rules_count = 20;
constexpr int measurements = 3;

// Rules as rule sets in the field have them: select by type, then ask properties, patterns and
// lists.
std::string rules_text() {
  std::string out = "let buckets = Resources.*[ Type == 'AWS::S3::Bucket' ]\n";
  for (int rule = 0; rule < rules_count; ++rule) {
    out += fmt::format(
        "rule r{} when %buckets !empty {{\n"
        "  %buckets.Properties {{\n"
        "    BucketName == /^[a-z0-9.-]+$/\n"
        "    Tags[ Key == 'owner' ].Value exists\n"
        "    Encryption.Algorithm in ['AES256', 'aws:kms'] or Public == false\n"
        "    Number in r[0, {}]\n"
        "  }}\n}}\n",
        rule, 1'000'000 + rule);
  }
  return out;
}

std::string template_text(int resources) {
  std::string out = "{\"Resources\": {";
  for (int at = 0; at < resources; ++at) {
    bool bucket = at % 2 == 0;
    out += fmt::format(
        "{}\"R{}\": {{\"Type\": \"{}\", \"Properties\": {{\"BucketName\": \"b-{}\", \"Number\": "
        "{}, \"Public\": false, "
        "\"Tags\": [{{\"Key\": \"owner\", \"Value\": \"ana\"}}, {{\"Key\": \"n\", \"Value\": "
        "\"{}\"}}], "
        "\"Encryption\": {{\"Algorithm\": \"{}\"}}}}}}",
        at == 0 ? "" : ",\n", at, bucket ? "AWS::S3::Bucket" : "AWS::SQS::Queue", at, at, at,
        at % 3 == 0 ? "aws:kms" : "none");
  }
  return out + "}}";
}

// Of the processor: what else runs on the machine does not count.
double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double megabytes_in_use() {
  return static_cast<double>(mallinfo2().uordblks) / 1e6;
}

struct Measured {
  double read_s = 0, judge_s = 0, data_mb = 0;
};

Measured measure(const guard::Rules& rules, int resources) {
  auto text = template_text(resources);
  Measured best{1e9, 1e9, 0};
  for (int run = 0; run < measurements; ++run) {
    auto memory = megabytes_in_use();
    auto before = processor_seconds();
    auto document = guard::read_document(text, "bench.json");
    best.read_s = std::min(best.read_s, processor_seconds() - before);
    best.data_mb = megabytes_in_use() - memory;
    before = processor_seconds();
    auto report = guard::evaluate(rules, *document);
    best.judge_s = std::min(best.judge_s, processor_seconds() - before);
    if (!report || report->status != guard::Status::pass) {
      fmt::print("the rules should pass: {}\n", report ? "they fail" : report.error().text());
      std::exit(1);
    }
  }
  return best;
}

int main_with(int resources_max) {
  auto rules = guard::parse_rules(rules_text(), "bench.guard");
  fmt::print("{} rules\n{:>10} {:>10} {:>10} {:>22} {:>10} {:>18}\n", rules_count, "resources",
             "read s", "judge s", "resources x rules / s", "data MB", "judge us/resource");
  double first = 0, last = 0;
  for (int resources = 100; resources <= resources_max; resources *= 10) {
    auto took = measure(*rules, resources);
    last = took.judge_s / resources * 1e6;
    if (first == 0) first = last;
    fmt::print("{:>10} {:>10.4f} {:>10.4f} {:>22.0f} {:>10.1f} {:>18.2f}\n", resources, took.read_s,
               took.judge_s, resources * double(rules_count) / took.judge_s, took.data_mb, last);
  }
  fmt::print("time for each resource, largest to smallest: {:.2f}\n", last / first);
  return 0;
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  return aright::main_with(argc > 1 ? std::max(100, std::atoi(argv[1])) : 100'000);
}
