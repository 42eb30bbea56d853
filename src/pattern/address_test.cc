#include "pattern/address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace aright::pattern {

TEST(Address, IsReadAsTheSystemReadsIt) {
  Random random(5);
  std::size_t good = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const auto parts = 3 + random.below(3);
    for (std::size_t part = 0; part < parts; ++part) {
      if (part > 0) text += random.below(20) == 0 ? "" : ".";
      text += std::to_string(random.below(random.below(3) == 0 ? 300 : 12));
      if (random.below(30) == 0) text.insert(text.size() - 1, "0");
    }
    in_addr expected{};
    const bool valid = inet_pton(AF_INET, text.c_str(), &expected) == 1;
    const auto address = parse_address(text);
    ASSERT_EQ(address.has_value(), valid) << text;
    if (!valid) continue;
    ++good;
    EXPECT_FALSE(address->v6);
    EXPECT_EQ(std::memcmp(address->bytes.data(), &expected, sizeof expected), 0) << text;
  }
  EXPECT_GT(good, 1'000u);
}

TEST(Address, ARangeHoldsWhatSharesItsFirstBits) {
  for (int bits = 0; bits < 32; ++bits) {
    const auto range = parse_range("170.85.170.85/" + std::to_string(bits)).value();
    for (int flipped = 0; flipped < 32; ++flipped) {
      auto address = *parse_address("170.85.170.85");
      address.bytes[static_cast<std::size_t>(flipped / 8)] ^= static_cast<std::uint8_t>(0x80 >> flipped % 8);
      EXPECT_EQ(range.contains(address), flipped >= bits) << bits << " " << flipped;
    }
  }
}

}  // namespace aright::pattern
