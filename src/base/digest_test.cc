#include "base/digest.h"

#include <gtest/gtest.h>

namespace aright {

TEST(Digest, AgreesWithPublishedVectors) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  // RFC 4231, test case 2.
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Base64, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)).value(), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Base64, RefusesOtherCharacters) { EXPECT_FALSE(from_base64("a$b=")); }

TEST(Hex, RoundTrips) { EXPECT_EQ(from_hex(to_hex("\x01\xff")).value(), "\x01\xff"); }

}  // namespace aright
