#include "telemetry/instruments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace aright::telemetry {
namespace {

using testing::HasSubstr;

constexpr double bounds[]{0.1, 1};

std::string shown(const Registry& registry) {
  Exposition out;
  registry.expose(out);
  return out.text();
}

TEST(Instruments, ShowAsPrometheusReadsThem) {
  Registry registry;
  registry.counter("aright_calls_total", "Calls.", {"service"}).with({"s3"}).add(3);
  registry.gauge("aright_waiting", "Waiting.").with().set(2.5);
  EXPECT_EQ(
      shown(registry),
      "# HELP aright_calls_total Calls.\n# TYPE aright_calls_total counter\naright_calls_total{service=\"s3\"} 3\n"
      "# HELP aright_waiting Waiting.\n# TYPE aright_waiting gauge\naright_waiting 2.5\n");
}

TEST(Instruments, HistogramsCountUpToEachBoundAndAll) {
  Registry registry;
  auto& times = registry.histogram("aright_seconds", "Time.", bounds).with();
  for (double seconds : {0.1, 0.2, 7.0})
    times.observe(seconds);
  EXPECT_THAT(shown(registry), HasSubstr("aright_seconds_bucket{le=\"0.1\"} 1\naright_seconds_bucket{le=\"1\"} 2\n"
                                         "aright_seconds_bucket{le=\"+Inf\"} 3\naright_seconds_sum 7.3"));
  EXPECT_THAT(shown(registry), HasSubstr("aright_seconds_count 3\n"));
}

TEST(Instruments, ValuesOfLabelsCannotBreakOutOfTheirQuotes) {
  Registry registry;
  registry.counter("c_total", "A\\B\nC", {"name"}).with({"a\"} 1\nevil \\"}).add();
  EXPECT_THAT(shown(registry), HasSubstr("# HELP c_total A\\\\B\\nC\n"));
  EXPECT_THAT(shown(registry), HasSubstr(R"(c_total{name="a\"} 1\nevil \\"} 1)"));
}

TEST(Instruments, AFamilyShowsBeforeAnythingHappened) {
  Registry registry;
  registry.counter("quiet_total", "Nothing yet.", {"why"});
  EXPECT_EQ(shown(registry), "# HELP quiet_total Nothing yet.\n# TYPE quiet_total counter\n");
}

TEST(Instruments, WhatIsBeyondTheLimitIsCountedUnderOther) {
  Registry registry;
  auto& family = registry.counter("c_total", "Many.", {"id"});
  for (std::size_t i = 0; i < series_max + 5; ++i)
    family.with({std::to_string(i)}).add();
  EXPECT_THAT(shown(registry), HasSubstr("c_total{id=\"other\"} 5\n"));
}

TEST(Instruments, NothingIsLostBetweenThreads) {
  Registry registry;
  auto& counter = registry.counter("c_total", "Adds.").with();
  auto& times = registry.histogram("h_seconds", "Times.", bounds).with();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int n = 0; n < 10'000; ++n) {
          counter.add();
          times.observe(0.5);
        }
      });
  }
  EXPECT_EQ(counter.value(), 40'000u);
  EXPECT_EQ(times.read().cumulative.back(), 40'000u);
  EXPECT_DOUBLE_EQ(times.read().sum, 20'000);
}

}  // namespace
}  // namespace aright::telemetry
