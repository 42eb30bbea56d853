#include "native/parts.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

#include "cloudformation/template.h"
#include "json/yaml.h"

namespace aright::native {

namespace {

constexpr std::string_view description = "Compliance without aright: what its policy asks for, in AWS's own words";

// What belongs together, in the order of the export.
struct Component {
  std::vector<std::string> logical;
  std::size_t bytes = 0;
};

std::size_t bytes_of(const std::string& logical, const json::Value& resource) {
  return json::print_yaml(json::Object{{"Resources", json::Object{{logical, resource}}}}).size();
}

std::vector<Component> components_of(const json::Object& resources) {
  std::vector<std::string> names;
  std::map<std::string, std::size_t> index;
  for (const auto& [logical, resource] : resources) {
    index[logical] = names.size();
    names.emplace_back(logical);
  }
  std::vector<std::size_t> root(names.size());
  std::iota(root.begin(), root.end(), 0);
  std::function<std::size_t(std::size_t)> top = [&](std::size_t at) {
    return root[at] == at ? at : root[at] = top(root[at]);
  };
  for (const auto& [logical, resource] : resources) {
    auto wants = cloudformation::references(resource, resources);
    if (auto after = json::text(resource, "DependsOn", ""); !after.empty()) wants.insert(after);
    for (const auto& other : wants) {
      auto here = top(index[logical]), there = top(index[other]);
      root[std::max(here, there)] = std::min(here, there);
    }
  }
  std::map<std::size_t, Component> by_root;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& component = by_root[top(i)];
    component.logical.push_back(names[i]);
    component.bytes += bytes_of(names[i], resources.at(names[i]));
  }
  std::vector<Component> out;
  for (auto& [at, component] : by_root)
    out.push_back(std::move(component));
  return out;
}

// Which of these names a value refers to by Ref, Fn::If or Condition.
void refer(const json::Value& value, const json::Object& named, std::set<std::string>& out) {
  if (value.is_string() && named.contains(value.get_string())) out.emplace(value.get_string());
  for (const auto& item : json::items(value))
    refer(item, named, out);
  for (const auto& [key, member] : json::members(value))
    refer(member, named, out);
}

json::Object only(const json::Object& all, const std::set<std::string>& names) {
  json::Object out;
  for (const auto& [name, value] : all)
    if (names.contains(std::string(name))) out[name] = value;
  return out;
}

json::Object template_of(const Exported& exported, const json::Object& resources, bool first) {
  json::Object out{{"AWSTemplateFormatVersion", "2010-09-09"}, {"Description", description}};
  json::Array missing;
  for (const auto& one : exported.not_expressed)
    missing.emplace_back(fmt::format("{}: {}", one.what, one.why));
  if (first && !missing.empty()) out["Metadata"] = json::Object{{"aright", {{"not_expressed", std::move(missing)}}}};
  std::set<std::string> parameters, conditions;
  refer(resources, exported.conditions, conditions);
  auto held = only(exported.conditions, conditions);
  refer(resources, exported.parameters, parameters);
  refer(held, exported.parameters, parameters);
  if (!parameters.empty()) out["Parameters"] = only(exported.parameters, parameters);
  if (!held.empty()) out["Conditions"] = std::move(held);
  out["Resources"] = resources;
  return out;
}

class Packing {
 public:
  Packing(const Exported& exported, const Bounds& bounds) : exported_(exported), bounds_(bounds) {
    json::Object whole{{"Parameters", exported.parameters}, {"Conditions", exported.conditions}};
    auto known = json::print_yaml(whole).size();
    frame_ = known + json::print_yaml(template_of(exported, {}, false)).size();
    first_frame_ = known + json::print_yaml(template_of(exported, {}, true)).size();
  }

  void reserve(std::size_t parts) { parts_.resize(parts); }

  bool put(const Component& component, std::size_t part) {
    if (part >= parts_.size() || !fits(component, part)) return false;
    auto& to = parts_[part];
    to.bytes += component.bytes;
    to.logical.insert(component.logical.begin(), component.logical.end());
    return true;
  }

  bool put_anywhere(const Component& component) {
    for (std::size_t part = 0; part < parts_.size(); ++part)
      if (put(component, part)) return true;
    parts_.emplace_back();
    return put(component, parts_.size() - 1);
  }

  std::vector<json::Object> all() const {
    std::vector<json::Object> out;
    for (const auto& part : parts_) {
      bool first = out.empty();
      auto& made = out.emplace_back();
      if (!part.logical.empty()) made = template_of(exported_, only(exported_.resources, part.logical), first);
    }
    return out;
  }

 private:
  struct Part {
    std::set<std::string> logical;
    std::size_t bytes = 0;
  };
  bool fits(const Component& component, std::size_t at) const {
    const auto& part = parts_[at];
    auto frame = at == 0 ? first_frame_ : frame_;
    return frame + part.bytes + component.bytes <= bounds_.bytes &&
           part.logical.size() + component.logical.size() <= bounds_.resources;
  }

  const Exported& exported_;
  const Bounds bounds_;
  std::size_t frame_ = 0, first_frame_ = 0;  // of a template without resources, in bytes; of the first one
  std::vector<Part> parts_;
};

}  // namespace

Result<std::vector<json::Object>> templates_of(const Exported& exported, const Bounds& bounds,
                                               const std::map<std::string, std::size_t>& home) {
  Packing packing(exported, bounds);
  std::size_t there = 0;
  for (const auto& [logical, part] : home)
    there = std::max(there, part + 1);
  packing.reserve(there);
  std::vector<Component> homeless;
  for (auto& component : components_of(exported.resources)) {
    auto known = std::ranges::find_if(component.logical, [&](const auto& one) { return home.contains(one); });
    bool stays = known != component.logical.end() && packing.put(component, home.at(*known));
    if (!stays) homeless.push_back(std::move(component));
  }
  for (const auto& component : homeless)
    if (!packing.put_anywhere(component))
      return fail(Errc::unsupported, "{} and what belongs to it are too much for one template: {} resources, {} bytes",
                  component.logical.front(), component.logical.size(), component.bytes);
  return packing.all();
}

}  // namespace aright::native
