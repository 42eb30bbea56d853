#include <boost/json/basic_parser_impl.hpp>
#include <charconv>

#include "json/value.h"

namespace aright::json {

namespace {

using boost::json::error_code;

// Boost.JSON's own value builder, but for doubles: Boost 1.81 rounds some of them one place off,
// and a value that is stored, read back and hashed again must not change on the way.
class Builder {
 public:
  static constexpr std::size_t max_object_size = Object::max_size();
  static constexpr std::size_t max_array_size = Array::max_size();
  static constexpr std::size_t max_key_size = String::max_size();
  static constexpr std::size_t max_string_size = String::max_size();

  Value take() { return stack_.release(); }

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t size, error_code&) {
    stack_.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(std::string_view part, std::size_t, error_code&) { return chars(part); }
  bool on_key(std::string_view rest, std::size_t, error_code&) {
    stack_.push_key(rest);
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, error_code&) { return chars(part); }
  bool on_string(std::string_view rest, std::size_t, error_code&) {
    stack_.push_string(rest);
    return true;
  }
  bool on_number_part(std::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, std::string_view, error_code&) {
    stack_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, std::string_view, error_code&) {
    stack_.push_uint64(number);
    return true;
  }
  bool on_double(double number, std::string_view text, error_code&) {
    double exact = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), exact);
    // Out of range: Boost's answer, infinity or zero, is what JSON can still say about it.
    stack_.push_double(error == std::errc() && end == text.data() + text.size() ? exact : number);
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(std::string_view, error_code&) { return true; }
  bool on_comment(std::string_view, error_code&) { return true; }

 private:
  bool chars(std::string_view part) {
    stack_.push_chars(part);
    return true;
  }

  boost::json::value_stack stack_;
};

struct Position {
  std::size_t line = 1, column = 1;
};

Position position_of(std::string_view text, std::size_t offset) {
  Position position;
  for (char c : text.substr(0, offset)) {
    ++position.column;
    if (c == '\n') position = {position.line + 1, 1};
  }
  return position;
}

}  // namespace

Result<Value> parse(std::string_view text) {
  if (text.size() > document_bytes_max) {
    return fail(Errc::invalid, "a JSON document may have at most {} bytes", document_bytes_max);
  }
  error_code code;
  boost::json::basic_parser<Builder> parser({.max_depth = depth_max});
  const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
  const auto rest = text.substr(std::min(used, text.size()));
  if (!code && rest.find_first_not_of(" \t\r\n") != std::string_view::npos) {
    code = boost::json::error::extra_data;
  }
  if (code) {
    auto [line, column] = position_of(text, used);
    return fail(Errc::invalid, "line {}, column {}: not JSON: {}", line, column, code.message());
  }
  return parser.handler().take();
}

}  // namespace aright::json
