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
      if (member.required() && !member.idempotency_token() && !member.host_label() &&
          json::at(value, member.name()).is_null())
        missing.push_back(where + std::string(member.name()));
    for (const auto& [name, part] : value) {
      auto member = shape.member(name);
      auto place = where + std::string(name);
      if (!member)
        return fail(input_error(service_, place, fmt::format("there is no parameter {}", place)));
      if (!number_in_address(*member, part)) CHECK_OK(this->value(member->shape(), part, place));
    }
    return {};
  }

  std::vector<std::string> missing;  // Rule.Targets.2.member.Id

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
    std::size_t count = 0;
    for (const auto& item : value.get_array())
      CHECK_OK(this->value(shape.element(), item, fmt::format("{}.{}.member", where, ++count)));
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

constexpr std::string_view guard = "guardduty";  // tells no more than which parameter

// All that is missing, and all that is wrong with lengths, patterns, ranges and enumerations, at once.
Error unmet_error(const model::Service& service, const std::vector<std::string>& missing,
                  const std::vector<model::Breach>& breaches) {
  if (!missing.empty() && service.protocol() == Protocol::ec2)
    return service_error("MissingParameter", bad_request,
                         fmt::format("The request must contain the parameter {}", missing.front()));
  if (!missing.empty() && service.protocol() == Protocol::rest_xml)
    return service_error("InvalidRequest", bad_request,
                         fmt::format("Missing required parameter {}", missing.front()));
  auto all = breaches;
  for (auto left = missing.rbegin(); left != missing.rend(); ++left)
    all.insert(all.begin(), {.where = spoken_path(*left), .value = {}, .demand = "Member must not be null"});
  if (all.size() > model::breaches_max) all.resize(model::breaches_max);
  const auto& first = all.front();
  if (service.protocol() == Protocol::ec2)
    return input_error(service, first.where, fmt::format("Invalid value '{}' for {}. {}", first.value.value_or(""),
                                                         first.where, first.demand));
  if (service.name() == guard)
    return input_error(service, first.where, fmt::format("The request is rejected because the parameter {} has an "
                                                         "invalid value.", first.where));
  return input_error(service, first.where, model::sentence(all));
}

}  // namespace

std::string spoken_path(std::string_view path) {
  std::vector<std::string> steps;
  for (const auto& step : split(replace_all(std::string(path), "[]", ""), '.')) steps.push_back(model::spoken(step));
  return fmt::format("{}", fmt::join(steps, "."));
}

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
  return unmet_error(service, {std::string(member)}, {});
}

Result<> check_input(const model::Service& service, const model::Operation& operation,
                     const json::Object& input) {
  if (!operation.input()) return {};
  Inspection inspection(service);
  CHECK_OK(inspection.structure(operation.input(), input, ""));
  return inspection.missing.empty() ? Result<>() : fail(unmet_error(service, inspection.missing, {}));
}

Result<> check_whole_input(const model::Service& service, const model::Operation& operation,
                           const json::Object& input) {
  if (!operation.input()) return {};
  Inspection inspection(service);
  CHECK_OK(inspection.structure(operation.input(), input, ""));
  auto breaches = model::breaches(service.name(), operation.name(), input);
  if (inspection.missing.empty() && breaches.empty()) return {};
  return fail(unmet_error(service, inspection.missing, breaches));
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
