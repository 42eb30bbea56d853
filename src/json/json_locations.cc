#include "json/json_locations.h"

#include "json/diff.h"

namespace aright::json {

namespace {

// A recursive walk over text that is known to be JSON, and therefore no deeper than depth_max.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  Result<std::map<std::string, Location>> run() {
    skip_spaces();
    locations_[""] = here();
    CHECK_OK(walk(""));
    return std::move(locations_);
  }

 private:
  Location here() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_spaces() {
    for (; peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n'; ++at_) {
      if (peek() != '\n') continue;
      ++line_;
      line_start_ = at_ + 1;
    }
  }

  // The whole literal, with its quotes.
  std::string_view string_literal() {
    auto start = at_++;
    while (peek() != '"')
      at_ += peek() == '\\' ? 2 : 1;
    return text_.substr(start, ++at_ - start);
  }

  Result<> walk(const std::string& pointer) {
    if (peek() == '{') return object(pointer);
    if (peek() == '[') return array(pointer);
    if (peek() == '"') {
      string_literal();
    } else {
      at_ = std::min(text_.find_first_of(",]} \t\r\n", at_), text_.size());
    }
    return {};
  }

  Result<> object(const std::string& pointer) {
    for (++at_, skip_spaces(); peek() != '}'; skip_spaces()) {
      if (peek() == ',') {
        ++at_;
        skip_spaces();
      }
      auto place = here();
      auto key = TRY(parse(string_literal()));
      auto child = pointer + '/' + pointer_escape(text(key));
      if (!locations_.emplace(child, place).second) {
        return fail(Errc::invalid, "line {}, column {}: the key \"{}\" appears twice", place.line,
                    place.column, text(key));
      }
      skip_spaces();
      ++at_;  // the colon
      skip_spaces();
      CHECK_OK(walk(child));
    }
    ++at_;
    return {};
  }

  Result<> array(const std::string& pointer) {
    ++at_;
    skip_spaces();
    for (std::size_t index = 0; peek() != ']'; ++index, skip_spaces()) {
      if (peek() == ',') {
        ++at_;
        skip_spaces();
      }
      auto child = pointer + '/' + std::to_string(index);
      locations_[child] = here();
      CHECK_OK(walk(child));
    }
    ++at_;
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
  std::map<std::string, Location> locations_;
};

}  // namespace

Result<std::map<std::string, Location>> json_locations(std::string_view text) {
  return Walker(text).run();
}

}  // namespace aright::json
