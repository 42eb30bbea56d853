#include "cloud/description_node.h"

#include <algorithm>

#include "base/text.h"
#include "cloud/template.h"

namespace aright::cloud {

namespace {

bool is_scalar(const json::Value& value) {
  return !value.is_object() && !value.is_array();
}

}  // namespace

void Diagnostics::add(std::string_view pointer, std::string text) {
  auto at = document_.locate(pointer);
  list_.push_back(fmt::format("{}:{}:{}: {}", file_, at.line, at.column, text));
}

Node Node::operator[](std::string_view name) const {
  auto escaped = replace_all(replace_all(std::string(name), "~", "~0"), "/", "~1");
  return {json::at(value_, name), pointer_ + "/" + escaped, diagnostics_};
}

Node Node::item(std::size_t index) const {
  return {json::items(value_)[index], pointer_ + "/" + std::to_string(index), diagnostics_};
}

void Node::only(std::initializer_list<std::string_view> names) const {
  for (const auto& [name, member] : json::members(value_))
    if (std::ranges::find(names, std::string_view(name)) == names.end())
      (*this)[name].wrong(fmt::format("'{}' is no word here; known are: {}",
                                      std::string_view(name), fmt::join(names, ", ")));
}

std::string Node::text() const {
  if (!is_scalar(value_)) wrong("a text is expected here");
  return json::scalar_text(value_);
}

bool Node::flag() const {
  if (*this && !value_.is_bool()) wrong("true or false is expected here");
  return json::truth(value_);
}

std::vector<std::string> Node::texts() const {
  if (!*this) return {};
  if (!value_.is_array()) return {text()};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < value_.get_array().size(); ++i)
    out.push_back(item(i).text());
  return out;
}

Path Node::path() const {
  auto parsed = Path::parse(text());
  if (parsed) return *parsed;
  wrong(parsed.error().message);
  return {};
}

json::Value Node::form() const {
  auto good = check_template(value_);
  if (!good) wrong(good.error().message);
  return value_;
}

json::Object Node::object_form() const {
  if (*this && !value_.is_object()) wrong("a map is expected here");
  return json::members(form());
}

std::chrono::milliseconds Node::duration() const {
  if (!*this) return {};
  auto written = text();
  std::int64_t unit_s = written.ends_with('s')   ? 1
                        : written.ends_with('m') ? 60
                        : written.ends_with('h') ? 3600
                        : written.ends_with('d') ? 86400
                                                 : 0;
  auto count = json::integer(json::Value(written.substr(0, written.size() - 1)), -1);
  if (unit_s == 0 || count < 0) wrong("a duration such as 90s, 15m, 2h or 7d is expected here");
  return std::chrono::seconds(std::max<std::int64_t>(count, 0) * unit_s);
}

std::vector<Node> Node::each() const {
  if (!*this) return {};
  if (!value_.is_array()) return {*this};
  std::vector<Node> out;
  for (std::size_t i = 0; i < value_.get_array().size(); ++i)
    out.push_back(item(i));
  return out;
}

std::vector<std::pair<std::string, Node>> Node::members() const {
  std::vector<std::pair<std::string, Node>> out;
  if (*this && !value_.is_object()) wrong("a map is expected here");
  for (const auto& [name, member] : json::members(value_))
    out.emplace_back(name, (*this)[name]);
  return out;
}

}  // namespace aright::cloud
