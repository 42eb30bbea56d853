// Metrics: kept as they are put, and told as statistics by period.
#include <algorithm>
#include <cmath>
#include <map>

#include "sandbox/hook.h"

namespace aright::sandbox::cloudwatch_hooks {

namespace {

constexpr std::string_view metrics_type = "AWS::CloudWatch::Metrics";
constexpr std::size_t points_max = 10'000;  // of one metric
constexpr std::int64_t datapoints_max = 1440;

// A number of values at one time.
struct Sample {
  std::int64_t time_s = 0;
  double count = 0, sum = 0, least = 0, most = 0;
};

json::Value key_of(std::string_view space, const json::Value& metric) {
  auto dimensions = json::items(json::at(metric, "Dimensions"));
  std::ranges::sort(dimensions, {}, [](const json::Value& one) { return json::canonical(one); });
  return json::Object{{"Namespace", space},
                      {"MetricName", json::at(metric, "MetricName")},
                      {"Dimensions", std::move(dimensions)}};
}

json::Object to_json(const Sample& sample, const json::Value& unit) {
  return {{"time", sample.time_s}, {"count", sample.count}, {"sum", sample.sum},
          {"least", sample.least}, {"most", sample.most},   {"unit", unit}};
}

double number(const json::Value& value, double otherwise = 0) {
  return value.is_number() ? value.to_number<double>() : otherwise;
}

Sample sample_of(const json::Value& datum, std::int64_t time_s) {
  Sample sample{.time_s = time_s};
  if (const auto& set = json::at(datum, "StatisticValues"); set.is_object()) {
    sample.count = number(json::at(set, "SampleCount"));
    sample.sum = number(json::at(set, "Sum"));
    sample.least = number(json::at(set, "Minimum"));
    sample.most = number(json::at(set, "Maximum"));
    return sample;
  }
  json::Array values = json::items(json::at(datum, "Values"));
  if (values.empty()) values.push_back(json::at(datum, "Value"));
  const auto& counts = json::items(json::at(datum, "Counts"));
  for (std::size_t i = 0; i < values.size(); ++i) {
    double value = number(values[i]), times = i < counts.size() ? number(counts[i], 1) : 1;
    sample.least = i == 0 ? value : std::min(sample.least, value);
    sample.most = i == 0 ? value : std::max(sample.most, value);
    sample.sum += value * times;
    sample.count += times;
  }
  return sample;
}

Result<json::Object> put_metric_data(Scene& scene) {
  auto* store = TRY(scene.need(metrics_type, scene.call.account));
  auto space = scene.text("Namespace");
  if (space.starts_with("AWS/"))
    return fail(
        scene.error("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid."));
  auto& all = store->internals["metrics"];
  if (!all.is_object()) all = json::Object();
  for (const auto& datum : json::items(scene.input("MetricData"))) {
    auto key = key_of(space, datum);
    auto& metric = all.get_object()[json::canonical(key)];
    if (!metric.is_object()) metric = json::Object{{"metric", key}, {"samples", json::Array()}};
    auto time = parse_timestamp(json::text(datum, "Timestamp", "")).value_or(scene.now);
    auto& samples = metric.get_object()["samples"].as_array();
    if (samples.size() == points_max) samples.erase(samples.begin());
    samples.push_back(to_json(sample_of(datum, time.ms / 1000), json::at(datum, "Unit")));
  }
  return json::Object();
}

const json::Object& metrics(const Scene& scene) {
  static const json::Object none;
  const auto* store = scene.find(metrics_type, scene.call.account);
  return store == nullptr ? none : json::members(json::at(store->internals, "metrics"));
}

bool has_dimensions(const json::Value& metric, const json::Value& wanted) {
  const auto& own = json::items(json::at(metric, "Dimensions"));
  return std::ranges::all_of(json::items(wanted), [&](const json::Value& asked) {
    return std::ranges::any_of(own, [&](const json::Value& one) {
      const auto& value = json::at(asked, "Value");
      return json::at(one, "Name") == json::at(asked, "Name") &&
             (value.is_null() || value == json::at(one, "Value"));
    });
  });
}

Result<json::Object> list_metrics(Scene& scene) {
  json::Array found;
  for (const auto& [key, metric] : metrics(scene)) {
    const auto& about = json::at(metric, "metric");
    auto is = [&](const char* name) {
      return scene.input(name).is_null() || scene.input(name) == json::at(about, name);
    };
    if (is("Namespace") && is("MetricName") && has_dimensions(about, scene.input("Dimensions")))
      found.push_back(about);
  }
  return json::Object{{"Metrics", std::move(found)}};
}

struct Question {
  json::Value key;
  std::int64_t from_s = 0, to_s = 0, period_s = 60;
};

Result<Question> question(Scene& scene, json::Value key, std::int64_t period_s) {
  auto from = TRY(parse_timestamp(scene.text("StartTime"))),
       to = TRY(parse_timestamp(scene.text("EndTime")));
  Question asked{std::move(key), from.ms / 1000, to.ms / 1000, period_s};
  if (asked.from_s >= asked.to_s)
    return fail(scene.error("InvalidParameterValue",
                            "The parameter StartTime must be less than the parameter EndTime."));
  bool whole =
      period_s == 1 || period_s == 5 || period_s == 10 || period_s == 30 || period_s % 60 == 0;
  if (period_s < 1 || !whole)
    return fail(scene.error("InvalidParameterValue",
                            "The parameter Period must be 1, 5, 10, 30 or a multiple of 60."));
  if ((asked.to_s - asked.from_s) / period_s > datapoints_max)
    return fail(
        scene.error("InvalidParameterCombination",
                    fmt::format("You have requested more than {} datapoints.", datapoints_max)));
  return asked;
}

// By the beginning of each period that holds samples.
std::map<std::int64_t, Sample> by_period(const Scene& scene, const Question& asked) {
  std::map<std::int64_t, Sample> out;
  const auto& metric = json::at(metrics(scene), json::canonical(asked.key));
  for (const auto& one : json::items(json::at(metric, "samples"))) {
    auto time = json::integer(json::at(one, "time"));
    if (time < asked.from_s || time >= asked.to_s) continue;
    auto [place, fresh] = out.try_emplace(time - time % asked.period_s);
    auto& sum = place->second;
    auto least = number(json::at(one, "least")), most = number(json::at(one, "most"));
    sum.least = fresh ? least : std::min(sum.least, least);
    sum.most = fresh ? most : std::max(sum.most, most);
    sum.sum += number(json::at(one, "sum"));
    sum.count += number(json::at(one, "count"));
  }
  return out;
}

double statistic(const Sample& sample, std::string_view name) {
  if (name == "SampleCount") return sample.count;
  if (name == "Sum") return sample.sum;
  if (name == "Minimum") return sample.least;
  if (name == "Maximum") return sample.most;
  return sample.count == 0 ? 0 : sample.sum / sample.count;
}

bool known_statistic(std::string_view name) {
  return name == "SampleCount" || name == "Sum" || name == "Minimum" || name == "Maximum" ||
         name == "Average";
}

std::string iso_of(std::int64_t seconds) {
  return Timestamp{seconds * 1000}.iso_seconds();
}

Result<json::Object> get_statistics(Scene& scene) {
  auto asked = TRY(question(scene, key_of(scene.text("Namespace"), json::Value(scene.call.input)),
                            json::integer(scene.input("Period"))));
  auto names = json::texts(scene.input("Statistics"));
  if (names.empty())
    return fail(
        scene.error("MissingParameter", "Must specify either Statistics or ExtendedStatistics"));
  json::Array points;
  for (const auto& [time, sample] : by_period(scene, asked)) {
    json::Object point{{"Timestamp", iso_of(time)}, {"Unit", scene.text("Unit", "None")}};
    for (const auto& name : names)
      point[name] = statistic(sample, name);
    points.push_back(std::move(point));
  }
  return json::Object{{"Label", scene.input("MetricName")}, {"Datapoints", std::move(points)}};
}

Result<json::Object> get_data(Scene& scene) {
  bool newest_first = scene.text("ScanBy", "TimestampDescending") == "TimestampDescending";
  json::Array results;
  for (const auto& query : json::items(scene.input("MetricDataQueries"))) {
    const auto& stat = json::at(query, "MetricStat");
    auto name = json::text(stat, "Stat", "");
    if (!stat.is_object() || !known_statistic(name))
      return fail(
          scene.error("ValidationError",
                      "The emulated cloud answers plain statistics only, and no expressions"));
    const auto& metric = json::at(stat, "Metric");
    auto asked = TRY(question(scene, key_of(json::text(metric, "Namespace", ""), metric),
                              json::integer(json::at(stat, "Period"))));
    json::Array times, values;
    for (const auto& [time, sample] : by_period(scene, asked)) {
      times.push_back(json::Value(iso_of(time)));
      values.push_back(json::Value(statistic(sample, name)));
    }
    if (newest_first) {
      std::ranges::reverse(times);
      std::ranges::reverse(values);
    }
    auto label = json::text(query, "Label", json::text(metric, "MetricName", ""));
    results.push_back(json::Object{{"Id", json::at(query, "Id")},
                                   {"Label", label},
                                   {"Timestamps", std::move(times)},
                                   {"Values", std::move(values)},
                                   {"StatusCode", "Complete"}});
  }
  return json::Object{{"MetricDataResults", std::move(results)}};
}

Result<> check_alarm(Scene& scene) {
  bool one = !scene.text("MetricName").empty(), many = scene.input("Metrics").is_array();
  if (one && many)
    return fail(scene.error("InvalidParameterCombination",
                            "The parameters MetricName and Metrics exclude each other."));
  if (one && (scene.text("Namespace").empty() || json::integer(scene.input("Period")) == 0))
    return fail(
        scene.error("ValidationError", "An alarm on one metric needs Namespace and Period."));
  if (!one && !many)
    return fail(scene.error("ValidationError", "An alarm needs MetricName or Metrics."));
  return {};
}

Result<> check_dashboard(Scene& scene) {
  auto body = json::parse(scene.text("DashboardBody"));
  if (body && body->is_object()) return {};
  return fail(
      scene.error("InvalidParameterInput", "The field DashboardBody must be a valid JSON object"));
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("cloudwatch:PutMetricData", put_metric_data);
  hooks.emulate("cloudwatch:ListMetrics", list_metrics);
  hooks.emulate("cloudwatch:GetMetricStatistics", get_statistics);
  hooks.emulate("cloudwatch:GetMetricData", get_data);
  hooks.check("cloudwatch:PutMetricAlarm", check_alarm);
  hooks.check("cloudwatch:PutDashboard", check_dashboard);
}

}  // namespace aright::sandbox::cloudwatch_hooks
