#include "aws/chunked.h"

#include <charconv>

#include "base/text.h"

namespace aright::aws {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t trailers_max = 16;

class ChunkReader {
 public:
  explicit ChunkReader(std::string_view body) : rest_(body), whole_(body.size()) {}

  Result<ChunkedBody> run() {
    ChunkedBody body;
    while (body.chunks.empty() || !body.chunks.back().data.empty()) {
      auto chunk = TRY(next());
      body.chunks.push_back(std::move(chunk));
    }
    while (!rest_.empty()) {
      auto text = TRY(line());
      if (text.empty()) break;
      auto colon = text.find(':');
      if (colon == text.npos || body.trailers.size() == trailers_max) return broken();
      body.trailers.add(lower(trim(text.substr(0, colon))),
                        std::string(trim(text.substr(colon + 1))));
    }
    return body;
  }

 private:
  // "400;chunk-signature=ad80…"
  Result<Chunk> next() {
    auto head = TRY(line());
    auto semicolon = head.find(';');
    auto digits = head.substr(0, semicolon);
    std::size_t size = 0;
    auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    bool whole = parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size();
    if (!whole || size > rest_.size()) return broken();
    Chunk chunk{.data = rest_.substr(0, size)};
    constexpr std::string_view key = "chunk-signature=";
    auto extension = semicolon == head.npos ? "" : head.substr(semicolon + 1);
    if (extension.starts_with(key)) chunk.signature = extension.substr(key.size());
    rest_.remove_prefix(size);
    // The last piece is empty; what follows it are the trailers, or the end.
    if (size > 0) {
      auto after = TRY(line());
      if (!after.empty()) return broken();
    }
    return chunk;
  }

  Result<std::string_view> line() {
    auto end = rest_.find(line_end);
    if (end == rest_.npos) return broken();
    auto text = rest_.substr(0, end);
    rest_.remove_prefix(end + line_end.size());
    return text;
  }

  std::unexpected<Error> broken() const {
    return fail(Errc::invalid, "the aws-chunked body is broken at byte {}", whole_ - rest_.size());
  }

  std::string_view rest_;
  const std::size_t whole_;
};

}  // namespace

bool is_chunked(const net::Request& request) {
  return request.headers.get("X-Amz-Content-Sha256").starts_with("STREAMING-");
}

Result<ChunkedBody> read_chunked(std::string_view body) {
  return ChunkReader(body).run();
}

Result<net::Request> unchunked(const net::Request& request) {
  auto body = TRY(read_chunked(request.body));
  net::Request whole{
      .method = request.method, .target = request.target, .headers = request.headers};
  for (const Chunk& chunk : body.chunks)
    whole.body += chunk.data;
  auto length = request.headers.get("x-amz-decoded-content-length");
  if (length != std::to_string(whole.body.size())) {
    return fail(Errc::invalid, "the body has {} bytes where x-amz-decoded-content-length says {}",
                whole.body.size(), length);
  }
  for (const auto& [name, value] : body.trailers)
    whole.headers.set(name, value);
  whole.headers.set("Content-Length", length);
  // What is left of the encodings is the object's own.
  std::string encodings;
  for (const std::string& one : split(request.headers.get("Content-Encoding"), ',')) {
    if (trim(one) == "aws-chunked" || trim(one).empty()) continue;
    encodings += (encodings.empty() ? "" : ",") + std::string(trim(one));
  }
  whole.headers.erase("Content-Encoding");
  if (!encodings.empty()) whole.headers.set("Content-Encoding", encodings);
  return whole;
}

}  // namespace aright::aws
