#pragma once
// AWS's published service models, read in place from the compact form that tools/modelc made of them and the binary
// embeds. Everything here is a handle of two words into immutable bytes: copy freely, use from any thread.
//
// Services are named as boto3 names its clients (ec2, s3control, logs, elbv2, stepfunctions …), because runbooks do.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace aright::model {

enum class Type : std::uint8_t { structure, list, map, string, integer, floating, boolean, timestamp, blob };
enum class Location : std::uint8_t { body, uri, querystring, header, headers, status_code };
enum class TimestampFormat : std::uint8_t { by_protocol, iso8601, rfc822, unix_timestamp };
enum class Protocol : std::uint8_t { query, ec2, json, rest_json, rest_xml };

class Models;
class Member;

class Shape {
 public:
  Shape() = default;
  explicit operator bool() const { return models_ != nullptr; }
  bool operator==(const Shape&) const = default;  // alike in every respect: one shape is kept once
  Type type() const;
  std::vector<Member> members() const;                       // of a structure, in the model's order
  std::optional<Member> member(std::string_view name) const;
  Shape element() const;             // of a list: its items; of a map: its values
  std::string_view element_name() const;  // the list item's locationName, "" when the protocol's default
  Shape key() const;                 // of a map
  std::string_view key_name() const, value_name() const;  // XML names of a map's parts; "" means the default
  bool flattened() const;            // lists and maps without a wrapping element
  bool sensitive() const;
  std::string_view payload() const;  // the structure member that is the whole HTTP body, or ""
  TimestampFormat timestamp_format() const;
  std::string_view xml_name() const;       // the root element's name when the shape says one
  std::string_view xml_namespace() const;  // and its namespace URI
  std::string_view xml_prefix() const;     // "xsi" where the namespace is bound to a prefix
  bool streaming() const;                  // a body that need not be in memory at once
  bool event_stream() const;               // a structure that travels as a stream of framed events
  bool document() const;                   // a structure without members that is any JSON

 private:
  friend class Models;
  friend class Member;
  friend class Operation;
  Shape(const Models* models, std::uint32_t index) : models_(models), index_(index) {}
  const Models* models_ = nullptr;
  std::uint32_t index_ = 0;
};

class Member {
 public:
  std::string_view name() const;           // as in SDKs: the JSON key on our side
  std::string_view location_name() const;  // its name on the wire; name() when the model says no other
  std::string_view query_name() const;     // ec2 protocol's queryName, or ""
  Location location() const;
  Shape shape() const;
  bool required() const;
  bool idempotency_token() const;
  bool xml_attribute() const;
  bool flattened() const;   // said at the member rather than at the shape
  bool streaming() const;
  bool host_label() const;  // goes into the operation's host prefix
  bool json_value() const;  // a string on the wire that holds JSON
  std::string_view xml_namespace() const;  // the member's own, else its shape's
  std::string_view xml_prefix() const;
  TimestampFormat timestamp_format() const;  // the member's own, else its shape's

 private:
  friend class Shape;
  Member(const Models* models, std::uint32_t index) : models_(models), index_(index) {}
  const Models* models_;
  std::uint32_t index_;
};

struct Pagination {
  std::vector<std::string> input_tokens, output_tokens, result_keys;  // JMESPath as the model has it
  std::string limit_key, more_results;
};

struct Acceptor {
  std::string matcher;   // path, pathAll, pathAny, status, error
  std::string argument;  // JMESPath
  std::string expected;  // JSON text
  std::string state;     // success, failure, retry
};
struct Waiter {
  std::string name, operation;
  int delay_s = 0, attempts_max = 0;
  std::vector<Acceptor> acceptors;
};

class Operation {
 public:
  std::string_view name() const;
  std::string_view method() const;   // HTTP method; POST where the protocol has no choice
  std::string_view uri() const;      // /{Bucket}?publicAccessBlock
  int success_status() const;        // 200 unless the model says another
  Shape input() const, output() const;       // false when there is none
  std::string_view input_wrapper() const;    // rest-xml: the root element when the input shape has none
  std::string_view input_xml_namespace() const;
  std::string_view result_wrapper() const;   // query: <OpResult>
  std::string_view host_prefix() const;      // "{AccountId}."
  bool checksum_required() const;
  std::string_view auth_type() const;        // "", "none", "v4-unsigned-body"
  std::optional<Pagination> pagination() const;

 private:
  friend class Service;
  Operation(const Models* models, std::uint32_t index) : models_(models), index_(index) {}
  const Models* models_;
  std::uint32_t index_;
};

class Service {
 public:
  std::string_view name() const;             // boto3 client name
  std::string_view api_version() const;
  std::string_view service_id() const;       // "Elastic Load Balancing v2"
  std::string_view endpoint_prefix() const;  // host part
  std::string_view signing_name() const;     // endpoint_prefix when the model says no other
  std::string_view signature_version() const;  // v4, s3, s3v4, v2, bearer
  std::string_view target_prefix() const;    // X-Amz-Target of the json protocol
  std::string_view json_version() const;     // "1.0", "1.1"
  std::string_view xml_namespace() const;
  std::string_view global_endpoint() const;  // "iam.amazonaws.com" or ""
  Protocol protocol() const;
  std::vector<Operation> operations() const;  // sorted by name
  // Finds PascalCase (DescribeInstances) and snake_case (describe_instances) names.
  std::optional<Operation> operation(std::string_view name) const;
  std::vector<Waiter> waiters() const;
  std::optional<Waiter> waiter(std::string_view name) const;  // InstanceRunning or instance_running

 private:
  friend class Models;
  Service(const Models* models, std::uint32_t index) : models_(models), index_(index) {}
  const Models* models_;
  std::uint32_t index_;
};

// The whole set. Nothing is parsed: embedded() trusts what the build made, and touches only the pages a lookup needs;
// open() takes bytes from anywhere and checks every index in them once (a few milliseconds). Fails with Errc::corrupt.
class Models {
 public:
  static const Models& embedded();
  static Result<Models> open(std::string_view bytes);  // the bytes, and these Models, must outlive every handle

  std::vector<Service> services() const;  // sorted by name
  // By boto3 name, and by the other names in use: the model's file name (monitoring), the CLI's (configservice),
  // the endpoint prefix where it is unambiguous.
  std::optional<Service> service(std::string_view name) const;
  // The services that sign with this name (S3 and S3 Control share "s3"): for a server that must guess from a request.
  std::vector<Service> signing_as(std::string_view signing_name) const;

 private:
  friend class Shape;
  friend class Member;
  friend class Operation;
  friend class Service;
  explicit Models(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

}  // namespace aright::model
