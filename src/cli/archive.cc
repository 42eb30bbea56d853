#include "cli/archive.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <numeric>

#include "base/digest.h"
#include "base/random.h"

namespace aright::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 512;
constexpr std::size_t copied_at_once = 128 * block;

// The fields of a header that we write: where they begin, and how long they are.
struct Field {
  std::size_t at, size;
};
constexpr Field name_field{0, 100}, mode_field{100, 8}, uid_field{108, 8}, gid_field{116, 8}, size_field{124, 12},
    time_field{136, 12}, sum_field{148, 8}, type_field{156, 1}, magic_field{257, 8};
constexpr std::string_view magic("ustar\00000", 8);

using Header = std::array<char, block>;

void put(Header& header, Field field, std::string_view text) {
  std::copy_n(text.data(), std::min(text.size(), field.size), header.begin() + static_cast<std::ptrdiff_t>(field.at));
}
void put_octal(Header& header, Field field, std::uintmax_t number) {
  put(header, field, fmt::format("{:0{}o}", number, field.size - 1));
}
std::string_view get(const Header& header, Field field) {
  std::string_view text(header.data() + field.at, field.size);
  return text.substr(0, text.find('\0'));
}

// Of all bytes, with the sum's own place as spaces.
unsigned sum_of(Header header) {
  put(header, sum_field, "        ");
  return std::accumulate(header.begin(), header.end(), 0u,
                         [](unsigned sum, char c) { return sum + static_cast<unsigned char>(c); });
}

Header header_of(const std::string& name, std::uintmax_t size) {
  Header header{};
  put(header, name_field, name);
  put_octal(header, mode_field, 0600);
  put_octal(header, uid_field, 0);
  put_octal(header, gid_field, 0);
  put_octal(header, size_field, size);
  put_octal(header, time_field, 0);
  put(header, type_field, "0");
  put(header, magic_field, magic);
  put(header, sum_field, fmt::format("{:06o}", sum_of(header)) + std::string("\0 ", 2));
  return header;
}

std::uintmax_t padding(std::uintmax_t size) {
  return (block - size % block) % block;
}

std::unexpected<Error> broken(const fs::path& path) {
  return fail(Errc::unavailable, "{}: {}", path.string(), std::strerror(errno));
}

// Copies exactly so many bytes.
bool copy(std::istream& in, std::ostream& out, std::uintmax_t bytes) {
  std::string buffer(copied_at_once, '\0');
  while (bytes > 0) {
    auto wanted = static_cast<std::streamsize>(std::min<std::uintmax_t>(bytes, buffer.size()));
    if (!in.read(buffer.data(), wanted) || !out.write(buffer.data(), wanted)) return false;
    bytes -= static_cast<std::uintmax_t>(wanted);
  }
  return true;
}

Result<> add(std::ostream& out, const Archived& one) {
  std::error_code code;
  auto size = fs::file_size(one.from, code);
  if (code) return fail(Errc::unavailable, "{}: {}", one.from.string(), code.message());
  if (size > archived_bytes_max - 1) return fail(Errc::unsupported, "{} is larger than 8 GB", one.from.string());
  auto header = header_of(one.name, size);
  std::ifstream in(one.from, std::ios::binary);
  out.write(header.data(), header.size());
  if (!in || !copy(in, out, size)) return broken(one.from);
  out << std::string(padding(size), '\0');
  return {};
}

Result<> write_all(const fs::path& file, const std::vector<Archived>& what) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  for (const auto& one : what)
    CHECK_OK(add(out, one));
  out << std::string(2 * block, '\0');
  out.close();
  if (!out) return broken(file);
  return {};
}

bool sync(const fs::path& file) {
  int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  bool done = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return done;
}

// The size of the file behind it. Fails with invalid when it is no header of ours.
Result<std::uintmax_t> read_header(const Header& header, const std::vector<std::string>& known) {
  auto number = [&](Field field, int base) -> std::uintmax_t {
    auto text = get(header, field);
    std::uintmax_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out, base);
    return out;
  };
  bool ours = std::string_view(header.data() + magic_field.at, magic_field.size) == magic &&
              number(sum_field, 8) == sum_of(header) && header[type_field.at] == '0' &&
              std::ranges::find(known, get(header, name_field)) != known.end();
  if (!ours) return fail(Errc::invalid, "it is no backup of aright's, or it is damaged");
  return number(size_field, 8);
}

std::unexpected<Error> cut_off(const fs::path& file, std::string_view where) {
  std::error_code code;
  auto size = fs::file_size(file, code);
  return fail(Errc::invalid,
              "{}: it is cut off after {} bytes, {}: not all of it was copied; bring it here again, or take an earlier "
              "backup",
              file.string(), size, where);
}

}  // namespace

Result<> write_archive(const fs::path& file, const std::vector<Archived>& what) {
  auto beside = file;
  beside += "." + to_hex(random_bytes(6));
  int made = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return broken(beside);
  ::close(made);
  auto written = write_all(beside, what);
  std::error_code code;
  if (written && !sync(beside)) written = broken(beside);
  if (written) fs::rename(beside, file, code);
  if (written && !code) return {};
  auto error = written ? fail(Errc::unavailable, "{}: {}", file.string(), code.message()) : fail(written.error());
  fs::remove(beside, code);
  return error;
}

Result<std::vector<std::string>> read_archive(const fs::path& file, const fs::path& directory,
                                              const std::vector<std::string>& known) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return fail(errno == ENOENT ? Errc::not_found : Errc::denied, "{}: {}", file.string(), std::strerror(errno));
  std::vector<std::string> names;
  Header header{};
  while (in.read(header.data(), header.size()) && header[0] != '\0') {
    auto size = read_header(header, known);
    if (!size) return wrap(std::move(size.error()), "{}", file.string());
    std::string name(get(header, name_field));
    if (names.size() >= archive_files_max || std::ranges::find(names, name) != names.end())
      return fail(Errc::invalid, "{}: it holds {} more than once", file.string(), name);
    std::ofstream out(directory / name, std::ios::binary | std::ios::trunc);
    ::chmod((directory / name).c_str(), 0600);
    if (!out) return broken(directory / name);
    if (!copy(in, out, *size)) return cut_off(file, "within " + name);
    out.close();
    if (!out || !sync(directory / name)) return broken(directory / name);
    in.ignore(static_cast<std::streamsize>(padding(*size)));
    names.push_back(std::move(name));
  }
  if (names.empty() && in) return fail(Errc::invalid, "{}: it is no backup of aright's", file.string());
  if (!in) return cut_off(file, names.empty() ? "before its first file" : "behind " + names.back());
  return names;
}

}  // namespace aright::cli
