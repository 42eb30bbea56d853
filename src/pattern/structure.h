#pragma once
// Where the structure of a JSON text stands: the first pass of simdjson, which reads 64 bytes at a time. The only home
// of simdjson. Internal to pattern.
//
// What is found: every bracket, brace, colon and comma outside of strings, and where each string, number and literal
// begins. What is sure then: the text is UTF-8, each string is closed and holds no control characters. All else is
// for the reader to check.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace aright::pattern {

// One thread's; keeps its memory from text to text.
class Structure {
 public:
  Structure();
  ~Structure();
  Structure(Structure&&) noexcept;
  Structure& operator=(Structure&&) noexcept;

  // Empty: no JSON. Else the offsets; there is room for one more behind them. Good until the next call.
  std::span<std::uint32_t> find(std::string_view text);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace aright::pattern
