#include "sandbox/answers.h"

#include <algorithm>

#include "cloud/description_check.h"
#include "sandbox/emulate.h"

namespace aright::sandbox {

bool answers_as(const model::Service& service, const model::Operation& operation, const std::string& other) {
  auto shape = operation.output();
  auto known = service.operation(other);
  if (!known || !known->output() || !shape || shape.members().empty()) return false;
  return std::ranges::all_of(shape.members(), [&](const auto& member) {
    return known->output().member(member.name()).has_value();
  });
}

json::Object answer_with(const model::Service& service, const model::Operation& operation,
                         const cloud::ResourceType& type, const json::Object& shown) {
  json::Object out;
  if (!operation.output()) return out;
  const auto* view = type.get ? &*type.get : type.list ? &*type.list : nullptr;
  auto viewed = view == nullptr ? std::nullopt : service.operation(view->op.name);
  auto item = viewed ? cloud::shape_at(viewed->output(), view->at) : std::nullopt;
  if (item && operation.output() == *item) return shown;
  for (const auto& member : operation.output().members()) {
    bool done = member.name() == "Return" || member.name() == "ReturnValue";
    if (item && member.shape() == *item)
      out[member.name()] = shown;
    else if (done && member.shape().type() == model::Type::boolean)
      out[member.name()] = true;
  }
  return out;
}

void merge_into(json::Object& output, const json::Object& more) {
  for (const auto& [name, member] : more) {
    auto* here = output.if_contains(name);
    if (here != nullptr && here->is_object() && member.is_object()) {
      merge_into(here->get_object(), member.get_object());
    } else {
      output[name] = member;
    }
  }
}

void append_into(json::Object& output, const json::Object& more) {
  for (const auto& [name, member] : more) {
    auto* here = output.if_contains(name);
    if (here == nullptr || !here->is_array() || !member.is_array()) {
      merge_into(output, {{name, member}});
      continue;
    }
    for (const auto& item : member.get_array()) here->get_array().push_back(item);
  }
}

}  // namespace aright::sandbox
