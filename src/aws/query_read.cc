#include <charconv>
#include <map>
#include <vector>

#include "aws/query_body.h"
#include "aws/query_name.h"
#include "aws/wire_value.h"
#include "base/text.h"

namespace aright::aws {

using model::Type;

net::Query form_of(const net::Request& request) {
  bool posted = lower(request.headers.get("Content-Type")).starts_with(net::form_type);
  return net::parse_query(posted ? request.body : request.query(), true);
}

namespace {

// Names split at their dots. A node may have a value of its own, children, or both.
struct Node {
  std::optional<std::string> value;
  std::map<std::string, Node, std::less<>> children;

  const Node* child(std::string_view name) const {
    auto found = children.find(name);
    return found == children.end() ? nullptr : &found->second;
  }
};

Result<Node> tree_of(const net::Query& parameters) {
  // A shape's depth and, at each, a "member" and a number.
  constexpr int parts_max = 3 * shape_depth_max;
  Node root;
  for (const auto& [name, value] : parameters) {
    auto parts = split(name, '.');
    if (parts.size() > parts_max) {
      return fail(Errc::invalid, "a parameter's name has more than {} parts", parts_max);
    }
    Node* node = &root;
    for (const std::string& part : parts)
      node = &node->children[part];
    node->value = value;
  }
  return root;
}

// The children that are numbered, in the order of their numbers.
Result<std::vector<const Node*>> numbered(const Node& node, const std::string& path) {
  std::map<int, const Node*> by_number;
  for (const auto& [name, child] : node.children) {
    int number = 0;
    auto end = name.data() + name.size();
    auto parsed = std::from_chars(name.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number < 0) {
      return fail(Errc::invalid, "{}.{}: a list's items are numbered", path, name);
    }
    by_number[number] = &child;
  }
  std::vector<const Node*> nodes;
  for (const auto& [number, child] : by_number)
    nodes.push_back(child);
  return nodes;
}

class FormReader {
 public:
  explicit FormReader(Dialect dialect) : dialect_(dialect) {}

  Result<json::Object> structure(const Node& node, const model::Shape& shape,
                                 const std::string& path, int depth) const {
    json::Object object;
    for (const model::Member& member : shape.members()) {
      auto value = TRY(at_member(node, member, path, depth));
      if (!value.is_null()) object[member.name()] = std::move(value);
    }
    return object;
  }

 private:
  Result<json::Value> at_member(const Node& node, const model::Member& member,
                                const std::string& path, int depth) const {
    auto shape = member.shape();
    auto name = query_name(member, dialect_);
    bool flat = is_flat(member);
    // A flat list that is empty may come under the member's own name.
    if (!node.child(name) && dialect_ == Dialect::query) name = member.location_name();
    const Node* child = node.child(name);
    if (!child) return json::Value();
    return any(*child, shape, flat, path.empty() ? name : path + "." + name, depth + 1);
  }

  Result<json::Value> any(const Node& node, const model::Shape& shape, bool flat,
                          const std::string& path, int depth) const {
    if (depth > shape_depth_max) {
      return fail(Errc::invalid, "{} is nested deeper than {}", path, shape_depth_max);
    }
    switch (shape.type()) {
      case Type::structure: {
        auto object = TRY(structure(node, shape, path, depth));
        return json::Value(std::move(object));
      }
      case Type::list:
        return list(node, shape, flat, path, depth);
      case Type::map:
        return map(node, shape, flat, path, depth);
      case Type::string:
      case Type::integer:
      case Type::floating:
      case Type::boolean:
      case Type::timestamp:
      case Type::blob:
        break;
    }
    return node.value ? from_wire(shape, *node.value) : json::Value();
  }

  Result<json::Value> list(const Node& node, const model::Shape& shape, bool flat,
                           const std::string& path, int depth) const {
    const Node* holder = &node;
    if (dialect_ == Dialect::query && !flat) {
      auto own = shape.element_name();
      holder = node.child(own.empty() ? "member" : own);
      if (!holder) return json::Value(json::Array());
    }
    auto nodes = TRY(numbered(*holder, path));
    json::Array items;
    auto element = shape.element();
    for (const Node* item : nodes) {
      auto value = TRY(any(*item, element, element.flattened(), path, depth + 1));
      items.push_back(std::move(value));
    }
    return json::Value(std::move(items));
  }

  Result<json::Value> map(const Node& node, const model::Shape& shape, bool flat,
                          const std::string& path, int depth) const {
    const Node* holder = flat ? &node : node.child("entry");
    json::Object map;
    if (!holder) return json::Value(std::move(map));
    auto nodes = TRY(numbered(*holder, path));
    auto element = shape.element();
    for (const Node* entry : nodes) {
      const Node* key = entry->child(map_key_name(shape));
      const Node* item = entry->child(map_value_name(shape));
      if (!key || !key->value) return fail(Errc::invalid, "{}: an entry has no key", path);
      if (!item) continue;
      map[*key->value] = TRY(any(*item, element, element.flattened(), path, depth + 1));
    }
    return json::Value(std::move(map));
  }

  const Dialect dialect_;
};

}  // namespace

Result<json::Object> read_query(const net::Query& parameters, Dialect dialect,
                                const model::Shape& structure) {
  auto root = TRY(tree_of(parameters));
  return FormReader(dialect).structure(root, structure, "", 0);
}

}  // namespace aright::aws
