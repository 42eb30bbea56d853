#include "store/libpq.h"

#include "base/loaded.h"

namespace aright::store {

namespace {

struct Found {
  Libpq functions;
  bool whole = false;

  Found() {
    const Loaded library("libpq.so.5");
    auto& f = functions;
    whole = library.find(f.connect, "PQconnectdbParams") && library.find(f.finish, "PQfinish") &&
            library.find(f.reset, "PQreset") && library.find(f.status, "PQstatus") &&
            library.find(f.error_message, "PQerrorMessage") &&
            library.find(f.transaction_status, "PQtransactionStatus") && library.find(f.exec, "PQexec") &&
            library.find(f.prepare, "PQprepare") && library.find(f.exec_prepared, "PQexecPrepared") &&
            library.find(f.result_status, "PQresultStatus") &&
            library.find(f.error_field, "PQresultErrorField") && library.find(f.clear, "PQclear") &&
            library.find(f.rows, "PQntuples") && library.find(f.columns, "PQnfields") &&
            library.find(f.type, "PQftype") && library.find(f.is_null, "PQgetisnull") &&
            library.find(f.value, "PQgetvalue") && library.find(f.length, "PQgetlength") &&
            library.find(f.changed, "PQcmdTuples") &&
            library.find(f.escape_identifier, "PQescapeIdentifier") && library.find(f.free, "PQfreemem") &&
            library.find(f.set_notice_processor, "PQsetNoticeProcessor") && library.find(f.socket, "PQsocket") &&
            library.find(f.backend, "PQbackendPID") && library.find(f.consume_input, "PQconsumeInput") &&
            library.find(f.notifies, "PQnotifies") && library.find(f.enter_pipeline, "PQenterPipelineMode") &&
            library.find(f.exit_pipeline, "PQexitPipelineMode") &&
            library.find(f.sync_pipeline, "PQpipelineSync") && library.find(f.flush, "PQflush") &&
            library.find(f.send_prepared, "PQsendQueryPrepared") && library.find(f.next_result, "PQgetResult");
  }
};

}  // namespace

Result<const Libpq*> libpq() {
  static const Found loaded;
  if (!loaded.whole)
    return fail(Errc::unsupported, "PostgreSQL's client library is not there: install libpq5");
  return &loaded.functions;
}

}  // namespace aright::store
