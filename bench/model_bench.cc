// What the embedded service models cost: size, time until the first lookup of a process, time per
// lookup, memory.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/embedded.h"
#include "model/form.h"
#include "model/model.h"

ARIGHT_EMBEDDED(models)

namespace aright::model {
namespace {

using Stopwatch = std::chrono::steady_clock;

double microseconds_since(Stopwatch::time_point start) {
  return std::chrono::duration<double, std::micro>(Stopwatch::now() - start).count();
}

// Since the kernel made the process: whole ticks of 10 ms are too coarse, so the clock of its
// processor time.
double process_microseconds() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * 1e6 + used.tv_nsec / 1e3;
}

long resident_kib() {
  long total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

struct FirstLookup {
  double at_us, took_us;
  long resident_kib;
};

FirstLookup first_lookup() {
  const auto resident = resident_kib();
  const auto start = Stopwatch::now();
  const auto found =
      Models::embedded().service("s3")->operation("PutPublicAccessBlock")->input().member("Bucket");
  const auto took = microseconds_since(start);
  return {process_microseconds(), found ? took : -1, resident_kib() - resident};
}

template <typename Work>
double nanoseconds_each(int rounds, Work work) {
  const auto start = Stopwatch::now();
  for (int i = 0; i < rounds; ++i)
    work();
  return microseconds_since(start) * 1000 / rounds;
}

void report() {
  const auto first = first_lookup();
  const auto& models = Models::embedded();
  const auto bytes = embedded_models();
  const auto count = [&](form::Part part) { return form::extent(bytes, part).count; };
  fmt::print("embedded form       {:10.2f} MB\n", bytes.size() / 1e6);
  fmt::print("services            {:10}\noperations          {:10}\n", count(form::Part::services),
             count(form::Part::operations));
  fmt::print("distinct shapes     {:10}\nmembers             {:10}\n", count(form::Part::shapes),
             count(form::Part::members));
  fmt::print("texts               {:10.2f} MB\n", count(form::Part::strings) / 1e6);
  fmt::print("first lookup done   {:10.0f} us of processor time after process start\n",
             first.at_us);
  fmt::print("first lookup        {:10.1f} us, {} KiB resident\n", first.took_us,
             first.resident_kib);

  constexpr int rounds = 200'000;
  std::size_t found = 0;
  const auto s3 = *models.service("s3");
  const auto ec2 = *models.service("ec2");
  const auto input = s3.operation("PutBucketAcl")->input();
  fmt::print("service by name     {:10.0f} ns\n", nanoseconds_each(rounds, [&] {
               found += models.service("elasticloadbalancingv2").has_value();
             }));
  fmt::print("operation by name   {:10.0f} ns\n", nanoseconds_each(rounds, [&] {
               found += ec2.operation("DescribeInstances").has_value();
             }));
  fmt::print("operation by snake  {:10.0f} ns\n", nanoseconds_each(rounds, [&] {
               found += ec2.operation("describe_instances").has_value();
             }));
  fmt::print("member by name      {:10.0f} ns\n",
             nanoseconds_each(rounds, [&] { found += input.member("GrantWriteACP").has_value(); }));
  if (found != std::size_t{4} * rounds) fmt::print("lookups failed\n");

  const auto start = Stopwatch::now();
  const bool sound = form::check(bytes).has_value();
  fmt::print("check of all bytes  {:10.0f} us{}\n", microseconds_since(start),
             sound ? "" : " (unsound)");
  fmt::print("resident in the end {:10} KiB\n", resident_kib());
}

}  // namespace
}  // namespace aright::model

int main() {
  aright::model::report();
}
