#pragma once
// Which host and path a request goes to, once its endpoint is known. Pure, any thread.

#include "json/value.h"
#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

struct AddressOptions {
  std::string host_prefix;  // of the operation, filled
  bool custom = false;      // an endpoint somebody chose is used as it stands
  bool path_style = false;  // S3's bucket stays in the path
};

// Puts the prefix and S3's bucket into the host's name where that is possible, and sets Host. Fails
// with unsupported for a bucket that is an access point's ARN.
Result<> address(const model::Service& service, const json::Object& input,
                 const AddressOptions& options, net::Endpoint& endpoint, net::Request& request);

}  // namespace aright::aws
