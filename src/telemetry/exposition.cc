#include "telemetry/exposition.h"

#include <fmt/format.h>

#include <cmath>

namespace aright::telemetry {

namespace {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::counter:
      return "counter";
    case Kind::gauge:
      return "gauge";
    case Kind::histogram:
      return "histogram";
  }
  return "untyped";
}

// Backslashes and line ends are escaped, and in the values of labels quotes as well.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (char c : text) {
    if (c == '\\' || (c == '"' && quotes)) out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace

void Exposition::begin(const Head& head) {
  name_ = head.name;
  text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, escaped(head.help, false), name_, kind_name(head.kind));
}

void Exposition::line(std::string_view name, const Labels& labels, double value) {
  text_ += name;
  char before = '{';
  for (const auto& [label, said] : labels) {
    text_ += fmt::format("{}{}=\"{}\"", before, label, escaped(said, true));
    before = ',';
  }
  text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", number(value));
}

void Exposition::sample(const Labels& labels, double value) {
  line(name_, labels, value);
}

void Exposition::histogram(const Labels& labels, std::span<const double> bounds,
                           std::span<const std::uint64_t> cumulative, double sum) {
  auto bucket = labels;
  bucket.emplace_back("le", "");
  for (std::size_t i = 0; i < cumulative.size(); ++i) {
    bucket.back().second = i < bounds.size() ? number(bounds[i]) : "+Inf";
    line(name_ + "_bucket", bucket, static_cast<double>(cumulative[i]));
  }
  line(name_ + "_sum", labels, sum);
  line(name_ + "_count", labels, cumulative.empty() ? 0 : static_cast<double>(cumulative.back()));
}

}  // namespace aright::telemetry
