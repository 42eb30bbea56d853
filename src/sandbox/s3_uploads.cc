// Uploads in parts, and what can be said of one version of an object: holds and attributes.
#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "sandbox/emulate.h"
#include "sandbox/s3_access.h"
#include "sandbox/s3_objects.h"
#include "sandbox/s3_versions.h"

namespace aright::sandbox {

namespace {

constexpr std::size_t part_bytes_min = 5u << 20;  // of every part but the last, as S3 has it
constexpr std::size_t upload_id_length = 64;

// By id: Key, Initiated, Content and Parts (number → Body, ETag, LastModified).
json::Object& uploads(Resource& bucket) {
  auto& value = bucket.internals["uploads"];
  if (!value.is_object()) value = json::Object();
  return value.get_object();
}

struct Upload {
  Resource* bucket;
  json::Object* content;
};

Result<Upload> find_upload(Scene& scene) {
  const auto* seen = TRY(open_bucket(scene, "s3:PutObject", scene.text("Key")));
  auto& bucket = scene.world.edit(seen->ref);
  auto* upload = uploads(bucket).if_contains(scene.text("UploadId"));
  if (upload == nullptr || json::text(*upload, "Key", "") != scene.text("Key"))
    return fail(scene.error("NoSuchUpload", "", &bucket));
  return Upload{&bucket, &upload->as_object()};
}

std::string part_name(std::int64_t number) {
  return fmt::format("{:05}", number);  // so that they are in order
}

std::string in_quotes(std::string_view tag) {
  return tag.starts_with('"') ? std::string(tag) : fmt::format("\"{}\"", tag);
}

Result<std::string> put_part(Scene& scene, std::string_view body) {
  auto upload = TRY(find_upload(scene));
  auto number = json::integer(scene.input("PartNumber"));
  if (number < 1 || number > parts_max)
    return fail(service_error(
        "InvalidArgument", 400,
        fmt::format("Part number must be an integer between 1 and {}, inclusive", parts_max)));
  auto tag = in_quotes(to_hex(md5(body)));
  (*upload.content)["Parts"].as_object()[part_name(number)] =
      json::Object{{"Body", to_base64(body)},
                   {"Size", body.size()},
                   {"ETag", tag},
                   {"LastModified", scene.now.iso()}};
  return tag;
}

// The parts that the caller names, put together.
struct Assembled {
  std::string body, digests;
  std::size_t parts = 0;
};

Result<Assembled> assemble(const Scene& scene, const json::Value& parts) {
  Assembled out;
  std::int64_t last = 0;
  const auto& named = json::items(scene.input("MultipartUpload.Parts"));
  if (named.empty()) return fail(scene.error("MalformedXML"));
  for (const auto& one : named) {
    auto number = json::integer(json::at(one, "PartNumber"));
    if (number <= last) return fail(scene.error("InvalidPartOrder"));
    last = number;
    const auto& part = json::at(parts, part_name(number));
    if (part.is_null() || json::text(part, "ETag", "") != in_quotes(json::text(one, "ETag", "")))
      return fail(scene.error("InvalidPart"));
    auto body = TRY(from_base64(json::text(part, "Body", "")));
    if (++out.parts < named.size() && body.size() < part_bytes_min)
      return fail(scene.error("EntityTooSmall"));
    out.digests += md5(body);
    out.body += body;
  }
  if (out.body.size() > object_bytes_max)
    return fail(
        service_error("EntityTooLarge", 400,
                      fmt::format("An object here has {} bytes at most", object_bytes_max)));
  return out;
}

// The version that the call is about, to be changed.
Result<json::Object*> own_version(Scene& scene) {
  const auto* bucket = TRY(scene.need(bucket_type, scene.text("Bucket")));
  auto id = object_id(bucket->ref.id, scene.text("Key"));
  if (bucket->ref.account != scene.call.account)
    return fail(scene.error("AccessDenied", "", bucket));
  if (bucket->aspect("ObjectLockConfiguration").is_null())
    return fail(scene.error("InvalidRequest", "Bucket is missing Object Lock Configuration"));
  auto* object = TRY(scene.need(object_type, id));
  const auto* version = version_of(*object, scene.text("VersionId"));
  if (version == nullptr)
    return fail(scene.error(scene.text("VersionId").empty() ? "NoSuchKey" : "NoSuchVersion"));
  auto index = static_cast<std::size_t>(version - versions(std::as_const(*object)).data());
  return &versions(*object)[index].as_object();
}

Result<json::Object> get_lock(Scene& scene, const char* member) {
  auto* version = TRY(own_version(scene));
  const auto& value = json::at(*version, member);
  if (value.is_null()) return fail(scene.error("NoSuchObjectLockConfiguration"));
  return json::Object{{member, value}};
}

Result<json::Object> put_lock(Scene& scene, const char* member) {
  auto* version = TRY(own_version(scene));
  (*version)[member] = scene.input(member);
  return json::Object();
}

}  // namespace

Result<json::Object> create_upload(Scene& scene) {
  const auto* seen = TRY(open_bucket(scene, "s3:PutObject", scene.text("Key")));
  auto& bucket = scene.world.edit(seen->ref);
  auto id = scene.ids.hex(upload_id_length);
  json::Object content{{"ContentType", "binary/octet-stream"}};
  add_headers(scene, content);
  uploads(bucket)[id] = json::Object{{"Key", scene.text("Key")},
                                     {"Initiated", scene.now.iso()},
                                     {"Content", std::move(content)},
                                     {"Parts", json::Object()}};
  return json::Object{{"Bucket", bucket.ref.id}, {"Key", scene.text("Key")}, {"UploadId", id}};
}

Result<json::Object> upload_part(Scene& scene) {
  auto body = from_base64(scene.text("Body"));
  if (!body || body->size() > object_bytes_max)
    return fail(scene.error("InvalidRequest", "The body is not base64, or is too large"));
  auto tag = TRY(put_part(scene, *body));
  return json::Object{{"ETag", tag}};
}

Result<json::Object> copy_part(Scene& scene) {
  const auto* from = TRY(copy_source(scene));
  auto body = TRY(from_base64(json::text(*from, "Body", "")));
  if (auto asked = scene.text("CopySourceRange"); !asked.empty()) {
    auto range = parse_range(asked, body.size());
    if (!range)
      return fail(service_error("InvalidRange", 416, "The requested range is not satisfiable"));
    body = body.substr(range->first, range->second - range->first + 1);
  }
  auto tag = TRY(put_part(scene, body));
  return json::Object{
      {"CopyPartResult", json::Object{{"ETag", tag}, {"LastModified", scene.now.iso()}}}};
}

Result<json::Object> complete_upload(Scene& scene) {
  auto upload = TRY(find_upload(scene));
  auto whole = TRY(assemble(scene, json::at(*upload.content, "Parts")));
  auto content = json::members(json::at(*upload.content, "Content"));
  content["Body"] = to_base64(whole.body);
  content["ETag"] = in_quotes(fmt::format("{}-{}", to_hex(md5(whole.digests)), whole.parts));
  uploads(*upload.bucket).erase(scene.text("UploadId"));
  auto output = TRY(store_object(scene, *upload.bucket, std::move(content)));
  output["Bucket"] = scene.text("Bucket");
  output["Key"] = scene.text("Key");
  output["Location"] = fmt::format("{}/{}/{}", scene.endpoint, scene.text("Bucket"),
                                   percent_encode(scene.text("Key")));
  return output;
}

Result<json::Object> abort_upload(Scene& scene) {
  auto upload = TRY(find_upload(scene));
  uploads(*upload.bucket).erase(scene.text("UploadId"));
  return json::Object();
}

Result<json::Object> list_parts(Scene& scene) {
  auto upload = TRY(find_upload(scene));
  auto limit = std::clamp<std::int64_t>(json::integer(scene.input("MaxParts"), 1000), 1, 1000);
  auto after = json::integer(scene.input("PartNumberMarker"), 0);
  std::map<std::string, json::Object> sorted;
  for (const auto& [name, part] : json::members(json::at(*upload.content, "Parts")))
    sorted[name] = json::members(part);
  json::Array parts;
  bool truncated = false;
  for (auto& [name, part] : sorted) {
    auto number = json::integer(json::Value(name.substr(name.find_first_not_of('0'))));
    if (number <= after) continue;
    truncated = static_cast<std::int64_t>(parts.size()) >= limit;
    if (truncated) break;
    part["PartNumber"] = number;
    parts.push_back(std::move(part));
  }
  json::Object output{{"Bucket", scene.text("Bucket")},
                      {"Key", scene.text("Key")},
                      {"UploadId", scene.text("UploadId")},
                      {"MaxParts", limit},
                      {"IsTruncated", truncated}};
  if (truncated) output["NextPartNumberMarker"] = json::at(parts.back(), "PartNumber");
  if (!parts.empty()) output["Parts"] = std::move(parts);
  return output;
}

Result<json::Object> list_uploads(Scene& scene) {
  const auto* bucket = TRY(open_bucket(scene, "s3:ListBucketMultipartUploads", ""));
  json::Array list;
  for (const auto& [id, upload] : json::members(json::at(bucket->internals, "uploads"))) {
    if (!json::text(upload, "Key", "").starts_with(scene.text("Prefix"))) continue;
    list.push_back(json::Object{{"UploadId", id},
                                {"Key", json::at(upload, "Key")},
                                {"Initiated", json::at(upload, "Initiated")},
                                {"StorageClass", "STANDARD"}});
  }
  json::Object output{{"Bucket", bucket->ref.id}, {"IsTruncated", false}};
  if (!list.empty()) output["Uploads"] = std::move(list);
  return output;
}

Result<json::Object> object_attributes(Scene& scene) {
  const auto* version = TRY(
      readable_version(scene, scene.text("Bucket"), scene.text("Key"), scene.text("VersionId")));
  auto tag = json::text(*version, "ETag", "");
  json::Object all{{"ETag", tag.size() > 2 ? tag.substr(1, tag.size() - 2) : tag},
                   {"ObjectSize", size_of(*version)},
                   {"StorageClass", json::text(*version, "StorageClass", "STANDARD")}};
  json::Object output{{"LastModified", json::at(*version, "LastModified")}};
  for (const auto& name : json::texts(scene.input("ObjectAttributes")))
    if (all.contains(name)) output[name] = all[name];
  return output;
}

Result<json::Object> get_legal_hold(Scene& scene) {
  return get_lock(scene, "LegalHold");
}
Result<json::Object> put_legal_hold(Scene& scene) {
  return put_lock(scene, "LegalHold");
}
Result<json::Object> get_retention(Scene& scene) {
  return get_lock(scene, "Retention");
}
Result<json::Object> put_retention(Scene& scene) {
  return put_lock(scene, "Retention");
}

}  // namespace aright::sandbox
