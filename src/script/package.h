#pragma once
// The files of a function or of a layer, from a zip archive or a folder.

#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "script/script.h"

namespace aright::script {

struct Package {
  std::map<std::string, std::string> files;  // name → bytes
  std::set<std::string> executables;         // of these names
};

// A file is taken for a zip, a folder with all that is below it, but for names that begin with a dot and what Python
// compiled for itself. Fails with not_found, and with invalid for what breaks a limit (archive.h), is a link, or is no
// zip.
Result<Package> read_package(const std::filesystem::path& path);

// The function's own files, in /var/task; and those of a layer, in /opt, where a later layer's come over an earlier
// one's.
void put_files(Program& program, Package package);
void put_layer(Program& program, Package package);

}  // namespace aright::script
