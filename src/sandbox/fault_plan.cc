#include "sandbox/fault_plan.h"

#include <array>
#include <charconv>

#include "base/text.h"
#include "json/yaml.h"

namespace aright::sandbox {

namespace {

constexpr std::int64_t page_items_least = 1, page_items_most = 1000;
constexpr milliseconds duration_max{std::chrono::hours(24)};

// 250ms, 2s, 5m; a bare number is seconds.
Result<milliseconds> duration(const json::Value& value, std::string_view what) {
  auto text = json::scalar_text(value);
  double amount = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), amount);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  double ms = unit == "ms" ? 1 : unit == "s" || unit.empty() ? 1e3 : unit == "m" ? 6e4 : 0;
  if (code != std::errc() || ms == 0 || amount < 0 ||
      amount * ms > static_cast<double>(duration_max.count()))
    return fail(Errc::invalid, "{} must be a duration such as 250ms, 2s or 5m", what);
  return milliseconds(static_cast<std::int64_t>(amount * ms));
}

Result<int> rate(const json::Value& value, std::string_view what) {
  auto asked = json::integer(value, -1);
  if (asked < 0 || asked > thousand)
    return fail(Errc::invalid, "{} must be 0 to 1000 of a thousand", what);
  return static_cast<int>(asked);
}

Result<double> positive(const json::Value& value, std::string_view what) {
  double number = value.is_number() ? value.to_number<double>() : -1;
  if (number <= 0) return fail(Errc::invalid, "{} must be a number above 0", what);
  return number;
}

// service, operation and only; true when the member is one of them.
Result<bool> read_which(std::string_view name, const json::Value& value, Which& which) {
  if (name == "service") which.service = json::scalar_text(value);
  if (name == "operation") which.operation = json::scalar_text(value);
  if (name == "service" || name == "operation") return true;
  if (name != "only") return false;
  auto only = json::text(value);
  if (only != "reads" && only != "writes")
    return fail(Errc::invalid, "only must be reads or writes");
  which.only = only == "reads" ? Which::Only::reads : Which::Only::writes;
  return true;
}

constexpr std::array rates{std::pair{"throttled", &FaultRule::throttled},
                           std::pair{"failed", &FaultRule::failed},
                           std::pair{"lost_before", &FaultRule::lost_before},
                           std::pair{"lost_after", &FaultRule::lost_after},
                           std::pair{"reset_before", &FaultRule::reset_before},
                           std::pair{"reset_after", &FaultRule::reset_after},
                           std::pair{"slow", &FaultRule::slow}};

Result<FaultRule> read_fault(const json::Object& members) {
  FaultRule out;
  for (const auto& [key, value] : members) {
    std::string_view name = key;
    auto which = TRY(read_which(name, value, out.which));
    if (which) continue;
    auto known = std::ranges::find_if(rates, [&](const auto& one) { return name == one.first; });
    if (known != rates.end()) {
      out.*known->second = TRY(rate(value, name));
    } else if (name == "by") {
      out.by = TRY(duration(value, name));
    } else {
      return fail(Errc::invalid, "there is no member {}", name);
    }
  }
  if (out.sum() > thousand) return fail(Errc::invalid, "the rates come to more than a thousand");
  return out;
}

Result<StaleRule> read_stale(const json::Object& members) {
  StaleRule out;
  for (const auto& [key, value] : members) {
    std::string_view name = key;
    auto which = TRY(read_which(name, value, out.which));
    if (which) continue;
    if (name == "window") {
      out.window = TRY(duration(value, name));
    } else if (name == "often") {
      out.often = TRY(rate(value, name));
    } else if (name == "always_whole") {
      out.always_whole = json::truth(value);
    } else {
      return fail(Errc::invalid, "there is no member {}", name);
    }
  }
  if (out.window <= milliseconds(0)) return fail(Errc::invalid, "window is missing");
  return out;
}

Result<LimitRule> read_limit(const json::Object& members) {
  LimitRule out;
  for (const auto& [key, value] : members) {
    std::string_view name = key;
    auto which = TRY(read_which(name, value, out.which));
    if (which) continue;
    if (name == "burst") {
      out.burst = TRY(positive(value, name));
    } else if (name == "per_second") {
      out.per_second = TRY(positive(value, name));
    } else if (name == "share") {
      out.share = json::text(value);
    } else {
      return fail(Errc::invalid, "there is no member {}", name);
    }
  }
  if (out.burst < 1 || out.per_second <= 0)
    return fail(Errc::invalid, "burst (at least 1) and per_second are needed");
  return out;
}

