#include "script/archive.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>

namespace aright::script {

namespace {

// Of PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16: marks, and how long the fixed parts are.
constexpr std::uint32_t local_mark = 0x04034b50, entry_mark = 0x02014b50, end_mark = 0x06054b50;
constexpr std::size_t local_bytes = 30, entry_bytes = 46, end_bytes = 22;
constexpr std::size_t comment_bytes_max = 0xFFFF;
constexpr unsigned stored = 0, deflated = 8, encrypted_flag = 1;
constexpr unsigned link_mode = 0120000, type_mask = 0170000,
                   execute_mode = 0111;  // of Unix, in the upper half of the attributes

std::unexpected<Error> broken(std::string_view what) {
  return fail(Errc::invalid, "the zip {}", what);
}

// A place in the archive from which numbers are read; out of bounds reads as 0, so check room()
// first.
class Reader {
 public:
  Reader(std::string_view bytes, std::size_t at) : bytes_(bytes), at_(at) {}
  bool room(std::size_t size) const { return at_ <= bytes_.size() && bytes_.size() - at_ >= size; }
  std::uint16_t u16(std::size_t offset) const {
    return static_cast<std::uint16_t>(byte(offset) | (byte(offset + 1) << 8));
  }
  std::uint32_t u32(std::size_t offset) const {
    return u16(offset) | (static_cast<std::uint32_t>(u16(offset + 2)) << 16);
  }

 private:
  unsigned byte(std::size_t offset) const {
    auto at = at_ + offset;
    return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0u;
  }
  std::string_view bytes_;
  std::size_t at_;
};

struct Item {
  std::string name;
  unsigned method = 0;
  std::uint32_t checksum = 0;
  std::size_t packed = 0, unpacked = 0, local = 0;
};

Result<std::string> inflated(std::string_view packed, std::size_t size) {
  std::string out(size + 1, '\0');  // one more, so that a stream that goes on shows
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return fail(Errc::internal, "zlib did not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  int ended = inflate(&stream, Z_FINISH);
  auto written = stream.total_out;
  inflateEnd(&stream);
  if (ended != Z_STREAM_END || written != size)
    return broken("has a file that is not as long as it says");
  out.resize(size);
  return out;
}

Result<std::string> contents(std::string_view bytes, const Item& item) {
  Reader local(bytes, item.local);
  if (!local.room(local_bytes) || local.u32(0) != local_mark)
    return broken("points to a file that is not there");
  auto start = item.local + local_bytes + local.u16(26) + local.u16(28);
  if (start > bytes.size() || bytes.size() - start < item.packed)
    return broken("ends within a file");
  auto packed = bytes.substr(start, item.packed);
  if (item.method != stored && item.method != deflated)
    return broken("uses another compression than deflate");
  if (item.method == stored && item.packed != item.unpacked)
    return broken("has a file that is not as long as it says");
  auto text = item.method == stored ? std::string(packed) : TRY(inflated(packed, item.unpacked));
  auto checksum =
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  if (checksum != item.checksum)
    return broken("has a file that does not fit its checksum: " + item.name);
  return text;
}

bool holds_no_code(std::string_view name) {
  return name.ends_with('/') || name.ends_with(".pyc") ||
         name.find("__pycache__/") != std::string_view::npos;
}

// The end record, which stands behind everything and before a comment of any length.
Result<std::size_t> find_end(std::string_view bytes) {
  if (bytes.size() < end_bytes) return broken("is none");
  auto first = bytes.size() - std::min(bytes.size(), end_bytes + comment_bytes_max);
  for (auto at = bytes.size() - end_bytes + 1; at-- > first;)
    if (Reader(bytes, at).u32(0) == end_mark) return at;
  return broken("is none");
}

}  // namespace

Result<Package> unzip(std::string_view bytes) {
  auto end = TRY(find_end(bytes));
  Reader last(bytes, end);
  std::size_t count = last.u16(10), at = last.u32(16);
  if (count > archive_files_max)
    return broken(fmt::format("has more than {} files", archive_files_max));
  Package out;
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Reader entry(bytes, at);
    if (!entry.room(entry_bytes) || entry.u32(0) != entry_mark)
      return broken("has fewer files than it says");
    std::size_t name_bytes = entry.u16(28), more_bytes = entry.u16(30) + entry.u16(32);
    if (!entry.room(entry_bytes + name_bytes + more_bytes))
      return broken("ends within its directory");
    Item item{.name = std::string(bytes.substr(at + entry_bytes, name_bytes)),
              .method = entry.u16(10),
              .checksum = entry.u32(16),
              .packed = entry.u32(20),
              .unpacked = entry.u32(24),
              .local = entry.u32(42)};
    at += entry_bytes + name_bytes + more_bytes;
    if (entry.u16(8) & encrypted_flag) return broken("is encrypted");
    auto mode = entry.u32(38) >> 16;
    if ((mode & type_mask) == link_mode) return broken("holds a link: " + item.name);
    if (holds_no_code(item.name)) continue;
    total += item.unpacked;
    if (total > unzipped_bytes_max)
      return broken(fmt::format("unpacks to more than {} bytes", unzipped_bytes_max));
    auto text = TRY(contents(bytes, item));
    if ((mode & execute_mode) != 0) out.executables.insert(item.name);
    if (!out.files.emplace(item.name, std::move(text)).second)
      return broken("names a file twice: " + item.name);
  }
  return out;
}

}  // namespace aright::script
