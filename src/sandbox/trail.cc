#include "sandbox/trail.h"

#include <algorithm>
#include <cctype>

namespace aright::sandbox {

namespace {

constexpr std::string_view hidden = "HIDDEN_DUE_TO_SECURITY_REASONS";
constexpr std::string_view event_version = "1.08";

std::string begins_small(std::string_view name) {
  std::string out(name);
  // ACL → acl, VPCId → vPCId would be wrong: a run of capitals is small as a whole, up to the next
  // word.
  std::size_t run = 0;
  while (run < out.size() && std::isupper(static_cast<unsigned char>(out[run])))
    ++run;
  auto small = run == out.size() ? run : std::max<std::size_t>(run > 1 ? run - 1 : 1, 1);
  for (std::size_t i = 0; i < small && i < out.size(); ++i)
    out[i] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[i])));
  return out;
}

class Parameters {
 public:
  explicit Parameters(const model::Service& service)
      : ec2_(service.protocol() == model::Protocol::ec2), s3_(service.name().starts_with("s3")) {}

  json::Value of(const model::Shape& shape, const json::Value& value) const {
    if (!shape) return value;
    if (shape.sensitive()) return json::Value(hidden);
    switch (shape.type()) {
      case model::Type::structure:
        return members(shape, value);
      case model::Type::list:
        return list(shape, value);
      case model::Type::map:
        return map(shape, value);
      case model::Type::blob:
        return nullptr;  // bodies are not recorded
      case model::Type::string:
      case model::Type::integer:
      case model::Type::floating:
      case model::Type::boolean:
      case model::Type::timestamp:
        return value;
    }
    return value;
  }

  // S3's parameters keep the names of its XML, but for these.
  static std::string s3_name(std::string_view name) {
    if (name == "Bucket") return "bucketName";
    if (name == "Key") return "key";
    if (name == "Policy") return "bucketPolicy";
    if (name == "ACL") return "x-amz-acl";
    return std::string(name);
  }

 private:
  // Credentials are in no trail, whatever the model calls them.
  json::Value members(const model::Shape& shape, const json::Value& value) const {
    json::Object out;
    for (const auto& [name, part] : json::members(value)) {
      auto member = shape.member(name);
      if (name == "SecretAccessKey" || name == "SessionToken") continue;
      if (ec2_ && name == "InstanceIds") {
        out["instancesSet"] = instances(part);
        continue;
      }
      auto told = of(member ? member->shape() : model::Shape(), part);
      if (s3_ && name == "Policy")
        if (auto document = json::parse(json::text(part))) told = *document;
      if (!told.is_null()) out[s3_ ? s3_name(name) : begins_small(name)] = std::move(told);
    }
    return out;
  }

  static json::Value instances(const json::Value& ids) {
    json::Array items;
    for (const auto& id : json::items(ids))
      items.push_back(json::Object{{"instanceId", id}});
    return json::Object{{"items", std::move(items)}};
  }

  json::Value list(const model::Shape& shape, const json::Value& value) const {
    json::Array items;
    for (const auto& item : json::items(value))
      items.push_back(of(shape.element(), item));
    if (ec2_) return json::Object{{"items", std::move(items)}};
    return items;
  }

  json::Value map(const model::Shape& shape, const json::Value& value) const {
    json::Object out;
    for (const auto& [name, part] : json::members(value))
      out[name] = of(shape.element(), part);
    return out;
  }

  bool ec2_, s3_;
};

// S3's configuration calls go by older names in the trail.
std::string event_name(const aws::Call& call) {
  bool bucket = call.service == "s3", account = call.service == "s3control";
  if (!bucket && !account) return call.operation;
  auto block = call.operation.find("PublicAccessBlock");
  if (block != std::string::npos)
    return call.operation.substr(0, block) + (account ? "Account" : "Bucket") +
           call.operation.substr(block);
  for (std::string_view config :
       {"PutBucketLifecycleConfiguration", "PutBucketNotificationConfiguration"})
    if (call.operation == config) return std::string(config.substr(0, config.size() - 13));
  return call.operation;
}

std::string_view word_after(std::string_view text, std::string_view mark) {
  auto at = text.find(mark);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + mark.size());
}

json::Object identity(const Principal& principal) {
  json::Object out{
      {"accountId", principal.account}, {"arn", principal.arn}, {"principalId", principal.user_id}};
  if (principal.arn.find(":assumed-role/") != std::string::npos) {
    auto role = word_after(principal.arn, ":assumed-role/");
    role = role.substr(0, role.find('/'));
    out["type"] = "AssumedRole";
    out["sessionContext"] = json::Object{
        {"sessionIssuer",
         json::Object{{"type", "Role"},
                      {"accountId", principal.account},
                      {"arn", fmt::format("arn:aws:iam::{}:role/{}", principal.account, role)},
                      {"userName", role}}}};
  } else if (auto user = word_after(principal.arn, ":user/"); !user.empty()) {
    out["type"] = "IAMUser";
    out["userName"] = user;
  } else {
    out["type"] = "Root";
  }
  return out;
}

}  // namespace

json::Object trail_event(const model::Models& models, const Principal& principal,
                         const WriteRecord& write, std::string_view id) {
  const auto& call = write.call;
  auto service = models.service(call.service);
  auto prefix = service ? service->endpoint_prefix() : std::string_view(call.service);
  if (call.service == "s3control") prefix = "s3";
  json::Value parameters, response;
  if (service) {
    auto operation = service->operation(call.operation);
    Parameters named(*service);
    parameters = named.of(operation ? operation->input() : model::Shape(), call.input);
    if (!write.output.empty())
      response = named.of(operation ? operation->output() : model::Shape(), write.output);
  }
  auto time = write.time.iso_seconds();
  json::Object detail{{"eventVersion", event_version},
                      {"userIdentity", identity(principal)},
                      {"eventTime", time},
                      {"eventSource", fmt::format("{}.amazonaws.com", prefix)},
                      {"eventName", event_name(call)},
                      {"awsRegion", call.region},
                      {"sourceIPAddress", "127.0.0.1"},
                      {"userAgent", "sandbox"},
                      {"requestParameters", std::move(parameters)},
                      {"responseElements", std::move(response)},
                      {"requestID", id},
                      {"eventID", id},
                      {"readOnly", false},
                      {"eventType", "AwsApiCall"},
                      {"managementEvent", true},
                      {"recipientAccountId", call.account},
                      {"eventCategory", "Management"}};
  return {{"version", "0"},
          {"id", id},
          {"detail-type", "AWS API Call via CloudTrail"},
          {"source", fmt::format("aws.{}", prefix)},
          {"account", call.account},
          {"time", time},
          {"region", call.region},
          {"resources", json::Array()},
          {"detail", std::move(detail)}};
}

}  // namespace aright::sandbox
