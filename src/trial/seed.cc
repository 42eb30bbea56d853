#include "trial/seed.h"

#include "base/text.h"
#include "cloud/locate.h"
#include "json/diff.h"

namespace aright::trial {

namespace {

constexpr std::int64_t waiting_max_days = 3650;

// What "vpc.Vpc.VpcId" or "list.Items.0" names.
Result<json::Value> kept_at(std::string_view path, const json::Object& kept) {
  auto parts = split(path, '.');
  const json::Value* value = &json::at(kept, parts[0]);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    bool item = value->is_array() && parts[i].find_first_not_of("0123456789") == std::string::npos;
    const auto& items = json::items(*value);
    auto index = item ? static_cast<std::size_t>(json::integer(json::Value(parts[i]), 0)) : 0;
    value = !item ? &json::at(*value, parts[i]) : index < items.size() ? &items[index] : &json::at(*value, "");
  }
  if (value->is_null()) return fail(Errc::invalid, "nothing is known as '${{{}}}'", path);
  return *value;
}

Result<json::Value> filled_text(std::string text, const json::Object& kept) {
  if (text.starts_with("${") && text.find('}') == text.size() - 1)
    return kept_at(std::string_view(text).substr(2, text.size() - 3), kept);
  for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", open)) {
    auto close = text.find('}', open);
    if (close == std::string::npos) return fail(Errc::invalid, "'{}' has no end", text.substr(open));
    auto value = TRY(kept_at(std::string_view(text).substr(open + 2, close - open - 2), kept));
    auto found = json::scalar_text(value);
    text.replace(open, close - open + 1, found);
    open += found.size();
  }
  return json::Value(text);
}

aws::Call call_of(const json::Value& item, json::Object input, std::string_view account, std::string_view region) {
  auto name = json::text(item, "call", "");
  auto colon = name.find(':');
  return {.service = name.substr(0, colon),
          .operation = colon == std::string::npos ? "" : name.substr(colon + 1),
          .region = json::text(item, "region", region),
          .account = json::scalar_text(json::at(item, "account").is_null() ? json::Value(account)
                                                                            : json::at(item, "account")),
          .input = std::move(input)};
}

// 90s, 15m, 2h, 100d
Result<milliseconds> time_span(std::string_view text) {
  constexpr std::int64_t second = 1000, minute = 60 * second, hour = 60 * minute, day = 24 * hour;
  auto count = json::integer(json::Value(text.substr(0, text.size() - 1)), 0);
  auto unit = text.ends_with('s') ? second : text.ends_with('m') ? minute : text.ends_with('h') ? hour
                                         : text.ends_with('d')   ? day    : 0;
  if (count <= 0 || unit == 0 || count > waiting_max_days * day / unit)
    return fail(Errc::invalid, "'{}' is no time to wait: say 90s, 15m, 2h or 100d, at most {}d", text,
                waiting_max_days);
  return milliseconds(count * unit);
}

json::Object merged(json::Object into, const json::Value& over) {
  for (const auto& [name, value] : json::members(over)) into[name] = value;
  return into;
}

// Of a resource that may be there already: what the item does not name stays as it is.
Result<> set(sandbox::Cloud& cloud, const json::Value& item, std::string_view account, std::string_view region) {
  auto type = json::text(item, "resource", "");
  const auto* described = cloud.catalog().type(type);
  if (!described) return fail(Errc::invalid, "the type '{}' is in no description", type);
  auto ref = cloud::at_home(*described, {.account = std::string(account),
                                         .region = std::string(region),
                                         .type = type,
                                         .id = json::text(item, "id", account)});
  auto there = json::members(json::at(cloud.export_type(type), ref.key()));
  for (const auto* part : {"aspects", "internals"})
    there[part] = merged(json::members(json::at(there, part)), json::at(item, part));
  return cloud.import_state({{"resources", json::Object{{ref.key(), std::move(there)}}}});
}

Result<> by_stagehand(Stagehand& stagehand, const json::Value& item, const json::Object& kept,
                      std::string_view account, std::string_view region) {
  if (json::at(item, "wait").is_null())
    return set(stagehand.cloud, TRY(filled(item, kept)), account, region);
  stagehand.clock.advance(TRY(time_span(json::text(item, "wait", ""))));
  return {};
}

}  // namespace

Result<json::Value> filled(const json::Value& value, const json::Object& kept) {
  if (value.is_string()) return filled_text(json::text(value), kept);
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) {
      auto one = TRY(filled(item, kept));
      out.push_back(std::move(one));
    }
    return json::Value(std::move(out));
  }
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object()) out[key] = TRY(filled(member, kept));
    return json::Value(std::move(out));
  }
  return value;
}

Result<> seed(aws::Caller& cloud, const json::Document& document, const std::string& pointer, json::Object& kept,
              std::string_view account, std::string_view region, const Context& context, Stagehand* stagehand) {
  const auto* list = json::pointer_get(document.value, pointer);
  int number = 0;
  for (const auto& item : list ? json::items(*list) : json::Array()) {
    auto where = document.locate(fmt::format("{}/{}", pointer, number++));
    if (stagehand != nullptr && json::text(item, "call", "").empty()) {
      auto done = by_stagehand(*stagehand, item, kept, account, region);
      if (!done) return wrap(done.error(), "line {}", where.line);
      continue;
    }
    auto name = json::text(item, "call", "");
    auto input = filled(json::at(item, "input"), kept);
    if (!input) return wrap(input.error(), "line {}: {}", where.line, name);
    auto answer = cloud.call(call_of(item, json::members(*input), account, region), context);
    if (!answer) return wrap(answer.error(), "line {}: {}", where.line, name);
    if (auto as = json::text(item, "as", ""); !as.empty()) kept[as] = std::move(*answer);
  }
  return {};
}

Result<json::Object> seed(aws::Caller& cloud, std::string_view yaml, std::string_view account, std::string_view region,
                          const Context& context) {
  auto document = TRY(json::parse_yaml(yaml));
  json::Object kept;
  CHECK_OK(seed(cloud, document, "", kept, account, region, context));
  return kept;
}

}  // namespace aright::trial
