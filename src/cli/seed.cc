#include "cli/seed.h"

#include "base/text.h"
#include "json/yaml.h"

namespace aright::cli {

namespace {

// "${vpc.Vpc.VpcId}" within a text.
Result<std::string> filled(std::string text, const json::Object& kept) {
  for (auto open = text.find("${"); open != std::string::npos; open = text.find("${", open)) {
    auto close = text.find('}', open);
    if (close == std::string::npos) return fail(Errc::invalid, "'{}' has no end", text.substr(open));
    auto parts = split(std::string_view(text).substr(open + 2, close - open - 2), '.');
    const json::Value* value = &json::at(kept, parts[0]);
    for (std::size_t i = 1; i < parts.size(); ++i) value = &json::at(*value, parts[i]);
    if (value->is_null()) return fail(Errc::invalid, "nothing is known as '{}'", text.substr(open, close - open + 1));
    auto found = json::scalar_text(*value);
    text.replace(open, close - open + 1, found);
    open += found.size();
  }
  return text;
}

Result<json::Value> filled(const json::Value& value, const json::Object& kept) {
  if (value.is_string()) {
    auto text = TRY(filled(json::text(value), kept));
    return json::Value(text);
  }
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

}  // namespace

Result<json::Object> seed(aws::Caller& cloud, std::string_view yaml, std::string_view account, std::string_view region,
                          const Context& context) {
  auto document = TRY(json::parse_yaml(yaml));
  json::Object kept;
  int number = 0;
  for (const auto& item : json::items(document.value)) {
    auto where = document.locate(fmt::format("/{}", number++));
    auto name = json::text(item, "call", "");
    auto input = filled(json::at(item, "input"), kept);
    if (!input) return wrap(input.error(), "line {}: {}", where.line, name);
    auto colon = name.find(':');
    aws::Call call{.service = name.substr(0, colon),
                   .operation = colon == std::string::npos ? "" : name.substr(colon + 1),
                   .region = std::string(region),
                   .account = std::string(account),
                   .input = json::members(*input)};
    auto answer = cloud.call(call, context);
    if (!answer) return wrap(answer.error(), "line {}: {}", where.line, name);
    if (auto as = json::text(item, "as", ""); !as.empty()) kept[as] = std::move(*answer);
  }
  return kept;
}

}  // namespace aright::cli
