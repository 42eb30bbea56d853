#include "runbook/selector.h"

#include <algorithm>

#include "base/text.h"
#include "json/path.h"
#include "runbook/types.h"

namespace aright::runbook {

Result<std::optional<json::Value>> select(std::string_view selector, const json::Value& answer) {
  auto path = TRY(json::Path::parse(selector));
  auto found = TRY(path.get(answer));
  const bool nothing = found && !path.definite() && found->is_array() && found->get_array().empty();
  if (!found || found->is_null()) return std::nullopt;
  if (nothing) return json::Value(json::Array());
  return found;
}

Result<json::Object> select_outputs(const Step& step, const json::Value& answer) {
  json::Object outputs;
  for (const auto& output : step.outputs) {
    if (output.selector.empty()) continue;
    auto found = select(output.selector, answer);
    if (!found) return wrap(found.error(), "the output {}.{}", step.name, output.name);
    if (!*found) continue;
    auto type = type_named(output.type).value_or(Type::string);
    const bool empty_list = (*found)->is_array() && (*found)->get_array().empty();
    if (empty_list && type != Type::string_list && type != Type::map_list) continue;
    auto value = convert(**found, type);
    if (!value) return wrap(value.error(), "the output {}.{}", step.name, output.name);
    outputs[output.name] = std::move(*value);
  }
  return outputs;
}

bool desired(const json::Value& found, const json::Array& desired_values) {
  const json::Value* one = &found;
  if (found.is_array() && found.get_array().size() == 1) one = &found.get_array()[0];
  auto text = json::scalar_text(*one);
  return std::ranges::any_of(desired_values, [&](const json::Value& wanted) {
    auto wanted_text = json::scalar_text(wanted);
    return one->is_bool() ? equal_ignore_case(text, wanted_text) : text == wanted_text;
  });
}

}  // namespace aright::runbook
