#include "sandbox/s3_objects.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/computed.h"
#include "cloud/locate.h"
#include "sandbox/emulate.h"
#include "sandbox/s3_access.h"
#include "sandbox/s3_versions.h"

namespace aright::sandbox {

namespace {

std::string versioning(const Resource& bucket) {
  return json::text(bucket.aspect("VersioningConfiguration"), "Status", "");
}

Result<> check_acl(const Scene& scene, const Resource& bucket, const json::Value& acl) {
  auto canned = scene.text("ACL");
  if (acl.is_null() || canned == "bucket-owner-full-control") return {};
  if (acls_disabled(bucket)) return fail(scene.error("AccessControlListNotSupported", "", &bucket));
  if (public_acl(acl) && effective_block(scene, bucket).block_acls)
    return fail(scene.error("AccessDenied", "", &bucket));
  return {};
}

json::Value account_owner(std::string_view account) {
  return json::Object{{"Owner", json::Object{{"ID", canonical_user(account)}}}};
}

json::Value private_acl(std::string_view account) {
  auto acl = account_owner(account);
  json::Object grantee{{"ID", canonical_user(account)}, {"Type", "CanonicalUser"}};
  acl.as_object()["Grants"] =
      json::Array{json::Object{{"Grantee", std::move(grantee)}, {"Permission", "FULL_CONTROL"}}};
  return acl;
}

// "team=web&stage=a%20b": the tags of a header; null when there is none.
json::Value header_tags(std::string_view header) {
  if (header.empty()) return nullptr;
  json::Array tags;
  for (const auto& pair : split(header, '&')) {
    auto equals = pair.find('=');
    auto value = equals == std::string::npos ? "" : pair.substr(equals + 1);
    tags.push_back(json::Object{{"Key", percent_decode(pair.substr(0, equals))},
                                {"Value", percent_decode(value)}});
  }
  return tags;
}

// Puts a version of an object into a bucket. `content` holds Body, ETag and headers.
Result<json::Object> store(Scene& scene, const Resource& bucket, json::Object content) {
  auto acl =
      cloud::find_compute("access_control_policy")(scene.call.input, account_owner(scene.call.account));
  CHECK_OK(check_acl(scene, bucket, acl));
  auto status = versioning(bucket);
  auto* object = TRY(scene.create(object_type, object_id(bucket.ref.id, scene.text("Key"))));
  auto& all = versions(*object);
  if (status.empty()) all.clear();
  if (status == "Suspended") drop_version(all, no_version);
  content["VersionId"] =
      status == "Enabled" ? scene.ids.hex(version_id_length) : std::string(no_version);
  content["LastModified"] = scene.now.iso();
  content["Acl"] = acl.is_null() ? private_acl(scene.call.account) : std::move(acl);
  all.push_back(content);
  refresh(*object);
  json::Object output{{"ETag", content["ETag"]}};
  if (!status.empty()) output["VersionId"] = content["VersionId"];
  return output;
}

json::Object delete_one(Scene& scene, const Resource& bucket, const std::string& key,
                        const std::string& version) {
  auto ref = scene.ref(object_type, object_id(bucket.ref.id, key));
  auto status = versioning(bucket);
  if (!version.empty()) {
    if (scene.world.find(ref) == nullptr) return {};
    auto& object = scene.world.edit(ref);
    drop_version(versions(object), version);
    if (versions(object).empty())
      scene.world.erase(ref);
    else
      refresh(object);
    return {{"VersionId", version}};
  }
  if (status.empty()) {
    scene.world.erase(ref);
    return {};
  }
  auto& object = scene.world.edit(ref);
  auto id = status == "Enabled" ? scene.ids.hex(version_id_length) : std::string(no_version);
  if (status == "Suspended") drop_version(versions(object), no_version);
  versions(object).push_back(
      json::Object{{"VersionId", id}, {"LastModified", scene.now.iso()}, {"DeleteMarker", true}});
  refresh(object);
  return {{"VersionId", id}, {"DeleteMarker", true}};
}

}  // namespace

Result<const Resource*> open_bucket(Scene& scene, std::string_view action, std::string_view key,
                                    const Resource* object) {
  const auto* bucket = TRY(scene.need(bucket_type, scene.text("Bucket")));
  if (!may(scene, *bucket, action, key, object))
    return fail(scene.error("AccessDenied", "", bucket));
  return bucket;
}

std::optional<std::pair<std::size_t, std::size_t>> parse_range(std::string_view text,
                                                               std::size_t size) {
  if (!text.starts_with("bytes=") || size == 0) return std::nullopt;
  text.remove_prefix(6);
  auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  auto first = json::integer(json::Value(text.substr(0, dash)), -1);
  auto last = json::integer(json::Value(text.substr(dash + 1)), -1);
  auto end = static_cast<std::int64_t>(size) - 1;
  if (first < 0 && last > 0) return std::pair(size - std::min<std::size_t>(size, last), size - 1);
  if (first < 0 || first > end || (last >= 0 && last < first)) return std::nullopt;
  return std::pair<std::size_t, std::size_t>(first, last < 0 ? end : std::min(last, end));
}

Error no_such_key(const Scene& scene, std::string_view key) {
  Resource lacking{.ref = scene.ref(object_type, object_id(scene.text("Bucket"), key))};
  return scene.error("NoSuchKey", "", &lacking);
}

Result<const json::Value*> readable_version(Scene& scene, std::string_view bucket,
                                            std::string_view key, std::string_view id) {
  const auto* object = scene.find(object_type, object_id(bucket, key));
  const auto* there = TRY(scene.need(bucket_type, bucket));
  if (!may(scene, *there, "s3:GetObject", key, object))
    return fail(scene.error("AccessDenied", "", there));
  const auto* version = object == nullptr ? nullptr : version_of(*object, id);
  if (version == nullptr || is_marker(*version)) return fail(no_such_key(scene, key));
  return version;
}

void add_headers(const Scene& scene, json::Object& content) {
  for (const auto* name : object_headers)
    if (const auto& value = scene.input(name); !value.is_null()) content[name] = value;
  if (auto tags = header_tags(scene.text("Tagging")); !tags.is_null())
    content["Tags"] = std::move(tags);
}

Result<json::Object> store_object(Scene& scene, const Resource& bucket, json::Object content) {
  return store(scene, bucket, std::move(content));
}

Result<json::Object> put_object(Scene& scene) {
  const auto* bucket = TRY(open_bucket(scene, "s3:PutObject", scene.text("Key")));
  auto body = scene.text("Body");
  if (body.size() / 4 * 3 > object_bytes_max)
    return fail(
        service_error("EntityTooLarge", 400,
                      fmt::format("An object here has {} bytes at most", object_bytes_max)));
  json::Object content{{"Body", body}, {"ContentType", "binary/octet-stream"}};
  add_headers(scene, content);
  content["ETag"] = cloud::find_compute("object_etag")(scene.call.input, nullptr);
  if (content["ETag"].is_null())
    return fail(scene.error("InvalidRequest", "The body is not base64"));
  return store(scene, *bucket, std::move(content));
}

Result<const json::Value*> copy_source(Scene& scene) {
  auto written = scene.text("CopySource");
  std::string_view source = written;
  if (source.starts_with('/')) source.remove_prefix(1);
  std::string version;
  if (auto mark = source.find("?versionId="); mark != std::string_view::npos) {
    version = source.substr(mark + 11);
    source = source.substr(0, mark);
  }
  auto path = percent_decode(source);
  auto slash = path.find('/');
  if (slash == std::string::npos)
    return fail(scene.error("InvalidRequest", "CopySource must be bucket/key"));
  return readable_version(scene, path.substr(0, slash), path.substr(slash + 1), version);
}

Result<json::Object> copy_object(Scene& scene) {
  const auto* bucket = TRY(open_bucket(scene, "s3:PutObject", scene.text("Key")));
  const auto* from = TRY(copy_source(scene));
  json::Object content = from->get_object();
  if (scene.text("MetadataDirective") == "REPLACE") {
    for (const auto* name : object_headers)
      content.erase(name);
    add_headers(scene, content);
  }
  if (scene.text("TaggingDirective") == "REPLACE")
    content["Tags"] = header_tags(scene.text("Tagging"));
  auto etag = content["ETag"];
  auto output = TRY(store(scene, *bucket, std::move(content)));
  output.erase("ETag");
  output["CopyObjectResult"] = json::Object{{"ETag", etag}, {"LastModified", scene.now.iso()}};
  return output;
}

Result<json::Object> head_object(Scene& scene) {
  auto key = scene.text("Key");
  const auto* object = scene.find(object_type, object_id(scene.text("Bucket"), key));
  if (object != nullptr &&
      versions(*object).empty()) {  // imported: only what was told of it is known
    CHECK_OK(open_bucket(scene, "s3:GetObject", key, object));
    return scene.shown(*object);
  }
  const auto* version =
      TRY(readable_version(scene, scene.text("Bucket"), key, scene.text("VersionId")));
  return head_of(*version);
}

Result<json::Object> get_object(Scene& scene) {
  const auto* version = TRY(
      readable_version(scene, scene.text("Bucket"), scene.text("Key"), scene.text("VersionId")));
  auto output = head_of(*version);
  output["Body"] = json::at(*version, "Body");
  auto asked = scene.text("Range");
  if (asked.empty()) return output;
  auto body = TRY(from_base64(json::text(*version, "Body", "")));
  auto range = parse_range(asked, body.size());
  if (!range)
    return fail(service_error("InvalidRange", 416, "The requested range is not satisfiable"));
  auto [first, last] = *range;
  output["Body"] = to_base64(std::string_view(body).substr(first, last - first + 1));
  output["ContentLength"] = last - first + 1;
  output["ContentRange"] = fmt::format("bytes {}-{}/{}", first, last, body.size());
  return output;
}

Result<json::Object> delete_object(Scene& scene) {
  const auto* bucket = TRY(open_bucket(scene, "s3:DeleteObject", scene.text("Key")));
  return delete_one(scene, *bucket, scene.text("Key"), scene.text("VersionId"));
}

Result<json::Object> delete_objects(Scene& scene) {
  json::Array deleted;
  for (const auto& one : json::items(scene.input("Delete.Objects"))) {
    auto key = json::text(one, "Key", "");
    const auto* bucket = TRY(open_bucket(scene, "s3:DeleteObject", key));
    auto gone = delete_one(scene, *bucket, key, json::text(one, "VersionId", ""));
    json::Object told{{"Key", key}};
    if (json::truth(json::at(gone, "DeleteMarker"))) {
      told["DeleteMarker"] = true;
      told["DeleteMarkerVersionId"] = gone["VersionId"];
    } else if (gone.contains("VersionId")) {
      told["VersionId"] = gone["VersionId"];
    }
    deleted.push_back(std::move(told));
  }
  if (json::truth(scene.input("Delete.Quiet"))) return json::Object();
  return json::Object{{"Deleted", std::move(deleted)}};
}

namespace {

// One page of a listing: keys, and prefixes that stand for many of them.
class Page {
 public:
  explicit Page(const Scene& scene)
      : prefix_(scene.text("Prefix")), delimiter_(scene.text("Delimiter")) {
    auto asked = json::integer(scene.input("MaxKeys"), listed_max);
    limit_ = static_cast<std::size_t>(std::clamp<std::int64_t>(asked, 0, listed_max));
    if (scene.page_items) limit_ = std::min(limit_, *scene.page_items);
  }

