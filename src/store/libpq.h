#pragma once
// libpq's functions that we call, found when they are first needed: most who run aright never do.

#include <postgresql/libpq-fe.h>

#include "base/error.h"

namespace aright::store {

struct Libpq {
  decltype(&PQconnectdbParams) connect = nullptr;
  decltype(&PQfinish) finish = nullptr;
  decltype(&PQreset) reset = nullptr;
  decltype(&PQstatus) status = nullptr;
  decltype(&PQerrorMessage) error_message = nullptr;
  decltype(&PQtransactionStatus) transaction_status = nullptr;
  decltype(&PQexec) exec = nullptr;
  decltype(&PQprepare) prepare = nullptr;
  decltype(&PQexecPrepared) exec_prepared = nullptr;
  decltype(&PQresultStatus) result_status = nullptr;
  decltype(&PQresultErrorField) error_field = nullptr;
  decltype(&PQclear) clear = nullptr;
  decltype(&PQntuples) rows = nullptr;
  decltype(&PQnfields) columns = nullptr;
  decltype(&PQftype) type = nullptr;
  decltype(&PQgetisnull) is_null = nullptr;
  decltype(&PQgetvalue) value = nullptr;
  decltype(&PQgetlength) length = nullptr;
  decltype(&PQcmdTuples) changed = nullptr;
  decltype(&PQescapeIdentifier) escape_identifier = nullptr;
  decltype(&PQfreemem) free = nullptr;
  decltype(&PQsetNoticeProcessor) set_notice_processor = nullptr;
  decltype(&PQenterPipelineMode) enter_pipeline = nullptr;
  decltype(&PQexitPipelineMode) exit_pipeline = nullptr;
  decltype(&PQpipelineSync) sync_pipeline = nullptr;
  decltype(&PQflush) flush = nullptr;
  decltype(&PQsendQueryPrepared) send_prepared = nullptr;
  decltype(&PQgetResult) next_result = nullptr;
  decltype(&PQsocket) socket = nullptr;
  decltype(&PQbackendPID) backend = nullptr;
  decltype(&PQconsumeInput) consume_input = nullptr;
  decltype(&PQnotifies) notifies = nullptr;
};

// Fails with unsupported where it is not installed.
Result<const Libpq*> libpq();

}  // namespace aright::store
