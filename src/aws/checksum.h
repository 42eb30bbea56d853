#pragma once
// The checksums that S3 and others demand of a request's body. Pure, any thread.

#include "model/model.h"
#include "net/http.h"

namespace aright::aws {

// Adds the checksum that x-amz-sdk-checksum-algorithm announces, or Content-MD5 when the operation
// demands one and none is there. Fails with invalid for an algorithm that is none of CRC32, CRC32C,
// SHA1 and SHA256.
Result<> add_checksum(const model::Operation& operation, net::Request& request);

}  // namespace aright::aws