  // Keys come in order. False when the page was full before this one.
  bool add(const Resource& object, const std::string& key, std::string_view after) {
    if (!key.starts_with(prefix_)) return true;
    auto cut = delimiter_.empty() ? std::string::npos : key.find(delimiter_, prefix_.size());
    auto entry = cut == std::string::npos ? key : key.substr(0, cut + delimiter_.size());
    if (!after.empty() && entry <= after) return true;
    if (cut != std::string::npos && prefixes_.contains(entry)) return true;
    if (contents_.size() + prefixes_.size() >= limit_) {
      truncated_ = true;
      return false;
    }
    if (cut != std::string::npos)
      prefixes_.insert(entry);
    else
      contents_.push_back(content(object, key));
    last_ = entry;
    return true;
  }

  json::Object output(const Scene& scene) const {
    json::Object out{{"Name", scene.text("Bucket")},
                     {"Prefix", prefix_},
                     {"MaxKeys", limit_},
                     {"IsTruncated", truncated_}};
    if (!delimiter_.empty()) out["Delimiter"] = delimiter_;
    if (!contents_.empty()) out["Contents"] = contents_;
    json::Array prefixes;
    for (const auto& prefix : prefixes_)
      prefixes.push_back(json::Object{{"Prefix", prefix}});
    if (!prefixes.empty()) out["CommonPrefixes"] = std::move(prefixes);
    return out;
  }
  std::size_t count() const { return contents_.size() + prefixes_.size(); }
  bool truncated() const { return truncated_; }
  const std::string& last() const { return last_; }

