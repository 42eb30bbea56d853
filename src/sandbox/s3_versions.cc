#include "sandbox/s3_versions.h"

#include <algorithm>

#include "cloud/locate.h"
#include "sandbox/s3_access.h"
#include "sandbox/s3_objects.h"

namespace aright::sandbox {

std::string object_id(std::string_view bucket, std::string_view key) {
  return fmt::format("{}{}{}", bucket, cloud::key_separator, key);
}

std::string key_of(const Resource& object) {
  return object.ref.id.substr(object.ref.id.find(cloud::key_separator) + 1);
}

json::Array& versions(Resource& object) {
  auto& value = object.internals["versions"];
  if (!value.is_array()) value = json::Array();
  return value.get_array();
}
const json::Array& versions(const Resource& object) {
  return json::items(json::at(object.internals, "versions"));
}

void drop_version(json::Array& all, std::string_view id) {
  auto gone = std::ranges::remove_if(
      all, [&](const json::Value& one) { return json::text(one, "VersionId", "") == id; });
  all.erase(gone.begin(), gone.end());
}

bool is_marker(const json::Value& version) {
  return json::truth(json::at(version, "DeleteMarker"));
}

bool visible(const Resource& object) {
  const auto& all = versions(object);
  return all.empty() || !is_marker(all.back());
}

std::size_t size_of(const json::Value& version) {
  auto body = json::text(version, "Body", "");
  auto padding = static_cast<std::size_t>(std::ranges::count(body, '='));
  return body.size() / 4 * 3 - std::min<std::size_t>(padding, 2);
}

json::Object head_of(const json::Value& version) {
  json::Object head;
  for (const auto* name : object_headers)
    if (const auto& value = json::at(version, name); !value.is_null()) head[name] = value;
  for (const auto* name : {"ETag", "LastModified"})
    head[name] = json::at(version, name);
  if (json::text(version, "VersionId", "") != no_version)
    head["VersionId"] = json::at(version, "VersionId");
  head["ContentLength"] = size_of(version);
  head["AcceptRanges"] = "bytes";
  return head;
}

const json::Value* version_of(const Resource& object, std::string_view id) {
  const auto& all = versions(object);
  if (all.empty()) return nullptr;
  if (id.empty()) return &all.back();
  for (const auto& version : all)
    if (json::text(version, "VersionId", "") == id) return &version;
  return nullptr;
}

void refresh(Resource& object) {
  const auto& newest = versions(object).back();
  if (is_marker(newest)) {
    object.set("ETag", nullptr);
    object.set("Acl", nullptr);
    object.set("Tags", nullptr);
    return;
  }
  object.record = head_of(newest);
  object.set("ETag", json::at(newest, "ETag"));
  object.set("Acl", json::at(newest, "Acl"));
  object.set("Tags", json::at(newest, "Tags"));
}

namespace {

json::Object listed(const Resource& object, const json::Value& version) {
  json::Object out{{"Key", key_of(object)},
                   {"VersionId", json::at(version, "VersionId")},
                   {"IsLatest", &version == &versions(object).back()},
                   {"LastModified", json::at(version, "LastModified")}};
  if (is_marker(version)) return out;
  out["ETag"] = json::at(version, "ETag");
  out["Size"] = size_of(version);
  out["StorageClass"] = json::text(version, "StorageClass", "STANDARD");
  return out;
}

// One page of versions, from a marker on.
class VersionPage {
 public:
  explicit VersionPage(const Scene& scene)
      : key_(scene.text("KeyMarker")),
        version_(scene.text("VersionIdMarker")),
        limit_(static_cast<std::size_t>(std::clamp<std::int64_t>(
            json::integer(scene.input("MaxKeys"), listed_max), 0, listed_max))) {}

  // False when the page was full before this one.
  bool add(const Resource& object, const json::Value& version) {
    if (!begun(key_of(object), json::text(version, "VersionId", ""))) return true;
    if (found_.size() + markers_.size() >= limit_) return false;
    auto out = listed(object, version);
    last_ = out;
    (is_marker(version) ? markers_ : found_).push_back(std::move(out));
    return true;
  }

  void put(json::Object& output, bool truncated) && {
    output["IsTruncated"] = truncated;
    if (truncated) output["NextKeyMarker"] = json::at(last_, "Key");
    if (truncated) output["NextVersionIdMarker"] = json::at(last_, "VersionId");
    if (!found_.empty()) output["Versions"] = std::move(found_);
    if (!markers_.empty()) output["DeleteMarkers"] = std::move(markers_);
  }

 private:
  // The marker itself was in the page before.
  bool begun(const std::string& key, const std::string& version) {
    if (key != key_) return key > key_;
    if (version_.empty() || passed_) return passed_;
    passed_ = version == version_;
    return false;
  }

  std::string key_, version_;
  std::size_t limit_;
  bool passed_ = false;
  json::Array found_, markers_;
  json::Object last_;
};

}  // namespace

Result<json::Object> list_versions(Scene& scene) {
  const auto* bucket = TRY(open_bucket(scene, "s3:ListBucketVersions", ""));
  auto prefix = scene.text("Prefix");
  VersionPage page(scene);
  bool full = false;
  for (const auto* object :
       scene.world.all(scene.ref(object_type, object_id(bucket->ref.id, prefix)))) {
    const auto& all = versions(*object);
    for (auto it = all.rbegin(); it != all.rend() && !full; ++it)
      full = !page.add(*object, *it);
  }
  json::Object output{{"Name", bucket->ref.id},
                      {"Prefix", prefix},
                      {"MaxKeys", json::integer(scene.input("MaxKeys"), listed_max)}};
  std::move(page).put(output, full);
  return output;
}

}  // namespace aright::sandbox
