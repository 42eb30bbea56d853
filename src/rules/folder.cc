#include "rules/folder.h"

#include <algorithm>
#include <vector>

#include "base/file.h"

namespace aright::rules {

namespace {

constexpr const char* description = "control.yaml";

}  // namespace

Result<json::Value> controls_in(const std::filesystem::path& directory) {
  std::error_code fault;
  std::vector<std::filesystem::path> folders;
  for (std::filesystem::directory_iterator entry(directory, fault), end; !fault && entry != end; entry.increment(fault))
    if (std::filesystem::exists(entry->path() / description)) folders.push_back(entry->path());
  if (fault) return fail(Errc::not_found, "{}: {}", directory.string(), fault.message());
  if (folders.empty())
    return fail(Errc::invalid, "{} holds no controls: a folder with a {} for each is wanted", directory.string(),
                description);
  if (folders.size() > own_controls_max)
    return fail(Errc::invalid, "{} holds more than {} controls", directory.string(), own_controls_max);
  std::ranges::sort(folders);
  json::Array bundle;
  for (const auto& folder : folders)
    for (const auto* name : {description, "rule.guard", "runbook.yaml"}) {
      if (!std::filesystem::exists(folder / name)) continue;
      auto text = TRY(read_file(folder / name, control_file_bytes_max));
      bundle.push_back(json::Object{{"file", folder.filename().string() + "/" + name}, {"text", std::move(text)}});
    }
  return json::Value(std::move(bundle));
}

}  // namespace aright::rules
