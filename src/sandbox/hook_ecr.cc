// Amazon ECR: images in repositories. Layers are not kept: an image is its manifest.
#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ecr_hooks {

namespace {

constexpr std::string_view repository_type = "AWS::ECR::Repository";
constexpr std::string_view image_type = "AWS::ECR::Image";
constexpr std::string_view registry_type = "AWS::ECR::Registry";
constexpr auto token_lasts = std::chrono::hours(12);
constexpr std::size_t name_min = 2, name_max = 256;

Result<Resource*> named_repository(Scene& scene) {
  return scene.need(repository_type, scene.text("repositoryName"));
}

Result<> check_name(Scene& scene) {
  auto name = scene.text("repositoryName");
  bool letters = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || std::string_view("._-/").contains(c);
  });
  if (letters && name.size() >= name_min && name.size() <= name_max) return {};
  return fail(
      scene.error("InvalidParameterException",
                  fmt::format("Invalid parameter at 'repositoryName' failed to satisfy constraint: "
                              "'must satisfy regular expression' [{}]",
                              name)));
}

Result<> check_delete(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  if (json::truth(scene.input("force")) || scene.world.children(*repository).empty()) return {};
  return fail(scene.error("RepositoryNotEmptyException", "", repository));
}

Result<> check_document(Scene& scene) {
  for (const auto* member : {"lifecyclePolicyText", "policyText"}) {
    const auto& text = scene.input(member);
    if (text.is_null() || json::parse(json::text(text))) continue;
    return fail(scene.error("InvalidParameterException",
                            fmt::format("Invalid parameter at '{}': it is no JSON", member)));
  }
  return {};
}

std::string digest_of(const std::string& manifest) {
  return "sha256:" + to_hex(sha256(manifest));
}

std::vector<const Resource*> images_of(const Scene& scene, const Resource& repository) {
  return scene.world.children(repository);
}

bool has_tag(const Resource& image, std::string_view tag) {
  auto tags = json::texts(image.aspect("Tags"));
  return std::ranges::find(tags, tag) != tags.end();
}

const Resource* find_image(const Scene& scene, const Resource& repository, const json::Value& id) {
  auto digest = json::text(id, "imageDigest", ""), tag = json::text(id, "imageTag", "");
  for (const auto* image : images_of(scene, repository)) {
    bool same_digest = digest.empty() || json::text(image->record, "imageDigest") == digest;
    if (same_digest && (tag.empty() || has_tag(*image, tag))) return image;
  }
  return nullptr;
}

json::Object image_id(const Resource& image, const std::string& tag) {
  json::Object id{{"imageDigest", json::at(image.record, "imageDigest")}};
  if (!tag.empty()) id["imageTag"] = tag;
  return id;
}

json::Object shown_image(const Resource& repository, const Resource& image,
                         const std::string& tag) {
  return {{"registryId", repository.ref.account},
          {"repositoryName", repository.ref.id},
          {"imageId", image_id(image, tag)},
          {"imageManifest", json::at(image.internals, "manifest")},
          {"imageManifestMediaType", image.aspect("MediaType")}};
}

void set_tags(Resource& image, std::vector<std::string> tags) {
  json::Array list;
  for (auto& tag : tags)
    list.emplace_back(std::move(tag));
  image.set("Tags", list.empty() ? json::Value() : json::Value(std::move(list)));
}

void take_tag(Scene& scene, const Resource& from, const std::string& tag) {
  auto tags = json::texts(from.aspect("Tags"));
  std::erase(tags, tag);
  set_tags(scene.world.edit(from.ref), std::move(tags));
}

bool scans_on_push(const Resource& repository) {
  return json::truth(json::at(repository.aspect("ImageScanningConfiguration"), "scanOnPush"));
}

