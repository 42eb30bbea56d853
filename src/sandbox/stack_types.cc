#include "sandbox/stack_types.h"

#include <array>

#include "base/digest.h"

namespace aright::sandbox {

namespace {

constexpr std::string_view function_type = "AWS::Lambda::Function", document_type = "AWS::SSM::Document";
constexpr std::string_view pack_type = "AWS::Config::ConformancePack";

std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  return out;
}

// CRC-32 as zip archives have it.
std::uint32_t checksum(std::string_view bytes) {
  constexpr std::uint32_t polynomial = 0xEDB88320;
  std::uint32_t sum = 0xFFFFFFFF;
  for (unsigned char byte : bytes) {
    sum ^= byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? polynomial : 0);
  }
  return ~sum;
}

// An archive of one file, as it is: PKWARE's APPNOTE, 4.3.
std::string zipped(std::string_view name, std::string_view bytes) {
  constexpr std::uint32_t version = 20, day_one = 0x21;  // 1980-01-01
  auto size = static_cast<std::uint32_t>(bytes.size());
  auto about = little_endian(version, 2) + little_endian(0, 4) + little_endian(0, 2) + little_endian(day_one, 2) +
               little_endian(checksum(bytes), 4) + little_endian(size, 4) + little_endian(size, 4) +
               little_endian(static_cast<std::uint32_t>(name.size()), 2) + little_endian(0, 2);
  std::string out = "PK\x03\x04" + about + std::string(name) + std::string(bytes);
  auto directory_at = static_cast<std::uint32_t>(out.size());
  auto entry = "PK\x01\x02" + little_endian(version, 2) + about + little_endian(0, 6) + little_endian(0, 4) +
               little_endian(0, 4) + std::string(name);
  out += entry + "PK\x05\x06" + little_endian(0, 4) + little_endian(1, 2) + little_endian(1, 2) +
         little_endian(static_cast<std::uint32_t>(entry.size()), 4) + little_endian(directory_at, 4) +
         little_endian(0, 2);
  return out;
}

// The one file of code that stands in a template is called index.
void zip_code(json::Object& properties) {
  auto* code = properties.if_contains("Code");
  if (code == nullptr || json::at(*code, "ZipFile").is_null()) return;
  auto name = json::text(properties, "Runtime").starts_with("nodejs") ? "index.js" : "index.py";
  code->as_object()["ZipFile"] = to_base64(zipped(name, json::text(*code, "ZipFile", "")));
}

}  // namespace

json::Object beside_properties(std::string_view type, const json::Object& properties) {
  const auto& body = json::at(properties, "TemplateBody");
  return type == pack_type && !body.is_null() ? json::Object{{"TemplateBody", body}} : json::Object();
}

json::Object as_taken(std::string_view type, json::Object properties) {
  if (type == function_type) zip_code(properties);
  if (type != document_type) return properties;
  properties.erase("UpdateMethod");
  if (auto* content = properties.if_contains("Content"); content != nullptr && content->is_object())
    *content = json::print(*content);
  return properties;
}

Result<Changed> change_content(Scene& scene, std::string_view type, json::Object before, json::Object after) {
  Changed out{.before = as_taken(type, std::move(before)), .after = as_taken(type, std::move(after))};
  if (type == pack_type && json::at(out.before, "TemplateBody") != json::at(out.after, "TemplateBody")) {
    (void)TRY(scene.also("config", "PutConformancePack", out.after));
    out.before = out.after;
  }
  auto member = type == function_type ? "Code" : "Content";
  if (type != function_type && type != document_type) return out;
  if (json::at(out.before, member) == json::at(out.after, member)) return out;
  if (type == function_type) {
    auto input = json::members(json::at(out.after, "Code"));
    input["FunctionName"] = json::at(out.after, "FunctionName");
    (void)TRY(scene.also("lambda", "UpdateFunctionCode", std::move(input)));
  } else {
    const auto& name = json::at(out.after, "Name");
    json::Object input{{"Name", name}, {"DocumentVersion", "$LATEST"}, {"Content", json::at(out.after, "Content")}};
    if (const auto& format = json::at(out.after, "DocumentFormat"); !format.is_null()) input["DocumentFormat"] = format;
    auto updated = TRY(scene.also("ssm", "UpdateDocument", std::move(input)));
    const auto& told = json::at(updated, "DocumentDescription");
    json::Object latest{{"Name", name}, {"DocumentVersion", json::at(told, "LatestVersion")}};
    (void)TRY(scene.also("ssm", "UpdateDocumentDefaultVersion", std::move(latest)));
  }
  out.before[member] = json::at(out.after, member);
  return out;
}

bool is_permission_type(std::string_view type) { return type == "AWS::Lambda::Permission"; }

Result<> permit(Scene& scene, const std::string& statement, const json::Object& properties) {
  auto input = properties;
  input["StatementId"] = statement;
  (void)TRY(scene.also("lambda", "AddPermission", std::move(input)));
  return {};
}

Result<> forbid(Scene& scene, const std::string& statement, const json::Object& properties) {
  json::Object input{{"FunctionName", json::at(properties, "FunctionName")}, {"StatementId", statement}};
  auto gone = scene.also("lambda", "RemovePermission", std::move(input));
  if (!gone && gone.error().http_status != 404) return fail(gone.error());
  return {};
}

}  // namespace aright::sandbox
