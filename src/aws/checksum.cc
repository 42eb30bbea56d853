#include "aws/checksum.h"

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"

namespace aright::aws {

namespace {

// The polynomials of CRC-32 and CRC-32C, bits reversed.
constexpr std::uint32_t crc32_polynomial = 0xedb88320, crc32c_polynomial = 0x82f63b78;

// Four bytes, the highest first.
std::string crc(std::string_view bytes, std::uint32_t polynomial) {
  std::uint32_t sum = 0xffffffff;
  for (unsigned char byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit)
      sum = (sum >> 1) ^ ((sum & 1) != 0 ? polynomial : 0);
  }
  sum = ~sum;
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(sum >> shift & 0xff);
  return out;
}

Result<std::string> digest(std::string_view algorithm, std::string_view bytes) {
  if (algorithm == "CRC32") return crc(bytes, crc32_polynomial);
  if (algorithm == "CRC32C") return crc(bytes, crc32c_polynomial);
  if (algorithm == "SHA1") return sha1(bytes);
  if (algorithm == "SHA256") return sha256(bytes);
  return fail(Errc::invalid, "the checksum algorithm {} is unknown", algorithm);
}

bool has_checksum(const net::Headers& headers) {
  return headers.find("Content-MD5") || std::ranges::any_of(headers, [](const auto& header) {
           return lower(header.first).starts_with("x-amz-checksum-");
         });
}

}  // namespace

Result<> add_checksum(const model::Operation& operation, net::Request& request) {
  if (has_checksum(request.headers)) return {};
  auto algorithm = request.headers.get("x-amz-sdk-checksum-algorithm");
  if (!algorithm.empty()) {
    auto sum = TRY(digest(algorithm, request.body));
    request.headers.set("x-amz-checksum-" + lower(algorithm), to_base64(sum));
  } else if (operation.checksum_required()) {
    request.headers.set("Content-MD5", to_base64(md5(request.body)));
  }
  return {};
}

}  // namespace aright::aws
