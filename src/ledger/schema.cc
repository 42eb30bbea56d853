#include "ledger/schema.h"

#include <array>

#include "ledger/seal.h"

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

constexpr std::string_view seals = R"sql(
  alter table timers add column seal text not null default '';
  alter table outbox add column seal text not null default '';
  alter table outbox add column state_seal text not null default '';
)sql";

// How many messages are not sent yet: one that is taken out behind our back is missed.
constexpr std::string_view unsent = R"sql(
  create table outbox_unsent (
    id integer primary key check (id = 1),
    messages bigint not null
  );
  insert into outbox_unsent (id, messages) select 1, count(*) from outbox where state <> 'sent';
)sql";

// What was signed last (notary.h).
constexpr std::string_view checkpoint = R"sql(
  create table checkpoint (
    id integer primary key check (id = 1),
    size bigint not null,
    note text not null
  );
)sql";

// Who works on what (leases.h), and what all who share the ledger have to agree on (house.h).
constexpr std::string_view fleet = R"sql(
  create table leases (
    name text primary key,
    holder text not null,
    epoch bigint not null,
    until_ms bigint not null
  );
  create index leases_holder on leases (holder);
  create table agreed (
    name text primary key,
    value text not null
  );
)sql";

constexpr std::array steps{
    store::Step{.number = 1, .name = "journal", .sql = journal},
    store::Step{.number = 2, .name = "timers", .sql = timers},
    store::Step{.number = 3, .name = "outbox", .sql = outbox},
    store::Step{.number = 4, .name = "documents", .sql = documents},
    store::Step{.number = 5, .name = "seals", .sql = seals},
    store::Step{.number = 6, .name = "unsent", .sql = unsent},
    store::Step{.number = 7, .name = "checkpoint", .sql = checkpoint},
    store::Step{.number = 8, .name = "fleet", .sql = fleet},
};

// Whether the ledger was made before there were seals.
Result<bool> is_unsealed(store::Transaction& tx) {
  auto shape = TRY(tx.shape());
  return shape.find("CREATE TABLE timers") != std::string::npos && shape.find("state_seal") == std::string::npos;
}

}  // namespace

Result<> migrate(store::Database& database) {
  bool unsealed = false;
  CHECK_OK(database.read([&](store::Transaction& tx) -> Result<> {
    unsealed = TRY(is_unsealed(tx));
    return {};
  }));
  CHECK_OK(store::migrate(database, "ledger", steps));
  return unsealed ? database.transact(seal_all) : Result<>();
}

Result<std::string> expected_shape(const store::Database& database) {
  auto fresh = TRY(database.twin());
  CHECK_OK(migrate(*fresh));
  std::string shape;
  CHECK_OK(fresh->read([&](store::Transaction& tx) -> Result<> {
    shape = TRY(tx.shape());
    return {};
  }));
  return shape;
}

}  // namespace aright::ledger
