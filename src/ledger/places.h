#pragma once
// Where the ledgers of tests are, so that the same tests run on each engine. Not part of the module: tests include it.

#include "store/private_postgres.h"

namespace aright::ledger {

enum class Kind { sqlite, postgres };
inline const auto kinds = testing::Values(Kind::sqlite, Kind::postgres);
inline std::string kind_of(const testing::TestParamInfo<Kind>& info) {
  return info.param == Kind::sqlite ? "sqlite" : "postgres";
}

// Empty, and nobody else's.
inline std::string place_for(Kind kind, const std::filesystem::path& directory) {
  if (kind == Kind::sqlite) return (directory / "ledger.db").string();
  static int places = 0;
  return store::PrivatePostgres::shared().url() + "#ledger" + std::to_string(++places);
}

}  // namespace aright::ledger
