#include "pattern/template.h"

#include <map>

#include "json/path.h"

namespace aright::pattern {

namespace {

using Names = std::map<std::string, json::Value, std::less<>>;

Result<std::optional<json::Value>> value_at(const std::string& path_text, const json::Object& event) {
  auto path = json::Path::parse(path_text);
  if (!path) return wrap(path.error(), "path {}", path_text);
  return path->get(json::Value(event));
}

Result<Names> read_names(const json::Value& paths, const json::Object& event, const TransformContext& context) {
  if (json::members(paths).size() > template_paths_max)
    return fail(Errc::invalid, "InputPathsMap has more than {} names", template_paths_max);
  Names names;
  for (const auto& [name, path] : json::members(paths)) {
    if (name.starts_with("AWS") || name.starts_with("aws."))
      return fail(Errc::invalid, "the name {} is reserved", std::string(name));
    auto value = TRY(value_at(json::text(path), event));
    if (value) names.emplace(std::string(name), std::move(*value));
  }
  auto without_detail = event;
  without_detail.erase("detail");
  names.emplace("aws.events.rule-arn", context.rule_arn);
  names.emplace("aws.events.rule-name", context.rule_name);
  names.emplace("aws.events.event.ingestion-time", context.ingestion_time);
  names.emplace("aws.events.event", std::move(without_detail));
  names.emplace("aws.events.event.json", event);
  return names;
}

// The text between the quotes of the JSON string.
std::string escaped(const std::string& text) {
  auto quoted = json::print(json::Value(text));
  return quoted.substr(1, quoted.size() - 2);
}

// Replaces each <name>; a '<' that begins no name of ours stays as it is.
std::string fill(std::string_view text, const json::Object& declared, const Names& names) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      out.append(text.substr(i++, 2));
      continue;
    }
    if (c == '"') quoted = !quoted;
    auto end = c == '<' ? text.find('>', i) : std::string_view::npos;
    auto name = end == std::string_view::npos ? std::string_view() : text.substr(i + 1, end - i - 1);
    auto found = names.find(name);
    if (name.empty() || (found == names.end() && !declared.contains(name))) {
      out += c;
      continue;
    }
    if (found != names.end())
      out += quoted ? escaped(json::scalar_text(found->second)) : json::print(found->second);
    i = end;
  }
  return out;
}

Result<std::string> apply_transformer(const json::Value& transformer, const json::Object& event,
                                      const TransformContext& context) {
  const auto& paths = json::at(transformer, "InputPathsMap");
  auto text = json::text(transformer, "InputTemplate", "");
  if (text.empty() || text.size() > template_chars_max)
    return fail(Errc::invalid, "InputTemplate must have 1 to {} characters", template_chars_max);
  auto names = TRY(read_names(paths, event, context));
  auto filled = fill(text, json::members(paths), names);
  auto first = text.find_first_not_of(" \t\r\n");
  bool is_json = first != std::string::npos && (text[first] == '{' || text[first] == '[' || text[first] == '"');
  if (!is_json) return filled;
  auto parsed = json::parse(filled);
  if (!parsed) return wrap(parsed.error(), "the InputTemplate gives no JSON for this event");
  return json::print(*parsed);
}

}  // namespace

Result<std::string> transform(const json::Value& target, const json::Object& event, const TransformContext& context) {
  const auto& constant = json::at(target, "Input");
  const auto& path = json::at(target, "InputPath");
  const auto& transformer = json::at(target, "InputTransformer");
  if (!constant.is_null() + !path.is_null() + !transformer.is_null() > 1)
    return fail(Errc::invalid, "a target has one of Input, InputPath and InputTransformer");
  if (!transformer.is_null()) return apply_transformer(transformer, event, context);
  if (!constant.is_null()) return constant.is_string() ? json::text(constant) : json::print(constant);
  if (path.is_null()) return json::print(event);
  auto value = TRY(value_at(json::text(path), event));
  if (!value) return fail(Errc::invalid, "the event has nothing at {}", json::text(path));
  return json::print(*value);
}

}  // namespace aright::pattern
