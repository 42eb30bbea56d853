#include "telemetry/instruments.h"

#include <algorithm>

namespace aright::telemetry {

namespace {

Labels labelled(const std::vector<std::string>& names, const std::vector<std::string>& values) {
  Labels out;
  for (std::size_t i = 0; i < names.size(); ++i)
    out.emplace_back(names[i], i < values.size() ? values[i] : "");
  return out;
}

void write(Exposition& out, const Labels& labels, const Counter& counter) {
  out.sample(labels, static_cast<double>(counter.value()));
}
void write(Exposition& out, const Labels& labels, const Gauge& gauge) {
  out.sample(labels, gauge.value());
}
void write(Exposition& out, const Labels& labels, const Histogram& histogram) {
  auto reading = histogram.read();
  out.histogram(labels, reading.bounds, reading.cumulative, reading.sum);
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {}

void Histogram::observe(double seconds) {
  auto bucket = std::ranges::lower_bound(bounds_, seconds) - bounds_.begin();  // a bound is part of its bucket
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(seconds, std::memory_order_relaxed);
}

Histogram::Reading Histogram::read() const {
  Reading out{.bounds = bounds_, .cumulative = {}, .sum = sum_.load(std::memory_order_relaxed)};
  std::uint64_t all = 0;
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    out.cumulative.push_back(all += counts_[i].load(std::memory_order_relaxed));
  return out;
}

template <typename Instrument>
std::unique_ptr<Instrument> Family<Instrument>::make() const {
  if constexpr (std::is_same_v<Instrument, Histogram>)
    return std::make_unique<Histogram>(bounds_);
  else
    return std::make_unique<Instrument>();
}

template <typename Instrument>
Instrument& Family<Instrument>::with(std::initializer_list<std::string_view> values) {
  std::vector<std::string> key(values.begin(), values.end());
  std::lock_guard lock(mutex_);
  auto known = series_.find(key);
  if (known == series_.end() && series_.size() >= series_max) {
    std::ranges::fill(key, "other");
    known = series_.find(key);
  }
  if (known == series_.end()) known = series_.emplace(std::move(key), make()).first;
  return *known->second;
}

template <typename Instrument>
void Family<Instrument>::expose(Exposition& out) const {
  out.begin(head_);
  std::lock_guard lock(mutex_);
  for (const auto& [values, instrument] : series_)
    write(out, labelled(labels_, values), *instrument);
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

Registry& Registry::process() {
  static Registry one;
  return one;
}

template <typename Instrument>
Family<Instrument>& Registry::find(Families<Instrument>& among, Head head, std::vector<std::string> labels,
                                   std::span<const double> bounds) {
  std::lock_guard lock(mutex_);
  auto& family = among[head.name];
  if (!family) family = std::make_unique<Family<Instrument>>(std::move(head), std::move(labels), bounds);
  return *family;
}

Family<Counter>& Registry::counter(std::string name, std::string help, std::vector<std::string> labels) {
  return find(counters_, {std::move(name), Kind::counter, std::move(help)}, std::move(labels), {});
}

Family<Gauge>& Registry::gauge(std::string name, std::string help, std::vector<std::string> labels) {
  return find(gauges_, {std::move(name), Kind::gauge, std::move(help)}, std::move(labels), {});
}

Family<Histogram>& Registry::histogram(std::string name, std::string help, std::span<const double> bounds,
                                       std::vector<std::string> labels) {
  return find(histograms_, {std::move(name), Kind::histogram, std::move(help)}, std::move(labels), bounds);
}

void Registry::expose(Exposition& out) const {
  std::lock_guard lock(mutex_);
  for (const auto& [name, family] : counters_)
    family->expose(out);
  for (const auto& [name, family] : gauges_)
    family->expose(out);
  for (const auto& [name, family] : histograms_)
    family->expose(out);
}

}  // namespace aright::telemetry
