#include "store/migrate.h"

#include "base/text.h"

namespace aright::store {

namespace {

constexpr std::string_view create_table =
    "create table if not exists schema_migrations ("
    " module text not null, number integer not null, name text not null, primary key (module, "
    "number))";

// How many of the steps are done. They must be the first ones, by name.
Result<std::size_t> count_done(Transaction& tx, std::string_view module,
                               std::span<const Step> steps) {
  auto rows = TRY(tx.query(
      "select number, name from schema_migrations where module = $1 order by number", {module}));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto number = rows[i].integer(0);
    if (i >= steps.size())
      return fail(
          Errc::unsupported,
          "a newer version of aright wrote this file: {} has step {} ({}), this one knows {}",
          module, number, rows[i].text(1), steps.size());
    if (number != steps[i].number || rows[i].text(1) != steps[i].name)
      return fail(Errc::corrupt, "{}: step {} is recorded as {} ({})", module, steps[i].number,
                  number, rows[i].text(1));
  }
  return rows.size();
}

}  // namespace

Result<> migrate(Database& database, std::string_view module, std::span<const Step> steps) {
  return database.transact([&](Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute(create_table));
    auto done = TRY(count_done(tx, module, steps));
    for (const auto& step : steps.subspan(done)) {
      auto sql = replace_all(std::string(step.sql), "@key", database.key_type());
      sql = replace_all(std::move(sql), "@bytes", database.bytes_type());
      auto made = tx.script(sql);
      if (!made)
        return wrap(std::move(made.error()), "{}, step {} ({})", module, step.number, step.name);
      CHECK_OK(
          tx.execute("insert into schema_migrations (module, number, name) values ($1, $2, $3)",
                     {module, step.number, step.name}));
    }
    return {};
  });
}

Result<> try_change(Database& database) {
  return database.transact([](Transaction& tx) -> Result<> {
    CHECK_OK(tx.execute("update schema_migrations set name = name where number = 1"));
    return {};
  });
}

}  // namespace aright::store
