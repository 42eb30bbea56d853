#include "ledger/entries.h"

#include <any>
#include <map>

#include "base/digest.h"
#include "ledger/format.h"

namespace aright::ledger {

Leaf leaf_of(const StoredEntry& stored) {
  return {.position = stored.position,
          .stream = stored.stream,
          .sequence = stored.sequence,
          .kind = stored.kind,
          .time = stored.time,
          .body = stored.body};
}

Result<StoredEntry> read_row(const store::Row& row) {
  using store::Type;
  static constexpr Type types[] = {Type::integer, Type::text, Type::integer, Type::text,
                                   Type::integer, Type::text, Type::bytes};
  static constexpr const char* columns[] = {"position", "stream", "sequence", "kind",
                                            "time_ms",  "body",   "hash"};
  for (std::size_t column = 0; column < std::size(types); ++column)
    if (row.type(column) != types[column])
      return fail(Errc::corrupt, "position {}: its {} is not of the type that was written",
                  row.integer(0), columns[column]);
  return StoredEntry{.position = static_cast<std::uint64_t>(row.integer(0)),
                     .stream = row.text(1),
                     .sequence = static_cast<std::uint64_t>(row.integer(2)),
                     .kind = row.text(3),
                     .time = {row.integer(4)},
                     .body = row.text(5),
                     .hash = row.bytes(6)};
}

Result<Entry> read_entry(const store::Row& row) {
  auto stored = TRY(read_row(row));
  auto body = json::parse(stored.body);
  if (!body)
    return fail(Errc::corrupt, "position {}: its body: {}", stored.position, body.error().message);
  return Entry{.position = stored.position,
               .stream = std::move(stored.stream),
               .sequence = stored.sequence,
               .kind = std::move(stored.kind),
               .time = stored.time,
               .body = std::move(*body),
               .hash = to_hex(stored.hash)};
}

Result<> read_all(const std::vector<store::Row>& rows, std::vector<Entry>& entries) {
  entries.reserve(rows.size());
  for (const auto& row : rows) {
    auto entry = TRY(read_entry(row));
    entries.push_back(std::move(entry));
  }
  return {};
}

// Whoever wrote before in the same commit knows where the ledger ends by now.
Result<Head> read_head(store::Transaction& tx) {
  if (auto* known = std::any_cast<Head>(&tx.of_commit().known)) return *known;
  auto rows = TRY(tx.query("select position, hash from head where id = 1"));
  Result<Head> head;
  head->hash = rows.empty() ? first_hash() : rows[0].bytes(1);
  head->position = rows.empty() ? 0 : static_cast<std::uint64_t>(rows[0].integer(0));
  if (head->hash.size() != hash_bytes || (!rows.empty() && rows[0].integer(0) < 0))
    return fail(Errc::corrupt, "the ledger's head is not what was written");
  return head;
}

Result<> write_head(store::Transaction& tx, const Head& head) {
  auto write = [head](store::Transaction& end) {
    return end.send("insert into head (id, position, hash) values (1, $1, $2)"
                    " on conflict (id) do update set position = excluded.position, hash = excluded.hash",
                    {head.position, store::Bytes{head.hash}});
  };
  tx.of_commit() = {.known = head, .at_end = write};
  return {};
}

Result<Prepared> prepare(Draft draft) {
  if (draft.stream.empty() || draft.stream.size() > stream_bytes_max)
    return fail(Errc::invalid, "a stream's name has 1 to {} bytes, not {}", stream_bytes_max,
                draft.stream.size());
  if (draft.kind.empty() || draft.kind.size() > kind_bytes_max)
    return fail(Errc::invalid, "an entry's kind has 1 to {} bytes, not {}", kind_bytes_max,
                draft.kind.size());
  auto body = json::canonical(json::Value(std::move(draft.body)));
  if (body.size() > body_bytes_max)
    return fail(Errc::invalid, "a {} entry may have {} bytes, not {}", draft.kind, body_bytes_max,
                body.size());
  // Read back what will be stored: whoever appends and whoever reads later must fold the same
  // values, and what cannot be read (bad UTF-8, too deep) must not get in.
  auto value = json::parse(body);
  auto names = json::parse(json::canonical(json::Value(json::Array{draft.stream, draft.kind})));
  if (!value || !names)
    return fail(Errc::invalid, "a {} entry cannot be stored: {}", draft.kind,
                (!value ? value.error() : names.error()).message);
  return Prepared{.entry = {.stream = std::move(draft.stream),
                            .kind = std::move(draft.kind),
                            .body = std::move(*value)},
                  .body = std::move(body),
                  .sequence = draft.sequence};
}

Result<std::uint64_t> last_sequence(store::Transaction& tx, std::string_view stream) {
  auto rows = TRY(tx.query("select max(sequence) from entries where stream = $1", {stream}));
  return static_cast<std::uint64_t>(rows[0].integer(0));
}

namespace {

constexpr std::string_view plainly = "insert into entries (position, stream, sequence, kind, time_ms, body, hash)"
                                     " values ($1, $2, $3, $4, $5, $6, $7)";
// Its sequence is what its writer takes for the next one, which is looked at on the way.
constexpr std::string_view bound =
    "insert into entries (position, stream, sequence, kind, time_ms, body, hash) select $1, $2, $3, $4, $5, $6, $7"
    " where coalesce((select max(sequence) from entries where stream = $2), 0) = $3 - 1 returning 1";

Result<> insert(store::Transaction& tx, const Entry& entry, std::string_view body, std::string_view hash,
                bool is_bound = false) {
  const std::vector<store::Parameter> row{entry.position, entry.stream,  entry.sequence,     entry.kind,
                                          entry.time.ms,  body,          store::Bytes{hash}};
  if (!is_bound) return tx.send(plainly, row);
  auto taken = fmt::format("{}: its next sequence is not {}", entry.stream, entry.sequence);
  return tx.demand(bound, row, {.code = Errc::conflict, .message = std::move(taken)});
}

}  // namespace

Result<> write_stored(store::Transaction& tx, const std::vector<store::Row>& rows) {
  for (const auto& row : rows) {
    auto stored = TRY(read_row(row));
    const Entry entry{.position = stored.position, .stream = stored.stream, .sequence = stored.sequence,
                      .kind = stored.kind, .time = stored.time};
    CHECK_OK(insert(tx, entry, stored.body, stored.hash));
  }
  return {};
}

Result<> write_entries(store::Transaction& tx, std::vector<Prepared>& drafts, Timestamp time) {
  auto head = TRY(read_head(tx));
  std::map<std::string_view, std::uint64_t> ends;  // of streams
  for (auto& [entry, body, expected] : drafts) {
    auto [end, first] = ends.try_emplace(entry.stream, 0);
    bool is_bound = first && expected && *expected > 0;
    if (first) end->second = is_bound ? *expected - 1 : TRY(last_sequence(tx, entry.stream));
    entry.sequence = ++end->second;
    if (expected && *expected != entry.sequence)
      return fail(Errc::conflict, "{}: the next sequence is {}, not {}", entry.stream,
                  entry.sequence, *expected);
    entry.position = head.position + 1;
    entry.time = time;
    auto leaf = leaf_hash({.position = entry.position,
                           .stream = entry.stream,
                           .sequence = entry.sequence,
                           .kind = entry.kind,
                           .time = time,
                           .body = body});
    head = {.position = entry.position, .hash = chained_hash(head.hash, leaf)};
    entry.hash = to_hex(head.hash);
    CHECK_OK(insert(tx, entry, body, head.hash, is_bound));
  }
  return write_head(tx, head);
}

}  // namespace aright::ledger
