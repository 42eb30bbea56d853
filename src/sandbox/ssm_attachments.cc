// Attachments of documents: looked up in S3 when a version is made, and compared with the checksums that it declares.
#include <algorithm>

#include "base/digest.h"
#include "sandbox/emulate.h"
#include "sandbox/ssm.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view s3_scheme = "s3://";

struct ObjectPlace {
  std::string name, bucket, key;
};

// s3://bucket/some/key as bucket and key.
std::optional<std::pair<std::string, std::string>> parsed(std::string_view url) {
  if (!url.starts_with(s3_scheme)) return std::nullopt;
  url.remove_prefix(s3_scheme.size());
  auto slash = url.find('/');
  if (slash == url.npos) return std::pair(std::string(url), std::string());
  return std::pair(std::string(url.substr(0, slash)), std::string(url.substr(slash + 1)));
}

// SourceUrl is a folder that has all the files which the document declares; S3FileUrl is one file.
std::vector<ObjectPlace> places(const Scene& scene, const json::Value& body) {
  std::vector<ObjectPlace> out;
  for (const auto& source : json::items(scene.input("Attachments"))) {
    auto values = json::texts(json::at(source, "Values"));
    auto at = values.empty() ? std::nullopt : parsed(values.front());
    if (!at) continue;
    const auto& [bucket, key] = *at;
    if (json::text(source, "Key", "") == "S3FileUrl") {
      out.push_back({json::text(source, "Name", key.substr(key.rfind('/') + 1)), bucket, key});
      continue;
    }
    auto folder = key.empty() || key.ends_with('/') ? key : key + "/";
    for (const auto& [name, about] : json::members(json::at(body, "files")))
      out.push_back({std::string(name), bucket, folder + std::string(name)});
  }
  return out;
}

}  // namespace

Attached attach(Scene& scene, const json::Value& body) {
  Attached out;
  for (const auto& place : places(scene, body)) {
    auto answer = scene.also("s3", "GetObject", {{"Bucket", place.bucket}, {"Key", place.key}});
    auto bytes = answer ? from_base64(json::text(*answer, "Body")) : std::unexpected(answer.error());
    if (!bytes) {
      out.fault = fmt::format("The attachment {} can't be read: {}", place.name, bytes.error().message);
      continue;
    }
    auto hash = to_hex(sha256(*bytes));
    auto declared = json::text(json::at(body, {"files", place.name, "checksums"}), "sha256", hash);
    if (declared != hash) out.fault = fmt::format("The checksum of the attachment {} is {}", place.name, hash);
    out.content.push_back(json::Object{
        {"Name", place.name},
        {"Size", bytes->size()},
        {"Hash", hash},
        {"HashType", "Sha256"},
        {"Url", fmt::format("https://s3.{}.amazonaws.com/{}/{}", scene.call.region, place.bucket, place.key)}});
  }
  return out;
}

}  // namespace aright::sandbox
