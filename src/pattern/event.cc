#include "pattern/event.h"

namespace aright::pattern {

std::uint32_t Paths::add(std::string_view path) {
  for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    entries_[std::string(path.substr(0, dot))].leads_on = true;
  }
  auto& entry = entries_[std::string(path)];
  if (!entry.number) entry.number = static_cast<std::uint32_t>(size_++);
  return *entry.number;
}

const Paths::Entry* Paths::find(std::string_view path) const {
  auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : &found->second;
}

EventFields::EventFields(const Paths& paths, const json::Value& event)
    : paths_(paths), leaves_(paths.size()) {
  if (event.is_object()) add_object(event.get_object(), root_scope);
}

void EventFields::add_object(const json::Object& object, ScopeId scope) {
  const auto length = path_.size();
  for (const auto& member : object) {
    if (length > 0) path_ += '.';
    path_ += std::string_view(member.key());
    if (const auto* entry = paths_.find(path_)) add(member.value(), *entry, scope);
    path_.resize(length);
  }
}

void EventFields::add_array(const json::Array& array, const Paths::Entry& entry, ScopeId scope) {
  const auto array_id = arrays_++;
  for (const auto& item : array) {
    ScopeId inner = scope;
    if (item.is_structured()) {
      inner = static_cast<ScopeId>(scopes_.size());
      scopes_.push_back({.parent = scope, .array = array_id, .depth = scopes_[scope].depth + 1});
    }
    add(item, entry, inner);
  }
}

void EventFields::add(const json::Value& value, const Paths::Entry& entry, ScopeId scope) {
  if (value.is_object()) {
    if (entry.leads_on) add_object(value.get_object(), scope);
  } else if (value.is_array()) {
    add_array(value.get_array(), entry, scope);
  } else if (entry.number) {
    auto leaf = scalar_of(value, digits_.emplace_back());
    if (leaf.kind != Kind::number) digits_.pop_back();
    leaves_[*entry.number].push_back({.value = leaf, .scope = scope});
  }
}

}  // namespace aright::pattern
