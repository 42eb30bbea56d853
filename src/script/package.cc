#include "script/package.h"

#include "base/file.h"
#include "script/archive.h"

namespace aright::script {

namespace {

namespace fs = std::filesystem;

bool passed_over(const fs::path& path) {
  auto name = path.filename().string();
  return name.starts_with('.') || name == "__pycache__" || name.ends_with(".pyc");
}

Result<Package> read_folder(const fs::path& folder) {
  Package out;
  std::size_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator item(folder, error), end;
  for (; !error && item != end; item.increment(error)) {
    if (passed_over(item->path())) {
      item.disable_recursion_pending();
      continue;
    }
    auto name = item->path().lexically_relative(folder).generic_string();
    if (item->is_symlink())
      return fail(Errc::invalid, "{} is a link; put the file itself there", item->path().string());
    if (item->is_directory()) continue;
    auto content = TRY(read_file(item->path(), unzipped_bytes_max));
    bytes += content.size();
    if (bytes > unzipped_bytes_max || out.files.size() >= archive_files_max)
      return fail(Errc::invalid, "{} holds more than {} bytes or {} files", folder.string(), unzipped_bytes_max,
                  archive_files_max);
    auto mode = item->status().permissions();
    if ((mode & fs::perms::owner_exec) != fs::perms::none) out.executables.insert(name);
    out.files[name] = std::move(content);
  }
  if (error) return fail(Errc::not_found, "{}: {}", folder.string(), error.message());
  return out;
}

void put(Package package, std::string_view folder, std::map<std::string, std::string>& files,
         std::set<std::string>& executables) {
  for (auto& [name, content] : package.files) {
    auto path = std::string(folder) + name;
    executables.erase(path);
    if (package.executables.contains(name)) executables.insert(path);
    files[name] = std::move(content);
  }
}

}  // namespace

Result<Package> read_package(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return read_folder(path);
  auto zip = TRY(read_file(path, unzipped_bytes_max));
  auto package = unzip(zip);
  if (!package) return wrap(package.error(), "{}", path.string());
  return package;
}

void put_files(Program& program, Package package) {
  put(std::move(package), "/var/task/", program.files, program.executables);
}

void put_layer(Program& program, Package package) {
  put(std::move(package), "/opt/", program.layers, program.executables);
}

}  // namespace aright::script
