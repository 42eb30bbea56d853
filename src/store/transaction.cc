#include "store/transaction.h"

#include <exception>

namespace aright::store {

namespace {

thread_local const void* inside = nullptr;

}  // namespace

Inside::Inside(const void* owner) : outer_(std::exchange(inside, owner)) {}
Inside::~Inside() {
  inside = outer_;
}

Result<> Inside::refuse(const void* owner) {
  if (inside != owner) return {};
  return fail(Errc::internal,
              "a transaction was asked for inside another one of the same database");
}

Result<> perform(const Work& work, Transaction& transaction) {
  try {
    return work(transaction);
  } catch (const std::exception& exception) {
    return fail(Errc::internal, "a transaction threw: {}", exception.what());
  }
}

Result<> Transaction::may_write() const {
  if (access_ != Access::read) return {};
  return fail(Errc::internal, "a reading transaction cannot write");
}

Result<> Transaction::send(std::string_view sql, Parameters parameters) {
  CHECK_OK(may_write());
  return connection_.send(sql, parameters);
}

Result<> Transaction::demand(std::string_view sql, Parameters parameters, Error otherwise) {
  CHECK_OK(may_write());
  return connection_.demand(sql, parameters, std::move(otherwise));
}

Result<std::int64_t> Transaction::execute(std::string_view sql, Parameters parameters) {
  CHECK_OK(may_write());
  return connection_.execute(sql, parameters);
}

Result<std::vector<Row>> Transaction::query(std::string_view sql, Parameters parameters) {
  return connection_.query(sql, parameters);
}

Result<> Transaction::script(std::string_view sql) {
  CHECK_OK(may_write());
  return connection_.script(sql);
}

}  // namespace aright::store
