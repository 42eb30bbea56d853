#include "aws/address.h"

namespace aright::aws {

namespace {

// A name with dots has no certificate, one with capitals no host.
bool fits_host(std::string_view bucket) {
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  return bucket.size() >= 3 && bucket.size() <= 63 &&
         bucket.find_first_not_of(letters) == bucket.npos;
}

}  // namespace

Result<> address(const model::Service& service, const json::Object& input,
                 const AddressOptions& options, net::Endpoint& endpoint, net::Request& request) {
  if (!options.custom) endpoint.host = options.host_prefix + endpoint.host;
  if (service.name() == "s3") {
    auto bucket = json::text(input, "Bucket");
    if (bucket.starts_with("arn:")) {
      return fail(Errc::unsupported, "{} is an access point; name its bucket instead", bucket);
    }
    auto in_path = "/" + bucket;
    bool by_host = !options.custom && !options.path_style && fits_host(bucket) &&
                   request.path().starts_with(in_path);
    if (by_host) {
      endpoint.host = bucket + "." + endpoint.host;
      auto rest = request.target.substr(in_path.size());
      request.target = rest.starts_with('/') ? rest : "/" + rest;
    }
  }
  request.headers.set("Host", endpoint.authority());
  return {};
}

}  // namespace aright::aws
