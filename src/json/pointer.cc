#include <charconv>

#include "base/text.h"
#include "json/diff.h"

namespace aright::json {

namespace {

// "0", "12"; no sign, no leading zero. Nothing for anything else.
std::optional<std::size_t> array_index(std::string_view token) {
  std::size_t index = 0;
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return std::nullopt;
  auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return std::nullopt;
  return index;
}

const Value* child(const Value& parent, std::string_view token) {
  if (parent.is_object()) return parent.get_object().if_contains(token);
  if (!parent.is_array()) return nullptr;
  auto index = array_index(token);
  return index ? parent.get_array().if_contains(*index) : nullptr;
}

Result<std::vector<std::string>> tokens(std::string_view pointer) {
  std::vector<std::string> out;
  if (pointer.empty()) return out;
  if (pointer[0] != '/') return fail(Errc::invalid, "a JSON pointer starts with '/': {}", pointer);
  for (auto& raw : split(pointer.substr(1), '/')) {
    std::string token;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '~') {
        token += raw[i];
      } else if (++i < raw.size() && (raw[i] == '0' || raw[i] == '1')) {
        token += raw[i] == '0' ? '~' : '/';
      } else {
        return fail(Errc::invalid, "'~' stands only before 0 or 1 in a JSON pointer: {}", pointer);
      }
    }
    out.push_back(std::move(token));
  }
  return out;
}

// The member or item, made as null where it is absent and may be made.
Result<Value*> child_or_new(Value& parent, std::string_view token, std::string_view pointer) {
  if (parent.is_null()) parent.emplace_object();
  if (parent.is_object()) return &parent.get_object()[token];
  if (!parent.is_array()) return fail(Errc::invalid, "{} leads through a scalar", pointer);
  auto& array = parent.get_array();
  auto index = token == "-" ? array.size() : array_index(token);
  if (!index || *index > array.size())
    return fail(Errc::invalid, "{} names no item of an array of {}", pointer, array.size());
  if (*index == array.size()) array.emplace_back(nullptr);
  return &array[*index];
}

}  // namespace

std::string pointer_escape(std::string_view token) {
  return replace_all(replace_all(std::string(token), "~", "~0"), "/", "~1");
}

const Value* pointer_get(const Value& root, std::string_view pointer) {
  auto path = tokens(pointer);
  if (!path) return nullptr;
  const Value* here = &root;
  for (const auto& token : *path) {
    here = child(*here, token);
    if (!here) return nullptr;
  }
  return here;
}

Result<> pointer_set(Value& root, std::string_view pointer, Value value) {
  auto path = TRY(tokens(pointer));
  // What is made on the way is empty, so nothing can fail below it: a failure leaves `root` as it
  // was.
  Value* here = &root;
  for (const auto& token : path)
    here = TRY(child_or_new(*here, token, pointer));
  *here = std::move(value);
  return {};
}

Result<> pointer_remove(Value& root, std::string_view pointer) {
  auto path = TRY(tokens(pointer));
  if (path.empty()) {
    root = nullptr;
    return {};
  }
  Value* here = &root;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    here = const_cast<Value*>(child(*here, path[i]));
    if (!here) return {};
  }
  if (here->is_object()) {
    here->get_object().erase(path.back());
  } else if (here->is_array()) {
    auto index = array_index(path.back());
    auto& array = here->get_array();
    if (index && *index < array.size())
      array.erase(array.begin() + static_cast<std::ptrdiff_t>(*index));
  }
  return {};
}

}  // namespace aright::json
