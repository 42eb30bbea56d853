#include "gateway/redact.h"

#include "base/digest.h"

namespace aright::gateway {

namespace {

constexpr const char* redacted = "redacted";
constexpr const char* locked = "locked";

bool holds_only(const json::Value& value, const char* member) {
  return value.is_object() && value.get_object().size() == 1 && value.get_object().contains(member);
}

using Hide = std::function<json::Value(const json::Value&)>;

// Hides what the shape calls sensitive.
json::Value without_secrets(const model::Shape& shape, const json::Value& value, const Hide& hide) {
  if (!shape || value.is_null()) return value;
  if (shape.sensitive()) return hide(value);
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object()) {
      if (shape.type() == model::Type::map) {
        out[key] = without_secrets(shape.element(), member, hide);
      } else {
        auto described = shape.type() == model::Type::structure ? shape.member(key) : std::nullopt;
        out[key] = described ? without_secrets(described->shape(), member, hide) : member;
      }
    }
    return out;
  }
  if (value.is_array() && shape.type() == model::Type::list) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(without_secrets(shape.element(), item, hide));
    return out;
  }
  return value;
}

void visit_secrets(const model::Shape& shape, const json::Value& value, const Redactor::Found& found) {
  std::ignore = without_secrets(shape, value, [&](const json::Value& secret) {
    found(secret);
    return secret;
  });
}

Hide digesting(const Strongbox& box) {
  return [&box](const json::Value& value) -> json::Value {
    if (holds_only(value, redacted)) return value;  // it was before
    return json::Object{{redacted, box.digest(json::canonical(value))}};
  };
}

std::optional<model::Operation> operation_of(const model::Models& models, const aws::Call& call) {
  auto service = models.service(call.service);
  return service ? service->operation(call.operation) : std::nullopt;
}

}  // namespace

aws::Call Redactor::call(const aws::Call& call) const {
  auto operation = operation_of(models_, call);
  if (!operation) return call;
  aws::Call out = call;
  out.input = json::members(without_secrets(operation->input(), call.input, digesting(box_)));
  return out;
}

json::Value Redactor::output(const aws::Call& call, const json::Value& output) const {
  auto operation = operation_of(models_, call);
  return operation ? without_secrets(operation->output(), output, digesting(box_)) : output;
}

std::string Redactor::digest(std::string_view text) const { return box_.digest(json::canonical(json::Value(text))); }

void Redactor::each_secret(const aws::Call& call, const json::Value& output, const Found& found) const {
  if (auto operation = operation_of(models_, call)) visit_secrets(operation->output(), output, found);
}

void Redactor::each_secret_of_input(const aws::Call& call, const Found& found) const {
  if (auto operation = operation_of(models_, call)) visit_secrets(operation->input(), call.input, found);
}

bool is_locked(const json::Value& value) { return holds_only(value, locked); }

json::Object Redactor::lock(const json::Value& value) const {
  return {{locked, to_base64(box_.lock(json::canonical(value)))}};
}

json::Value Redactor::lock_output(const aws::Call& call, const json::Value& output) const {
  auto operation = operation_of(models_, call);
  if (!operation) return output;
  return without_secrets(operation->output(), output, [this](const json::Value& value) { return lock(value); });
}

Result<json::Value> Redactor::unlock(const json::Value& value, const Found& found) const {
  if (is_locked(value)) {
    auto text = TRY(box_.unlock(TRY(from_base64(json::text(value, locked, "")))));
    auto inner = TRY(json::parse(text));
    if (found) found(inner);
    return inner;
  }
  if (value.is_object()) {
    json::Object out;
    for (const auto& [key, member] : value.get_object()) out[key] = TRY(unlock(member, found));
    return out;
  }
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(TRY(unlock(item, found)));
    return out;
  }
  return value;
}

}  // namespace aright::gateway
