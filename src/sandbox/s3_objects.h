#pragma once
// Objects in buckets: bodies, listings and versions. emulate hooks of S3.

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::size_t object_bytes_max =
    16u << 20;  // of one object's body: the world is held in memory

Result<json::Object> put_object(Scene& scene);
Result<json::Object> copy_object(Scene& scene);
Result<json::Object> get_object(Scene& scene);
Result<json::Object> head_object(Scene& scene);
Result<json::Object> delete_object(Scene& scene);
Result<json::Object> delete_objects(Scene& scene);
Result<json::Object> list_objects(Scene& scene);  // both versions of the operation
Result<json::Object> list_versions(Scene& scene);

}  // namespace aright::sandbox
