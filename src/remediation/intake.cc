#include "remediation/intake.h"

#include <algorithm>

#include "base/digest.h"
#include "base/utf8.h"
#include "remediation/projection.h"

namespace aright::remediation {

namespace {

std::string stream_of(const Source& source) {
  return std::string(source_prefix) + source.name;
}

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

void Intake::run() {
  for (const auto& source : engine_.policy().sources)
    threads_.emplace_back([this, &source](std::stop_token stop) { keep_polling(source, stop); });
}

void Intake::stop() {
  for (auto& thread : threads_)
    thread.request_stop();
  threads_.clear();
}

void Intake::keep_polling(const Source& source, std::stop_token stop) {
  Context context{.stop = stop};
  auto pause = intake_pause;
  while (!stop.stop_requested()) {
    auto taken = poll(source, context.at_most(intake_timeout));
    if (taken && *taken > 0) continue;
    if (!taken && stop.stop_requested()) return;
    if (!taken) log_(fmt::format("source {}: {}", source.name, taken.error().text()));
    pause = taken ? intake_pause : std::min(pause * 2, intake_pause_max);
    auto wait = taken && !source.bucket.empty() ? std::max<milliseconds>(pause, source.every) : pause;
    if (!context.sleep(wait)) return;
  }
}

Result<std::size_t> Intake::poll(const Source& source, const Context& context) {
  return source.bucket.empty() ? poll_queue(source, context) : poll_bucket(source, context);
}

Result<json::Object> Intake::call(const Source& source, const char* service, const char* operation, json::Object input,
                                  const Context& context) {
  aws::Call call{.service = service,
                 .operation = operation,
                 .region = source.region,
                 .account = source.account,
                 .input = std::move(input)};
  return cloud_.call(call, context);
}

Result<std::size_t> Intake::poll_queue(const Source& source, const Context& context) {
  auto named = TRY(call(source, "sqs", "GetQueueUrl",
                        {{"QueueName", source.queue}, {"QueueOwnerAWSAccountId", source.account}}, context));
  auto url = json::text(named, "QueueUrl");
  auto answer =
      TRY(call(source, "sqs", "ReceiveMessage",
               {{"QueueUrl", url}, {"MaxNumberOfMessages", messages_max}, {"WaitTimeSeconds", long_poll_s}}, context));
  std::size_t taken = 0;
  std::optional<Error> failure;
  for (const auto& message : json::items(json::at(answer, "Messages"))) {
    auto of_it = take_message(source, message, context);
    if (!of_it) {
      failure = of_it.error();  // it stays in the queue, and comes again when its time there is over
      continue;
    }
    taken += *of_it;
    TRY(call(source, "sqs", "DeleteMessage", {{"QueueUrl", url}, {"ReceiptHandle", json::at(message, "ReceiptHandle")}},
             context));
  }
  if (failure && taken == 0) return fail(*failure);
  return taken;
}

Result<std::size_t> Intake::take_message(const Source& source, const json::Value& message, const Context& context) {
  auto body = json::text(message, "Body", "");
  auto id = json::text(message, "MessageId", "");
  auto inbound = bus::read_inbound(body);
  if (!inbound) {
    CHECK_OK(refuse(source, id, body, inbound.error()));
    return 1;
  }
  for (auto& event : inbound->events)
    if (!event.contains("id")) event["id"] = "message/" + id;
  auto accepted = engine_.accept_events(inbound->events, {.bus = source.bus});
  if (!accepted && accepted.error().code == Errc::invalid) {
    CHECK_OK(refuse(source, id, body, accepted.error()));
    return 1;
  }
  if (!accepted) return fail(accepted.error());
  std::size_t taken = inbound->events.size();
  for (const auto& file : inbound->files)
    taken += TRY(take_file(source, file, context));
  return std::max<std::size_t>(1, taken);  // the message itself, where it held nothing
}

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

Result<> Intake::refuse(const Source& source, std::string_view what, std::string_view body, const Error& why) {
  log_(fmt::format("source {}: {} is refused: {}", source.name, what, why.text()));
  auto kept = std::string(body.substr(0, refused_bytes_max));
  bool is_text = utf8_fault(kept) == kept.size();
  ledger::Draft draft{.stream = stream_of(source), .kind = entry::source_refused, .body = {}, .sequence = {}};
  draft.body["what"] = what;
  draft.body["why"] = why.text();
  draft.body[is_text ? "text" : "base64"] = is_text ? kept : to_base64(kept);
  draft.body["bytes"] = body.size();
  CHECK_OK(engine_.ledger().append({std::move(draft)}));
  return {};
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
      ledger::Draft read{.stream = stream_of(source),
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
