#include "guard/regex_dialect.h"

#include <fmt/format.h>

#include "guard/regex_class.h"
#include "guard/unicode.h"

namespace aright::guard {

namespace {

class Translator {
 public:
  explicit Translator(std::string_view pattern) : text_(pattern) {}

  Result<Translated> run() {
    while (at_ < text_.size()) {
      switch (text_[at_]) {
        case '\\':
          CHECK_OK(escape());
          break;
        case '[':
          CHECK_OK(bracket());
          break;
        case '(':
          CHECK_OK(group());
          break;
        case '{':
          brace();
          break;
        default:
          out_.pattern += text_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  Result<> escape() {
    if (at_ + 1 >= text_.size()) return fail(Errc::invalid, "a backslash at the end");
    char letter = text_[at_ + 1];
    if (auto stands = shorthand(letter); !stands.empty()) {
      emit(fmt::format("[{}]", stands), 2);
    } else if (letter == 'H') {
      emit("[^0-9A-Fa-f]", 2);
    } else if (letter == 'p' || letter == 'P') {
      out_.pattern += TRY(property(text_, at_));
    } else if (letter == 'b' || letter == 'B') {
      out_.word_boundaries = true;
      emit(text_.substr(at_, 2), 2);
    } else if (letter == 'A' || letter == 'z') {
      emit(text_.substr(at_, 2), 2);
    } else if (letter == 'K' || letter == 'G') {
      out_.backtracks = true;
      emit(text_.substr(at_, 2), 2);
    } else if (letter >= '1' && letter <= '9') {
      out_.backtracks = true;
      emit(text_.substr(at_, 2), 2);
    } else if (letter == 'k' && text_.substr(at_ + 2, 1) == "<") {
      return named_reference();
    } else {
      out_.pattern += hexadecimal(TRY(escaped_character(text_, at_)));
    }
    return {};
  }

  Result<> named_reference() {
    auto close = text_.find('>', at_);
    if (close == std::string_view::npos) return fail(Errc::invalid, "\\k< that no > closes");
    out_.backtracks = true;
    emit(text_.substr(at_, close + 1 - at_), close + 1 - at_);
    return {};
  }

  Result<> bracket() {
    auto text = TRY(translate_class(text_, at_));
    out_.pattern += text.pattern;
    out_.backtracks = out_.backtracks || text.backtracks;
    at_ = text.end;
    return {};
  }

  Result<> group() {
    auto rest = text_.substr(at_);
    if (rest.starts_with("(*")) return fail(Errc::invalid, "nothing stands before the *");
    if (!rest.starts_with("(?")) {
      emit("(", 1);
      return {};
    }
    if (rest.starts_with("(?#")) {
      auto close = text_.find(')', at_);
      if (close == std::string_view::npos) return fail(Errc::invalid, "a comment that no ) closes");
      at_ = close + 1;
      return {};
    }
    for (std::string_view around : {"(?=", "(?!", "(?<=", "(?<!", "(?>", "(?("}) {
      if (!rest.starts_with(around)) continue;
      out_.backtracks = true;
      emit(around == "(?(" ? "(?" : around, around == "(?(" ? 2 : around.size());
      return {};
    }
    if (rest.starts_with("(?P=")) {
      out_.backtracks = true;
      emit("(?P=", 4);
      return {};
    }
    if (rest.starts_with("(?P<") || rest.starts_with("(?<")) {
      emit("(?P<", rest.starts_with("(?P<") ? 4 : 3);
      return {};
    }
    return flags();
  }

  // (?i) or (?i: — u says what always holds, x is left to PCRE2.
  Result<> flags() {
    auto end = text_.find_first_of(":)", at_);
    auto letters = end == std::string_view::npos ? "" : text_.substr(at_ + 2, end - at_ - 2);
    if (end == std::string_view::npos ||
        letters.find_first_not_of("imsUux-") != std::string_view::npos) {
      return fail(Errc::invalid, "there is no group like {}", text_.substr(at_, 4));
    }
    std::string kept;
    for (char letter : letters) {
      if (letter == 'x') out_.backtracks = true;
      if (letter != 'u') kept += letter;
    }
    if (kept == "-") kept.clear();
    auto close = text_[end];
    if (!kept.empty() || close == ':') out_.pattern += fmt::format("(?{}{}", kept, close);
    at_ = end + 1;
    return {};
  }

  // {,3} means {0,3}; a brace that begins no repetition stands for itself.
  void brace() {
    auto rest = text_.substr(at_ + 1);
    auto digits = rest.find_first_not_of("0123456789");
    bool from_zero = rest.starts_with(',') && rest.size() > 2 && rest[1] >= '0' && rest[1] <= '9';
    if (from_zero) return emit("{0", 1);
    bool repeats = digits != 0 && digits != std::string_view::npos &&
                   (rest[digits] == '}' || rest[digits] == ',');
    emit(repeats ? "{" : "\\{", 1);
  }

  void emit(std::string_view text, std::size_t length) {
    out_.pattern += text;
    at_ += length;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Translated out_;
};

}  // namespace

Result<Translated> translate(std::string_view pattern) {
  return Translator(pattern).run();
}

}  // namespace aright::guard
