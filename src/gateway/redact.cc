#include "gateway/redact.h"

#include "base/digest.h"

namespace aright::gateway {

namespace {

json::Value redact_value(const model::Shape& shape, const json::Value& value) {
  if (!shape || value.is_null()) return value;
  bool redacted_before = value.is_object() && value.get_object().size() == 1 && value.get_object().contains("redacted");
  if (shape.sensitive() && redacted_before) return value;
  if (shape.sensitive()) return json::Object{{"redacted", to_hex(sha256(json::canonical(value)))}};
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object()) {
      if (shape.type() == model::Type::map) {
        out[key] = redact_value(shape.element(), member);
      } else {
        auto described = shape.type() == model::Type::structure ? shape.member(key) : std::nullopt;
        out[key] = described ? redact_value(described->shape(), member) : member;
      }
    }
    return out;
  }
  if (value.is_array() && shape.type() == model::Type::list) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(redact_value(shape.element(), item));
    return out;
  }
  return value;
}

std::optional<model::Operation> operation_of(const model::Models& models, const aws::Call& call) {
  auto service = models.service(call.service);
  return service ? service->operation(call.operation) : std::nullopt;
}

}  // namespace

aws::Call redact(const model::Models& models, const aws::Call& call) {
  auto operation = operation_of(models, call);
  if (!operation) return call;
  aws::Call out = call;
  out.input = json::members(redact_value(operation->input(), call.input));
  return out;
}

json::Value redact_output(const model::Models& models, const aws::Call& call, const json::Value& output) {
  auto operation = operation_of(models, call);
  return operation ? redact_value(operation->output(), output) : output;
}

bool has_secrets(const model::Models& models, const aws::Call& call) {
  return redact(models, call).input != call.input;
}

}  // namespace aright::gateway
