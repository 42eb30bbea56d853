#include "ledger/ledger.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "base/stopwatch.h"
#include "ledger/entries.h"
#include "ledger/schema.h"
#include "telemetry/instruments.h"

namespace aright::ledger {

namespace {

// How appends of this process went.
struct Appends {
  telemetry::Histogram& seconds =
      telemetry::Registry::process()
          .histogram("aright_ledger_append_seconds", "How long appends took, from asked to durable.",
                     telemetry::machine_seconds)
          .with();
  telemetry::Family<telemetry::Counter>& failures = telemetry::Registry::process().counter(
      "aright_ledger_append_failures_total", "Appends that failed; conflicts are the engine's daily bread.", {"error"});

  static Appends& all() {
    static Appends one;
    return one;
  }
};

}  // namespace

Result<CrashPoint> parse_crash_point(std::string_view text) {
  CrashPoint point;
  auto colon = text.find(':');
  auto when = text.substr(0, colon);
  auto digits = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), point.append);
  bool numbered = error == std::errc() && end == digits.data() + digits.size() && point.append > 0;
  if (!numbered || (when != "before" && when != "after"))
    return fail(Errc::invalid, "'{}' is not a crash point such as before:17 or after:17", text);
  point.when = when == "before" ? CrashPoint::When::before : CrashPoint::When::after;
  return point;
}

Ledger::Ledger(std::unique_ptr<store::Database> database, const Options& options)
    : database_(std::move(database)), clock_(options.clock), crash_at_(options.crash_at),
      strongbox_(options.strongbox.value_or(Strongbox::generate())) {}

Ledger::~Ledger() = default;

Result<std::unique_ptr<Ledger>> Ledger::open(Options options) {
  static const SystemClock system_clock;
  if (!options.clock) options.clock = &system_clock;
  auto database = TRY(options.engine ? store::Database::open(std::move(options.engine), options.readers)
                                     : store::Database::open({.path = options.path, .readers = options.readers}));
  CHECK_OK(migrate(*database));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(database), options));
  CHECK_OK(ledger->refresh());
  return ledger;
}

Result<> Ledger::refresh() {
  Head head;
  CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
    head = TRY(read_head(tx));
    return {};
  }));
  grow_to(head.position);
  return {};
}

// What was read may be older than what was committed here meanwhile.
void Ledger::grow_to(std::uint64_t position) {
  auto known = size_.load();
  while (known < position && !size_.compare_exchange_weak(known, position)) {
  }
}

Result<> Ledger::transact(const store::Work& work, store::Runs runs) {
  auto fence = Fence::current();
  return database_->transact([&](store::Transaction& tx) -> Result<> {
    if (fence) CHECK_OK(fence->check(tx));
    return work(tx);
  }, runs);
}

Result<std::vector<Entry>> Ledger::append(std::vector<Draft> drafts, Also also, store::Runs also_runs) {
  if (drafts.size() > drafts_max)
    return fail(Errc::invalid, "one append takes {} entries, not {}", drafts_max, drafts.size());
  std::vector<Prepared> prepared;
  prepared.reserve(drafts.size());
  for (auto& draft : drafts) {
    auto ready = TRY(prepare(std::move(draft)));
    prepared.push_back(std::move(ready));
  }
  std::vector<Entry> entries;
  Stopwatch watch;
  auto written = transact([&](store::Transaction& tx) -> Result<> {
    // It may have run before, for nothing.
    for (std::size_t i = 0; i < entries.size(); ++i) prepared[i].entry = std::move(entries[i]);
    entries.clear();
    CHECK_OK(write_entries(tx, prepared, clock_->now()));
    entries.reserve(prepared.size());
    for (auto& draft : prepared)
      entries.push_back(std::move(draft.entry));
    if (also) CHECK_OK(also(tx, entries));
    tx.after_commit([this, &entries] { publish(entries); });
    if (crash_at_) crash(tx);
    return {};
  }, also_runs);
  Appends::all().seconds.observe(watch.seconds());
  if (!written) Appends::all().failures.with({name(written.error().code)}).add();
  CHECK_OK(written);
  return entries;
}

void Ledger::crash(store::Transaction& tx) {
  if (++appends_ != crash_at_->append) return;
  auto die = [] { std::raise(SIGKILL); };
  if (crash_at_->when == CrashPoint::When::before) die();
  tx.after_commit(die);
}

Result<std::vector<Entry>> Ledger::stream(std::string_view stream,
                                          std::uint64_t from_sequence) const {
  std::vector<Entry> entries;
  CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
    static const std::string sql =
        fmt::format("select {} from entries where stream = $1 and sequence >= $2 order by sequence",
                    entry_columns);
    auto rows = TRY(tx.query(sql, {stream, from_sequence}));
    return read_all(rows, entries);
  }));
  return entries;
}

Result<std::vector<Entry>> Ledger::read(std::uint64_t from_position, std::size_t limit) const {
  std::vector<Entry> entries;
  CHECK_OK(database_->read([&](store::Transaction& tx) -> Result<> {
    static const std::string sql = fmt::format(
        "select {} from entries where position >= $1 order by position limit $2", entry_columns);
    auto rows = TRY(tx.query(sql, {from_position, std::min(limit, read_entries_max)}));
    return read_all(rows, entries);
  }));
  return entries;
}

std::uint64_t Ledger::subscribe(Subscriber subscriber) {
  std::lock_guard lock(subscribers_mutex_);
  subscribers_.emplace_back(next_subscription_, std::move(subscriber));
  return next_subscription_++;
}

void Ledger::unsubscribe(std::uint64_t subscription) {
  std::lock_guard lock(subscribers_mutex_);
  std::erase_if(subscribers_, [&](const auto& held) { return held.first == subscription; });
}

void Ledger::publish(const std::vector<Entry>& entries) {
  if (entries.empty()) return;
  grow_to(entries.back().position);
  std::lock_guard lock(subscribers_mutex_);
  for (const auto& [id, subscriber] : subscribers_)
    subscriber(entries);
}

}  // namespace aright::ledger
