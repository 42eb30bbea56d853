#include "json/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "base/utf8.h"
#include "json/diff.h"
#include "json/json_locations.h"
#include "json/yaml_scalar.h"

namespace aright::json {

namespace {

// Thrown inside yaml-cpp's callbacks, which offer no other way out; caught in parse_yaml.
struct Fault {
  YAML::Mark mark;
  std::string message;
};

// The escapes \N and \_ stand for U+0085 and U+00A0; yaml-cpp leaves the last byte of these characters alone. No other
// byte can be amiss: the document is UTF-8.
std::string with_whole_escapes(std::string_view text) {
  constexpr char first_byte = '\xC2';
  std::string out;
  for (auto at = utf8_fault(text); at < text.size(); at = utf8_fault(text)) {
    out += text.substr(0, at);
    out += first_byte;
    out += text[at];
    text.remove_prefix(at + 1);
  }
  return out + std::string(text);
}

std::string place(const YAML::Mark& mark) {
  return fmt::format("line {}, column {}", mark.line + 1, mark.column + 1);
}

constexpr std::string_view core_tag = "tag:yaml.org,2002:";

constexpr std::array<std::string_view, 18> cloudformation_functions = {
    "And",    "Base64", "Cidr",        "Equals", "FindInMap",    "GetAtt",
    "GetAZs", "If",     "ImportValue", "Join",   "Length",       "Not",
    "Or",     "Select", "Split",       "Sub",    "ToJsonString", "Transform"};

// The member that a short form stands for: !Ref → Ref, !Sub → Fn::Sub. Nothing for other tags.
std::optional<std::string> short_form(std::string_view tag) {
  if (tag == "!Ref" || tag == "!Condition") return std::string(tag.substr(1));
  for (auto function : cloudformation_functions) {
    if (tag.starts_with('!') && tag.substr(1) == function) return fmt::format("Fn::{}", function);
  }
  return std::nullopt;
}

struct Size {
  std::size_t nodes = 1, depth = 0;
};

Size measure(const Value& value) {
  Size size;
  auto add = [&](const Value& child) {
    auto inner = measure(child);
    size.nodes += inner.nodes;
    size.depth = std::max(size.depth, inner.depth + 1);
  };
  for (const auto& [key, member] : members(value))
    add(member);
  for (const auto& item : items(value))
    add(item);
  return size;
}

// Builds the value from yaml-cpp's events. One frame per open mapping or sequence.
class YamlBuilder final : public YAML::EventHandler {
 public:
  explicit YamlBuilder(YamlOptions options) : options_(options) {}

  Document take() { return std::move(document_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Fault{mark, "only one document is allowed"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    OnScalar(mark, "?", anchor, "null");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& read) override {
    const auto text = with_whole_escapes(read);
    if (expects_key()) {
      remember(anchor, Value(text));
      return begin_member(mark, text, tag == "?");
    }
    auto form = begin_node(mark, tag);
    auto value = form ? Value(text) : scalar(mark, tag, text);
    if (form == "Fn::GetAtt") value = attribute_path(text);
    finish_node(mark, anchor, form, std::move(value));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Fault{mark, "an alias inside what it stands for"};
    const Value& value = found->second;
    if (expects_key()) {
      if (!value.is_string()) throw Fault{mark, "a key must be a scalar"};
      return begin_member(mark, text(value), false);
    }
    begin_node(mark, "?");
    auto [nodes, depth] = measure(value);
    count_nodes(mark, nodes);
    if (this->depth() + depth > depth_max) throw Fault{mark, too_deep()};
    place_value(mark, value);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Array());
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Object());
  }
  void OnMapEnd() override {
    auto& frame = frames_.back();
    for (auto& [key, value] : frame.inherited)
      frame.value.get_object().emplace(key, value);
    close();
  }

 private:
  struct Frame {
    YAML::Mark mark;
    Value value;
    std::string pointer;              // of the container itself
    std::optional<std::string> form;  // the short form that wraps it
    YAML::anchor_t anchor;
    std::size_t depth;
    std::optional<std::string> key;  // of the member whose value comes next
    bool merges = false;             // that key is <<
    Object inherited;                // what << brought; own members win
  };

  bool expects_key() const {
    return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().key;
  }

  std::size_t depth() const { return frames_.empty() ? 0 : frames_.back().depth; }

  static std::string too_deep() { return fmt::format("nested deeper than {}", depth_max); }

  void count_nodes(const YAML::Mark& mark, std::size_t nodes) {
    nodes_ += nodes;
    if (nodes_ > yaml_nodes_max) {
      throw Fault{mark, fmt::format("more than {} values, aliases expanded", yaml_nodes_max)};
    }
  }

  void locate(const YAML::Mark& mark, const std::string& pointer) {
    if (options_.locations) document_.locations[pointer] = {mark.line + 1, mark.column + 1};
  }

  // Of the value that comes next.
  std::string next_pointer() const {
    if (!options_.locations || frames_.empty()) return "";
    const auto& frame = frames_.back();
    if (frame.key) return frame.pointer + '/' + pointer_escape(*frame.key);
    return frame.pointer + '/' + std::to_string(frame.value.get_array().size());
  }

  void begin_member(const YAML::Mark& mark, const std::string& key, bool plain) {
    auto& frame = frames_.back();
    frame.merges = plain && key == "<<";
    if (!frame.merges && frame.value.get_object().contains(key)) {
      throw Fault{mark, fmt::format("the key \"{}\" appears twice", key)};
    }
    frame.key = key;
    if (!frame.merges) locate(mark, next_pointer());
  }

