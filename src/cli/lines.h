#pragma once
// Lines of large files, in bounded memory.

#include <cstdio>
#include <string>
#include <string_view>

#include "base/error.h"

namespace aright::cli {

inline constexpr std::size_t line_bytes_max = 64u << 20;
inline constexpr std::size_t line_padding = 64;  // bytes that may be read behind a line

class Lines {
 public:
  // "-" is standard input. Fails with not_found or denied.
  static Result<Lines> open(const std::string& file);
  ~Lines();
  Lines(Lines&& other) noexcept;
  Lines& operator=(Lines&&) = delete;

  // The next line that holds more than spaces; good until the next call. False at the end. Fails with invalid when a
  // line is longer than line_bytes_max, with unavailable when the file can't be read on.
  Result<bool> next(std::string_view& line);
  std::size_t number() const { return number_; }  // of that line, from 1
  const std::string& name() const { return name_; }

 private:
  Lines(std::string name, std::FILE* file) : name_(std::move(name)), file_(file) {}
  Result<bool> fill();

  std::string name_;
  std::FILE* file_;
  std::string buffer_;  // always longer than what is read by line_padding
  std::size_t begin_ = 0, end_ = 0;
  std::size_t number_ = 0;
};

}  // namespace aright::cli
