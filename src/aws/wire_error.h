#pragma once
// Errors as services say them, in each protocol's own way, and what they mean to us. Pure, any
// thread.

#include <string_view>

#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

// Reads code and message wherever the protocol puts them. Without a body the code is the status
// ("404"), as HEAD answers.
Error read_error(const net::Response& response);
// S3 may say 200 and then fail: its XML tells.
bool is_error_document(std::string_view xml);

net::Response write_error(const model::Service& service, model::Protocol protocol,
                          const Error& error, std::string_view request_id);

}  // namespace aright::aws
