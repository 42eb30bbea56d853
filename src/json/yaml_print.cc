#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "json/write.h"
#include "json/yaml.h"
#include "json/yaml_scalar.h"

namespace aright::json {

namespace {

constexpr std::size_t simple_key_bytes_max = 1'000;  // YAML allows 1024 characters before the colon

// Words that YAML 1.1 readers take for booleans, though ours does not.
constexpr std::array<std::string_view, 6> foreign_booleans = {"y", "n", "yes", "no", "on", "off"};

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

// Of valid UTF-8; a stray byte stands for itself.
Character character_at(std::string_view text, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const std::size_t bytes = byte(0) < 0xC0 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (bytes == 1 || at + bytes > text.size()) return {.code = byte(0)};
  char32_t code = byte(0) & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i)
    code = code << 6 | (byte(i) & 0x3Fu);
  return {.code = code, .bytes = bytes};
}

// Controls, and the characters beyond ASCII that YAML takes for line breaks or byte order marks.
bool needs_escape(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
         code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

bool any_needs_escape(std::string_view text, std::string_view except) {
  for (std::size_t at = 0; at < text.size();) {
    auto [code, bytes] = character_at(text, at);
    if (needs_escape(code) && (bytes > 1 || !except.contains(text[at]))) return true;
    at += bytes;
  }
  return false;
}

// May stand without quotes in block style. Strict: in doubt, quotes.
bool plain_is_safe(std::string_view text) {
  if (text.empty() || text.back() == ' ' || text.back() == ':') return false;
  auto first = static_cast<unsigned char>(text.front());
  if (!std::isalpha(first) && first < 0x80 && !std::string_view("_/$(").contains(text.front()))
    return false;
  if (text.contains(": ") || text.contains(" #") || any_needs_escape(text, "")) return false;
  if (std::ranges::find(foreign_booleans, lower(text)) != foreign_booleans.end()) return false;
  return resolve_plain(text).is_string();
}

// A literal block keeps text exactly when no line could be mistaken for indentation.
bool literal_is_safe(std::string_view text) {
  if (!text.contains('\n') || text.front() == '\n' || any_needs_escape(text, "\n\t")) return false;
  for (auto& line : split(text, '\n')) {
    if (line.empty()) continue;
    if (line.find_first_not_of(" \t") == std::string::npos || line[0] == '\t') return false;
  }
  return text.front() != ' ';
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    auto [code, bytes] = character_at(text, at);
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\t') {
      out += "\\t";
    } else if (needs_escape(code)) {
      out += code < 0x100 ? fmt::format("\\x{:02X}", static_cast<unsigned>(code))
                          : fmt::format("\\u{:04X}", static_cast<unsigned>(code));
    } else {
      out += text.substr(at, bytes);
    }
    at += bytes;
  }
  return out + '"';
}

bool is_block(const Value& value) {
  return !members(value).empty() || !items(value).empty();
}

class Printer {
 public:
  std::string run(const Value& value) {
    if (is_block(value)) {
      block(value, 0);
    } else {
      scalar(value, 0);
    }
    return std::move(out_);
  }

 private:
  // The first line of a block may continue a line that "- " began.
  void block(const Value& value, std::size_t indent, bool continues = false) {
    auto start_line = [&] {
      if (!std::exchange(continues, false)) out_.append(indent, ' ');
    };
    for (const auto& [key, member] : members(value)) {
      start_line();
      write_key(key, indent);
      if (is_block(member)) {
        out_ += '\n';
        block(member, indent + indent_width);
      } else {
        out_ += ' ';
        scalar(member, indent);
      }
    }
    for (const auto& item : items(value)) {
      start_line();
      out_ += "- ";
      if (is_block(item)) {
        block(item, indent + indent_width, true);
      } else {
        scalar(item, indent);
      }
    }
  }

  void write_key(std::string_view key, std::size_t indent) {
    auto text = plain_is_safe(key) ? std::string(key) : quoted(key);
    if (text.size() <= simple_key_bytes_max) {
      out_ += text + ':';
    } else {
      out_ += "? " + text + '\n' + std::string(indent, ' ') + ':';
    }
  }

  // With the line break behind it.
  void scalar(const Value& value, std::size_t indent) {
    if (!value.is_string()) {
      write_scalar(value, out_);
    } else if (std::string_view text = value.get_string(); plain_is_safe(text)) {
      out_ += text;
    } else if (literal_is_safe(text)) {
      return literal(text, indent + indent_width);
    } else {
      out_ += quoted(text);
    }
    out_ += '\n';
  }

  void literal(std::string_view text, std::size_t indent) {
    if (!text.ends_with('\n')) {
      out_ += "|-\n";
    } else {
      out_ += text.ends_with("\n\n") ? "|+\n" : "|\n";
      text.remove_suffix(1);
    }
    for (auto& line : split(text, '\n')) {
      if (!line.empty()) out_.append(indent, ' ');
      out_ += line + '\n';
    }
  }

  std::string out_;
};

}  // namespace

std::string print_yaml(const Value& value) {
  return Printer().run(value);
}

}  // namespace aright::json
