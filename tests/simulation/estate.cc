#include "estate.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aright::simulation {

namespace {

constexpr int breached_of_hundred = 70;  // of the controls that a new resource could break

const std::array<Kind, 8> all_kinds{{
    {"AWS::S3::Bucket",
     {"s3:CreateBucket", R"({"Bucket": "{name}", "ObjectOwnership": "ObjectWriter"{location}})"},
     "",
     {{"s3-bucket-level-public-access-prohibited", {"s3:DeletePublicAccessBlock", R"({"Bucket": "{name}"})"}},
      {"s3-default-encryption-kms",
       {"s3:PutBucketEncryption", R"({"Bucket": "{name}", "ServerSideEncryptionConfiguration":
           {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}})"}},
      {"s3-bucket-acl-prohibited",
       {"s3:PutBucketOwnershipControls",
        R"({"Bucket": "{name}", "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}})"}}},
     {{"s3:PutPublicAccessBlock",
       R"({"Bucket": "{name}", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": false,
           "BlockPublicPolicy": false, "RestrictPublicBuckets": false}})"},
      {"s3:PutBucketTagging", R"({"Bucket": "{name}", "Tagging": {"TagSet": [{"Key": "team", "Value": "web"}]}})"},
      {"s3:PutBucketEncryption", R"({"Bucket": "{name}", "ServerSideEncryptionConfiguration":
           {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": true}]}})"},
      {"s3:PutBucketVersioning",
       R"({"Bucket": "{name}", "VersioningConfiguration": {"Status": "Enabled"}})"}},
     {{"s3:GetPublicAccessBlock", R"({"Bucket": "{name}"})"},
      {"s3:GetBucketEncryption", R"({"Bucket": "{name}"})"},
      {"s3:GetBucketOwnershipControls", R"({"Bucket": "{name}"})"},
      {"s3:GetBucketTagging", R"({"Bucket": "{name}"})"},
      {"s3:GetBucketVersioning", R"({"Bucket": "{name}"})"}}},
    {"AWS::SQS::Queue",
     {"sqs:CreateQueue", R"({"QueueName": "{name}"})"},
     "QueueUrl",
     {{"sqs-queue-encrypted",
       {"sqs:SetQueueAttributes", R"({"QueueUrl": "{id}", "Attributes": {"SqsManagedSseEnabled": "false"}})"}}},
     {{"sqs:SetQueueAttributes", R"({"QueueUrl": "{id}", "Attributes": {"VisibilityTimeout": "120"}})"},
      {"sqs:SetQueueAttributes", R"({"QueueUrl": "{id}", "Attributes": {"DelaySeconds": "5"}})"}},
     {{"sqs:GetQueueAttributes", R"({"QueueUrl": "{id}", "AttributeNames": ["All"]})"}}},
    {"AWS::SNS::Topic",
     {"sns:CreateTopic", R"({"Name": "{name}"})"},
     "TopicArn",
     {{"sns-encrypted-kms",
       {"sns:SetTopicAttributes",
        R"({"TopicArn": "{id}", "AttributeName": "KmsMasterKeyId", "AttributeValue": ""})"}}},
     {{"sns:SetTopicAttributes", R"({"TopicArn": "{id}", "AttributeName": "DisplayName", "AttributeValue": "News"})"},
      {"sns:SetTopicAttributes",
       R"({"TopicArn": "{id}", "AttributeName": "KmsMasterKeyId", "AttributeValue": "alias/own"})"}},
     {{"sns:GetTopicAttributes", R"({"TopicArn": "{id}"})"}}},
    {"AWS::ECR::Repository",
     {"ecr:CreateRepository", R"({"repositoryName": "{name}"})"},
     "",
     {{"ecr-private-image-scanning-enabled",
       {"ecr:PutImageScanningConfiguration",
        R"({"repositoryName": "{name}", "imageScanningConfiguration": {"scanOnPush": false}})"}},
      {"ecr-private-tag-immutability-enabled",
       {"ecr:PutImageTagMutability", R"({"repositoryName": "{name}", "imageTagMutability": "MUTABLE"})"}}},
     {{"ecr:PutImageTagMutability", R"({"repositoryName": "{name}", "imageTagMutability": "IMMUTABLE"})"}},
     {{"ecr:DescribeRepositories", R"({"repositoryNames": ["{name}"]})"}}},
    {"AWS::ECS::Cluster",
     {"ecs:CreateCluster", R"({"clusterName": "{name}"})"},
     "",
     {{"ecs-container-insights-enabled",
       {"ecs:UpdateClusterSettings",
        R"({"cluster": "{name}", "settings": [{"name": "containerInsights", "value": "disabled"}]})"}}},
     {{"ecs:UpdateClusterSettings",
       R"({"cluster": "{name}", "settings": [{"name": "containerInsights", "value": "enhanced"}]})"}},
     {{"ecs:DescribeClusters", R"({"clusters": ["{name}"], "include": ["SETTINGS"]})"}}},
    {"AWS::Athena::WorkGroup",
     {"athena:CreateWorkGroup", R"({"Name": "{name}", "Configuration": {"PublishCloudWatchMetricsEnabled": false,
         "ResultConfiguration": {"OutputLocation": "s3://acme/results/"}}})"},
     "",
     {{"athena-workgroup-encrypted-at-rest",
       {"athena:UpdateWorkGroup", R"({"WorkGroup": "{name}", "ConfigurationUpdates":
           {"ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": true}}})"}},
      {"athena-workgroup-logging-enabled",
       {"athena:UpdateWorkGroup",
        R"({"WorkGroup": "{name}", "ConfigurationUpdates": {"PublishCloudWatchMetricsEnabled": false}})"}}},
     {{"athena:UpdateWorkGroup", R"({"WorkGroup": "{name}", "Description": "of the team"})"},
      {"athena:UpdateWorkGroup", R"({"WorkGroup": "{name}", "ConfigurationUpdates":
          {"ResultConfigurationUpdates": {"OutputLocation": "s3://acme/others/"}}})"}},
     {{"athena:GetWorkGroup", R"({"WorkGroup": "{name}"})"}}},
    {"AWS::KMS::Key",
     {"kms:CreateKey", R"({"Description": "{name}"})"},
     "KeyMetadata.KeyId",
     {{"cmk-backing-key-rotation-enabled", {"kms:DisableKeyRotation", R"({"KeyId": "{id}"})"}}},
     {{"kms:UpdateKeyDescription", R"({"KeyId": "{id}", "Description": "of others"})"}},
     {{"kms:DescribeKey", R"({"KeyId": "{id}"})"}, {"kms:GetKeyRotationStatus", R"({"KeyId": "{id}"})"}}},
    {"AWS::DynamoDB::Table",
     {"dynamodb:CreateTable",
      R"({"TableName": "{name}", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
          "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"})"},
     "",
     {{"dynamodb-table-deletion-protection-enabled",
       {"dynamodb:UpdateTable", R"({"TableName": "{name}", "DeletionProtectionEnabled": false})"}},
      {"dynamodb-pitr-enabled",
       {"dynamodb:UpdateContinuousBackups", R"({"TableName": "{name}", "PointInTimeRecoverySpecification":
           {"PointInTimeRecoveryEnabled": false}})"}}},
     {},
     {{"dynamodb:DescribeTable", R"({"TableName": "{name}"})"},
      {"dynamodb:DescribeContinuousBackups", R"({"TableName": "{name}"})"}}},
}};

