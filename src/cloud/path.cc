#include "cloud/path.h"

#include <algorithm>

namespace aright::cloud {

namespace {

const json::Value nothing;

}  // namespace

Result<Path> Path::parse(std::string_view text) {
  Path path;
  while (!text.empty()) {
    auto dot = text.find('.');
    auto word = text.substr(0, dot);
    text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
    Step step;
    if (word.ends_with("[]")) step.each = true, word.remove_suffix(2);
    bool trailing_dot = dot != std::string_view::npos && text.empty();
    if (word.empty() || trailing_dot || word.find_first_of("[]{} ") != std::string_view::npos)
      return fail(Errc::invalid, "'{}' is no part of a path such as Rules[].Id", word);
    step.member = word;
    path.steps_.push_back(std::move(step));
  }
  return path;
}

bool Path::many() const {
  return std::ranges::any_of(steps_, &Step::each);
}

std::string Path::str() const {
  std::string out;
  for (const auto& step : steps_) {
    if (!out.empty()) out += '.';
    out += step.member;
    if (step.each) out += "[]";
  }
  return out;
}

std::vector<const json::Value*> Path::select(const json::Value& root) const {
  std::vector<const json::Value*> here{&root};
  for (const auto& step : steps_) {
    std::vector<const json::Value*> next;
    for (const auto* value : here) {
      const auto& member = json::at(*value, step.member);
      if (!step.each) {
        next.push_back(&member);
      } else {
        for (const auto& item : json::items(member))
          next.push_back(&item);
      }
    }
    here = std::move(next);
  }
  std::erase_if(here, [](const json::Value* value) { return value->is_null(); });
  return here;
}

const json::Value& Path::get(const json::Value& root) const {
  const auto* here = &root;
  for (const auto& step : steps_) {
    here = &json::at(*here, step.member);
    if (!step.each) continue;
    const auto& list = json::items(*here);
    if (list.empty()) return nothing;
    here = &list.front();
  }
  return *here;
}

void Path::set(json::Value& root, json::Value value) const {
  auto* here = &root;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const auto& step = steps_[i];
    if (!here->is_object()) *here = json::Object();
    here = &here->get_object()[step.member];
    if (!step.each) continue;
    bool last = i + 1 == steps_.size();
    if (last && value.is_array()) break;
    if (!here->is_array()) *here = json::Array();
    if (here->get_array().empty()) here->get_array().emplace_back(nullptr);
    here = &here->get_array().front();
  }
  *here = std::move(value);
}

void Path::erase(json::Value& root) const {
  if (steps_.empty()) return;
  auto* here = &root;
  for (std::size_t i = 0; i + 1 < steps_.size(); ++i) {
    auto* object = here->if_object();
    if (object == nullptr) return;
    auto found = object->find(steps_[i].member);
    if (found == object->end()) return;
    here = &found->value();
  }
  if (auto* object = here->if_object()) object->erase(steps_.back().member);
}

Path Path::parent() const {
  Path path = *this;
  if (!path.steps_.empty()) path.steps_.pop_back();
  return path;
}

}  // namespace aright::cloud
