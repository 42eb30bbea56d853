#include "runbook/references.h"

#include <cctype>

namespace aright::runbook {

namespace {

constexpr std::string_view name_marks = "_.:/-$[]*@";

bool is_name(std::string_view text) {
  if (text.empty() || (!std::isalpha(static_cast<unsigned char>(text[0])) && text[0] != '_' &&
                       !std::isdigit(static_cast<unsigned char>(text[0]))))
    return false;
  for (char c : text) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && !name_marks.contains(c)) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.remove_suffix(1);
  return text;
}

// Walks a value once; `budget_` is what may still be written.
class Substitution {
 public:
  Substitution(const Lookup& lookup, Absent absent) : lookup_(lookup), absent_(absent) {}

  Result<json::Value> value(const json::Value& value) {
    if (value.is_string()) return text(value.get_string());
    if (value.is_array()) return list(value.get_array());
    if (!value.is_object()) return value;
    json::Object object;
    for (const auto& [key, member] : value.get_object())
      object[key] = TRY(this->value(member));
    return json::Value(std::move(object));
  }

 private:
  Result<json::Value> list(const json::Array& items) {
    json::Array out;
    for (const auto& item : items) {
      auto found = TRY(value(item));
      if (item.is_string() && found.is_array()) {
        for (auto& inner : found.get_array())
          out.push_back(std::move(inner));
      } else {
        out.push_back(std::move(found));
      }
    }
    return json::Value(std::move(out));
  }

  Result<json::Value> text(std::string_view text) {
    auto found = references(text);
    if (found.size() == 1 && trimmed(text).size() == found[0].end - found[0].begin) {
      return alone(found[0], text);
    }
    std::string out;
    std::size_t at = 0;
    for (const auto& reference : found) {
      out += text.substr(at, reference.begin - at);
      auto value =
          TRY(alone(reference, text.substr(reference.begin, reference.end - reference.begin)));
      out += json::scalar_text(value);
      at = reference.end;
    }
    out += text.substr(at);
    return json::Value(std::move(out));
  }

  Result<json::Value> alone(const Reference& reference, std::string_view written) {
    const auto* value = lookup_(reference.name);
    if (value && !value->is_null()) {
      CHECK_OK(spend(*value));
      return *value;
    }
    const bool foreign = absent_ == Absent::foreign_stays || reference.name.starts_with("ssm:");
    if (!value && foreign) {
      return json::Value(written);
    }
    if (absent_ == Absent::null) return json::Value();
    if (!value) return fail(Errc::invalid, "{{{{ {} }}}} refers to nothing", reference.name);
    return fail(Errc::invalid, "{{{{ {} }}}} has no value", reference.name);
  }

  Result<> spend(const json::Value& value) {
    auto bytes = value.is_string() ? value.get_string().size() : json::print(value).size();
    written_ += bytes;
    if (written_ > substituted_bytes_max) {
      return fail(Errc::invalid, "the references stand for more than {} bytes",
                  substituted_bytes_max);
    }
    return {};
  }

  const Lookup& lookup_;
  Absent absent_;
  std::size_t written_ = 0;
};

}  // namespace

std::vector<Reference> references(std::string_view text) {
  std::vector<Reference> found;
  for (auto open = text.find("{{"); open != std::string_view::npos;) {
    auto close = text.find("}}", open + 2);
    if (close == std::string_view::npos) break;
    // In "{{{ x }}" and "{{ a {{ x }}" the innermost braces count.
    open = text.substr(0, close).rfind("{{");
    auto name = trimmed(text.substr(open + 2, close - open - 2));
    if (is_name(name)) found.push_back({open, close + 2, std::string(name)});
    open = text.find("{{", close + 2);
  }
  return found;
}

std::optional<StepOutput> step_output(std::string_view reference_name) {
  auto dot = reference_name.find('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  if (reference_name.substr(0, dot).contains(':')) return std::nullopt;
  return StepOutput{reference_name.substr(0, dot), reference_name.substr(dot + 1)};
}

Result<json::Value> substitute(const json::Value& value, const Lookup& lookup, Absent absent) {
  return Substitution(lookup, absent).value(value);
}

}  // namespace aright::runbook
