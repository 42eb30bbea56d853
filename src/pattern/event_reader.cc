#include "pattern/event_reader.h"

#include <algorithm>
#include <cstring>

#include "base/utf8.h"
#include "pattern/pattern.h"

namespace aright::pattern {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The four hexadecimal digits of a \u escape; -1 when they are none.
int hex4(const char* at) {
  int out = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    const int digit = is_digit(c) ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
    if (digit < 0) return -1;
    out = out * 16 + digit;
  }
  return out;
}

bool leads_pair(int code) {
  return code >= 0xD800 && code < 0xDC00;
}
bool ends_pair(int code) {
  return code >= 0xDC00 && code < 0xE000;
}

// Bytes of the escape that begins at the backslash, 0 when it is none. `at` can be read for 12 bytes.
std::size_t escape_size(const char* at) {
  if (at[1] != 'u') return std::strchr("\"\\/bfnrt", at[1]) && at[1] ? 2 : 0;
  const int code = hex4(at + 2);
  if (code < 0 || ends_pair(code)) return 0;
  if (!leads_pair(code)) return 6;
  return at[6] == '\\' && at[7] == 'u' && ends_pair(hex4(at + 8)) ? 12 : 0;
}

char unescaped(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
  }
}

bool is_number(std::string_view token) {
  const char* at = token.data();
  const char* end = at + token.size();
  auto digits = [&] {
    const char* start = at;
    while (at != end && is_digit(*at))
      ++at;
    return at - start;
  };
  if (at != end && *at == '-') ++at;
  const bool zero = at != end && *at == '0';
  const auto whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (at != end && *at == '.') {
    ++at;
    if (digits() == 0) return false;
  }
  if (at != end && (*at | 0x20) == 'e') {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (digits() == 0) return false;
  }
  return at == end;
}

}  // namespace

bool EventReader::read(std::string_view text, const PathTree& paths, bool padded) {
  paths_ = &paths;
  leaves_.clear();
  scopes_.assign(1, Scope{});
  arrays_ = 0;
  if (text.size() > json::document_bytes_max) return false;
  size_ = text.size();
  bytes_ = text.data();
  if (!padded) {
    if (text_.size() < size_ + padding_bytes) text_.resize((size_ + padding_bytes) * 2);
    std::memcpy(text_.data(), text.data(), size_);
    bytes_ = text_.data();
  }
  auto structure = structure_.find({bytes_, size_});
  if (structure.size() < 2 || bytes_[structure.front()] != '{' || bytes_[structure.back()] != '}') return false;
  if (!check_escapes()) return false;
  // The last token closes an object, so who still reads on expects a comma or another closing bracket. What he finds is
  // the first token again: an opening brace.
  auto* end = structure.data() + structure.size();
  *end = structure.front();
  return object(structure.data(), root_node, root_scope, 1) == end;
}

bool EventReader::check_escapes() {
  escapes_.clear();
  next_escape_ = 0;
  plain_.clear();
  const char* end = bytes_ + size_;
  for (const char* at = bytes_;;) {
    at = static_cast<const char*>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
    if (!at) break;
    escapes_.push_back(static_cast<std::uint32_t>(at - bytes_));
    const auto size = escape_size(at);
    if (size == 0 || size > static_cast<std::size_t>(end - at)) return false;
    at += size;
  }
  if (!escapes_.empty() && plain_.capacity() < size_ + padding_bytes) plain_.reserve((size_ + padding_bytes) * 2);
  escapes_.push_back(static_cast<std::uint32_t>(size_));  // lies behind every string
  return true;
}

// `at` is the opening quote. The closing one is the last byte before the next token that is no space.
std::string_view EventReader::between_quotes(Place at) {
  const char* begin = bytes_ + at[0] + 1;
  const char* end = bytes_ + at[1] - 1;
  while (*end != '"')
    --end;
  const std::string_view text(begin, static_cast<std::size_t>(end - begin));
  while (escapes_[next_escape_] < at[0])
    ++next_escape_;
  return bytes_ + escapes_[next_escape_] < end ? without_escapes(text) : text;
}

std::string_view EventReader::without_escapes(std::string_view text) {
  const auto start = plain_.size();
  const char* at = text.data();
  const char* end = at + text.size();
  while (at != end) {
    if (*at != '\\') {
      plain_ += *at++;
    } else if (at[1] != 'u') {
      plain_ += unescaped(at[1]);
      at += 2;
    } else {
      auto code = static_cast<char32_t>(hex4(at + 2));
      at += 6;
      if (leads_pair(static_cast<int>(code))) {
        code = 0x10000 + ((code - 0xD800) << 10) + static_cast<char32_t>(hex4(at + 2) - 0xDC00);
        at += 6;
      }
      append_utf8(code, plain_);
    }
  }
  const auto size = plain_.size() - start;
  return {plain_.data() + start, size};
}

