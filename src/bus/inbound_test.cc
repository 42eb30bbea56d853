// Shapes as AWS's documentation shows them: S3's event message, CloudTrail's log file, SNS's notification.
#include "bus/inbound.h"

#include <gmock/gmock.h>
#include <zlib.h>

namespace aright::bus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* log_key =
    "AWSLogs/111122223333/CloudTrail/us-east-1/2024/05/01/111122223333_CloudTrail_us-east-1_a.json.gz";
constexpr const char* log_text =
    R"({"Records": [{"eventVersion": "1.08", "eventID": "c-1", "eventSource": "s3.amazonaws.com",
  "eventName": "PutBucketPolicy", "awsRegion": "us-east-1", "eventTime": "2024-05-01T10:00:00Z",
  "recipientAccountId": "111122223333", "requestParameters": {"bucketName": "logs"}}]})";

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string notice_of(std::string_view key) {
  return fmt::format(R"({{"Records": [{{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "us-east-1",
    "eventTime": "2024-05-01T10:00:00.000Z", "eventName": "ObjectCreated:Put",
    "s3": {{"bucket": {{"name": "trail"}}, "object": {{"key": "{}", "size": 1024, "sequencer": "0055AED6"}}}}}}]}})",
                     key);
}
std::string wrapped(std::string_view text) {
  return json::print(json::Object{{"Type", "Notification"}, {"MessageId", "m"}, {"Message", text}});
}
std::string inbound_fault(std::string_view text) {
  auto read = read_inbound(text);
  return read ? "" : read.error().message;
}

TEST(Inbound, HoldsEnvelopesAsTheyAreAndInsideSns) {
  const std::string event = R"({"id":"e","source":"my.shop","detail-type":"order","detail":{}})";
  for (const auto& text : {event, wrapped(event), wrapped(wrapped(event))}) {
    auto read = read_inbound(text);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ(read->events.size(), 1u);
    EXPECT_EQ(json::print(read->events[0]), event);
  }
  EXPECT_THAT(inbound_fault(wrapped(wrapped(wrapped(wrapped(event))))), HasSubstr("more than 3 times"));
}

TEST(Inbound, NamesTheLogFilesThatS3TellsOf) {
  EXPECT_THAT(read_inbound(notice_of(log_key))->files, ElementsAre(LogFile{"trail", log_key}));
  EXPECT_THAT(read_inbound(wrapped(notice_of(log_key)))->files, ElementsAre(LogFile{"trail", log_key}));
  EXPECT_THAT(
      read_inbound(
          fmt::format(R"({{"s3Bucket": "trail", "s3ObjectKey": ["{}", "x/CloudTrail-Digest/y.json.gz"]}})", log_key))
          ->files,
      ElementsAre(LogFile{"trail", log_key}));
  EXPECT_EQ(read_inbound(notice_of("a+b/CloudTrail/c%3Ad.json.gz"))->files[0].key, "a b/CloudTrail/c:d.json.gz");
}

TEST(Inbound, MakesEventsOfOtherNoticesOfS3) {
  auto read = read_inbound(notice_of("photos/cat.jpg"));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->events.size(), 1u);
  EXPECT_EQ(json::text(read->events[0], "source", ""), "aws.s3");
  EXPECT_EQ(json::text(read->events[0], "id", ""), "trail/photos/cat.jpg/ObjectCreated:Put/0055AED6");
  EXPECT_THAT(json::texts(json::at(read->events[0], "resources")), ElementsAre("arn:aws:s3:::trail"));
}

TEST(Inbound, HoldsNothingInATestEvent) {
  auto read = read_inbound(R"({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "trail"})");
  ASSERT_TRUE(read);
  EXPECT_THAT(read->events, IsEmpty());
}

TEST(Inbound, SaysWhatIsNoneOfThese) {
  EXPECT_THAT(inbound_fault("hello"), HasSubstr("not JSON"));
  EXPECT_THAT(inbound_fault("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(inbound_fault("{}"), HasSubstr("no event"));
  EXPECT_THAT(inbound_fault(R"({"Records": [{}]})"), HasSubstr("neither CloudTrail's"));
  EXPECT_THAT(inbound_fault(R"({"Type": "Notification", "Message": "hello"})"), HasSubstr("Message"));
}

TEST(LogFiles, AreReadPackedAndUnpacked) {
  auto packed = gzip(log_text);
  for (const auto& bytes : {std::string(log_text), packed}) {
    auto events = read_log_file(bytes);
    ASSERT_TRUE(events) << events.error().message;
    ASSERT_EQ(events->size(), 1u);
    EXPECT_EQ(json::text((*events)[0], "id"), "c-1");
    EXPECT_EQ(json::text((*events)[0], "source"), "aws.s3");
    EXPECT_EQ(json::text((*events)[0], "account"), "111122223333");
  }
}

TEST(LogFiles, ThatAreDamagedAreRefusedAtEachByte) {
  auto packed = gzip(log_text);
  for (std::size_t size = 2; size < packed.size(); ++size)
    EXPECT_FALSE(read_log_file(std::string_view(packed).substr(0, size))) << size;
  EXPECT_FALSE(read_log_file("{}"));
}

TEST(LogFiles, ThatUnpackToTooMuchAreRefused) {
  std::string bomb = gzip(std::string(log_file_bytes_max + 1, ' '));
  auto read = read_log_file(bomb);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("more than"));
}

}  // namespace
}  // namespace aright::bus
