#include "bus/inbound.h"

#include <zlib.h>

#include <cctype>

namespace aright::bus {

namespace {

constexpr std::size_t unpack_step = 256u << 10;
constexpr int gzip_or_zlib = 15 + 32;  // zlib's window bits: tell the format by its head

Result<std::string> unpacked(std::string_view bytes) {
  if (!bytes.starts_with("\x1f\x8b")) return std::string(bytes);
  z_stream stream{};
  if (inflateInit2(&stream, gzip_or_zlib) != Z_OK) return fail(Errc::internal, "zlib does not start");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out, piece(unpack_step, '\0');
  int state = Z_OK;
  while (state == Z_OK && out.size() <= log_file_bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = unpack_step;
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, unpack_step - stream.avail_out);
    // Members of a gzip file may follow one another.
    if (state == Z_STREAM_END && stream.avail_in > 0) state = inflateReset(&stream);
  }
  inflateEnd(&stream);
  if (out.size() > log_file_bytes_max)
    return fail(Errc::invalid, "unpacked it has more than {} bytes", log_file_bytes_max);
  if (state != Z_STREAM_END) return fail(Errc::invalid, "it is damaged, or not all of it is there");
  return out;
}

// A record of CloudTrail, as the event that EventBridge would have made of it.
json::Object event_of(const json::Value& record) {
  auto source = json::text(record, "eventSource", "");
  return {{"id", json::at(record, "eventID")},
          {"source", "aws." + source.substr(0, source.find('.'))},
          {"detail-type", "AWS API Call via CloudTrail"},
          {"account", json::at(record, "recipientAccountId")},
          {"region", json::at(record, "awsRegion")},
          {"time", json::at(record, "eventTime")},
          {"detail", record}};
}

// Keys in S3's notices are written as forms write them.
std::string decoded(std::string_view text) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  auto is_digit = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escape = text[i] == '%' && i + 2 < text.size() && is_digit(text[i + 1]) && is_digit(text[i + 2]);
    if (escape) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// One of S3's notices: a log file, or an event about the bucket.
void take_notice(const json::Value& record, Inbound& out) {
  const auto& s3 = json::at(record, "s3");
  LogFile file{.bucket = json::text(json::at(s3, {"bucket", "name"})),
               .key = decoded(json::text(json::at(s3, {"object", "key"})))};
  if (is_log_file(file.key)) {
    out.files.push_back(std::move(file));
    return;
  }
  auto sequencer = json::text(json::at(s3, {"object", "sequencer"}));
  auto what = json::text(record, "eventName", "");
  json::Object event{{"source", "aws.s3"},
                     {"detail-type", "S3 Event Notification"},
                     {"region", json::at(record, "awsRegion")},
                     {"time", json::at(record, "eventTime")},
                     {"resources", json::Array{json::Value("arn:aws:s3:::" + file.bucket)}},
                     {"detail", record}};
  if (!sequencer.empty()) event["id"] = fmt::format("{}/{}/{}/{}", file.bucket, file.key, what, sequencer);
  out.events.push_back(std::move(event));
}

Result<> take_records(const json::Value& records, Inbound& out) {
  if (json::items(records).size() > log_records_max)
    return fail(Errc::invalid, "more than {} records", log_records_max);
  for (const auto& record : json::items(records)) {
    if (json::text(record, "eventSource", "") == "aws:s3")
      take_notice(record, out);
    else if (!json::at(record, "eventID").is_null())
      out.events.push_back(event_of(record));
    else
      return fail(Errc::invalid, "a record is neither CloudTrail's nor a notice of S3");
  }
  return {};
}

Result<> take(const json::Value& value, int depth, Inbound& out) {
  if (!value.is_object()) return fail(Errc::invalid, "it is no JSON object");
  if (const auto& records = json::at(value, "Records"); records.is_array()) return take_records(records, out);
  if (!json::at(value, "detail-type").is_null() || !json::at(value, "source").is_null()) {
    out.events.push_back(value.get_object());
    return {};
  }
  if (json::text(value, "Type", "") == "Notification") {
    if (depth >= wrapped_max) return fail(Errc::invalid, "it is wrapped more than {} times", wrapped_max);
    auto inner = json::parse(json::text(value, "Message", ""));
    if (!inner) return wrap(inner.error(), "Message");
    return take(*inner, depth + 1, out);
  }
  // CloudTrail's own notice, and S3's at the start.
  if (auto bucket = json::text(value, "s3Bucket", ""); !bucket.empty()) {
    for (auto& key : json::texts(json::at(value, "s3ObjectKey")))
      if (is_log_file(key)) out.files.push_back({bucket, std::move(key)});
    return {};
  }
  if (json::text(value, "Event", "") == "s3:TestEvent") return {};
  return fail(Errc::invalid, "it is no event, no log file, and no notice of one");
}

}  // namespace

bool is_log_file(std::string_view key) {
  bool ends = key.ends_with(".json.gz") || key.ends_with(".json");
  return ends &&
         (key.find("/CloudTrail/") != std::string_view::npos || key.find("_CloudTrail_") != std::string_view::npos);
}

Result<Inbound> read_inbound(std::string_view text) {
  auto value = TRY(json::parse(text));
  Inbound out;
  CHECK_OK(take(value, 0, out));
  return out;
}

Result<std::vector<json::Object>> read_log_file(std::string_view bytes) {
  auto text = TRY(unpacked(bytes));
  auto value = TRY(json::parse(text));
  const auto& records = json::at(value, "Records");
  if (!records.is_array()) return fail(Errc::invalid, "it has no Records");
  Inbound out;
  CHECK_OK(take_records(records, out));
  return std::move(out.events);
}

}  // namespace aright::bus