// Members that change by themselves.
bool passing(std::string_view member) {
  constexpr std::array names{"LastModifiedTimestamp", "CreatedTimestamp", "TableStatus", "TableSizeBytes", "ItemCount",
                             "EarliestRestorableDateTime", "LatestRestorableDateTime", "NextRotationDate"};
  return std::ranges::find(names, member) != names.end();
}

void flatten(const json::Value& value, const std::string& pointer, Leaves& out) {
  if (value.is_object() && !value.get_object().empty()) {
    for (const auto& [key, member] : value.get_object())
      if (!passing(key)) flatten(member, pointer + "/" + std::string(key), out);
  } else if (value.is_array() && !value.get_array().empty()) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i)
      flatten(value.get_array()[i], pointer + "/" + std::to_string(i), out);
  } else {
    out[pointer] = json::canonical(value);
  }
}

std::string key_of(std::string_view account, std::string_view region, std::string_view type, std::string_view id) {
  return fmt::format("{}/{}/{}/{}", account, region, type, id);
}

}  // namespace

std::span<const Kind> kinds() { return all_kinds; }

Result<json::Object> Estate::call(const Thing& thing, const Deed& deed) const {
  auto text = replace_all(deed.input, "{name}", thing.name);
  text = replace_all(std::move(text), "{id}", thing.id);
  bool elsewhere = thing.place.region != "us-east-1";
  auto location = fmt::format(R"(, "CreateBucketConfiguration": {{"LocationConstraint": "{}"}})", thing.place.region);
  text = replace_all(std::move(text), "{location}", elsewhere ? location : "");
  auto input = TRY(json::parse(text));
  std::string_view name = deed.call;
  auto colon = name.find(':');
  return cloud_.call({.service = std::string(name.substr(0, colon)), .operation = std::string(name.substr(colon + 1)),
                      .region = thing.place.region, .account = thing.place.account, .input = input.as_object()}, {});
}