// A list of rules, or the word "aws" for the usual ones.
template <typename Rule>
Result<std::vector<Rule>> read_rules(const json::Value& value, std::string_view name,
                                     Result<Rule> (*read)(const json::Object&),
                                     std::vector<Rule> usual) {
  if (!usual.empty() && json::text(value) == "aws") return usual;
  if (!value.is_array())
    return fail(Errc::invalid, "{} must be a list of rules{}", name,
                usual.empty() ? "" : ", or aws");
  std::vector<Rule> out;
  for (const auto& one : value.get_array()) {
    if (out.size() >= fault_rules_max)
      return fail(Errc::invalid, "{} has more than {} rules", name, fault_rules_max);
    if (!one.is_object()) return fail(Errc::invalid, "{}[{}] must be an object", name, out.size());
    auto rule = read(one.get_object());
    if (!rule) return wrap(std::move(rule.error()), "{}[{}]", name, out.size());
    out.push_back(std::move(*rule));
  }
  return out;
}

Result<> read_member(FaultPlan& plan, std::string_view name, const json::Value& value) {
  if (name == "seed") {
    plan.seed = static_cast<std::uint64_t>(json::integer(value, 1));
  } else if (name == "timeout") {
    plan.timeout = TRY(duration(value, name));
  } else if (name == "faults") {
    plan.faults = TRY(read_rules<FaultRule>(value, name, read_fault, {}));
  } else if (name == "stale") {
    plan.stale = TRY(read_rules<StaleRule>(value, name, read_stale, usual_stale_rules()));
  } else if (name == "throttling") {
    plan.limits = TRY(read_rules<LimitRule>(value, name, read_limit, usual_limits()));
  } else if (name == "pages") {
    auto items = json::integer(value, 0);
    if (items < page_items_least || items > page_items_most)
      return fail(Errc::invalid, "pages must be {} to {} items", page_items_least, page_items_most);
    plan.page_items = static_cast<std::size_t>(items);
  } else {
    return fail(Errc::invalid, "there is no member {}", name);
  }
  return {};
}

void add_which(json::Object& out, const Which& which) {
  out["service"] = which.service;
  out["operation"] = which.operation;
  if (which.only != Which::Only::all)
    out["only"] = which.only == Which::Only::reads ? "reads" : "writes";
}

std::string text_of(milliseconds duration) {
  return fmt::format("{}ms", duration.count());
}

}  // namespace

bool Which::matches(std::string_view service_name, std::string_view operation_name,
                    bool reads) const {
  if ((only == Only::reads && !reads) || (only == Only::writes && reads)) return false;
  return glob_match(service, service_name) && glob_match(operation, operation_name);
}

Result<FaultPlan> parse_fault_plan(std::string_view yaml) {
  auto document = TRY(json::parse_yaml(yaml, {.locations = false}));
  FaultPlan plan;
  if (document.value.is_null()) return plan;
  if (!document.value.is_object()) return fail(Errc::invalid, "a fault plan is an object");
  for (const auto& [name, value] : document.value.get_object())
    CHECK_OK(read_member(plan, name, value));
  return plan;
}

json::Object to_json(const FaultPlan& plan) {
  json::Array faults, stale, limits;
  for (const auto& rule : plan.faults) {
    json::Object one;
    add_which(one, rule.which);
    for (const auto& [name, member] : rates)
      if (rule.*member != 0) one[name] = rule.*member;
    if (rule.slow != 0) one["by"] = text_of(rule.by);
    faults.push_back(std::move(one));
  }
  for (const auto& rule : plan.stale) {
    json::Object one{{"window", text_of(rule.window)},
                     {"often", rule.often},
                     {"always_whole", rule.always_whole}};
    add_which(one, rule.which);
    stale.push_back(std::move(one));
  }
  for (const auto& rule : plan.limits) {
    json::Object one{{"burst", rule.burst}, {"per_second", rule.per_second}};
    add_which(one, rule.which);
    if (!rule.share.empty()) one["share"] = rule.share;
    limits.push_back(std::move(one));
  }
  json::Object out{{"seed", plan.seed},
                   {"timeout", text_of(plan.timeout)},
                   {"faults", std::move(faults)},
                   {"stale", std::move(stale)},
                   {"throttling", std::move(limits)}};
  if (plan.page_items) out["pages"] = *plan.page_items;
  return out;
}

}  // namespace aright::sandbox
