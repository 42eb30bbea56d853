// CloudTrail's log files in a bucket.

#include <algorithm>

#include "base/digest.h"
#include "remediation/intake.h"
#include "remediation/projection.h"

namespace aright::remediation {

namespace {

// "AWSLogs/…/us-east-1/2024/05/02/x" is behind the start of 2024/05/01: files come late, and their names are not in
// order within a day. "" when the key holds no date behind the prefix.
std::string day_before(std::string_view key, std::string_view prefix) {
  constexpr std::size_t date_size = 10;
  if (!key.starts_with(prefix) || key.size() < prefix.size() + date_size) return "";
  std::string date(key.substr(prefix.size(), date_size));
  if (date[4] != '/' || date[7] != '/') return "";
  date[4] = date[7] = '-';
  auto day = parse_timestamp(date + "T00:00:00Z");
  if (!day) return "";
  return std::string(prefix) + (*day - std::chrono::days(1)).format("%Y/%m/%d/");
}

}  // namespace

// A file that is not there, or may not be read, is not one that cannot be read: it is asked for again.
Result<std::size_t> Intake::take_file(const Source& source, const bus::LogFile& file, const Context& context) {
  auto answer = TRY(call(source, "s3", "GetObject", {{"Bucket", file.bucket}, {"Key", file.key}}, context));
  auto name = fmt::format("s3://{}/{}", file.bucket, file.key);
  auto bytes = from_base64(json::text(answer, "Body"));
  if (!bytes) return fail(bytes.error());
  auto events = bus::read_log_file(*bytes);
  if (!events) {
    CHECK_OK(refuse(source, name, "", events.error()));
    return 1;
  }
  auto accepted = engine_.accept_events(*events, {.bus = source.bus});
  if (!accepted && accepted.error().code == Errc::invalid) {
    CHECK_OK(refuse(source, name, "", accepted.error()));
    return 1;
  }
  if (!accepted) return fail(accepted.error());
  return events->size();
}

// Files are read in the order of their names. One that was read is remembered; the listing begins a day before the
// last.
Result<std::size_t> Intake::poll_bucket(const Source& source, const Context& context) {
  auto& ledger = engine_.ledger();
  std::string bookmark;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    auto page = TRY(ledger::documents::list(tx, source_file_kind, {.parent = source.name, .limit = 1}));
    if (!page.documents.empty()) bookmark = json::text(page.documents[0].body, "key", "");
    return {};
  }));
  json::Object input{{"Bucket", source.bucket}, {"Prefix", source.prefix}};
  if (auto from = day_before(bookmark, source.prefix); !from.empty()) input["StartAfter"] = from;
  std::size_t taken = 0, files = 0;
  while (true) {
    auto page = TRY(call(source, "s3", "ListObjectsV2", input, context));
    for (const auto& object : json::items(json::at(page, "Contents"))) {
      auto key = json::text(object, "Key", "");
      auto id = source.name + "/" + key;
      std::optional<ledger::Document> known;
      CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
        known = TRY(ledger::documents::get(tx, source_file_kind, id));
        return {};
      }));
      if (known || !bus::is_log_file(key)) continue;
      auto events = TRY(take_file(source, {source.bucket, key}, context));
      ledger::Draft read{.stream = std::string(source_prefix) + source.name,
                         .kind = entry::source_read,
                         .body = {{"source", source.name}, {"key", key}, {"events", events}},
                         .sequence = {}};
      CHECK_OK(ledger.append({std::move(read)}, [](store::Transaction& tx, const auto& entries) {
        return ledger::documents::put(tx, source_file_document(entries.front()));
      }));
      taken += events;
      if (++files == files_per_look_max) return taken;
    }
    auto next = json::text(page, "NextContinuationToken");
    if (next.empty()) return taken;
    input["ContinuationToken"] = next;
  }
}

}  // namespace aright::remediation
