#include "cli/lines.h"

#include <cerrno>
#include <cstring>

namespace aright::cli {

namespace {

constexpr std::size_t read_bytes = 1u << 20;

}  // namespace

Result<Lines> Lines::open(const std::string& file) {
  if (file == "-") return Lines("standard input", stdin);
  auto* opened = std::fopen(file.c_str(), "rb");
  if (!opened) {
    const auto code = errno == ENOENT ? Errc::not_found : Errc::denied;
    return fail(code, "{}: {}", file, std::strerror(errno));
  }
  std::setvbuf(opened, nullptr, _IONBF, 0);  // what is read is kept here
  return Lines(file, opened);
}

Lines::~Lines() {
  if (file_ && file_ != stdin) std::fclose(file_);
}

Lines::Lines(Lines&& other) noexcept
    : name_(std::move(other.name_)),
      file_(std::exchange(other.file_, nullptr)),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      end_(other.end_),
      number_(other.number_) {}

// Reads on behind the line that has begun. False at the end of the file.
Result<bool> Lines::fill() {
  if (end_ - begin_ > line_bytes_max)
    return fail(Errc::invalid, "{}:{}: a line may have at most {} bytes", name_, number_ + 1, line_bytes_max);
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + read_bytes + line_padding) buffer_.resize(2 * end_ + read_bytes + line_padding);
  const auto read = std::fread(buffer_.data() + end_, 1, buffer_.size() - end_ - line_padding, file_);
  if (read == 0 && std::ferror(file_)) return fail(Errc::unavailable, "{}: {}", name_, std::strerror(errno));
  end_ += read;
  return read > 0;
}

Result<bool> Lines::next(std::string_view& line) {
  for (std::size_t searched = 0;;) {
    const char* begin = buffer_.data() + begin_;
    const auto size = end_ - begin_;
    const auto* newline =
        size == searched ? nullptr : static_cast<const char*>(std::memchr(begin + searched, '\n', size - searched));
    if (!newline) {
      searched = size;
      const bool more = TRY(fill());
      if (more) continue;
      if (size == 0) return false;
    }
    begin = buffer_.data() + begin_;
    line = {begin, newline ? static_cast<std::size_t>(newline - begin) : size};
    begin_ += line.size() + (newline ? 1 : 0);
    ++number_;
    searched = 0;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) return true;
  }
}

}  // namespace aright::cli
