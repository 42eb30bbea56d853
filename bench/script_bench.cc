// How long a script takes from run() to its outcome: the jail, Python, boto3, one call, and many.
//
//   script_bench [runs per measurement]

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "script/script.h"

namespace aright {
namespace {

using Steady = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

class EmptyAnswers final : public aws::Caller {
 public:
  Result<json::Object> call(const aws::Call&, const Context&) override { return json::Object(); }
};

struct Case {
  const char* name;
  const char* text;
};
constexpr Case cases[] = {
    {"nothing", "def main(e, c):\n  return 1\n"},
    {"import boto3", "import boto3\ndef main(e, c):\n  return 1\n"},
    {"one sts call",
     "import boto3\ndef main(e, c):\n  boto3.client('sts').get_caller_identity()\n"},
    {"one s3 call", "import boto3\ndef main(e, c):\n  boto3.client('s3').list_buckets()\n"},
    {"one ec2 call", "import boto3\ndef main(e, c):\n  boto3.client('ec2').describe_vpcs()\n"},
    {"1000 sts calls",
     "import boto3\ndef main(e, c):\n  sts = boto3.client('sts')\n  for _ in range(1000): "
     "sts.get_caller_identity()\n"},
};

// Seconds apart, as remediations come, so that what can be prepared between two runs is.
void measure(const Case& measured, int runs, std::chrono::milliseconds pause) {
  EmptyAnswers door;
  script::Program program{
      .files = {{"script.py", measured.text}}, .handler = "main", .event = json::Object()};
  std::vector<double> took;
  for (int i = 0; i < runs; ++i) {
    std::this_thread::sleep_for(pause);
    auto before = Steady::now();
    auto outcome = script::run(program, door, Context());
    took.push_back(Milliseconds(Steady::now() - before).count());
    if (!outcome || !outcome->ok) {
      fmt::print("{:<16} failed: {}\n", measured.name,
                 outcome ? outcome->error_message : outcome.error().text());
      return;
    }
  }
  std::ranges::sort(took);
  auto at = [&](double share) {
    return took[static_cast<std::size_t>(share * static_cast<double>(took.size() - 1))];
  };
  fmt::print("{:<16} {:>9.1f} {:>9.1f} {:>9.1f}\n", measured.name, took.front(), at(0.5),
             took.back());
}

int main_with(int runs) {
  auto can = script::can_jail();
  if (!can) {
    fmt::print("{}\n", can.error().text());
    return 1;
  }
  for (auto pause : {std::chrono::milliseconds(0), std::chrono::milliseconds(1'000)}) {
    fmt::print("{} ms between runs\n{:<16} {:>9} {:>9} {:>9}\n", pause.count(), "ms", "least",
               "median", "most");
    for (const Case& measured : cases)
      measure(measured, runs, pause);
  }
  return 0;
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  return aright::main_with(argc > 1 ? std::max(1, std::atoi(argv[1])) : 20);
}
