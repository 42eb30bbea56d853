#pragma once
// The versions of an object, as its internals keep them. Each: VersionId, LastModified, and ETag,
// Body, Acl, Tags and headers, or DeleteMarker.

#include "sandbox/hook.h"

namespace aright::sandbox {

inline constexpr std::string_view no_version = "null";
inline constexpr std::size_t version_id_length = 32;
inline constexpr std::int64_t listed_max = 1000;  // keys or versions in one page, as S3 has it

// What a request may say of an object that reads give back.
inline constexpr const char* object_headers[] = {"ContentType",     "ContentEncoding",
                                                 "ContentLanguage", "ContentDisposition",
                                                 "CacheControl",    "Metadata",
                                                 "StorageClass",    "ServerSideEncryption",
                                                 "SSEKMSKeyId",     "WebsiteRedirectLocation"};

std::string object_id(std::string_view bucket, std::string_view key);
std::string key_of(const Resource& object);

// All, the newest last.
json::Array& versions(Resource& object);
const json::Array& versions(const Resource& object);
// The newest version, or the one asked for; null when there is none.
const json::Value* version_of(const Resource& object, std::string_view id);
// Those of this id go.
void drop_version(json::Array& all, std::string_view id);
bool is_marker(const json::Value& version);
// Whether reads see the object: not hidden by a delete marker. What was imported has no versions,
// and is seen.
bool visible(const Resource& object);
std::size_t size_of(const json::Value& version);
// What HeadObject says of a version.
json::Object head_of(const json::Value& version);
// The record and the aspects follow the newest version.
void refresh(Resource& object);

}  // namespace aright::sandbox