void Estate::build(std::size_t count, Random& random) {
  for (std::size_t i = 0; i < count; ++i) {
    Thing thing{.kind = &all_kinds[random.below(all_kinds.size())], .place = places_[random.below(places_.size())],
                .name = fmt::format("acme-{}", i), .id = {}};
    auto made = call(thing, thing.kind->make);
    if (!made) {
      fmt::print(stderr, "{}: {}\n", thing.kind->make.call, made.error().text());
      std::abort();
    }
    json::Value at = *made;
    std::string_view path = thing.kind->id;
    for (auto part : split(path, '.'))
      if (!part.empty()) at = json::Value(json::at(at, part));
    thing.id = path.empty() ? thing.name : json::text(at);
    for (const auto& concern : thing.kind->concerns)
      if (random.below(100) < breached_of_hundred) breach(thing, concern);
    add(std::move(thing));
  }
}

Thing* Estate::find(std::string_view account, std::string_view region, std::string_view type, std::string_view id) {
  auto found = index_.find(key_of(account, region, type, id));
  if (found != index_.end()) return &things_[found->second];
  auto kind = std::ranges::find(all_kinds, type, &Kind::type);
  if (kind == all_kinds.end()) return nullptr;
  return &add({.kind = &*kind, .place = {std::string(account), std::string(region)}, .name = std::string(id),
               .id = std::string(id)});
}

Thing& Estate::add(Thing thing) {
  index_[key_of(thing.place.account, thing.place.region, thing.kind->type, thing.id)] = things_.size();
  return things_.emplace_back(std::move(thing));
}

void Estate::edit(Thing& thing, Random& random) {
  const auto& edits = thing.kind->edits;
  if (!edits.empty()) do_as_others(thing, edits[random.below(edits.size())]);
}

// What the service refuses (a table that is just being changed) is not done.
void Estate::do_as_others(Thing& thing, const Deed& deed) {
  if (call(thing, deed)) ++thing.touched;
}

Leaves Estate::look(const Thing& thing) const {
  Leaves out;
  for (const auto& deed : thing.kind->looks)
    if (auto answer = call(thing, deed)) flatten(*answer, std::string("/") + deed.call, out);
  return out;
}

}  // namespace aright::simulation
