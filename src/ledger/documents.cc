#include "ledger/documents.h"

#include <algorithm>

#include "base/digest.h"

namespace aright::ledger::documents {

namespace {

constexpr const char* columns = "kind, id, sort, status, parent, body";

Result<Document> read_document(const store::Row& row) {
  auto body = json::parse(row.text(5));
  if (!body) return wrap(std::move(body.error()), "stored {} {}", row.text(0), row.text(1));
  return Document{.kind = row.text(0),
                  .id = row.text(1),
                  .body = std::move(*body),
                  .sort = row.text(2),
                  .status = row.text(3),
                  .parent = row.text(4)};
}

Document unreadable(const store::Row& row) {
  return {.kind = row.text(0), .id = row.text(1), .body = nullptr, .sort = row.text(2), .status = row.text(3),
          .parent = row.text(4)};
}

// Where a page ended. Opaque to those who carry it.
struct Place {
  std::string sort, id;
};

std::string to_token(const Place& place) {
  return to_hex(json::canonical(json::Value(json::Array{place.sort, place.id})));
}

Result<Place> from_token(std::string_view token) {
  auto bytes = from_hex(token);
  auto value = bytes ? json::parse(*bytes) : std::unexpected(bytes.error());
  if (!value || json::items(*value).size() != 2 || json::texts(*value).size() != 2)
    return fail(Errc::invalid, "'{}' is not a page token", token);
  auto texts = json::texts(*value);
  return Place{.sort = texts[0], .id = texts[1]};
}

// A statement under construction: text, and what its $n stand for.
struct Statement {
  std::string sql;
  std::vector<store::Parameter> parameters;

  // Appends `text`, with ? as the next parameter.
  void add(std::string_view text, store::Parameter parameter) {
    parameters.push_back(parameter);
    auto mark = text.find('?');
    sql += fmt::format("{}${}{}", text.substr(0, mark), parameters.size(), text.substr(mark + 1));
  }
};

// The partial indexes hold no empty texts, and a planner uses them only where it can see that none
// is asked for.
void narrow(Statement& statement, std::string_view kind, const Filter& filter) {
  statement.add(" from documents where kind = ?", kind);
  if (filter.status)
    statement.add(filter.status->empty() ? " and status = ?" : " and status <> '' and status = ?",
                  *filter.status);
  if (filter.parent)
    statement.add(filter.parent->empty() ? " and parent = ?" : " and parent <> '' and parent = ?",
                  *filter.parent);
}

}  // namespace

Result<> put(store::Transaction& tx, const Document& document) {
  CHECK_OK(tx.send(
      "insert into documents (kind, id, sort, status, parent, body) values ($1, $2, $3, $4, $5, $6)"
      " on conflict (kind, id) do update set sort = excluded.sort, status = excluded.status,"
      " parent = excluded.parent, body = excluded.body",
      {document.kind, document.id, document.sort, document.status, document.parent,
       json::print(document.body)}));
  return {};
}

Result<std::optional<Document>> get(store::Transaction& tx, std::string_view kind,
                                    std::string_view id) {
  static const std::string sql =
      fmt::format("select {} from documents where kind = $1 and id = $2", columns);
  auto rows = TRY(tx.query(sql, {kind, id}));
  if (rows.empty()) return std::nullopt;
  auto document = TRY(read_document(rows[0]));
  return document;
}

Result<> each(store::Transaction& tx, const std::function<Result<>(const Document&)>& visit) {
  static const std::string sql = fmt::format(
      "select {} from documents where (kind, id) > ($1, $2) order by kind, id limit $3", columns);
  std::string kind, id;
  while (true) {
    auto rows = TRY(tx.query(sql, {kind, id, list_max}));
    for (const auto& row : rows) {
      auto document = read_document(row);
      CHECK_OK(visit(document ? *document : unreadable(row)));
      kind = row.text(0);
      id = row.text(1);
    }
    if (rows.size() < list_max) return {};
  }
}

Result<std::int64_t> erase_all(store::Transaction& tx) { return tx.execute("delete from documents"); }

Result<bool> erase(store::Transaction& tx, std::string_view kind, std::string_view id) {
  auto rows = TRY(tx.execute("delete from documents where kind = $1 and id = $2", {kind, id}));
  return rows > 0;
}

Result<Page> list(store::Transaction& tx, std::string_view kind, const Filter& filter) {
  bool ascending = filter.order == Order::ascending;
  auto limit = std::clamp<std::size_t>(filter.limit, 1, list_max);
  Statement statement{.sql = fmt::format("select {}", columns), .parameters = {}};
  narrow(statement, kind, filter);
  Place place;
  if (!filter.page_token.empty()) {
    place = TRY(from_token(filter.page_token));
    statement.add(ascending ? " and (sort, id) > (?, " : " and (sort, id) < (?, ", place.sort);
    statement.add("?)", place.id);
  }
  statement.sql += ascending ? " order by sort, id" : " order by sort desc, id desc";
  statement.add(" limit ?", limit + 1);  // one more, to know whether there is a next page

  auto rows = TRY(tx.query(statement.sql, statement.parameters));
  Page page;
  for (std::size_t i = 0; i < std::min(rows.size(), limit); ++i) {
    auto document = TRY(read_document(rows[i]));
    page.documents.push_back(std::move(document));
  }
  if (rows.size() > limit)
    page.next_token =
        to_token({.sort = page.documents.back().sort, .id = page.documents.back().id});
  return page;
}

// From one to the next by the index: there may be many documents to each.
Result<std::vector<std::string>> parents(store::Transaction& tx, std::string_view kind) {
  std::vector<std::string> out;
  std::string last;
  while (true) {
    auto rows = TRY(tx.query("select parent from documents where kind = $1 and parent <> '' and parent > $2"
                             " order by parent limit 1",
                             {kind, last}));
    if (rows.empty()) return out;
    last = rows[0].text(0);
    out.push_back(last);
  }
}

Result<std::int64_t> count(store::Transaction& tx, std::string_view kind, const Filter& filter) {
  Statement statement{.sql = "select count(*)", .parameters = {}};
  narrow(statement, kind, filter);
  auto rows = TRY(tx.query(statement.sql, statement.parameters));
  return rows[0].integer(0);
}

}  // namespace aright::ledger::documents
