#include "store/faulty_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"

namespace aright::store {

namespace {

constexpr std::size_t sector_bytes = 512;  // what a disk writes in one piece
constexpr const char* name_of_disk = "faulty";

// A write, or, without bytes, a truncation to `offset`.
struct Change {
  std::size_t offset = 0;
  std::optional<std::string> bytes;
};

void apply(std::string& content, const Change& change, std::size_t bytes_max = std::string::npos) {
  if (!change.bytes) return content.resize(change.offset);
  auto bytes = change.bytes->substr(0, bytes_max);
  if (content.size() < change.offset + bytes.size()) content.resize(change.offset + bytes.size());
  content.replace(change.offset, bytes.size(), bytes);
}

struct Platter {
  std::string synced;
  std::vector<Change> unsynced;
};

// SQLite's view of an open file: ours first, then the real one in the space behind.
struct File {
  sqlite3_file base;
  FaultyDisk* disk;
  const char* path;  // null for temporary files: they are left alone
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* ours(sqlite3_file* file) {
  return reinterpret_cast<File*>(file);
}

}  // namespace

struct FaultyDisk::Disk {
  sqlite3_vfs vfs{};
  sqlite3_vfs* real = nullptr;

  mutable std::mutex mutex;  // guards all below
  std::map<std::string, Platter> platters;
  std::uint64_t operations = 0;
  std::uint64_t strike_at = 0;  // of `operations`; 0: never
  Fault fault = Fault::io_error;
  bool struck = false;

  enum class Operation { write, sync, other };

  // Counts an operation, and decides whether it fails.
  bool fails(Operation operation) {
    ++operations;
    if (strike_at == 0 || operations < strike_at) return false;
    bool strikes = [&] {
      switch (fault) {
        case Fault::full:
          return operation == Operation::write;
        case Fault::io_error:
          return !struck;
        case Fault::sync_error:
          return !struck && operation == Operation::sync;
        case Fault::power_cut:
          return true;
      }
      return false;
    }();
    struck = struck || strikes;
    return strikes;
  }

  int write(File& file, const void* data, int size, sqlite3_int64 offset) {
    std::lock_guard lock(mutex);
    if (fails(Operation::write)) return fault == Fault::full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    Change change{
        .offset = static_cast<std::size_t>(offset),
        .bytes = std::string(static_cast<const char*>(data), static_cast<std::size_t>(size))};
    if (file.path) platters[file.path].unsynced.push_back(std::move(change));
    return file.real()->pMethods->xWrite(file.real(), data, size, offset);
  }

  int truncate(File& file, sqlite3_int64 size) {
    std::lock_guard lock(mutex);
    if (fails(Operation::other)) return SQLITE_IOERR_TRUNCATE;
    if (file.path)
      platters[file.path].unsynced.push_back(
          {.offset = static_cast<std::size_t>(size), .bytes = std::nullopt});
    return file.real()->pMethods->xTruncate(file.real(), size);
  }

  int sync(File& file) {
    std::lock_guard lock(mutex);
    if (fails(Operation::sync)) return SQLITE_IOERR_FSYNC;
    if (!file.path) return SQLITE_OK;
    auto& platter = platters[file.path];
    for (const auto& change : platter.unsynced)
      apply(platter.synced, change);
    platter.unsynced.clear();
    return SQLITE_OK;
  }

  int open(FaultyDisk& self, const char* path, sqlite3_file* file, int flags, int* flags_out);
  int remove(const char* path, int sync_directory) {
    std::lock_guard lock(mutex);
    if (fails(Operation::other)) return SQLITE_IOERR_DELETE;
    platters.erase(path);
    return real->xDelete(real, path, sync_directory);
  }

