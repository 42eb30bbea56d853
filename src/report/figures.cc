#include "report/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aright::report {

namespace {

constexpr double confidence = 1.959964;  // of the normal distribution, for 95 % on two sides
constexpr double promote_from = 0.9;     // such a share of successes, at least: 35 without a failure
constexpr double demote_below = 0.5;
constexpr std::size_t demote_trials_min = 3;
constexpr std::size_t recurrences_min = 2;
constexpr double recurrence_share = 0.2;
constexpr std::size_t disputes_min = 3;
constexpr double dispute_share = 0.3;
constexpr double common = 0.5, rare = 0.9, hardly_ever = 0.99;  // quantiles

double in_seconds(double ms) { return std::round(ms) / 1000; }

// Of a whole; null when there is nothing to have a share of.
json::Value share(std::size_t part, std::size_t whole) {
  if (whole == 0) return nullptr;
  return std::round(1000.0 * static_cast<double>(part) / static_cast<double>(whole)) / 1000;
}

}  // namespace

milliseconds Times::quantile(double share) const {
  if (took_.empty()) return milliseconds(0);
  auto sorted = took_;
  auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::clamp<std::size_t>(rank, 1, sorted.size()) - 1);
  std::ranges::nth_element(sorted, at);
  return milliseconds(*at);
}

json::Value Times::to_json() const {
  if (took_.empty()) return nullptr;
  auto sum = std::accumulate(took_.begin(), took_.end(), 0.0, [](double all, auto one) {
    return all + static_cast<double>(one);
  });
  auto seconds_at = [&](double share) { return in_seconds(static_cast<double>(quantile(share).count())); };
  return json::Object{{"count", took_.size()},
                      {"mean_s", in_seconds(sum / static_cast<double>(took_.size()))},
                      {"median_s", seconds_at(common)},
                      {"p90_s", seconds_at(rare)},
                      {"p99_s", seconds_at(hardly_ever)},
                      {"max_s", seconds_at(1)}};
}

Figures& Figures::operator+=(const Figures& other) {
  for (auto count : {&Figures::opened, &Figures::resolved, &Figures::resolved_otherwise, &Figures::open,
                     &Figures::automatic, &Figures::asked, &Figures::manual, &Figures::approved, &Figures::rejected,
                     &Figures::expired, &Figures::executions, &Figures::executions_succeeded, &Figures::fixes,
                     &Figures::escalated, &Figures::withdrawn, &Figures::rolled_back, &Figures::recurred,
                     &Figures::disputed})
    this->*count += other.*count;
  for (auto times : {&Figures::detect, &Figures::decide, &Figures::approve, &Figures::execute, &Figures::verify,
                     &Figures::whole})
    (this->*times).add(other.*times);
  exposure += other.exposure;
  return *this;
}

json::Object to_json(const Figures& figures) {
  constexpr double ms_per_hour = 3'600'000;
  auto hours = static_cast<double>(figures.exposure.count()) / ms_per_hour;
  auto made = figures.fixes + figures.withdrawn;
  return {{"findings", json::Object{{"opened", figures.opened},
                                    {"resolved", figures.resolved},
                                    {"resolved_otherwise", figures.resolved_otherwise},
                                    {"open", figures.open},
                                    {"exposure_hours", std::round(hours * 10'000) / 10'000}}},
          {"remediations", json::Object{{"automatic", figures.automatic},
                                        {"asked", figures.asked},
                                        {"manual", figures.manual},
                                        {"fixed", figures.fixes},
                                        {"escalated", figures.escalated},
                                        {"rolled_back", figures.rolled_back},
                                        {"withdrawn", figures.withdrawn},
                                        {"recurred", figures.recurred},
                                        {"disputed", figures.disputed}}},
          {"approvals", json::Object{{"approved", figures.approved},
                                     {"rejected", figures.rejected},
                                     {"expired", figures.expired}}},
          {"executions", json::Object{{"all", figures.executions}, {"succeeded", figures.executions_succeeded}}},
          {"rates", json::Object{{"success", share(figures.fixes, made + figures.escalated)},
                                 {"rollback", share(figures.rolled_back, std::max(made, figures.rolled_back))},
                                 {"recurrence", share(figures.recurred, figures.fixes)},
                                 {"false_positive", share(figures.disputed,
                                                          std::max(figures.opened, figures.disputed))}}},
          {"times", json::Object{{"detect", figures.detect.to_json()},
                                 {"decide", figures.decide.to_json()},
                                 {"approve", figures.approve.to_json()},
                                 {"execute", figures.execute.to_json()},
                                 {"verify", figures.verify.to_json()},
                                 {"whole", figures.whole.to_json()}}}};
}

double success_at_least(std::size_t successes, std::size_t trials) {
  if (trials == 0) return 0;
  auto n = static_cast<double>(trials);
  auto p = static_cast<double>(successes) / n, z2 = confidence * confidence;
  auto middle = p + z2 / (2 * n);
  auto margin = confidence * std::sqrt((p * (1 - p) + z2 / (4 * n)) / n);
  return std::max(0.0, (middle - margin) / (1 + z2 / n));
}

std::vector<Advice> advise(const Figures& figures) {
  std::vector<Advice> out;
  auto trials = figures.fixes + figures.withdrawn + figures.escalated;
  auto held = figures.fixes - std::min(figures.fixes, figures.rolled_back - figures.withdrawn);
  auto lasted = held - std::min(held, figures.recurred);  // what others undo speaks against haste, not against the fix
  auto least = success_at_least(lasted, trials);
  if (figures.asked > 0 && figures.automatic == 0 && least >= promote_from)
    out.push_back({"promote", fmt::format("fixes that held: {} of {}, so at least {} % do, with 95 % confidence. "
                                          "People need not be asked for each",
                                          lasted, trials, static_cast<int>(least * 100))});
  bool unreliable = trials >= demote_trials_min && held < trials && success_at_least(held, trials) < demote_below;
  if (figures.automatic > 0 && (figures.rolled_back > 0 || unreliable))
    out.push_back({"demote", fmt::format("fixes that held: {} of {}; taken back: {}. Ask a person before the next ones",
                                         held, trials, figures.rolled_back)});
  if (figures.recurred >= recurrences_min &&
      static_cast<double>(figures.recurred) >= recurrence_share * static_cast<double>(figures.fixes))
    out.push_back({"review", fmt::format("fixes that somebody undid: {} of {}. Mend what makes the resources, such as "
                                         "a template",
                                         figures.recurred, figures.fixes)});
  if (figures.disputed >= disputes_min &&
      static_cast<double>(figures.disputed) >= dispute_share * static_cast<double>(figures.opened))
    out.push_back({"review", fmt::format("findings of which people said that nothing is to be set right: {} of {}. "
                                         "Narrow the control, or what it is applied to",
                                         figures.disputed, std::max(figures.opened, figures.disputed))});
  if (figures.expired > 0)
    out.push_back({"answer", fmt::format("approvals that expired without an answer: {}. Name more approvers, or give "
                                         "them more time",
                                         figures.expired)});
  return out;
}

}  // namespace aright::report
