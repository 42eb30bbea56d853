// Versions of functions and layers: numbered from one, and never changed.
#include <algorithm>

#include "base/digest.h"
#include "sandbox/lambda.h"

namespace aright::sandbox::lambda_version_hooks {

namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function";
constexpr std::string_view version_type = "AWS::Lambda::Version";
constexpr std::string_view layer_type = "AWS::Lambda::LayerVersion";

// What tells one version from another: not when it was published, and as what.
std::string content_of(json::Object shown) {
  for (const char* member : {"Version", "FunctionArn", "RevisionId", "LastModified", "Description", "LastUpdateStatus",
                             "State"})
    shown.erase(member);
  return json::canonical(shown);
}

Result<json::Object> publish_version(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto* function = TRY(asked_function(scene));
  auto sha = scene.text("CodeSha256");
  if (!sha.empty() && sha != json::text(function->aspect("CodeSha256")))
    return fail(scene.error("InvalidParameterValueException",
                            "CodeSHA256 is different from current CodeSHA256 in $LATEST."));
  auto revision = scene.text("RevisionId");
  if (!revision.empty() && revision != json::text(function->record, "RevisionId", ""))
    return fail(scene.error("PreconditionFailedException"));
  auto number = json::integer(json::at(function->internals, "last_version"), 0) + 1;
  auto shown = scene.shown(*function);
  const auto* last = scene.find(version_type, fmt::format("{}|{}", function->ref.id, number - 1));
  if (last != nullptr && content_of(last->record) == content_of(shown)) return scene.shown(*last);  // nothing is new
  function->internals["last_version"] = number;
  auto* version = TRY(scene.create(version_type, fmt::format("{}|{}", function->ref.id, number)));
  shown["Version"] = std::to_string(number);
  shown["FunctionArn"] = scene.arn(*version);
  if (const auto& text = scene.input("Description"); !text.is_null()) shown["Description"] = text;
  version->set("Configuration", nullptr);
  version->record = shown;
  version->record.erase("Description");
  version->set("Description", json::at(shown, "Description"));
  if (const auto& zip = json::at(function->internals, "zip"); !zip.is_null()) version->internals["zip"] = zip;
  return shown;
}

// A layer's content is known by its hash.
Result<json::Object> publish_layer(Scene& scene) {
  auto name = scene.text("LayerName");
  std::int64_t last = 0;
  for (const auto* version : scene.world.all(scene.ref(layer_type, name + "|")))
    last = std::max(last, json::integer(json::at(version->record, "Version"), 0));
  auto* version = TRY(scene.create(layer_type, fmt::format("{}|{}", name, last + 1)));
  auto layer = scene.arn(*version);
  auto zip = from_base64(scene.text("Content.ZipFile"));
  auto bytes = zip && !zip->empty() ? *zip : json::canonical(scene.input("Content"));
  if (zip && !zip->empty()) version->internals["zip"] = to_base64(*zip);
  version->record = {
      {"LayerArn", layer.substr(0, layer.rfind(':'))},
      {"LayerVersionArn", layer},
      {"Version", last + 1},
      {"CreatedDate", scene.now.format("%Y-%m-%dT%H:%M:%S.000+0000")},
      {"Content",
       json::Object{{"CodeSha256", to_base64(sha256(bytes))},
                    {"CodeSize", zip ? zip->size() : 0},
                    {"Location", fmt::format("{}/layers/{}", scene.endpoint, version->ref.id)}}}};
  for (const auto* member :
       {"Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"})
    version->set(member, scene.input(member));
  return scene.shown(*version);
}

constexpr std::string_view mapping_type = "AWS::Lambda::EventSourceMapping";

// A queue is there, and feeds a function by one mapping only.
Result<> check_mapping(Scene& scene) {
  CHECK_OK(check_function_name(scene));
  auto source = scene.text("EventSourceArn");
  auto* function = TRY(asked_function(scene));
  for (const auto* one : scene.world.all(scene.ref(mapping_type, "")))
    if (json::text(one->aspect("EventSourceArn")) == source &&
        json::text(one->aspect("FunctionName")) == scene.arn(*function))
      return fail(scene.error(
          "ResourceConflictException",
          fmt::format("An event source mapping with {} arn (\" {} \") and function (\" {} \") already exists. Please "
                      "update or delete the existing mapping with UUID {}",
                      source.starts_with("arn:aws:sqs:") ? "SQS" : "event source", source, function->ref.id,
                      one->ref.id)));
  if (source.find(":sqs:") == std::string::npos) return {};
  for (const auto* one : scene.world.all(scene.ref("AWS::SQS::Queue", "")))
    if (scene.arn(*one) == source) return {};
  return fail(scene.error("InvalidParameterValueException",
                          "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService."
                          "NonExistentQueue. SQS Error Message: The specified queue does not exist for this wsdl "
                          "version."));
}

Result<> check_known_mapping(Scene& scene) {
  if (scene.find(mapping_type, scene.text("UUID")) != nullptr) return {};
  return fail(scene.error("ResourceNotFoundException", "The resource you requested does not exist."));
}

Result<> finish_mapping(Scene& scene, json::Object& output) {
  auto& mapping = scene.world.edit(scene.created.front());
  auto* function = TRY(asked_function(scene));
  mapping.set("FunctionName", json::Value(scene.arn(*function)));
  output = scene.shown(mapping);
  return {};
}

// What is not published yet is a version as well, and the first one.
Result<> finish_list(Scene& scene, json::Object& output) {
  if (!scene.text("Marker").empty()) return {};
  auto* function = TRY(asked_function(scene));
  auto latest = scene.shown(*function);
  latest["Version"] = "$LATEST";
  latest["FunctionArn"] = scene.arn(*function) + ":$LATEST";
  json::Array versions{std::move(latest)};
  for (const auto& one : json::items(json::at(output, "Versions"))) versions.push_back(one);
  output["Versions"] = std::move(versions);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("lambda:PublishVersion", publish_version);
  hooks.emulate("lambda:PublishLayerVersion", publish_layer);
  hooks.check("lambda:CreateEventSourceMapping", check_mapping);
  hooks.finish("lambda:CreateEventSourceMapping", finish_mapping);
  for (const auto* operation : {"GetEventSourceMapping", "UpdateEventSourceMapping", "DeleteEventSourceMapping"})
    hooks.check(fmt::format("lambda:{}", operation), check_known_mapping);
  for (const auto* operation : {"CreateAlias", "GetAlias", "UpdateAlias"})
    hooks.check(fmt::format("lambda:{}", operation), check_alias);
  hooks.finish("lambda:ListVersionsByFunction", finish_list);
}

}  // namespace aright::sandbox::lambda_version_hooks
