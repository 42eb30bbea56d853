#include "sandbox/validate.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/constraints.h"
#include "sandbox/emulate.h"

namespace aright::sandbox {

namespace {

using model::Protocol;
using model::Type;

class Inspection {
 public:
  explicit Inspection(const model::Service& service) : service_(service) {}

  Result<> structure(const model::Shape& shape, const json::Object& value,
                     const std::string& where) {
    for (const auto& member : shape.members())
      if (member.required() && !member.idempotency_token() &&
          json::at(value, member.name()).is_null())
        return fail(missing_member(service_, where + std::string(member.name())));
    for (const auto& [name, part] : value) {
      auto member = shape.member(name);
      auto place = where + std::string(name);
      if (!member)
        return fail(input_error(service_, place, fmt::format("there is no parameter {}", place)));
      if (!number_in_address(*member, part)) CHECK_OK(this->value(member->shape(), part, place));
    }
    return {};
  }

 private:
  // In an address a number is a text like any other: versions in paths.
  static bool number_in_address(const model::Member& member, const json::Value& part) {
    bool there = member.location() == model::Location::uri || member.location() == model::Location::querystring;
    if (!there || member.shape().type() != Type::integer || !part.is_string()) return false;
    return !part.get_string().empty() &&
           std::ranges::all_of(part.get_string(), [](char c) { return c >= '0' && c <= '9'; });
  }

  Result<> value(const model::Shape& shape, const json::Value& value, const std::string& where) {
    if (value.is_null()) return {};
    switch (shape.type()) {
      case Type::structure:
        if (!value.is_object()) return wrong(where, "a structure");
        return structure(shape, value.get_object(), where + ".");
      case Type::list:
        return list(shape, value, where);
      case Type::map:
        return map(shape, value, where);
      case Type::string:
      case Type::blob:
        return value.is_string() ? Result<>() : wrong(where, "a text");
      case Type::timestamp:
        return value.is_string() || value.is_number() ? Result<>() : wrong(where, "a time");
      case Type::integer:
        return value.is_int64() || value.is_uint64() ? Result<>() : wrong(where, "a whole number");
      case Type::floating:
        return value.is_number() ? Result<>() : wrong(where, "a number");
      case Type::boolean:
        return value.is_bool() ? Result<>() : wrong(where, "true or false");
    }
    return {};
  }

  Result<> list(const model::Shape& shape, const json::Value& value, const std::string& where) {
    if (!value.is_array()) return wrong(where, "a list");
    std::size_t index = 0;
    for (const auto& item : value.get_array())
      CHECK_OK(this->value(shape.element(), item, fmt::format("{}[{}]", where, index++)));
    return {};
  }

  Result<> map(const model::Shape& shape, const json::Value& value, const std::string& where) {
    if (!value.is_object()) return wrong(where, "a map");
    for (const auto& [name, part] : value.get_object())
      CHECK_OK(this->value(shape.element(), part, where + "." + std::string(name)));
    return {};
  }

  Result<> wrong(const std::string& where, std::string_view wanted) {
    return fail(input_error(service_, where, fmt::format("{} must be {}", where, wanted)));
  }

  const model::Service& service_;
};

// These have errors of their own for whatever is wrong with an input.
struct OwnWords {
  std::string_view service, code;
};
constexpr std::array own_words{OwnWords{"guardduty", "BadRequestException"},
                               OwnWords{"securityhub", "InvalidInputException"}};

const OwnWords* own_words_of(const model::Service& service) {
  auto found = std::ranges::find(own_words, service.name(), &OwnWords::service);
  return found == own_words.end() ? nullptr : &*found;
}

// All that is wrong with lengths, patterns, ranges and enumerations at once.
Error unmet_error(const model::Service& service, const std::vector<model::Breach>& breaches) {
  const auto& first = breaches.front();
  if (service.protocol() == Protocol::ec2)
    return input_error(service, first.where, fmt::format("Invalid value '{}' for {}. {}", first.value, first.where,
                                                         first.demand));
  return input_error(service, first.where, model::sentence(breaches));
}

}  // namespace

Error input_error(const model::Service& service, std::string_view, std::string message) {
  if (const auto* own = own_words_of(service)) return service_error(own->code, bad_request, std::move(message));
  switch (service.protocol()) {
    case Protocol::ec2:
      return service_error("InvalidParameterValue", bad_request, std::move(message));
    case Protocol::query:
      return service_error("ValidationError", bad_request, std::move(message));
    case Protocol::rest_xml:
      return service_error("MalformedXML", bad_request, std::move(message));
    case Protocol::json:
    case Protocol::rest_json:
      return service_error("ValidationException", bad_request, std::move(message));
  }
  return service_error("ValidationException", bad_request, std::move(message));
}

Error missing_member(const model::Service& service, std::string_view member) {
  if (service.protocol() == Protocol::ec2)
    return service_error("MissingParameter", bad_request,
                         fmt::format("The request must contain the parameter {}", member));
  if (service.protocol() == Protocol::rest_xml)
    return service_error("InvalidRequest", bad_request, fmt::format("Missing required parameter {}", member));
  std::vector<std::string> steps;
  for (const auto& step : split(member, '.')) steps.push_back(model::spoken(step));
  return input_error(service, member,
                     fmt::format("1 validation error detected: Value null at '{}' failed to satisfy constraint: "
                                 "Member must not be null", fmt::join(steps, ".")));
}

Result<> check_input(const model::Service& service, const model::Operation& operation,
                     const json::Object& input) {
  if (!operation.input()) return {};
  return Inspection(service).structure(operation.input(), input, "");
}

Result<> check_constraints(const model::Service& service, const model::Operation& operation,
                           const json::Object& input) {
  auto unmet = model::breaches(service.name(), operation.name(), input);
  return unmet.empty() ? Result<>() : fail(unmet_error(service, unmet));
}

json::Value only_described(const model::Shape& shape, const json::Value& value) {
  switch (shape.type()) {
    case Type::structure: {
      json::Object out;
      for (const auto& member : shape.members()) {
        const auto& part = json::at(value, member.name());
        if (!part.is_null()) out[member.name()] = only_described(member.shape(), part);
      }
      return out;
    }
    case Type::list: {
      json::Array out;
      for (const auto& item : json::items(value))
        out.push_back(only_described(shape.element(), item));
      return out;
    }
    case Type::map: {
      json::Object out;
      for (const auto& [name, part] : json::members(value))
        out[name] = only_described(shape.element(), part);
      return out;
    }
    case Type::string:
    case Type::integer:
    case Type::floating:
    case Type::boolean:
    case Type::timestamp:
    case Type::blob:
      return value;
  }
  return value;
}

}  // namespace aright::sandbox