  // Returns the short form that the tag asks for.
  std::optional<std::string> begin_node(const YAML::Mark& mark, const std::string& tag) {
    count_nodes(mark, 1);
    if (frames_.empty() || frames_.back().value.is_array()) locate(mark, next_pointer());
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with(core_tag)) return std::nullopt;
    auto form = options_.cloudformation_tags ? short_form(tag) : std::nullopt;
    if (!form) throw Fault{mark, fmt::format("the tag {} is not known here", tag)};
    return form;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Value empty) {
    if (expects_key()) throw Fault{mark, "a key must be a scalar"};
    auto form = begin_node(mark, tag);
    const bool known =
        !tag.starts_with(core_tag) ||
        tag == (empty.is_array() ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map");
    if (!known) throw Fault{mark, fmt::format("the tag {} is not known here", tag)};
    auto pointer = next_pointer();
    if (form) pointer += '/' + pointer_escape(*form);
    auto inner_depth = depth() + (form ? 2 : 1);
    if (inner_depth > depth_max) throw Fault{mark, too_deep()};
    frames_.push_back({.mark = mark,
                       .value = std::move(empty),
                       .pointer = std::move(pointer),
                       .form = std::move(form),
                       .anchor = anchor,
                       .depth = inner_depth});
  }

  void close() {
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    finish_node(frame.mark, frame.anchor, frame.form, std::move(frame.value));
  }

  void finish_node(const YAML::Mark& mark, YAML::anchor_t anchor,
                   const std::optional<std::string>& form, Value value) {
    if (form) value = Object{{*form, std::move(value)}};
    remember(anchor, value);
    place_value(mark, std::move(value));
  }

  void remember(YAML::anchor_t anchor, const Value& value) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = value;
  }

  void place_value(const YAML::Mark& mark, Value value) {
    if (frames_.empty()) {
      document_.value = std::move(value);
      return;
    }
    auto& frame = frames_.back();
    if (frame.value.is_array()) {
      frame.value.get_array().push_back(std::move(value));
    } else if (frame.merges) {
      inherit(mark, value);
      frame.key.reset();
    } else {
      frame.value.get_object()[*frame.key] = std::move(value);
      frame.key.reset();
    }
  }

  // <<: one mapping, or a list of them; the earlier one wins.
  void inherit(const YAML::Mark& mark, const Value& value) {
    auto& inherited = frames_.back().inherited;
    auto add = [&](const Value& mapping) {
      if (!mapping.is_object()) throw Fault{mark, "<< takes a mapping or a list of mappings"};
      for (const auto& [key, member] : mapping.get_object())
        inherited.emplace(key, member);
    };
    if (!value.is_array()) return add(value);
    for (const auto& mapping : value.get_array())
      add(mapping);
  }

  static Value scalar(const YAML::Mark& mark, std::string_view tag, const std::string& text) {
    if (tag == "?" || tag.empty()) return resolve_plain(text);
    if (tag == "!") return Value(text);
    auto type = tag.substr(core_tag.size());
    if (type == "str") return Value(text);
    auto value = resolve_plain(text);
    bool fits = (type == "int" && (value.is_int64() || value.is_uint64())) ||
                (type == "float" && value.is_number()) || (type == "bool" && value.is_bool()) ||
                (type == "null" && value.is_null());
    if (!fits) throw Fault{mark, fmt::format("\"{}\" does not fit the tag !!{}", text, type)};
    if (type == "float") return value.to_number<double>();
    return value;
  }

  // !GetAtt Bucket.Arn; what follows the first dot is one name, dots and all.
  static Value attribute_path(std::string_view text) {
    auto dot = text.find('.');
    if (dot == std::string_view::npos) return Value(text);
    return Array{Value(text.substr(0, dot)), Value(text.substr(dot + 1))};
  }

  YamlOptions options_;
  Document document_;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Value> anchors_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// yaml-cpp knows neither tabs between JSON's tokens nor surrogate pairs in its escapes.
Result<std::optional<Document>> read_json(std::string_view text, YamlOptions options) {
  auto start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos || (text[start] != '{' && text[start] != '['))
    return std::nullopt;
  auto value = parse(text);
  if (!value) return std::nullopt;
  auto locations = TRY(json_locations(text));
  if (!options.locations) locations.clear();
  return Document{.value = std::move(*value), .locations = std::move(locations)};
}

}  // namespace

Location Document::locate(std::string_view pointer) const {
  while (true) {
    auto found = locations.find(std::string(pointer));
    if (found != locations.end()) return found->second;
    if (pointer.empty()) return {};
    auto slash = pointer.rfind('/');
    pointer = pointer.substr(0, slash == std::string_view::npos ? 0 : slash);
  }
}

Result<Document> parse_yaml(std::string_view text, YamlOptions options) {
  if (text.size() > document_bytes_max) {
    return fail(Errc::invalid, "a YAML document may have at most {} bytes", document_bytes_max);
  }
  if (auto at = utf8_fault(text); at < text.size()) {
    auto line = std::ranges::count(text.substr(0, at), '\n') + 1;
    return fail(Errc::invalid, "line {}: not YAML or JSON: the text is not UTF-8", line);
  }
  if (auto at = text.find('\0'); at != text.npos) {  // which a reader of YAML takes for a sign of UTF-16
    auto line = std::ranges::count(text.substr(0, at), '\n') + 1;
    return fail(Errc::invalid, "line {}: not YAML or JSON: it holds a NUL", line);
  }
  auto as_json = TRY(read_json(text, options));
  if (as_json) return std::move(*as_json);
  YamlBuilder builder(options);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Fault& fault) {
    return fail(Errc::invalid, "{}: {}", place(fault.mark), fault.message);
  } catch (const YAML::Exception& error) {
    return fail(Errc::invalid, "{}: not YAML or JSON: {}", place(error.mark), error.msg);
  }
  return builder.take();
}

}  // namespace aright::json