EventReader::Place EventReader::object(Place at, NodeId node, ScopeId scope, int depth) {
  if (depth > static_cast<int>(json::depth_max)) return nullptr;
  if (bytes_[*++at] == '}') return at + 1;
  while (true) {
    if (bytes_[at[0]] != '"' || bytes_[at[1]] != ':') return nullptr;
    const auto child = paths_->find(node, between_quotes(at));
    at = child == none ? skip(at + 2, depth) : value(at + 2, child, scope, depth);
    if (!at) return nullptr;
    const char next = bytes_[*at++];
    if (next == '}') return at;
    if (next != ',') return nullptr;
  }
}

EventReader::Place EventReader::array(Place at, NodeId node, ScopeId scope, int depth) {
  if (depth > static_cast<int>(json::depth_max)) return nullptr;
  if (bytes_[*++at] == ']') return at + 1;
  const auto id = arrays_++;
  while (true) {
    const char first = bytes_[*at];
    ScopeId inner = scope;
    if (first == '{' || first == '[') {
      inner = static_cast<ScopeId>(scopes_.size());
      scopes_.push_back({.parent = scope, .array = id, .depth = scopes_[scope].depth + 1});
    }
    at = value(at, node, inner, depth);
    if (!at) return nullptr;
    const char next = bytes_[*at++];
    if (next == ']') return at;
    if (next != ',') return nullptr;
  }
}

EventReader::Place EventReader::value(Place at, NodeId node, ScopeId scope, int depth) {
  const char first = bytes_[*at];
  if (first == '{') {
    return paths_->node(node).leads_on ? object(at, node, scope, depth + 1) : skip_object(at, depth + 1);
  }
  if (first == '[') return array(at, node, scope, depth + 1);
  return leaf(at, node, scope);
}

EventReader::Place EventReader::leaf(Place at, NodeId node, ScopeId scope) {
  const auto path = paths_->node(node).path;
  TextLeaf leaf{.path = path, .scope = scope};
  if (bytes_[*at] == '"') {
    if (path == none) return at + 1;
    leaf.kind = Kind::text;
    leaf.text = between_quotes(at);
  } else if (!literal(at, leaf.kind, leaf.text)) {
    return nullptr;
  }
  if (path != none) leaves_.push_back(leaf);
  return at + 1;
}

// Null, a boolean or a number: all that stands before the next token, but for spaces.
bool EventReader::literal(Place at, Kind& kind, std::string_view& token) const {
  const char* begin = bytes_ + at[0];
  const char* end = bytes_ + at[1];
  while (end > begin && is_space(end[-1]))
    --end;
  token = {begin, static_cast<std::size_t>(end - begin)};
  switch (*begin) {
    case 'n':
      kind = Kind::null;
      return token == "null";
    case 't':
      kind = Kind::yes;
      return token == "true";
    case 'f':
      kind = Kind::no;
      return token == "false";
    default:
      kind = Kind::number;
      return is_number(token);
  }
}

EventReader::Place EventReader::skip(Place at, int depth) {
  const char first = bytes_[*at];
  if (first == '"') return at + 1;
  if (first == '{') return skip_object(at, depth + 1);
  if (first == '[') return skip_array(at, depth + 1);
  Kind kind;
  std::string_view token;
  return literal(at, kind, token) ? at + 1 : nullptr;
}

EventReader::Place EventReader::skip_object(Place at, int depth) {
  if (depth > static_cast<int>(json::depth_max)) return nullptr;
  if (bytes_[*++at] == '}') return at + 1;
  while (true) {
    if (bytes_[at[0]] != '"' || bytes_[at[1]] != ':') return nullptr;
    at = skip(at + 2, depth);
    if (!at) return nullptr;
    const char next = bytes_[*at++];
    if (next == '}') return at;
    if (next != ',') return nullptr;
  }
}

EventReader::Place EventReader::skip_array(Place at, int depth) {
  if (depth > static_cast<int>(json::depth_max)) return nullptr;
  if (bytes_[*++at] == ']') return at + 1;
  while (true) {
    at = skip(at, depth);
    if (!at) return nullptr;
    const char next = bytes_[*at++];
    if (next == ']') return at;
    if (next != ',') return nullptr;
  }
}

}  // namespace aright::pattern
