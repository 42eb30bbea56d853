// Answers of the services that speak XML: rest-xml, query and ec2, good ones and errors.

#include <cstdint>
#include <string>

#include "aws/wire.h"

namespace {

void read(const char* service_name, const char* operation_name, int status, const std::string& body) {
  using namespace aright;
  auto service = model::Models::embedded().service(service_name);
  auto operation = service->operation(operation_name);
  if (!operation) __builtin_trap();
  net::Response response;
  response.status = status;
  response.body = body;
  (void)aws::decode_response(*service, *operation, response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr int good = 200, refused = 400;
  std::string body(reinterpret_cast<const char*>(data), size);
  for (int status : {good, refused}) {
    read("s3", "GetBucketAcl", status, body);
    read("ec2", "DescribeSecurityGroups", status, body);
    read("iam", "GetUser", status, body);
  }
  return 0;
}
