// What the ledger shows of itself to those who do not hold it.

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "ledger/notary.h"
#include "remediation/projection.h"
#include "server/api.h"
#include "server/views.h"

namespace aright::server {

namespace {

Result<ledger::Notary*> notary_of(const Surroundings& surroundings) {
  if (surroundings.notary) return surroundings.notary;
  return fail(Errc::unsupported, "this server has no key to sign the ledger with");
}

Result<> add_stream(const ledger::Ledger& ledger, const std::string& stream, std::vector<std::uint64_t>& positions) {
  auto entries = TRY(ledger.stream(stream));
  if (entries.empty())
    return fail({.code = Errc::not_found, .message = "there is nothing on record by " + stream, .number = "AR-0010"});
  for (const auto& entry : entries) positions.push_back(entry.position);
  return {};
}

Result<> add_executions(const ledger::Ledger& ledger, const std::string& remediation,
                        std::vector<std::uint64_t>& positions) {
  auto list = TRY(remediation::list_executions(ledger, {.status = "", .parent = remediation}));
  for (const auto& execution : list) CHECK_OK(add_stream(ledger, json::text(execution, "id", ""), positions));
  return {};
}

}  // namespace

Result<json::Value> checkpoint_view(const Surroundings& surroundings) {
  auto* notary = TRY(notary_of(surroundings));
  auto note = TRY(notary->checkpoint());
  auto checkpoint = TRY(ledger::parse_checkpoint(note));
  return json::Object{{"checkpoint", note}, {"key", notary->verifier().text()}, {"size", checkpoint.size},
                      {"root", to_hex(checkpoint.root)}};
}

Result<json::Value> proofs_view(const ledger::Ledger& ledger, const Surroundings& surroundings, std::string_view of) {
  auto* notary = TRY(notary_of(surroundings));
  std::vector<std::uint64_t> positions;
  for (const auto& what : split(of, ',')) {
    if (what.empty()) return fail(Errc::invalid, "of: say which entries, by position or by id, with commas between");
    bool digits = std::ranges::all_of(what, [](char c) { return c >= '0' && c <= '9'; });
    if (digits && what.size() < 19) {
      positions.push_back(std::stoull(what));
      continue;
    }
    CHECK_OK(add_stream(ledger, what, positions));
    if (what.starts_with(RemediationTag::prefix)) CHECK_OK(add_executions(ledger, what, positions));
  }
  auto bundle = TRY(notary->prove(std::move(positions)));
  return ledger::to_json(bundle);
}

}  // namespace aright::server
