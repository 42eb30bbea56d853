#include "sandbox/faults.h"

#include <algorithm>

#include "sandbox/testing.h"

namespace aright::sandbox {
namespace {

class Faults : public SandboxTest {
 protected:
  static constexpr const char* logs = R"({"Bucket": "logs"})";
  bool exists() { return refused("s3:HeadBucket", logs).empty(); }
};

TEST_F(Faults, LeaveNothingBehindWhenTheCallNeverArrived) {
  Faulty lossy(cloud, {.lost_before = 1000}, 1);
  auto output = lossy.call(call_of("s3:CreateBucket", logs), {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().retry, Retry::unknown_outcome);
  EXPECT_FALSE(exists());
}

TEST_F(Faults, HideThatTheCallTookEffect) {
  Faulty lossy(cloud, {.lost_after = 1000}, 1);
  auto output = lossy.call(call_of("s3:CreateBucket", logs), {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().retry, Retry::unknown_outcome);
  EXPECT_TRUE(exists());
}

TEST_F(Faults, ThrottleAndFailWithoutEffect) {
  Faulty busy(cloud, {.throttled = 1000}, 1);
  EXPECT_EQ(busy.call(call_of("s3:CreateBucket", logs), {}).error().code, Errc::throttled);
  Faulty broken(cloud, {.failed = 1000}, 1);
  EXPECT_EQ(broken.call(call_of("s3:CreateBucket", logs), {}).error().http_status, 500);
  EXPECT_FALSE(exists());
}

TEST_F(Faults, AreTheSameForTheSameSeed) {
  auto pattern = [&](std::uint64_t seed) {
    Faulty sometimes(cloud, {.throttled = 300, .failed = 200}, seed);
    std::string out;
    for (int i = 0; i < 64; ++i)
      out += sometimes.call(call_of("s3:ListBuckets"), {}) ? '.' : 'x';
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(out, 'x')), sometimes.faults_count());
    return out;
  };
  EXPECT_EQ(pattern(7), pattern(7));
  EXPECT_NE(pattern(7), pattern(8));
}

TEST_F(Faults, SpareTheCallsTheyAreNotMeantFor) {
  Faulty writes_only(cloud, {.failed = 1000}, 1,
                     [](const aws::Call& call) { return !call.operation.starts_with("List"); });
  EXPECT_TRUE(writes_only.call(call_of("s3:ListBuckets"), {}));
  EXPECT_FALSE(writes_only.call(call_of("s3:CreateBucket", logs), {}));
}

}  // namespace
}  // namespace aright::sandbox
