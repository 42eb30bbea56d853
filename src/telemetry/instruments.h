#pragma once
// Counters, gauges and histograms, as monitoring systems read them. Adding is lock-free and never waits; who adds
// often keeps the instrument that Family::with() gave.
//
// Thread-safe throughout. Instruments live as long as their registry; those of the process for ever.

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/exposition.h"

namespace aright::telemetry {

inline constexpr std::size_t series_max = 2'000;  // of one family; what comes after is counted under "other"

// Seconds. Of what a machine does, and of what people and clouds take their time for.
inline constexpr double machine_seconds[]{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                          0.25,   0.5,   1,      2.5,   5,    10,    30,   60};
inline constexpr double story_seconds[]{0.5, 1,     2.5,   5,     10,     30,     60,     120,     300,
                                        900, 1'800, 3'600, 7'200, 14'400, 43'200, 86'400, 259'200, 604'800};

class Counter {
 public:
  void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

class Gauge {
 public:
  void set(double value) { value_.store(value, std::memory_order_relaxed); }
  void add(double change) { value_.fetch_add(change, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

class Histogram {
 public:
  // Upper bounds of the buckets, ascending; one more holds what is above all.
  explicit Histogram(std::span<const double> bounds);

  void observe(double seconds);
  struct Reading {
    std::vector<double> bounds;
    std::vector<std::uint64_t> cumulative;  // one more than bounds; the last one counts all
    double sum = 0;
  };
  Reading read() const;

 private:
  const std::vector<double> bounds_;
  const std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  // one more than bounds
  std::atomic<double> sum_ = 0;
};

// One metric: an instrument for each combination of label values.
template <typename Instrument>
class Family {
 public:
  Family(Head head, std::vector<std::string> labels, std::span<const double> bounds = {})
      : head_(std::move(head)), labels_(std::move(labels)), bounds_(bounds) {}

  // As many values as there are labels.
  Instrument& with(std::initializer_list<std::string_view> values = {});
  void expose(Exposition& out) const;

 private:
  std::unique_ptr<Instrument> make() const;

  const Head head_;
  const std::vector<std::string> labels_;
  const std::span<const double> bounds_;
  mutable std::mutex mutex_;
  std::map<std::vector<std::string>, std::unique_ptr<Instrument>> series_;  // guarded by mutex_
};

class Registry {
 public:
  // What is counted wherever it happens in this process.
  static Registry& process();

  // The family of this name; made when it is first asked for.
  Family<Counter>& counter(std::string name, std::string help, std::vector<std::string> labels = {});
  Family<Gauge>& gauge(std::string name, std::string help, std::vector<std::string> labels = {});
  // `bounds` must outlive the registry.
  Family<Histogram>& histogram(std::string name, std::string help, std::span<const double> bounds,
                               std::vector<std::string> labels = {});
  // All families, by name.
  void expose(Exposition& out) const;

 private:
  template <typename Instrument>
  using Families = std::map<std::string, std::unique_ptr<Family<Instrument>>>;
  template <typename Instrument>
  Family<Instrument>& find(Families<Instrument>& among, Head head, std::vector<std::string> labels,
                           std::span<const double> bounds);

  mutable std::mutex mutex_;  // guards what follows
  Families<Counter> counters_;
  Families<Gauge> gauges_;
  Families<Histogram> histograms_;
};

}  // namespace aright::telemetry
