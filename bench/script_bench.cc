// How long a script takes from run() to its outcome: the jail, Python, boto3, one call, and many; and a function that
// is begun anew, or is warm.
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

// As Lambda runs them: the first event of a function, and those that find it warm.
struct FunctionCase {
  const char *name, *runtime, *file, *text;
};
constexpr FunctionCase functions[] = {
    {"python", "python3.11", "index.py", "def handler(e, c):\n  return 1\n"},
    {"python, boto3", "python3.11", "index.py",
     "import boto3\nsts = boto3.client('sts')\ndef handler(e, c):\n  return sts.get_caller_identity()\n"},
    {"node", "nodejs20.x", "index.mjs", "export const handler = async () => 1;\n"},
};

void tell(const char* name, std::vector<double> took) {
  std::ranges::sort(took);
  auto middle = took[(took.size() - 1) / 2];
  fmt::print("{:<22} {:>9.1f} {:>9.1f} {:>9.1f}\n", name, took.front(), middle, took.back());
}

void measure(const FunctionCase& measured, int runs) {
  EmptyAnswers door;
  std::vector<double> cold, warm;
  for (int i = 0; i < 2 * runs; ++i) {
    script::Program program{.convention = script::Program::Convention::lambda,
                            .runtime = measured.runtime,
                            .files = {{measured.file, measured.text}},
                            .handler = "index.handler",
                            .event = json::Object(),
                            .request_id = "1",
                            .keep_as = fmt::format("{} {}", measured.name, i < runs ? i : 0)};
    if (i == runs) static_cast<void>(script::run(program, door, Context()));  // it may have gone for those after it
    auto before = Steady::now();
    auto outcome = script::run(program, door, Context());
    (i < runs ? cold : warm).push_back(Milliseconds(Steady::now() - before).count());
    if (outcome && outcome->ok) continue;
    fmt::print("{:<22} failed: {}\n", measured.name, outcome ? outcome->error_message : outcome.error().text());
    return;
  }
  tell(fmt::format("{}: cold", measured.name).c_str(), cold);
  tell(fmt::format("{}: warm", measured.name).c_str(), warm);
}

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
      fmt::print("{:<22} failed: {}\n", measured.name,
                 outcome ? outcome->error_message : outcome.error().text());
      return;
    }
  }
  tell(measured.name, took);
}

int main_with(int runs) {
  auto can = script::can_jail();
  if (!can) {
    fmt::print("{}\n", can.error().text());
    return 1;
  }
  for (auto pause : {std::chrono::milliseconds(0), std::chrono::milliseconds(1'000)}) {
    fmt::print("{} ms between runs\n{:<22} {:>9} {:>9} {:>9}\n", pause.count(), "ms", "least",
               "median", "most");
    for (const Case& measured : cases)
      measure(measured, runs, pause);
  }
  fmt::print("functions\n");
  for (const FunctionCase& measured : functions)
    measure(measured, runs);
  return 0;
}

}  // namespace
}  // namespace aright

int main(int argc, char** argv) {
  return aright::main_with(argc > 1 ? std::max(1, std::atoi(argv[1])) : 20);
}
