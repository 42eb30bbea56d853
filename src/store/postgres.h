#pragma once
// The engine for many processes: PostgreSQL 15 or newer, over libpq, which is loaded when the first database is opened.
//
// Writers of all processes go one after the other: a writing transaction begins by taking an advisory lock, which the
// server gives back when it ends, or when the connection does. A process that stands still inside one loses it after
// `idle_limit`, and then everything it does with this transaction fails: it is fenced. A connection that broke is made
// anew at the next begin; what was under way then failed, and a commit whose answer never came says so
// (Retry::unknown_outcome).

#include <memory>
#include <string>

#include "base/clock.h"
#include "store/engine.h"

namespace aright::store {

inline constexpr std::size_t prepared_max = 512;    // statements kept prepared by one connection
inline constexpr seconds connect_limit{10};

struct PostgresOptions {
  std::string url;           // postgresql://user@host/database, or as libpq's connection strings have it
  std::string schema = "public";          // where the tables are; made when it is not there
  // Limits, where the URL does not set them itself (options=-c statement_timeout=…).
  milliseconds busy_timeout{20'000};      // for the other writers: longer than one of them may stand still
  milliseconds statement_limit{60'000};   // of one statement
  milliseconds idle_limit{5'000};         // between two statements of one that writes
  milliseconds reader_idle_limit{60'000};  // of one that reads, which nobody waits for
};
std::unique_ptr<Engine> postgres_engine(PostgresOptions options);

// The bell of that schema, over a connection of its own (NOTIFY, LISTEN), which is made anew when it broke.
std::unique_ptr<Bell> postgres_bell(PostgresOptions options, std::function<void()> heard);

// Of a URL that may have #SCHEMA behind it.
std::unique_ptr<Engine> postgres_engine_at(std::string_view where);

// Whether it says where a PostgreSQL database is, rather than a file.
bool is_postgres_url(std::string_view where);

}  // namespace aright::store
