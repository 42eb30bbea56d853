#include "remediation/put.h"

#include "remediation/secrets.h"

namespace aright::remediation {

namespace documents = ledger::documents;

std::vector<PutChange> put_changes(const ledger::Entry& entry) {
  std::vector<PutChange> out;
  for (const auto& [key, resource] : json::members(json::at(entry.body, "resources"))) {
    PutChange change{.key = std::string(key), .document = {}};
    if (!resource.is_null())
      change.document = {.kind = std::string(put_kind), .id = change.key, .body = resource, .sort = change.key,
                         .status = {}, .parent = {}};
    out.push_back(std::move(change));
  }
  return out;
}

Result<> store_put(store::Transaction& tx, const ledger::Entry& entry) {
  for (const auto& change : put_changes(entry)) {
    if (change.document) CHECK_OK(documents::put(tx, *change.document));
    else TRY(documents::erase(tx, put_kind, change.key));
  }
  return {};
}

Result<json::Object> put_on_record(const ledger::Ledger& ledger) {
  json::Object resources;
  CHECK_OK(ledger.database().read([&](store::Transaction& tx) -> Result<> {
    documents::Filter filter{.order = documents::Order::ascending, .limit = documents::list_max};
    do {
      auto page = TRY(documents::list(tx, put_kind, filter));
      for (auto& one : page.documents) resources[one.id] = std::move(one.body);
      filter.page_token = page.next_token;
    } while (!filter.page_token.empty());
    return {};
  }));
  gateway::Redactor redactor(model::Models::embedded(), ledger.strongbox());
  Secrets secrets(redactor);
  return json::Object{{"resources", TRY(secrets.unlock(resources))}};
}

}  // namespace aright::remediation
