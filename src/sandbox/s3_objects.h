#pragma once
// Objects in buckets: bodies, listings, versions and uploads in parts. emulate hooks of S3.

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::size_t object_bytes_max =
    16u << 20;                            // of one object's body: the world is held in memory
inline constexpr int parts_max = 10'000;  // of one upload, as S3 has it

Result<json::Object> put_object(Scene& scene);
Result<json::Object> copy_object(Scene& scene);
Result<json::Object> get_object(Scene& scene);
Result<json::Object> head_object(Scene& scene);
Result<json::Object> delete_object(Scene& scene);
Result<json::Object> delete_objects(Scene& scene);
Result<json::Object> list_objects(Scene& scene);  // both versions of the operation
Result<json::Object> list_versions(Scene& scene);

Result<json::Object> create_upload(Scene& scene);
Result<json::Object> upload_part(Scene& scene);
Result<json::Object> copy_part(Scene& scene);
Result<json::Object> complete_upload(Scene& scene);
Result<json::Object> abort_upload(Scene& scene);
Result<json::Object> list_parts(Scene& scene);
Result<json::Object> list_uploads(Scene& scene);

Result<json::Object> object_attributes(Scene& scene);
// Legal holds and retention: of the version asked for, in buckets with object lock.
Result<json::Object> get_legal_hold(Scene& scene);
Result<json::Object> put_legal_hold(Scene& scene);
Result<json::Object> get_retention(Scene& scene);
Result<json::Object> put_retention(Scene& scene);

// The bucket, when the caller may do this with it. `key` is empty for the bucket itself.
Result<const Resource*> open_bucket(Scene& scene, std::string_view action, std::string_view key,
                                    const Resource* object = nullptr);
// What the call says of an object beside its body: headers and tags.
void add_headers(const Scene& scene, json::Object& content);
// Puts a version of the object that the call names into the bucket. `content` holds ETag, Body,
// headers and tags.
Result<json::Object> store_object(Scene& scene, const Resource& bucket, json::Object content);
// The version that a CopySource names, when the caller may read it.
Result<const json::Value*> copy_source(Scene& scene);
// bytes=first-last, bytes=first-, bytes=-count
std::optional<std::pair<std::size_t, std::size_t>> parse_range(std::string_view text,
                                                               std::size_t size);
// The version, when the caller may read it; "" is the newest.
Result<const json::Value*> readable_version(Scene& scene, std::string_view bucket,
                                            std::string_view key, std::string_view id);

}  // namespace aright::sandbox
