#include "nats/protocol.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace aright::nats {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view header_version = "NATS/1.0";

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    auto from = line.find_first_not_of(" \t");
    if (from == std::string_view::npos) return out;
    auto to = std::min(line.find_first_of(" \t", from), line.size());
    out.push_back(line.substr(from, to - from));
    line.remove_prefix(to);
  }
}

Result<std::size_t> number(std::string_view text) {
  std::size_t out = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out > message_bytes_max)
    return fail(Errc::invalid, "'{}' is no size of a message", text.substr(0, 32));
  return out;
}

// "NATS/1.0", or with a status and words behind it; then lines of names and values.
Result<> read_headers(std::string_view text, Message& message) {
  if (!text.starts_with(header_version) || !text.ends_with("\r\n\r\n"))
    return fail(Errc::invalid, "headers that are none");
  auto first = text.substr(0, text.find(line_end));
  auto status = trim(first.substr(header_version.size()));
  if (!status.empty()) {
    auto end = std::min(status.find(' '), status.size());
    auto [stop, error] = std::from_chars(status.data(), status.data() + end, message.status);
    if (error != std::errc() || stop != status.data() + end) return fail(Errc::invalid, "a status that is no number");
    message.description = trim(status.substr(end));
  }
  text.remove_prefix(first.size() + line_end.size());
  while (!text.empty() && text != line_end) {
    auto line = text.substr(0, text.find(line_end));
    auto colon = line.find(':');
    if (colon == std::string_view::npos) return fail(Errc::invalid, "a header without a colon");
    message.headers.emplace_back(trim(line.substr(0, colon)), trim(line.substr(colon + 1)));
    text.remove_prefix(line.size() + line_end.size());
  }
  return {};
}

bool is_plain(std::string_view text) {
  return std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 127; });
}

}  // namespace

std::string_view Message::header(std::string_view name) const {
  auto found = std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

void Reader::feed(std::string_view bytes) {
  pending_.erase(0, at_);
  at_ = 0;
  pending_ += bytes;
}

Result<std::optional<Frame>> Reader::next() {
  while (true) {
    if (body_) return read_body();
    auto text = rest();
    auto end = text.find(line_end);
    if (std::min(end, text.size()) > line_bytes_max)
      return fail(Errc::invalid, "a line of more than {} bytes", line_bytes_max);
    if (end == std::string_view::npos) return std::nullopt;
    at_ += end + line_end.size();
    auto frame = TRY(read_line(text.substr(0, end)));
    if (frame || !body_) return frame;
  }
}

Result<std::optional<Frame>> Reader::read_line(std::string_view line) {
  auto words = words_of(line);
  std::string verb = words.empty() ? "" : std::string(words[0]);
  std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::toupper(c); });
  auto behind = trim(line.substr(std::min(line.size(), line.find(words.empty() ? "" : words[0]) + verb.size())));
  if (verb == "INFO") return Frame(Info{std::string(behind)});
  if (verb == "PING") return Frame(Ping{});
  if (verb == "PONG") return Frame(Pong{});
  if (verb == "+OK") return Frame(Ok{});
  if (verb == "-ERR") {
    if (behind.size() > 1 && behind.starts_with('\'') && behind.ends_with('\''))
      behind = behind.substr(1, behind.size() - 2);
    return Frame(Refusal{std::string(behind)});
  }
  if (verb != "MSG" && verb != "HMSG") return fail(Errc::invalid, "'{}' is no word of NATS", verb.substr(0, 32));
  CHECK_OK(begin_message(words, verb == "HMSG"));
  return std::nullopt;
}

// MSG <subject> <sid> [reply] <bytes>, HMSG <subject> <sid> [reply] <header bytes> <bytes>
Result<> Reader::begin_message(const std::vector<std::string_view>& words, bool with_headers) {
  const std::size_t least = with_headers ? 5 : 4;
  if (words.size() != least && words.size() != least + 1) return fail(Errc::invalid, "a message without its sizes");
  Body body;
  body.message.subject = words[1];
  if (words.size() > least) body.message.reply = words[3];
  body.bytes = TRY(number(words.back()));
  if (with_headers) body.header_bytes = TRY(number(words[words.size() - 2]));
  if (body.header_bytes > body.bytes) return fail(Errc::invalid, "headers longer than their message");
  body.message.bytes = body.bytes - body.header_bytes;
  body.message.oversized = body.message.bytes > payload_bytes_max || body.header_bytes > header_bytes_max;
  body.left = body.message.oversized ? body.bytes : 0;
  body_ = std::move(body);
  return {};
}

Result<std::optional<Frame>> Reader::read_body() {
  auto& body = *body_;
  if (body.left > 0) {
    auto passed = std::min(body.left, rest().size());
    at_ += passed;
    body.left -= passed;
    if (body.left > 0) return std::nullopt;
  }
  const auto bytes = body.message.oversized ? 0 : body.bytes;
  auto text = rest();
  if (text.size() < bytes + line_end.size()) return std::nullopt;
  if (text.substr(bytes, line_end.size()) != line_end) return fail(Errc::invalid, "a message longer than it says");
  if (bytes > 0 && body.header_bytes > 0) CHECK_OK(read_headers(text.substr(0, body.header_bytes), body.message));
  if (bytes > 0) body.message.payload = text.substr(body.header_bytes, bytes - body.header_bytes);
  at_ += bytes + line_end.size();
  auto message = std::move(body.message);
  body_.reset();
  return Frame(std::move(message));
}

bool is_subject(std::string_view text, bool wild) {
  if (text.empty() || text.size() > line_bytes_max / 2) return false;
  for (const auto& token : split(text, '.')) {
    if (token.empty()) return false;
    bool is_wild = token == "*" || token == ">";
    if (is_wild ? !wild : token.find_first_of("*>") != std::string::npos) return false;
    if (!is_plain(token) || token.find(' ') != std::string::npos) return false;
  }
  return true;
}

Result<std::string> print_publish(std::string_view subject, std::string_view reply, const Headers& headers,
                                  std::string_view payload) {
  if (!is_subject(subject) || (!reply.empty() && !is_subject(reply)))
    return fail(Errc::invalid, "'{}' is no subject to publish on", subject);
  auto to = std::string(subject) + (reply.empty() ? "" : " ") + std::string(reply);
  if (headers.empty()) return fmt::format("PUB {} {}\r\n{}\r\n", to, payload.size(), payload);
  std::string head = std::string(header_version) + "\r\n";
  for (const auto& [name, value] : headers) {
    if (!is_plain(name) || !is_plain(value) || name.empty() || name.find_first_of(": ") != std::string::npos)
      return fail(Errc::invalid, "the header {} cannot be sent", name);
    head += name + ": " + value + "\r\n";
  }
  head += line_end;
  return fmt::format("HPUB {} {} {}\r\n{}{}\r\n", to, head.size(), head.size() + payload.size(), head, payload);
}

}  // namespace aright::nats
