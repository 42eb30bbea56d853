#pragma once
// What a queue's message or a file may hold: EventBridge envelopes, CloudTrail's log files, and notices of S3 that such
// a file is there, each also inside a message of SNS. Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace aright::bus {

inline constexpr int wrapped_max = 3;                                      // SNS within SNS
inline constexpr std::size_t log_file_bytes_max = std::size_t{256} << 20;  // unpacked
inline constexpr std::size_t log_records_max = 1'000'000;                  // of one file

struct LogFile {
  std::string bucket, key;
  bool operator==(const LogFile&) const = default;
};

struct Inbound {
  std::vector<json::Object> events;  // as they came; complete() fills in what is missing
  std::vector<LogFile> files;        // that hold more
};

// Fails with invalid for what is none of these. S3's test event holds nothing. A notice about an object that is no log
// file of CloudTrail becomes an event from aws.s3 that names the bucket.
Result<Inbound> read_inbound(std::string_view text);

// The events of a log file, gzip or not. Fails with invalid, also when a limit above is met.
Result<std::vector<json::Object>> read_log_file(std::string_view bytes);

// AWSLogs/111122223333/CloudTrail/us-east-1/2024/05/01/111122223333_CloudTrail_us-east-1_….json.gz; digests are not.
bool is_log_file(std::string_view key);

}  // namespace aright::bus
