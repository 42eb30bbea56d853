#include "aws/profile.h"

#include "base/file.h"
#include "base/text.h"

namespace aright::aws {

namespace {

std::string_view without_comment(std::string_view value) {
  for (std::size_t i = 1; i < value.size(); ++i) {
    bool begins =
        (value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t');
    if (begins) return trim(value.substr(0, i));
  }
  return trim(value);
}

// "[profile  'my team']" is "profile my team".
Result<std::string> section_name(std::string_view line, int number) {
  auto close = line.find(']');
  if (close == line.npos) return fail(Errc::invalid, "line {}: ']' is missing", number);
  std::string name;
  for (const std::string& word : split(trim(line.substr(1, close - 1)), ' ')) {
    if (trim(word).empty()) continue;
    if (!name.empty()) name += ' ';
    name += trim(word);
  }
  for (std::string_view quote : {"\"", "'"})
    name = replace_all(name, quote, "");
  if (name.empty()) return fail(Errc::invalid, "line {}: the section has no name", number);
  return name;
}

Result<ConfigFile> read_config(const std::string& path) {
  auto text = read_file(path, config_bytes_max);
  if (!text && text.error().code == Errc::not_found) return ConfigFile{};
  if (!text) return wrap(std::move(text.error()), "reading {}", path);
  auto file = parse_config(*text);
  if (!file) return wrap(std::move(file.error()), "reading {}", path);
  return file;
}

std::string file_of(const Environment& environment, std::string_view name, std::string_view own) {
  auto path = variable(environment, name);
  auto home = variable(environment, "HOME");
  if (path.empty()) return home + "/.aws/" + std::string(own);
  return path.starts_with("~/") ? home + path.substr(1) : path;
}

}  // namespace

std::string variable(const Environment& environment, std::string_view name) {
  auto found = environment.find(std::string(name));
  return found == environment.end() ? "" : found->second;
}

std::string profile_name(const ChainOptions& options) {
  if (!options.profile.empty()) return options.profile;
  for (std::string_view name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    auto value = variable(options.environment, name);
    if (!value.empty()) return value;
  }
  return "default";
}

Result<ConfigFile> parse_config(std::string_view text) {
  ConfigFile file;
  Section* section = nullptr;
  std::string parent;  // the setting without a value that indented ones belong to
  int number = 0;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    bool indented = raw.starts_with(' ') || raw.starts_with('\t');
    auto line = trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      auto name = TRY(section_name(line, number));
      section = &file[name];
      parent.clear();
      continue;
    }
    if (!section) return fail(Errc::invalid, "line {}: a setting before any section", number);
    auto equals = line.find('=');
    if (equals == line.npos) {
      // A value that goes on in the next line; only its setting would care, and none that is read
      // here does.
      if (indented) continue;
      return fail(Errc::invalid, "line {}: neither a section nor name = value", number);
    }
    auto name = lower(trim(line.substr(0, equals)));
    if (name.empty()) return fail(Errc::invalid, "line {}: the setting has no name", number);
    std::string value(without_comment(line.substr(equals + 1)));
    bool nested = indented && !parent.empty();
    if (!nested) parent = value.empty() ? name : "";
    (*section)[nested ? parent + "." + name : name] = std::move(value);
  }
  return file;
}

Result<Profiles> load_profiles(const Environment& environment) {
  auto config = TRY(read_config(file_of(environment, "AWS_CONFIG_FILE", "config")));
  auto keys = TRY(read_config(file_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")));
  Profiles profiles;
  for (auto& [name, section] : config) {
    if (name == "default") profiles.profiles[name].insert(section.begin(), section.end());
    if (name.starts_with("profile ")) profiles.profiles[name.substr(8)] = section;
    if (name.starts_with("services ")) profiles.services[name.substr(9)] = section;
  }
  for (auto& [name, section] : keys) {
    for (auto& [key, value] : section)
      profiles.profiles[name][key] = value;
  }
  return profiles;
}

}  // namespace aright::aws
