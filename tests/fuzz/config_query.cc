// Queries of Config: what is none says where, and what is one finds no more than there is.

#include <cstdint>
#include <string_view>

#include "cloud/config_query.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aright;
  static const std::vector<json::Value> items{
      cloud::queried({{"resourceType", "AWS::S3::Bucket"}, {"resourceId", "b"},
                       {"configuration", R"({"n": 5, "a": [{"x": 1}, {"x": "q"}]})"},
                       {"tags", json::Object{{"k", "v"}}}}),
      cloud::queried({{"resourceType", "AWS::EC2::Instance"}, {"resourceId", "i-1"}, {"configuration", "no JSON"}})};
  auto query = cloud::ConfigQuery::parse({reinterpret_cast<const char*>(data), size});
  if (!query) {
    if (query.error().wire_code != "InvalidExpressionException") __builtin_trap();
    return 0;
  }
  if (query->fields().empty() || query->run(items).size() > items.size()) __builtin_trap();
  return 0;
}
