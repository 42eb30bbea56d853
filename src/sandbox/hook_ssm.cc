// Parameters: versions, hierarchies, and secrets whose encryption is simulated.
#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/text.h"
#include "cloud/locate.h"
#include "sandbox/emulate.h"
#include "sandbox/kms.h"
#include "sandbox/paging.h"
#include "sandbox/ssm.h"

namespace aright::sandbox::ssm_hooks {

namespace {

constexpr std::string_view parameter_type = "AWS::SSM::Parameter";
constexpr std::size_t standard_bytes_max = 4096, advanced_bytes_max = 8192, levels_max = 15,
                      names_max = 10, versions_page = 50, history_max = 100, labels_max = 10, label_length_max = 100;

// What GetParameter shows of one version; without decryption a secret is shown sealed.
json::Object shown(const Scene& scene, const json::Object& version, const std::string& name,
                   bool decrypt) {
  auto value = json::text(version, "Value");
  bool secret = json::text(version, "Type") == "SecureString";
  if (secret && !decrypt) value = to_base64("simulated-kms:" + to_hex(sha256(value)));
  return {{"Name", name},
          {"Type", json::at(version, "Type")},
          {"Value", value},
          {"Version", json::at(version, "Version")},
          {"LastModifiedDate", json::at(version, "LastModifiedDate")},
          {"ARN", scene.catalog.arn(scene.ref(parameter_type, name))},
          {"DataType", json::at(version, "DataType")}};
}

// The parameter as it is now, in the form of its history.
json::Object current(const Scene& scene, const Resource& parameter) {
  json::Object out{{"Name", parameter.ref.id}, {"LastModifiedUser", scene.principal.arn}};
  for (const auto* name :
       {"Type", "Value", "Description", "AllowedPattern", "Tier", "DataType", "KeyId"})
    if (const auto& value = parameter.aspect(name); !value.is_null()) out[name] = value;
  for (const auto* name : {"Version", "LastModifiedDate"})
    out[name] = json::at(parameter.record, name);
  if (json::at(out, "Version").is_null()) out["Version"] = 1;  // imported
  if (json::at(out, "LastModifiedDate").is_null())
    out["LastModifiedDate"] = parameter.created.iso();
  return out;
}

json::Array history(const Resource& parameter) {
  return json::items(json::at(parameter.internals, "history"));
}

// A parameter by name or ARN, with :version or :label behind it.
Result<json::Object> find(Scene& scene, std::string name, bool decrypt) {
  if (name.starts_with("arn:"))
    if (auto named = cloud::match_arn(*scene.catalog.type(parameter_type), name)) name = named->id;
  auto colon = name.rfind(':');
  auto selector = colon == std::string::npos ? std::string() : name.substr(colon + 1);
  name = name.substr(0, colon);
  auto* parameter = TRY(scene.need(parameter_type, name));
  if (selector.empty()) return shown(scene, current(scene, *parameter), name, decrypt);
  for (const auto& version : history(*parameter)) {
    const auto& labels = json::items(json::at(version, "Labels"));
    bool labelled = std::ranges::find(labels, json::Value(selector)) != labels.end();
    if (!labelled && json::scalar_text(json::at(version, "Version")) != selector) continue;
    auto out = shown(scene, json::members(version), name, decrypt);
    out["Selector"] = ":" + selector;
    return out;
  }
  return fail(scene.error("ParameterVersionNotFound"));
}

bool decrypts(const Scene& scene) {
  return json::truth(scene.input("WithDecryption"));
}

Result<json::Object> get_parameter(Scene& scene) {
  auto found = TRY(find(scene, scene.text("Name"), decrypts(scene)));
  return json::Object{{"Parameter", std::move(found)}};
}

Result<json::Object> get_parameters(Scene& scene) {
  json::Array found, invalid;
  if (json::items(scene.input("Names")).size() > names_max)
    return fail(
        scene.error("ValidationException",
                    fmt::format("Member must have length less than or equal to {}", names_max)));
  for (const auto& name : json::items(scene.input("Names"))) {
    auto one = find(scene, json::text(name), decrypts(scene));
    if (one)
      found.push_back(std::move(*one));
    else
      invalid.push_back(name);
  }
  return json::Object{{"Parameters", std::move(found)}, {"InvalidParameters", std::move(invalid)}};
}

Result<json::Object> by_path(Scene& scene) {
  auto path = scene.text("Path");
  if (!path.starts_with('/'))
    return fail(scene.error("ValidationException",
                            "The parameter doesn't meet the parameter name requirements. The "
                            "parameter name must begin with a forward slash \"/\"."));
  if (!path.ends_with('/')) path += '/';
  bool deep = json::truth(scene.input("Recursive"));
  json::Array found;
  for (const auto* parameter : scene.world.all(scene.ref(parameter_type, path))) {
    const auto& name = parameter->ref.id;
    if (!deep && name.find('/', path.size()) != std::string::npos) continue;
    found.push_back(shown(scene, current(scene, *parameter), name, decrypts(scene)));
  }
  return page_of(scene, "Parameters", found, {.most = names_max, .sorted_by = "Name"});
}

Result<json::Object> get_history(Scene& scene) {
  auto* parameter = TRY(scene.need(parameter_type, scene.text("Name")));
  auto all = history(*parameter);
  for (auto& version : all) {
    auto about = shown(scene, json::members(version), parameter->ref.id, decrypts(scene));
    version.as_object()["Value"] = json::at(about, "Value");
    version.as_object()["Labels"] = json::items(json::at(version, "Labels"));
  }
  return page_of(scene, "Parameters", all, {.most = versions_page});
}

// AWS's rules for a label: no digit first, neither aws nor ssm.
bool is_label(const std::string& label) {
  auto allowed = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_'; };
  auto small = lower(label);
  return !label.empty() && label.size() <= label_length_max && !std::isdigit(static_cast<unsigned char>(label[0])) &&
         std::ranges::all_of(label, allowed) && !small.starts_with("aws") && !small.starts_with("ssm");
}

// A label names one version: it leaves the one that it named before.
Result<json::Object> label_version(Scene& scene) {
  auto* parameter = TRY(scene.need(parameter_type, scene.text("Name")));
  auto number = json::integer(scene.input("ParameterVersion"), json::integer(json::at(parameter->record, "Version"), 1));
  auto versions = history(*parameter);
  bool sticks = scene.call.operation == "LabelParameterVersion";
  json::Array done, invalid;
  for (const auto& label : json::texts(scene.input("Labels"))) {
    bool found = false;
    for (auto& version : versions) {
      auto labels = json::items(json::at(version, "Labels"));
      bool here = json::integer(json::at(version, "Version")) == number;
      auto before = labels.size();
      auto rest = std::ranges::remove(labels, json::Value(label));
      labels.erase(rest.begin(), rest.end());
      bool gone = labels.size() < before;
      if (!sticks && !here) continue;
      if (sticks && here && is_label(label)) labels.emplace_back(label);
      found = found || (sticks ? here : gone);
      if (labels.size() > labels_max)
        return fail(service_error("ParameterVersionLabelLimitExceeded", 400, "A version has ten labels at most."));
      version.as_object()["Labels"] = std::move(labels);
    }
    if (!found && sticks) return fail(scene.error("ParameterVersionNotFound"));
    (found && (!sticks || is_label(label)) ? done : invalid).emplace_back(label);
  }
  parameter->internals["history"] = std::move(versions);
  json::Object output{{"InvalidLabels", std::move(invalid)}};
  if (sticks) output["ParameterVersion"] = number;
  if (!sticks) output["RemovedLabels"] = std::move(done);
  return output;
}

Result<json::Object> delete_parameters(Scene& scene) {
  json::Array gone, invalid;
  for (const auto& name : json::items(scene.input("Names"))) {
    auto ref = scene.ref(parameter_type, json::text(name));
    bool there = scene.world.find(ref) != nullptr;
    if (there) scene.erase(ref);
    (there ? gone : invalid).push_back(name);
  }
  return json::Object{{"DeletedParameters", std::move(gone)},
                      {"InvalidParameters", std::move(invalid)}};
}

// BeginsWith, Contains and paths as wildcards.
Result<json::Object> describe_parameters(Scene& scene) {
  json::Array filters;
  bool changed = false;
  for (const auto& given : json::items(scene.input("ParameterFilters"))) {
    auto filter = json::members(given);
    auto option = json::text(filter, "Option", "Equals"), key = json::text(filter, "Key");
    if (key == "Path" && !filter.contains("Option")) option = "OneLevel";
    changed = changed || filter.contains("Option") || key == "Path";
    filter.erase("Option");
    filter["Key"] = key == "Path" ? "Name" : key;
    for (auto& value : filter["Values"].as_array()) {
      auto text = json::text(value);
      if (option == "BeginsWith")
        value = text + "*";
      else if (option == "Contains")
        value = "*" + text + "*";
      else if (option == "Recursive" || option == "OneLevel")
        value = text + (text.ends_with('/') ? "*" : "/*");
      else if (option != "Equals")
        return fail(scene.error("InvalidFilterOption"));
    }
    filters.push_back(std::move(filter));
  }
  if (!changed) return scene.by_description();
  auto input = scene.call.input;
  input["ParameterFilters"] = std::move(filters);
  return scene.also("ssm", "DescribeParameters", std::move(input));
}

Result<> check_name(Scene& scene, const std::string& name) {
  auto legal = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '.' || c == '-' || c == '/';
  };
  auto first = lower(name.substr(name.starts_with('/') ? 1 : 0));
  if (!std::ranges::all_of(name, legal) || first.starts_with("aws") || first.starts_with("ssm"))
    return fail(scene.error(
        "ValidationException",
        fmt::format("Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive), "
                    "and holds only letters, digits and the symbols .-_/: {}",
                    name)));
  if (static_cast<std::size_t>(std::ranges::count(name, '/')) > levels_max)
    return fail(service_error("HierarchyLevelLimitExceededException", 400,
                              "A hierarchy can have a maximum of 15 levels."));
  return {};
}

Result<> check_put(Scene& scene) {
  auto name = scene.text("Name"), type = scene.text("Type"), value = scene.text("Value");
  CHECK_OK(check_name(scene, name));
  const auto* there = scene.find(parameter_type, name);
  if (there != nullptr && !json::truth(scene.input("Overwrite")))
    return fail(scene.error("ParameterAlreadyExists"));
  if (there == nullptr && type.empty())
    return fail(scene.error("ValidationException",
                            "A parameter type is required when you create a parameter."));
  if (!type.empty() && type != "String" && type != "StringList" && type != "SecureString")
    return fail(
        service_error("UnsupportedParameterType", 400, "The parameter type is not supported."));
  auto most = scene.text("Tier") == "Advanced" ? advanced_bytes_max : standard_bytes_max;
  if (value.empty() || value.size() > most)
    return fail(
        scene.error("ValidationException",
                    fmt::format("Parameter values must have between 1 and {} characters", most)));
  return {};
}

Result<> finish_put(Scene& scene, json::Object& output) {
  auto* parameter = TRY(scene.need(parameter_type, scene.text("Name")));
  auto version =
      json::integer(json::at(parameter->record, "Version"), scene.created.empty() ? 1 : 0) + 1;
  parameter->record["Version"] = version;
  parameter->record["LastModifiedDate"] = scene.now.iso();
  parameter->record["LastModifiedUser"] = scene.principal.arn;
  bool secret = json::text(parameter->aspect("Type")) == "SecureString";
  if (secret && parameter->aspect("KeyId").is_null()) parameter->set("KeyId", "alias/aws/ssm");
  if (secret) CHECK_OK(key_arn(scene, json::text(parameter->aspect("KeyId"))));
  auto versions = history(*parameter);
  versions.push_back(current(scene, *parameter));
  if (versions.size() > history_max) versions.erase(versions.begin());
  parameter->internals["history"] = std::move(versions);
  output = {{"Version", version}, {"Tier", parameter->aspect("Tier")}};
  return {};
}

// What tags belong to is called by a name of its own.
Result<> check_tags(Scene& scene) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kinds{
      {{"Parameter", parameter_type},
       {"Document", "AWS::SSM::Document"},
       {"MaintenanceWindow", "AWS::SSM::MaintenanceWindow"},
       {"PatchBaseline", "AWS::SSM::PatchBaseline"},
       {"Association", "AWS::SSM::Association"},
       {"OpsItem", "AWS::SSM::OpsItem"}}};
  auto kind = scene.text("ResourceType");
  auto known = std::ranges::find(kinds, kind, [](const auto& pair) { return pair.first; });
  if (known == kinds.end()) return fail(service_error("InvalidResourceType", 400, "The resource type is not valid."));
  if (scene.find(known->second, scene.text("ResourceId")) != nullptr) return {};
  return fail(scene.error("InvalidResourceId"));
}

}  // namespace

void add(Hooks& hooks) {
  ssm_document_hooks::add(hooks);
  ssm_command_hooks::add(hooks);
  ssm_agent_hooks::add(hooks);
  ssm_ops_hooks::add(hooks);
  hooks.emulate("ssm:GetParameter", get_parameter);
  hooks.emulate("ssm:GetParameters", get_parameters);
  hooks.emulate("ssm:GetParametersByPath", by_path);
  hooks.emulate("ssm:GetParameterHistory", get_history);
  hooks.emulate("ssm:LabelParameterVersion", label_version);
  hooks.emulate("ssm:UnlabelParameterVersion", label_version);
  hooks.emulate("ssm:DeleteParameters", delete_parameters);
  hooks.emulate("ssm:DescribeParameters", describe_parameters);
  hooks.check("ssm:PutParameter", check_put);
  hooks.finish("ssm:PutParameter", finish_put);
  for (const auto* operation :
       {"AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"})
    hooks.check(fmt::format("ssm:{}", operation), check_tags);
}

}  // namespace aright::sandbox::ssm_hooks