  static const sqlite3_io_methods methods;
};

namespace {

template <auto method, typename... Args>
int forward(sqlite3_file* file, Args... args) {
  auto* real = ours(file)->real();
  return (real->pMethods->*method)(real, args...);
}

using Methods = sqlite3_io_methods;

}  // namespace

const sqlite3_io_methods FaultyDisk::Disk::methods{
    .iVersion = 2,  // without memory-mapped files
    .xClose = forward<&Methods::xClose>,
    .xRead = forward<&Methods::xRead, void*, int, sqlite3_int64>,
    .xWrite =
        [](sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
          return ours(file)->disk->disk_->write(*ours(file), data, size, offset);
        },
    .xTruncate =
        [](sqlite3_file* file, sqlite3_int64 size) {
          return ours(file)->disk->disk_->truncate(*ours(file), size);
        },
    .xSync = [](sqlite3_file* file, int) { return ours(file)->disk->disk_->sync(*ours(file)); },
    .xFileSize = forward<&Methods::xFileSize, sqlite3_int64*>,
    .xLock = forward<&Methods::xLock, int>,
    .xUnlock = forward<&Methods::xUnlock, int>,
    .xCheckReservedLock = forward<&Methods::xCheckReservedLock, int*>,
    .xFileControl = forward<&Methods::xFileControl, int, void*>,
    .xSectorSize = forward<&Methods::xSectorSize>,
    .xDeviceCharacteristics = forward<&Methods::xDeviceCharacteristics>,
    .xShmMap = forward<&Methods::xShmMap, int, int, int, void volatile**>,
    .xShmLock = forward<&Methods::xShmLock, int, int, int>,
    .xShmBarrier =
        [](sqlite3_file* file) { ours(file)->real()->pMethods->xShmBarrier(ours(file)->real()); },
    .xShmUnmap = forward<&Methods::xShmUnmap, int>,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int FaultyDisk::Disk::open(FaultyDisk& self, const char* path, sqlite3_file* file, int flags,
                           int* flags_out) {
  constexpr int kept = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  auto* opened = ours(file);
  opened->base.pMethods = nullptr;
  opened->disk = &self;
  opened->path =
      (flags & kept) ? path : nullptr;  // SQLite keeps the name as long as the file is open
  int result = real->xOpen(real, path, opened->real(), flags, flags_out);
  if (result != SQLITE_OK) return result;
  opened->base.pMethods = &methods;
  std::lock_guard lock(mutex);
  if (opened->path && !platters.contains(path)) {
    auto content = read_file(path);
    platters[path].synced = content ? std::move(*content) : std::string();
  }
  return result;
}

FaultyDisk::FaultyDisk() : disk_(std::make_unique<Disk>()) {
  disk_->real = sqlite3_vfs_find(nullptr);
  disk_->vfs = *disk_->real;
  disk_->vfs.zName = name_of_disk;
  disk_->vfs.pNext = nullptr;
  disk_->vfs.szOsFile = static_cast<int>(sizeof(File)) + disk_->real->szOsFile;
  disk_->vfs.pAppData = this;
  disk_->vfs.xOpen = [](sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags,
                        int* flags_out) {
    auto* self = static_cast<FaultyDisk*>(vfs->pAppData);
    return self->disk_->open(*self, path, file, flags, flags_out);
  };
  disk_->vfs.xDelete = [](sqlite3_vfs* vfs, const char* path, int sync_directory) {
    return static_cast<FaultyDisk*>(vfs->pAppData)->disk_->remove(path, sync_directory);
  };
  sqlite3_vfs_register(&disk_->vfs, 1);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&disk_->vfs);
  sqlite3_vfs_register(disk_->real, 1);
}

void FaultyDisk::fail_at(std::uint64_t nth, Fault fault) {
  std::lock_guard lock(disk_->mutex);
  disk_->strike_at = disk_->operations + nth;
  disk_->fault = fault;
  disk_->struck = false;
}

void FaultyDisk::heal() {
  std::lock_guard lock(disk_->mutex);
  disk_->strike_at = 0;
}

bool FaultyDisk::struck() const {
  std::lock_guard lock(disk_->mutex);
  return disk_->struck;
}

std::uint64_t FaultyDisk::operations() const {
  std::lock_guard lock(disk_->mutex);
  return disk_->operations;
}

void FaultyDisk::restart(Random& random) {
  std::lock_guard lock(disk_->mutex);
  for (auto& [path, platter] : disk_->platters) {
    for (const auto& change : platter.unsynced) {
      switch (random.below(3)) {
        case 0:
          break;
        case 1:
          apply(platter.synced, change);
          break;
        case 2:
          if (change.bytes)
            apply(platter.synced, change,
                  random.below(change.bytes->size() / sector_bytes + 1) * sector_bytes);
          break;
      }
    }
    platter.unsynced.clear();
    if (!write_file(path, platter.synced)) std::abort();
    std::filesystem::remove(path + "-shm");
  }
  disk_->platters.clear();
  disk_->strike_at = 0;
}

}  // namespace aright::store
