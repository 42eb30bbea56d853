#include "remediation/policy_schema.h"

#include <map>

#include "base/embedded.h"
#include "base/text.h"

ARIGHT_EMBEDDED(policy_guide)

namespace aright::remediation {

namespace {

constexpr std::string_view heading = "## ", rest = "The rest";

// By section and member: the guide has a table of members for each section.
using Meanings = std::map<std::pair<std::string, std::string>, std::string>;

// Links as their words: [brakes](brakes.md) is "brakes".
std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto open = text.find('['), shut = text.find("](", open);
    auto end = shut == std::string_view::npos ? shut : text.find(')', shut);
    if (end == std::string_view::npos) break;
    out += text.substr(0, open);
    out += text.substr(open + 1, shut - open - 1);
    text.remove_prefix(end + 1);
  }
  return out + std::string(text);
}

// | `member`, `other` | meaning |
void read_row(const std::string& section, std::string_view line, Meanings& out) {
  auto cells = split(line, '|');
  if (cells.size() < 4) return;
  auto meaning = plain(trim(cells[2]));
  auto names = split(cells[1], '`');
  for (std::size_t i = 1; i < names.size(); i += 2) out.emplace(std::pair(section, std::string(names[i])), meaning);
}

Meanings read_guide() {
  Meanings out;
  std::string section;
  bool of_members = false;
  for (const auto& line : split(embedded_policy_guide(), '\n')) {
    if (line.starts_with(heading)) {
      section = line.substr(heading.size());
      // What stands at the top of the file.
      if (section == rest || section.find(", ") != std::string::npos) section.clear();
    }
    if (!line.starts_with("|")) of_members = false;
    if (line.starts_with("| member |")) of_members = true;
    if (of_members) read_row(section, line, out);
  }
  return out;
}

// Members of a mapping, of the items of a list, or of each in a mapping by name.
json::Object* members_of(json::Object& schema) {
  for (auto inner : {"items", "additionalProperties"})
    if (auto* found = schema.if_contains(inner); found && found->is_object()) return members_of(found->get_object());
  auto* properties = schema.if_contains("properties");
  return properties && properties->is_object() ? &properties->get_object() : nullptr;
}

void describe_members(json::Object& schema, const std::string& section, const Meanings& meanings) {
  auto* properties = members_of(schema);
  if (!properties) return;
  for (auto& [name, member] : *properties)
    if (auto found = meanings.find({section, std::string(name)}); found != meanings.end())
      member.get_object()["description"] = found->second;
}

}  // namespace

void describe(json::Object& schema) {
  auto meanings = read_guide();
  describe_members(schema, "", meanings);
  for (auto& [name, section] : *members_of(schema))
    if (section.is_object()) describe_members(section.get_object(), std::string(name), meanings);
}

}  // namespace aright::remediation