Result<json::Object> put_image(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  auto manifest = scene.text("imageManifest"), tag = scene.text("imageTag");
  auto digest = scene.text("imageDigest", digest_of(manifest));
  const auto* tagged =
      tag.empty() ? nullptr : find_image(scene, *repository, json::Object{{"imageTag", tag}});
  auto id = repository->ref.id + cloud::key_separator + digest;
  if (tagged != nullptr && tagged->ref.id == id)
    return fail(scene.error("ImageAlreadyExistsException"));
  if (tagged != nullptr && json::text(repository->aspect("ImageTagMutability")) == "IMMUTABLE")
    return fail(scene.error("ImageTagAlreadyExistsException"));
  if (tagged != nullptr) take_tag(scene, *tagged, tag);
  bool known = scene.find(image_type, id) != nullptr;
  auto* image = TRY(known ? scene.need(image_type, id) : scene.create(image_type, id));
  image->internals["manifest"] = manifest;
  image->set("SizeInBytes", static_cast<std::int64_t>(manifest.size()));
  image->set("MediaType",
             json::Value(scene.text("imageManifestMediaType",
                                    "application/vnd.docker.distribution.manifest.v2+json")));
  if (scans_on_push(*repository)) image->set("ScanStatus", json::Object{{"status", "COMPLETE"}});
  auto tags = json::texts(image->aspect("Tags"));
  if (!tag.empty()) tags.push_back(tag);
  set_tags(*image, std::move(tags));
  return json::Object{{"image", shown_image(*repository, *image, tag)}};
}

bool wanted(const Scene& scene, const Resource& image) {
  auto status = scene.text("filter.tagStatus", "ANY");
  bool tagged = !json::items(image.aspect("Tags")).empty();
  return status == "ANY" || (status == "TAGGED") == tagged;
}

Result<json::Object> list_images(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  json::Array ids;
  for (const auto* image : images_of(scene, *repository)) {
    if (!wanted(scene, *image)) continue;
    auto tags = json::texts(image->aspect("Tags"));
    if (tags.empty()) tags.emplace_back();
    for (const auto& tag : tags)
      ids.push_back(image_id(*image, tag));
  }
  return json::Object{{"imageIds", std::move(ids)}};
}

Result<json::Object> describe_images(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  json::Array out;
  for (const auto& id : json::items(scene.input("imageIds"))) {
    const auto* image = find_image(scene, *repository, id);
    if (image == nullptr) return fail(scene.error("ImageNotFoundException"));
    out.push_back(scene.shown(*image));
  }
  if (scene.input("imageIds").is_null())
    for (const auto* image : images_of(scene, *repository))
      if (wanted(scene, *image)) out.push_back(scene.shown(*image));
  return json::Object{{"imageDetails", std::move(out)}};
}

json::Object failure(const json::Value& id) {
  return {{"imageId", id},
          {"failureCode", "ImageNotFound"},
          {"failureReason", "Requested image not found"}};
}

Result<json::Object> get_images(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  json::Array images, failures;
  for (const auto& id : json::items(scene.input("imageIds"))) {
    if (const auto* image = find_image(scene, *repository, id))
      images.push_back(shown_image(*repository, *image, json::text(id, "imageTag", "")));
    else
      failures.push_back(failure(id));
  }
  return json::Object{{"images", std::move(images)}, {"failures", std::move(failures)}};
}

// By its digest an image goes whole, by a tag only with its last one.
Result<json::Object> delete_images(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  json::Array gone, failures;
  for (const auto& id : json::items(scene.input("imageIds"))) {
    const auto* image = find_image(scene, *repository, id);
    if (image == nullptr) {
      failures.push_back(failure(id));
      continue;
    }
    auto tag = json::text(id, "imageTag", "");
    gone.push_back(image_id(*image, tag));
    if (!tag.empty()) take_tag(scene, *image, tag);
    if (tag.empty() || json::items(image->aspect("Tags")).empty())
      scene.erase(cloud::ResourceRef(image->ref));
  }
  return json::Object{{"imageIds", std::move(gone)}, {"failures", std::move(failures)}};
}

