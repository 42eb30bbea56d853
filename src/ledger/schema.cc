#include "ledger/schema.h"

#include <array>

namespace aright::ledger {

namespace {

constexpr std::string_view journal = R"sql(
  create table entries (
    position @key,
    stream text not null,
    sequence bigint not null,
    kind text not null,
    time_ms bigint not null,
    body text not null,
    hash @bytes not null,
    unique (stream, sequence)
  );
  create table head (
    id integer primary key check (id = 1),
    position bigint not null,
    hash @bytes not null
  );
)sql";

constexpr std::string_view timers = R"sql(
  create table timers (
    id text primary key,
    stream text not null,
    due_ms bigint not null
  );
  create index timers_due on timers (due_ms, id);
)sql";

constexpr std::string_view outbox = R"sql(
  create table outbox (
    id text primary key,
    channel text not null,
    body text not null,
    state text not null check (state in ('waiting', 'sent', 'dead')),
    attempts integer not null,
    due_ms bigint not null,
    error text not null
  );
  create index outbox_due on outbox (channel, due_ms, id) where state = 'waiting';
  create index outbox_done on outbox (state, due_ms, id) where state <> 'waiting';
)sql";

constexpr std::string_view documents = R"sql(
  create table documents (
    kind text not null,
    id text not null,
    sort text not null,
    status text not null,
    parent text not null,
    body text not null,
    primary key (kind, id)
  );
  create index documents_sort on documents (kind, sort, id);
  create index documents_status on documents (kind, status, sort, id) where status <> '';
  create index documents_parent on documents (kind, parent, sort, id) where parent <> '';
)sql";

constexpr std::array steps{
    store::Step{.number = 1, .name = "journal", .sql = journal},
    store::Step{.number = 2, .name = "timers", .sql = timers},
    store::Step{.number = 3, .name = "outbox", .sql = outbox},
    store::Step{.number = 4, .name = "documents", .sql = documents},
};

}  // namespace

Result<> migrate(store::Database& database) {
  return store::migrate(database, "ledger", steps);
}

}  // namespace aright::ledger
