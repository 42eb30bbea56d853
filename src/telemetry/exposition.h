#pragma once
// Prometheus' text exposition format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/): a page of samples, put together family by family.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aright::telemetry {

inline constexpr std::string_view exposition_type = "text/plain; version=0.0.4; charset=utf-8";

enum class Kind { counter, gauge, histogram };

struct Head {
  std::string name;
  Kind kind = Kind::gauge;
  std::string help;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

class Exposition {
 public:
  // The family that the samples behind it belong to. One without samples is shown all the same: that it exists.
  void begin(const Head& head);
  void sample(const Labels& labels, double value);
  // `cumulative` has one more than there are bounds: all.
  void histogram(const Labels& labels, std::span<const double> bounds, std::span<const std::uint64_t> cumulative,
                 double sum);
  // A family of one sample without labels.
  void one(const Head& head, double value) {
    begin(head);
    sample({}, value);
  }

  const std::string& text() const { return text_; }

 private:
  void line(std::string_view name, const Labels& labels, double value);

  std::string name_, text_;
};

}  // namespace aright::telemetry