Result<json::Object> start_scan(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  const auto* image = find_image(scene, *repository, scene.input("imageId"));
  if (image == nullptr) return fail(scene.error("ImageNotFoundException"));
  scene.world.edit(image->ref).set("ScanStatus", json::Object{{"status", "COMPLETE"}});
  return json::Object{{"registryId", repository->ref.account},
                      {"repositoryName", repository->ref.id},
                      {"imageId", image_id(*image, scene.text("imageId.imageTag"))},
                      {"imageScanStatus", json::Object{{"status", "IN_PROGRESS"}}}};
}

Result<json::Object> describe_findings(Scene& scene) {
  auto* repository = TRY(named_repository(scene));
  const auto* image = find_image(scene, *repository, scene.input("imageId"));
  if (image == nullptr) return fail(scene.error("ImageNotFoundException"));
  if (image->aspect("ScanStatus").is_null())
    return fail(scene.error("ScanNotFoundException", "Image scan does not exist for the image"));
  return json::Object{
      {"registryId", repository->ref.account},
      {"repositoryName", repository->ref.id},
      {"imageId", image_id(*image, scene.text("imageId.imageTag"))},
      {"imageScanStatus", image->aspect("ScanStatus")},
      {"imageScanFindings",
       json::Object{{"findings", json::Array()}, {"findingSeverityCounts", json::Object()}}}};
}

// What the registry's rules and the repository's own flag say together.
Result<json::Object> scanning_of_repositories(Scene& scene) {
  auto* registry = TRY(scene.need(registry_type, scene.call.account));
  json::Array found, failures;
  for (const auto& name : json::texts(scene.input("repositoryNames"))) {
    const auto* repository = scene.find(repository_type, name);
    if (repository == nullptr) {
      failures.push_back(
          json::Object{{"repositoryName", name}, {"failureCode", "REPOSITORY_NOT_FOUND"}});
      continue;
    }
    bool on_push = scans_on_push(*repository);
    std::string frequency = on_push ? "SCAN_ON_PUSH" : "MANUAL";
    json::Array applied;
    for (const auto& rule :
         json::items(json::at(registry->aspect("EcrScanningConfiguration"), "rules"))) {
      for (const auto& filter : json::items(json::at(rule, "repositoryFilters"))) {
        if (!glob_match(json::text(filter, "filter", ""), name)) continue;
        frequency = json::text(rule, "scanFrequency", "");
        applied.push_back(filter);
        on_push = on_push || frequency != "MANUAL";
      }
    }
    found.push_back(json::Object{{"repositoryArn", scene.arn(*repository)},
                                 {"repositoryName", name},
                                 {"scanOnPush", on_push},
                                 {"scanFrequency", frequency},
                                 {"appliedScanFilters", std::move(applied)}});
  }
  return json::Object{{"scanningConfigurations", std::move(found)},
                      {"failures", std::move(failures)}};
}

Result<json::Object> authorization(Scene& scene) {
  return json::Object{
      {"authorizationData",
       json::Array{
           json::Object{{"authorizationToken", to_base64("AWS:" + scene.ids.upper(32))},
                        {"expiresAt", (scene.now + token_lasts).iso()},
                        {"proxyEndpoint", fmt::format("https://{}.dkr.ecr.{}.amazonaws.com",
                                                      scene.call.account, scene.call.region)}}}}};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("ecr:CreateRepository", check_name);
  hooks.check("ecr:DeleteRepository", check_delete);
  hooks.check("ecr:PutLifecyclePolicy", check_document);
  hooks.check("ecr:SetRepositoryPolicy", check_document);
  hooks.emulate("ecr:PutImage", put_image);
  hooks.emulate("ecr:ListImages", list_images);
  hooks.emulate("ecr:DescribeImages", describe_images);
  hooks.emulate("ecr:BatchGetImage", get_images);
  hooks.emulate("ecr:BatchDeleteImage", delete_images);
  hooks.emulate("ecr:StartImageScan", start_scan);
  hooks.emulate("ecr:DescribeImageScanFindings", describe_findings);
  hooks.emulate("ecr:BatchGetRepositoryScanningConfiguration", scanning_of_repositories);
  hooks.emulate("ecr:GetAuthorizationToken", authorization);
}

}  // namespace aright::sandbox::ecr_hooks
