#include "store/libpq.h"

#include <dlfcn.h>

#include <type_traits>

namespace aright::store {

namespace {

struct Loaded {
  Libpq functions;
  bool whole = false;

  Loaded() {
    void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    auto find = [&](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      return function != nullptr;
    };
    auto& f = functions;
    whole = find(f.connect, "PQconnectdbParams") && find(f.finish, "PQfinish") && find(f.reset, "PQreset") &&
            find(f.status, "PQstatus") && find(f.error_message, "PQerrorMessage") &&
            find(f.transaction_status, "PQtransactionStatus") && find(f.exec, "PQexec") &&
            find(f.prepare, "PQprepare") && find(f.exec_prepared, "PQexecPrepared") &&
            find(f.result_status, "PQresultStatus") && find(f.error_field, "PQresultErrorField") &&
            find(f.clear, "PQclear") && find(f.rows, "PQntuples") && find(f.columns, "PQnfields") &&
            find(f.type, "PQftype") && find(f.is_null, "PQgetisnull") && find(f.value, "PQgetvalue") &&
            find(f.length, "PQgetlength") && find(f.changed, "PQcmdTuples") &&
            find(f.escape_identifier, "PQescapeIdentifier") && find(f.free, "PQfreemem") &&
            find(f.set_notice_processor, "PQsetNoticeProcessor");
  }
};

}  // namespace

Result<const Libpq*> libpq() {
  static const Loaded loaded;
  if (!loaded.whole)
    return fail(Errc::unsupported, "PostgreSQL's client library is not there: install libpq5");
  return &loaded.functions;
}

}  // namespace aright::store
