#pragma once
// Projections as documents: what the console, the API and the reports read. Each is one JSON value
// under a kind and an id, with the few texts by which it is found. They are written in the
// transaction of the entries they are made from, and can be made again from them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "store/transaction.h"

namespace aright::ledger {

struct Document {
  std::string kind;  // "finding", "remediation" …
  std::string id;
  json::Value body;
  std::string sort;    // lists come in this order, compared as bytes; mostly a time or a ULID
  std::string status;  // "" when there is none
  std::string parent;  // "" when there is none
};

namespace documents {

inline constexpr std::size_t list_max = 1000;  // documents on one page

// Replaces the one by this kind and id.
Result<> put(store::Transaction& tx, const Document& document);
Result<std::optional<Document>> get(store::Transaction& tx, std::string_view kind,
                                    std::string_view id);
// By kind and id, until `visit` fails. One that cannot be read comes with a null body.
Result<> each(store::Transaction& tx, const std::function<Result<>(const Document&)>& visit);
Result<std::int64_t> erase_all(store::Transaction& tx);
// False when there was none.
Result<bool> erase(store::Transaction& tx, std::string_view kind, std::string_view id);

enum class Order { ascending, descending };
struct Filter {
  std::optional<std::string> status = {};
  std::optional<std::string> parent = {};
  Order order = Order::descending;
  std::size_t limit = 100;      // at most list_max
  std::string page_token = {};  // from the page before, for the same filter
};
struct Page {
  std::vector<Document> documents;
  std::string next_token;  // "" on the last page
};
// A page goes on behind the last document of the one before, also when others came or went since.
// Fails with invalid when the token is none of ours.
Result<Page> list(store::Transaction& tx, std::string_view kind, const Filter& filter = {});
// All parents of a kind, each once; in order.
Result<std::vector<std::string>> parents(store::Transaction& tx, std::string_view kind);
// How many there are; of the filter, only status and parent count.
Result<std::int64_t> count(store::Transaction& tx, std::string_view kind,
                           const Filter& filter = {});

}  // namespace documents

}  // namespace aright::ledger
