// Documents and their versions.
#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "json/yaml.h"
#include "sandbox/emulate.h"
#include "sandbox/paging.h"
#include "sandbox/ssm.h"

namespace aright::sandbox::ssm_document_hooks {

namespace {

constexpr std::string_view document_type = "AWS::SSM::Document";
constexpr std::size_t versions_max = 1000, versions_page = 50, document_bytes_max = 64u << 10;

Result<Resource*> the_document(Scene& scene, std::string_view member = "Name") {
  auto name = scene.text(member);
  if (auto at = name.find(":document/"); at != std::string::npos) name = name.substr(at + 10);
  return scene.need(document_type, name);
}

json::Value parsed(const std::string& content, const std::string& format) {
  if (format == "YAML") {
    auto document = json::parse_yaml(content);
    return document ? document->value : json::Value();
  }
  auto document = json::parse(content);
  return document ? *document : json::Value();
}

std::string format_of(const Scene& scene, const std::string& otherwise) {
  return scene.text("DocumentFormat", otherwise);
}

// The schema versions that documents of a type may have; of other types nothing is said here.
struct Schemas {
  std::string_view type;
  std::vector<std::string_view> versions;
};
const std::vector<Schemas>& schemas() {
  static const std::vector<Schemas> all{{"Automation", {"0.3"}}, {"Automation.ChangeTemplate", {"0.3"}},
                                        {"Command", {"1.2", "2.0", "2.2"}}, {"Session", {"1.0"}}};
  return all;
}

Result<> check_schema(const Scene& scene, const json::Value& body, const std::string& type) {
  auto known = std::ranges::find(schemas(), type, &Schemas::type);
  if (known == schemas().end()) return {};
  auto said = json::scalar_text(json::at(body, "schemaVersion"));
  if (std::ranges::find(known->versions, said) != known->versions.end()) return {};
  return fail(scene.error("InvalidDocumentSchemaVersion",
                          fmt::format("Document schema version, {}, is not supported by the document type {}. Valid "
                                      "schema versions are: {}.", said, type, fmt::join(known->versions, ", "))));
}

// As Systems Manager keeps names for itself.
Result<> check_document_name(const Scene& scene) {
  auto name = scene.text("Name");
  constexpr std::array own{"aws-", "amazon", "amzn", "awsec2", "awsconfigremediation", "awssupport"};
  if (std::ranges::none_of(own, [&](const char* prefix) { return lower(name).starts_with(prefix); })) return {};
  return fail(scene.error("ValidationException",
                          fmt::format("Invalid document name {}: names that begin with aws-, amazon or amzn are "
                                      "reserved.", name)));
}

Result<> check_content(Scene& scene, const std::string& format, const std::string& type) {
  auto content = scene.text("Content");
  if (content.size() > document_bytes_max)
    return fail(
        service_error("MaxDocumentSizeExceeded", 400, "The size limit of a document is 64 KB."));
  if (format == "TEXT") return {};
  auto body = parsed(content, format);
  if (body.is_object()) return check_schema(scene, body, type);
  return fail(scene.error("InvalidDocumentContent",
                          fmt::format("{} not well-formed.", format == "YAML" ? "YAML" : "JSON")));
}

Result<> check_create(Scene& scene) {
  CHECK_OK(check_document_name(scene));
  return check_content(scene, format_of(scene, "JSON"), scene.text("DocumentType", "Command"));
}

// Of a document that a rehearsal found in the cloud below, the default version is known: as what it shows.
json::Array versions_of(const Resource& document) {
  if (const auto* kept = json::at(document.internals, "versions").if_array()) return *kept;
  return {json::Object{{"DocumentVersion", document.aspect("DefaultVersion")},
                       {"Name", document.ref.id},
                       {"Content", document.aspect("Content")},
                       {"DocumentFormat", document.aspect("DocumentFormat")},
                       {"VersionName", document.aspect("VersionName")},
                       {"Status", "Active"}}};
}

const json::Value& version_named(const json::Array& versions, const std::string& number) {
  static const json::Value none;
  auto found = std::ranges::find_if(versions, [&](const json::Value& one) {
    return json::text(one, "DocumentVersion", "") == number;
  });
  return found == versions.end() ? none : *found;
}

std::string number_of(const Resource& document, const std::string& asked) {
  if (asked.empty() || asked == "$DEFAULT") return json::text(document.aspect("DefaultVersion"));
  return asked == "$LATEST" ? json::text(document.aspect("LatestVersion")) : asked;
}

// What the content of a version says of the document.
json::Object said_by(const json::Value& version) {
  auto format = json::text(version, "DocumentFormat", "JSON"),
       content = json::text(version, "Content", "");
  auto body = parsed(content, format);
  json::Object out{{"Hash", to_hex(sha256(content))},
                   {"SchemaVersion", json::text(body, "schemaVersion", "2.2")},
                   {"Description", json::text(body, "description", "")}};
  json::Array parameters;
  for (const auto& [name, about] : json::members(json::at(body, "parameters"))) {
    json::Object one{
        {"Name", name},
        {"Type", json::text(about, "type", "String") == "StringList" ? "StringList" : "String"},
        {"Description", json::text(about, "description", "")}};
    const auto& first = json::at(about, "default");
    if (!first.is_null())
      one["DefaultValue"] = first.is_string() ? json::text(first) : json::print(first);
    parameters.push_back(std::move(one));
  }
  out["Parameters"] = std::move(parameters);
  json::Array attachments;
  for (const auto& one : json::items(json::at(version, "AttachmentsContent")))
    attachments.push_back(json::Object{{"Name", json::at(one, "Name")}});
  if (!attachments.empty()) out["AttachmentsInformation"] = std::move(attachments);
  return out;
}

// The default version is what the document shows.
void show_default(Resource& document) {
  const auto versions = versions_of(document);
  const auto& version = version_named(versions, json::text(document.aspect("DefaultVersion")));
  document.set("Content", json::Value(json::text(version, "Content", "")));
  document.set("DocumentFormat", json::Value(json::text(version, "DocumentFormat", "JSON")));
  document.set("DocumentVersion", json::at(version, "DocumentVersion"));
  for (const auto& [name, value] : said_by(version)) document.record[name] = value;
}

// By its number or its name; by both, where both are the same one's.
Result<json::Value> version_asked_for(const Scene& scene, const Resource& document) {
  auto asked = scene.text("DocumentVersion"), named = scene.text("VersionName");
  const auto versions = versions_of(document);
  auto number = number_of(document, asked);
  for (const auto& one : versions)
    if (asked.empty() && !named.empty() && json::text(one, "VersionName", "") == named)
      number = json::text(one, "DocumentVersion", "");
  const auto& version = version_named(versions, number);
  if (version.is_null() || (!named.empty() && json::text(version, "VersionName", "") != named))
    return fail(scene.error("InvalidDocumentVersion"));
  return version;
}

void tell_version(const json::Value& version, json::Object& told) {
  for (const auto& [name, value] : said_by(version)) told[name] = value;
  for (const auto* member : {"DocumentVersion", "VersionName", "DocumentFormat", "Status", "CreatedDate"})
    if (const auto& value = json::at(version, member); !value.is_null()) told[member] = value;
}

// Another version is told as what it was.
Result<> finish_describe(Scene& scene, json::Object& output) {
  auto* document = TRY(the_document(scene));
  if (scene.text("DocumentVersion").empty() && scene.text("VersionName").empty()) return {};
  const auto version = TRY(version_asked_for(scene, *document));
  tell_version(version, output["Document"].as_object());
  return {};
}

void add_version(Scene& scene, Resource& document, std::size_t number) {
  auto versions = versions_of(document);
  auto format = format_of(scene, json::text(document.aspect("DocumentFormat"), "JSON"));
  auto attached = attach(scene, parsed(scene.text("Content"), format));
  bool good = attached.fault.empty();
  document.record["Status"] = good ? "Active" : "Failed";
  if (!good) document.record["StatusInformation"] = attached.fault;
  versions.push_back(json::Object{
      {"DocumentVersion", std::to_string(number)},
      {"Name", document.ref.id},
      {"Content", scene.input("Content")},
      {"DocumentFormat", format},
      {"VersionName", scene.input("VersionName")},
      {"CreatedDate", scene.now.iso()},
      {"AttachmentsContent", std::move(attached.content)},
      {"Status", good ? "Active" : "Failed"},
      {"StatusInformation", attached.fault}});
  document.internals["versions"] = std::move(versions);
}

Result<> finish_create(Scene& scene, json::Object& output) {
  auto& document = scene.world.edit(scene.created.front());
  document.internals["versions"] = json::Array();
  add_version(scene, document, 1);
  show_default(document);
  output["DocumentDescription"] = scene.shown(document);
  return {};
}

// The same content again is no new version.
Result<> check_update(Scene& scene) {
  auto* document = TRY(the_document(scene));
  CHECK_OK(check_content(scene, format_of(scene, json::text(document->aspect("DocumentFormat"))),
                         json::text(document->aspect("DocumentType"))));
  const auto versions = versions_of(*document);
  if (versions.size() >= versions_max)
    return fail(
        service_error("DocumentVersionLimitExceeded", 400, "The document has too many versions."));
  auto base = number_of(*document, scene.text("DocumentVersion", "$LATEST"));
  if (version_named(versions, base).is_null()) return fail(scene.error("InvalidDocumentVersion"));
  auto version_name = scene.text("VersionName");
  for (const auto& version : versions)
    if (!version_name.empty() && json::text(version, "VersionName", "") == version_name)
      return fail(scene.error("DuplicateDocumentVersionName"));
  for (const auto& version : versions)
    if (json::at(version, "Content") == scene.input("Content"))
      return fail(scene.error("DuplicateDocumentContent"));
  return {};
}

Result<> finish_update(Scene& scene, json::Object& output) {
  auto* document = TRY(the_document(scene));
  std::int64_t last = 0;
  for (const auto& version : versions_of(*document))
    last = std::max(last, json::integer(json::Value(json::text(version, "DocumentVersion", ""))));
  auto number = static_cast<std::size_t>(last + 1);
  add_version(scene, *document, number);
  document->set("LatestVersion", json::Value(std::to_string(number)));
  auto shown = scene.shown(*document);
  const auto versions = versions_of(*document);
  tell_version(versions.back(), shown);
  output["DocumentDescription"] = std::move(shown);
  return {};
}

// What the default version shows follows the default version: set before it is written.
Result<> check_default(Scene& scene) {
  auto* document = TRY(the_document(scene));
  if (version_named(versions_of(*document), scene.text("DocumentVersion")).is_null())
    return fail(scene.error("InvalidDocumentVersion"));
  document->set("DefaultVersion", scene.input("DocumentVersion"));
  show_default(*document);
  return {};
}

Result<> check_delete(Scene& scene) {
  auto* document = TRY(the_document(scene));
  if (json::items(document->aspect("AccountIds")).empty()) return {};
  return fail(scene.error("InvalidDocumentOperation"));
}

// One version, or the document whole.
Result<json::Object> delete_document(Scene& scene) {
  auto asked = scene.text("DocumentVersion"), named = scene.text("VersionName");
  if (asked.empty() && named.empty()) return scene.by_description();
  auto* document = TRY(the_document(scene));
  auto versions = versions_of(*document);
  auto number = asked.empty() ? std::string() : number_of(*document, asked);
  auto gone = std::ranges::find_if(versions, [&](const json::Value& one) {
    return (asked.empty() || json::text(one, "DocumentVersion", "") == number) &&
           (named.empty() || json::text(one, "VersionName", "") == named);
  });
  if (gone == versions.end()) return fail(scene.error("InvalidDocumentVersion"));
  if (json::text(*gone, "DocumentVersion", "") == json::text(document->aspect("DefaultVersion")))
    return fail(scene.error("InvalidDocumentOperation", "Default version of the document can't be deleted."));
  versions.erase(gone);
  document->set("LatestVersion", json::at(versions.back(), "DocumentVersion"));
  document->internals["versions"] = std::move(versions);
  return json::Object();
}

Result<json::Object> get_document(Scene& scene) {
  auto* document = TRY(the_document(scene));
  const auto version = TRY(version_asked_for(scene, *document));
  auto output = json::members(version);
  output["DocumentType"] = document->aspect("DocumentType");
  auto kept = json::text(version, "DocumentFormat", "JSON"), asked = format_of(scene, kept);
  if (asked != kept && asked != "TEXT" && kept != "TEXT") {
    auto body = parsed(json::text(version, "Content", ""), kept);
    output["Content"] = asked == "YAML" ? json::print_yaml(body) : json::print(body);
    output["DocumentFormat"] = asked;
  }
  return output;
}

Result<json::Object> list_versions(Scene& scene) {
  auto* document = TRY(the_document(scene));
  auto first = json::text(document->aspect("DefaultVersion"));
  auto all = versions_of(*document);
  for (auto& version : all)
    version.as_object()["IsDefaultVersion"] = json::text(version, "DocumentVersion", "") == first;
  std::ranges::reverse(all);
  return page_of(scene, "DocumentVersions", all, {.most = versions_page});
}

}  // namespace

void add(Hooks& hooks) {
  hooks.check("ssm:CreateDocument", check_create);
  hooks.finish("ssm:CreateDocument", finish_create);
  hooks.check("ssm:UpdateDocument", check_update);
  hooks.finish("ssm:UpdateDocument", finish_update);
  hooks.check("ssm:UpdateDocumentDefaultVersion", check_default);
  hooks.check("ssm:DeleteDocument", check_delete);
  hooks.emulate("ssm:DeleteDocument", delete_document);
  hooks.finish("ssm:DescribeDocument", finish_describe);
  hooks.emulate("ssm:GetDocument", get_document);
  hooks.emulate("ssm:ListDocumentVersions", list_versions);
}

}  // namespace aright::sandbox::ssm_document_hooks

namespace aright::sandbox {

Result<CommandDocument> stored_command_document(Scene& scene) {
  auto* document = TRY(ssm_document_hooks::the_document(scene, "DocumentName"));
  if (json::text(document->aspect("DocumentType")) != "Command")
    return fail(scene.error("InvalidDocument",
                            fmt::format("Document {} is not of the type Command.", scene.text("DocumentName"))));
  const auto versions = ssm_document_hooks::versions_of(*document);
  auto number = ssm_document_hooks::number_of(*document, scene.text("DocumentVersion"));
  const auto& version = ssm_document_hooks::version_named(versions, number);
  if (version.is_null()) return fail(scene.error("InvalidDocumentVersion"));
  auto format = json::text(version, "DocumentFormat", "JSON");
  return CommandDocument{.version = std::move(number),
                         .body = ssm_document_hooks::parsed(json::text(version, "Content", ""), format)};
}

}  // namespace aright::sandbox
