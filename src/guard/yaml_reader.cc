// The readers of data files and of test files, on libyaml: what Guard's own engine refuses as YAML,
// it refuses.

#include <fmt/format.h>
#include <yaml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "guard/document.h"
#include "guard/scalar.h"
#include "guard/unicode.h"

namespace aright::guard {

namespace {

enum class Dialect { data, core };

constexpr std::size_t alias_nodes_max =
    100'000;  // that aliases of one file stand for: stops "billion laughs"
constexpr std::string_view core_tag = "tag:yaml.org,2002:";

Place place_of(const yaml_mark_t& mark) {
  return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
}

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// libyaml's parser and its events, freed when they go.
struct YamlParser {
  yaml_parser_t raw{};
  explicit YamlParser(std::string_view text) {
    yaml_parser_initialize(&raw);
    yaml_parser_set_input_string(&raw, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~YamlParser() { yaml_parser_delete(&raw); }
  YamlParser(const YamlParser&) = delete;
  YamlParser& operator=(const YamlParser&) = delete;
};

struct Event {
  yaml_event_t raw{};
  Event() = default;
  ~Event() { yaml_event_delete(&raw); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
};

constexpr std::array<std::string_view, 8> for_scalars = {
    "Ref", "Base64", "Sub", "GetAZs", "ImportValue", "GetAtt", "Condition", "RefAll"};
constexpr std::array<std::string_view, 15> for_lists = {
    "GetAtt",   "Sub",          "Select",           "Split",   "Join", "FindInMap", "And", "Equals",
    "Contains", "EachMemberIn", "EachMemberEquals", "ValueOf", "If",   "Not",       "Or"};

// The key that a short form stands for: !Ref → Ref, !GetAtt → Fn::GetAtt. Nothing where Guard knows
// no such form.
std::optional<std::string> long_form(std::string_view tag, Dialect dialect, bool on_list) {
  if (!tag.starts_with('!') || tag.size() < 2) return std::nullopt;
  auto name = tag.substr(1);
  bool scalar = std::ranges::find(for_scalars, name) != for_scalars.end();
  bool list = std::ranges::find(for_lists, name) != for_lists.end();
  bool known = dialect == Dialect::core ? scalar || list : on_list ? list : scalar;
  if (!known) return std::nullopt;
  return name == "Ref" || name == "Condition" ? std::string(name) : fmt::format("Fn::{}", name);
}

Value wrapped(const std::optional<std::string>& form, Value value) {
  if (!form) return value;
  auto map = std::make_shared<Map>();
  auto place = value.place;
  map->set(*form, place, std::move(value));
  return Value(Value::Data(std::move(map)), place);
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& name, Dialect dialect)
      : parser_(text), name_(name), dialect_(dialect) {}

  // The first document; nothing when the file has none.
  std::expected<std::optional<Value>, Diagnostic> read() {
    while (true) {
      Event event;
      if (!yaml_parser_parse(&parser_.raw, &event.raw)) return std::unexpected(broken());
      if (event.raw.type == YAML_STREAM_END_EVENT) return std::move(root_);
      // Of a data file only the first document counts; the rest is not even read.
      if (event.raw.type == YAML_DOCUMENT_END_EVENT && dialect_ == Dialect::data) {
        return std::move(root_);
      }
      if (event.raw.type == YAML_DOCUMENT_START_EVENT && root_) {
        return std::unexpected(fault(event.raw.start_mark, "a second document"));
      }
      if (auto fault = take(event.raw)) return std::unexpected(std::move(*fault));
    }
  }

 private:
  struct Frame {
    Value value;
    std::optional<std::string> form;
    std::string anchor;
    std::optional<std::string> key;  // of the member whose value comes next
    Place key_place;
  };
  using Fault = std::optional<Diagnostic>;

  Diagnostic fault(const yaml_mark_t& mark, std::string message, std::string hint = "") const {
    return {name_, place_of(mark), std::move(message), std::move(hint)};
  }

  Diagnostic broken() const {
    const auto& raw = parser_.raw;
    auto what = raw.problem == nullptr ? "it cannot be read" : raw.problem;
    auto mark = raw.error == YAML_READER_ERROR ? yaml_mark_t{} : raw.problem_mark;
    return fault(mark, fmt::format("not YAML or JSON: {}", what));
  }

  Fault take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_ALIAS_EVENT:
        return alias(event);
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return open(event, Value::Data(List()), text_of(event.data.sequence_start.tag),
                    text_of(event.data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return open(event, Value::Data(std::make_shared<Map>()),
                    text_of(event.data.mapping_start.tag),
                    text_of(event.data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close(event);
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_START_EVENT:
      case YAML_DOCUMENT_END_EVENT:
        return std::nullopt;
    }
    return std::nullopt;
  }

  bool expects_key() const {
    return !frames_.empty() && frames_.back().value.map() && !frames_.back().key;
  }

  Fault alias(const yaml_event_t& event) {
    if (dialect_ == Dialect::data) {
      return fault(event.start_mark, "an alias",
                   "Guard reads no aliases; write out what it stands for");
    }
    auto found = anchors_.find(std::string(text_of(event.data.alias.anchor)));
    if (found == anchors_.end()) return fault(event.start_mark, "an alias of nothing");
    aliased_ += found->second.size.nodes;
    if (aliased_ > alias_nodes_max)
      return fault(event.start_mark,
                   fmt::format("aliases for more than {} values", alias_nodes_max));
    if (frames_.size() + found->second.size.depth > data_depth_max)
      return too_deep(event.start_mark);
    return place_value(event.start_mark, deep_copy(found->second.value));
  }

  Diagnostic too_many(const yaml_mark_t& mark) const {
    return fault(mark, fmt::format("more than {} values", data_nodes_max), "split the file");
  }

  Diagnostic too_deep(const yaml_mark_t& mark) const {
    return fault(mark, fmt::format("nested deeper than {}", data_depth_max));
  }

  Fault open(const yaml_event_t& event, Value::Data empty, std::string_view tag,
             std::string_view anchor) {
    if (expects_key()) return bad_key(event.start_mark);
    if (frames_.size() >= data_depth_max) return too_deep(event.start_mark);
    if (++nodes_ > data_nodes_max) return too_many(event.start_mark);
    bool is_list = empty.index() == static_cast<std::size_t>(Kind::list);
    bool takes_form = is_list || dialect_ == Dialect::core;
    auto form = takes_form ? long_form(tag, dialect_, true) : std::nullopt;
    frames_.push_back(
        {Value(std::move(empty), place_of(event.start_mark)), form, std::string(anchor), {}, {}});
    return std::nullopt;
  }

  Fault close(const yaml_event_t& event) {
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    if (auto* list = std::get_if<List>(&frame.value.data)) list->shrink_to_fit();
    if (auto* map = std::get_if<std::shared_ptr<Map>>(&frame.value.data)) (*map)->shrink();
    auto value = wrapped(frame.form, std::move(frame.value));
    remember(frame.anchor, value);
    return place_value(event.start_mark, std::move(value));
  }

  Fault scalar(const yaml_event_t& event) {
    const auto& scalar = event.data.scalar;
    std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    auto tag = text_of(scalar.tag);
    if (++nodes_ > data_nodes_max) return too_many(event.start_mark);
    bool plain = scalar.style == YAML_PLAIN_SCALAR_STYLE && tag.empty();
    auto place = place_of(event.start_mark);
    if (expects_key()) return key(event.start_mark, place, text, plain, tag);
    Value value(Value::Data(std::string(text)), place);
    if (plain) {
      value.data = dialect_ == Dialect::data ? data_scalar(text) : core_scalar(text);
    } else if (auto form = long_form(tag, dialect_, false)) {
      if (dialect_ == Dialect::core && scalar.style == YAML_PLAIN_SCALAR_STYLE)
        value.data = core_scalar(text);
      value = wrapped(form, std::move(value));
    } else if (tag.starts_with(core_tag)) {
      auto typed = of_core_type(text, tag.substr(core_tag.size()));
      if (!typed) return fault(event.start_mark, fmt::format("{} does not fit its tag", text));
      value.data = std::move(*typed);
    } else if (dialect_ == Dialect::core && scalar.style == YAML_PLAIN_SCALAR_STYLE && tag != "!") {
      value.data = core_scalar(text);
    }
    remember(std::string(text_of(scalar.anchor)), value);
    return place_value(event.start_mark, std::move(value));
  }

  Fault key(const yaml_mark_t& mark, Place place, std::string_view text, bool plain,
            std::string_view tag) {
    auto typed = !plain                      ? Value::Data(std::string(text))
                 : dialect_ == Dialect::data ? data_scalar(text)
                                             : core_scalar(text);
    bool wraps = !tag.empty() && long_form(tag, dialect_, false).has_value();
    if (typed.index() != static_cast<std::size_t>(Kind::text) || wraps) return bad_key(mark);
    frames_.back().key = std::string(text);
    frames_.back().key_place = place;
    return std::nullopt;
  }

  Diagnostic bad_key(const yaml_mark_t& mark) const {
    return fault(mark, "a key that is not a text", "put it into quotes");
  }

  static std::optional<Value::Data> of_core_type(std::string_view text, std::string_view type) {
    if (type == "bool") {
      if (text == "true" || text == "false") return text == "true";
    } else if (type == "int") {
      auto number = parse_integer(text);
      return number ? std::optional<Value::Data>(*number) : std::nullopt;
    } else if (type == "float") {
      auto number = parse_real(text);
      return number ? std::optional<Value::Data>(*number) : std::nullopt;
    } else if (type == "null") {
      return Value::Data();
    }
    return std::string(text);
  }

  void remember(const std::string& anchor, const Value& value) {
    if (anchor.empty() || dialect_ == Dialect::data) return;
    anchors_[anchor] = {deep_copy(value), measure(value)};
  }

  struct Size {
    std::size_t nodes = 1, depth = 1;
  };
  static Size measure(const Value& value) {
    Size size;
    auto add = [&](const Value& child) {
      auto inner = measure(child);
      size.nodes += inner.nodes;
      size.depth = std::max(size.depth, inner.depth + 1);
    };
    if (const auto* list = value.list())
      for (const auto& item : *list)
        add(item);
    if (const auto* map = value.map())
      for (const auto& member : map->members())
        add(member.value);
    return size;
  }

  Fault place_value(const yaml_mark_t& mark, Value value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return std::nullopt;
    }
    auto& frame = frames_.back();
    if (auto* list = std::get_if<List>(&frame.value.data)) {
      list->push_back(std::move(value));
      return std::nullopt;
    }
    if (!frame.key) return bad_key(mark);
    std::get<std::shared_ptr<Map>>(frame.value.data)
        ->set(std::move(*frame.key), frame.key_place, std::move(value));
    frame.key.reset();
    return std::nullopt;
  }

  struct Anchored {
    Value value;
    Size size;
  };

  YamlParser parser_;
  std::string name_;
  Dialect dialect_;
  std::vector<Frame> frames_;
  std::unordered_map<std::string, Anchored> anchors_;
  std::optional<Value> root_;
  std::size_t nodes_ = 0, aliased_ = 0;
};

std::expected<std::optional<Value>, Diagnostic> read(std::string_view text, const std::string& name,
                                                     Dialect dialect) {
  if (text.size() > data_bytes_max) {
    return std::unexpected(Diagnostic{
        name, {}, fmt::format("larger than {} bytes", data_bytes_max), "split the file"});
  }
  if (!is_utf8(text)) return std::unexpected(Diagnostic{name, {}, "not UTF-8", "save it as UTF-8"});
  return Reader(text, name, dialect).read();
}

}  // namespace

std::expected<Document, Diagnostic> read_document(std::string_view text, const std::string& name) {
  auto root = read(text, name, Dialect::data);
  if (!root) return std::unexpected(std::move(root.error()));
  if (!*root)
    return std::unexpected(Diagnostic{name, {}, "it is empty", "a data file holds one document"});
  return Document(name, std::move(**root));
}

std::expected<Value, Diagnostic> read_core_yaml(std::string_view text, const std::string& name) {
  auto root = read(text, name, Dialect::core);
  if (!root) return std::unexpected(std::move(root.error()));
  if (!*root) return std::unexpected(Diagnostic{name, {}, "it is empty", ""});
  return std::move(**root);
}

}  // namespace aright::guard