 private:
  static json::Object content(const Resource& object, const std::string& key) {
    json::Object out{{"Key", key}, {"StorageClass", "STANDARD"}};
    for (const auto* name : {"LastModified", "ETag", "StorageClass"})
      if (const auto& value = json::at(object.record, name); !value.is_null()) out[name] = value;
    out["Size"] = json::at(object.record, "ContentLength");
    return out;
  }

  std::string prefix_, delimiter_, last_;
  std::size_t limit_ = listed_max;
  json::Array contents_;
  std::set<std::string> prefixes_;
  bool truncated_ = false;
};

}  // namespace

Result<json::Object> list_objects(Scene& scene) {
  const auto* bucket = TRY(open_bucket(scene, "s3:ListBucket", ""));
  bool second = scene.call.operation == "ListObjectsV2";
  auto after = scene.text(second ? "StartAfter" : "Marker");
  if (auto token = scene.text("ContinuationToken"); second && !token.empty()) {
    auto decoded = from_base64(token);
    if (!decoded)
      return fail(scene.error("InvalidArgument", "The continuation token provided is incorrect"));
    after = *decoded;
  }
  Page page(scene);
  for (const auto* object : scene.world.all(scene.ref(object_type, object_id(bucket->ref.id, ""))))
    if (visible(*object) && !page.add(*object, key_of(*object), after)) break;
  auto output = page.output(scene);
  if (second) {
    output["KeyCount"] = page.count();
    if (page.truncated()) output["NextContinuationToken"] = to_base64(page.last());
  } else if (page.truncated()) {
    output["NextMarker"] = page.last();
  }
  return output;
}

}  // namespace aright::sandbox
