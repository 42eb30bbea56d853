#pragma once
// aws-chunked bodies, in which SDKs stream to S3: pieces with a size, perhaps a signature each, and
// headers at the end. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
// Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

namespace aright::aws {

struct Chunk {
  std::string_view data;  // of the body that was read; the last one's is empty
  std::string signature;  // "" when the pieces are unsigned
};

struct ChunkedBody {
  std::vector<Chunk> chunks;
  net::Headers trailers;
};

bool is_chunked(const net::Request& request);
// Fails with invalid, saying at which byte.
Result<ChunkedBody> read_chunked(std::string_view body);
// The request as if it had been sent whole: its body joined, its trailers among its headers. Fails
// with invalid when the body is not as long as x-amz-decoded-content-length says.
Result<net::Request> unchunked(const net::Request& request);

}  // namespace aright::aws
