#include "remediation/policy_reader.h"

#include <algorithm>

#include "base/text.h"

namespace aright::remediation {

namespace {

constexpr std::size_t account_digits = 12, region_parts = 3;
constexpr std::string_view scalars[] = {"string", "number"};

json::Object scalar() { return {{"type", json::Array(std::begin(scalars), std::end(scalars))}}; }
json::Object with_default(json::Object schema, json::Value otherwise) {
  schema["default"] = std::move(otherwise);
  return schema;
}
json::Object word_schema(const std::vector<std::string>& words) {
  return {{"enum", json::Array(words.begin(), words.end())}};
}
json::Object one_or_list(json::Object item) {
  json::Object list{{"type", "array"}, {"items", item}};
  return {{"anyOf", json::Array{std::move(item), std::move(list)}}};
}
bool all_of(std::string_view text, char first, char last) {
  return std::ranges::all_of(text, [&](char c) { return first <= c && c <= last; });
}
bool is_account(std::string_view text) { return text.size() == account_digits && all_of(text, '0', '9'); }

// us-east-1, us-gov-west-1, ap-southeast-2: an area, perhaps a partition's word, a direction and a number.
bool is_region(std::string_view text) {
  static const std::vector<std::string> directions{"north",   "south",     "east",      "west",     "central",
                                                   "northeast", "northwest", "southeast", "southwest"};
  auto parts = split(text, '-');
  if (parts.size() != region_parts && parts.size() != region_parts + 1) return false;
  auto number = parts.back(), direction = parts[parts.size() - 2];
  bool named = all_of(parts[0], 'a', 'z') && all_of(parts[1], 'a', 'z') && parts[0].size() >= 2 && parts[1].size() >= 2;
  bool numbered = !number.empty() && number.size() <= 2 && all_of(number, '0', '9');
  return named && numbered && std::ranges::find(directions, direction) != directions.end();
}
bool is_pattern(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }

bool is_scalar(const json::Value& value) { return value.is_string() || value.is_number() || value.is_bool(); }

}  // namespace

Reader::Reader(const json::Document& document, std::string pointer, const json::Value& value,
               std::vector<Fault>& faults, json::Object* schema)
    : document_(document), pointer_(std::move(pointer)), value_(value), faults_(faults), schema_(schema) {
  if (!value.is_object() && !value.is_null()) fault("", "this must be a mapping");
}

Reader::~Reader() {
  for (const auto& [key, member] : json::members(value_))
    if (std::ranges::find(known_, std::string_view(key)) == known_.end())
      fault(key, fmt::format("unknown member; known here: {}", fmt::join(known_, ", ")));
  if (!schema_) return;
  (*schema_)["type"] = "object";
  (*schema_)["additionalProperties"] = false;
  (*schema_)["properties"] = std::move(properties_);
  if (!required_.empty()) (*schema_)["required"] = std::move(required_);
}

void Reader::know(std::string_view member, json::Object schema) {
  if (std::ranges::find(known_, member) == known_.end()) known_.emplace_back(member);
  // Members are asked for twice where one says what another means: the first says more.
  if (schema_ && !properties_.contains(member)) properties_[member] = std::move(schema);
}

const json::Value& Reader::take(std::string_view member) {
  know(member);
  return json::at(value_, member);
}

std::string Reader::text(std::string_view member, std::string_view otherwise) {
  know(member, otherwise.empty() ? scalar() : with_default(scalar(), json::Value(otherwise)));
  const auto& value = json::at(value_, member);
  if (value.is_null()) return std::string(otherwise);
  if (!value.is_string() && !value.is_number()) fault(member, "this must be a text");
  return json::scalar_text(value);
}

std::string Reader::required_text(std::string_view member) {
  if (schema_) required_.emplace_back(member);
  auto value = text(member);
  if (value.empty()) fault(member, "this is required");
  return value;
}

std::string Reader::check_word(std::string_view member, std::string text, const std::vector<std::string>& words) {
  if (std::ranges::find(words, text) == words.end())
    fault(member, fmt::format("'{}' is none of {}", text, fmt::join(words, ", ")));
  return text;
}

std::string Reader::word(std::string_view member, const std::vector<std::string>& words, std::string_view otherwise) {
  auto schema = word_schema(words);
  if (std::ranges::find(words, otherwise) != words.end()) schema["default"] = otherwise;
  know(member, std::move(schema));
  return has(member) ? check_word(member, text(member), words) : std::string(otherwise);
}

std::string Reader::required_word(std::string_view member, const std::vector<std::string>& words) {
  know(member, word_schema(words));
  auto said = required_text(member);
  return said.empty() ? said : check_word(member, std::move(said), words);
}

std::optional<Timestamp> Reader::instant(std::string_view member) {
  know(member, {{"type", "string"}, {"format", "date-time"}});
  if (!has(member)) return std::nullopt;
  return value_of(member, parse_timestamp(text(member)));
}

bool Reader::truth(std::string_view member, bool otherwise) {
  know(member, {{"type", "boolean"}, {"default", otherwise}});
  const auto& value = json::at(value_, member);
  auto said = json::scalar_text(value);
  bool clear = said == "true" || said == "false" || said == "True" || said == "False";
  if (!value.is_null() && !clear) fault(member, "write true or false");
  return json::truth(value, otherwise);
}

std::int64_t Reader::integer(std::string_view member, std::int64_t otherwise, std::int64_t min, std::int64_t max) {
  know(member, {{"type", "integer"}, {"minimum", min}, {"maximum", max}, {"default", otherwise}});
  const auto& said = json::at(value_, member);
  if (said.is_null()) return otherwise;
  auto value = json::integer(said, otherwise);
  if (value != json::integer(said, otherwise + 1)) fault(member, "this must be a whole number");
  if (value < min || value > max) fault(member, fmt::format("this must be from {} to {}", min, max));
  return value;
}

std::vector<std::string> Reader::texts(std::string_view member) {
  know(member, one_or_list(scalar()));
  const auto& value = json::at(value_, member);
  if (value.is_null()) return {};
  if (is_scalar(value)) return {json::scalar_text(value)};
  if (!value.is_array()) fault(member, "this must be a text, or a list of texts");
  std::vector<std::string> out;
  for (const auto& item : json::items(value)) {
    if (!is_scalar(item)) fault(member, "this must be a list of texts");
    out.push_back(json::scalar_text(item));
  }
  return out;
}

void Reader::check_not_empty(std::string_view member) {
  const auto& value = json::at(value_, member);
  if (value.is_array() && value.get_array().empty())
    fault(member, "an empty list fits nothing: leave it out where all is meant, or say what has to fit");
}

std::vector<std::string> Reader::conditions(std::string_view member) {
  check_not_empty(member);
  return texts(member);
}

std::vector<std::string> Reader::conditions(std::string_view member, const std::vector<std::string>& words) {
  check_not_empty(member);
  return this->words(member, words);
}

void Reader::check_account(std::string_view member, const std::string& account) {
  if (!account.empty() && !is_account(account))
    fault(member, fmt::format("'{}' is no account: write its twelve digits, in quotes", account));
}

void Reader::check_region(std::string_view member, const std::string& region) {
  if (!region.empty() && !is_region(region))
    fault(member, fmt::format("'{}' is no region of AWS: write one such as us-east-1", region));
}

std::string Reader::account(std::string_view member, std::string_view otherwise) {
  auto out = text(member, otherwise);
  if (has(member)) check_account(member, out);
  return out;
}

std::string Reader::region(std::string_view member, std::string_view otherwise) {
  auto out = text(member, otherwise);
  if (has(member)) check_region(member, out);
  return out;
}

std::vector<std::string> Reader::regions(std::string_view member) {
  auto out = texts(member);
  for (const auto& one : out) check_region(member, one);
  return out;
}

std::string Reader::account_pattern(std::string_view member) {
  auto out = text(member);
  if (!is_pattern(out)) check_account(member, out);
  return out;
}

std::string Reader::region_pattern(std::string_view member) {
  auto out = text(member);
  if (!is_pattern(out)) check_region(member, out);
  return out;
}

std::vector<std::string> Reader::account_patterns(std::string_view member) {
  auto out = conditions(member);
  for (const auto& one : out)
    if (!is_pattern(one)) check_account(member, one);
  return out;
}

std::vector<std::string> Reader::region_patterns(std::string_view member) {
  auto out = conditions(member);
  for (const auto& one : out)
    if (!is_pattern(one)) check_region(member, one);
  return out;
}

std::vector<std::string> Reader::words(std::string_view member, const std::vector<std::string>& words) {
  know(member, one_or_list(word_schema(words)));
  auto said = texts(member);
  for (auto& text : said) text = check_word(member, std::move(text), words);
  return said;
}

std::map<std::string, std::string> Reader::map(std::string_view member) {
  know(member, {{"type", "object"}, {"additionalProperties", scalar()}});
  std::map<std::string, std::string> out;
  const auto& value = json::at(value_, member);
  if (!value.is_null() && !value.is_object()) fault(member, "this must be a mapping");
  for (const auto& [key, item] : json::members(value)) {
    if (!is_scalar(item)) fault(fmt::format("{}/{}", member, std::string_view(key)), "this must be a text");
    out[key] = json::scalar_text(item);
  }
  return out;
}

json::Object Reader::drawn(const std::string& pointer, const Visit& visit) {
  json::Object schema;
  if (!schema_) return schema;
  static const json::Value nothing;
  {
    Reader reader(document_, pointer, nothing, faults_, &schema);
    visit(reader);
  }
  return schema;
}

void Reader::each(std::string_view member, const Visit& visit) {
  auto pointer = fmt::format("{}/{}", pointer_, member);
  know(member, {{"type", "array"}, {"items", drawn(pointer, visit)}});
  const auto& value = json::at(value_, member);
  if (!value.is_array() && !value.is_null()) fault(member, "this must be a list");
  std::size_t index = 0;
  for (const auto& item : json::items(value)) {
    Reader reader(document_, fmt::format("{}/{}", pointer, index++), item, faults_);
    visit(reader);
  }
}

void Reader::one(std::string_view member, const Visit& visit) {
  auto pointer = fmt::format("{}/{}", pointer_, member);
  know(member, drawn(pointer, visit));
  const auto& value = json::at(value_, member);
  if (value.is_null()) return;
  Reader reader(document_, pointer, value, faults_);
  visit(reader);
}

void Reader::each_named(std::string_view member, const VisitNamed& visit) {
  auto pointer = fmt::format("{}/{}", pointer_, member);
  know(member, {{"type", "object"},
                {"additionalProperties", drawn(pointer, [&](Reader& item) { visit("", item); })}});
  const auto& value = json::at(value_, member);
  if (!value.is_null() && !value.is_object()) fault(member, "this must be a mapping");
  for (const auto& [key, item] : json::members(value)) {
    Reader reader(document_, fmt::format("{}/{}", pointer, std::string_view(key)), item, faults_);
    visit(key, reader);
  }
}

void Reader::each_list(std::string_view member, const VisitNamed& visit, const VisitNamed& end) {
  auto pointer = fmt::format("{}/{}", pointer_, member);
  json::Object list{{"type", "array"}, {"items", drawn(pointer, [&](Reader& item) { visit("", item); })}};
  know(member, {{"type", "object"}, {"additionalProperties", std::move(list)}});
  const auto& lists = json::at(value_, member);
  if (!lists.is_null() && !lists.is_object()) return fault(member, "this must be a mapping");
  Reader inside(document_, pointer, lists, faults_);
  for (const auto& [key, items] : json::members(lists)) {
    inside.each(key, [&](Reader& item) { visit(key, item); });
    end(key, inside);
  }
}

void Reader::fault(std::string_view member, std::string_view what) {
  auto pointer = member.empty() ? pointer_ : fmt::format("{}/{}", pointer_, member);
  faults_.push_back({.at = document_.locate(pointer),
                     .what = fmt::format("{}: {}", pointer.empty() ? "/" : pointer, what)});
}

}  // namespace aright::remediation
