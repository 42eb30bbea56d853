#include "ledger/agreed.h"

namespace aright::ledger::agreed {

Result<std::string> get(store::Transaction& tx, std::string_view name) {
  auto rows = TRY(tx.query("select value from agreed where name = $1", {name}));
  return rows.empty() ? "" : rows[0].text(0);
}

Result<bool> replace(store::Transaction& tx, std::string_view name, std::string_view before, std::string_view after) {
  auto sql = before.empty() ? "insert into agreed (name, value) values ($1, $3) on conflict (name) do update"
                              " set value = excluded.value where agreed.value = $2"
                            : "update agreed set value = $3 where name = $1 and value = $2";
  auto changed = TRY(tx.execute(sql, {name, before, after}));
  return changed == 1;
}

}  // namespace aright::ledger::agreed
