// Launch templates with their versions, and the profiles that instances have.
#include <algorithm>

#include "cloud/locate.h"
#include "sandbox/ec2.h"

namespace aright::sandbox::ec2_launch_hooks {

namespace {

constexpr std::string_view template_type = "AWS::EC2::LaunchTemplate";
constexpr std::string_view version_type = "AWS::EC2::LaunchTemplateVersion";

// The template that a call or a group names, by id or name; null with the error where there is
// none.
Result<Resource*> named_template(Scene& scene, const json::Value& asked) {
  auto id = json::text(asked, "LaunchTemplateId", ""),
       name = json::text(asked, "LaunchTemplateName", "");
  if (!id.empty()) return scene.need(template_type, id);
  for (const auto* one : own(scene, template_type))
    if (!name.empty() && json::text(one->aspect("LaunchTemplateName")) == name)
      return &scene.world.edit(one->ref);
  if (name.empty())
    return fail(scene.error("MissingParameter",
                            "Either LaunchTemplateId or LaunchTemplateName must be given"));
  return fail(scene.error(
      "InvalidLaunchTemplateName.NotFoundException",
      fmt::format("The specified launch template, with template name {}, does not exist.", name)));
}

// "3", "$Latest", "$Default", or nothing: the number it stands for.
std::string version_number(const Resource& from, const std::string& asked) {
  if (asked == "$Latest") return json::scalar_text(from.aspect("LatestVersionNumber"));
  if (asked.empty() || asked == "$Default")
    return json::scalar_text(from.aspect("DefaultVersionNumber"));
  return asked;
}

Result<Resource*> version_of(Scene& scene, const Resource& from, const std::string& asked) {
  auto number = version_number(from, asked);
  return scene.need(version_type, from.ref.id + cloud::key_separator + number);
}

json::Object shown_version(const Scene& scene, const Resource& of, const Resource& version) {
  auto shown = scene.shown(version);
  auto number = version.ref.id.substr(version.ref.id.find(cloud::key_separator) + 1);
  shown["LaunchTemplateName"] = of.aspect("LaunchTemplateName");
  shown["VersionNumber"] = json::integer(json::Value(number));
  shown["DefaultVersion"] = json::scalar_text(of.aspect("DefaultVersionNumber")) == number;
  return shown;
}

Result<Resource*> add_version(Scene& scene, Resource& to, json::Value data, std::int64_t number) {
  auto* version = TRY(
      scene.create(version_type, fmt::format("{}{}{}", to.ref.id, cloud::key_separator, number)));
  version->set("LaunchTemplateData", std::move(data));
  if (const auto& text = scene.input("VersionDescription"); !text.is_null())
    version->set("VersionDescription", text);
  to.set("LatestVersionNumber", number);
  return version;
}

Result<json::Object> create_template(Scene& scene) {
  auto name = scene.text("LaunchTemplateName");
  for (const auto* one : own(scene, template_type))
    if (json::text(one->aspect("LaunchTemplateName")) == name)
      return fail(scene.error("InvalidLaunchTemplateName.AlreadyExistsException"));
  auto* made = TRY(create_plain(scene, template_type, "lt-"));
  made->set("Tags", tags_for(scene, "launch-template"));
  CHECK_OK(add_version(scene, *made, scene.input("LaunchTemplateData"), 1));
  return json::Object{{"LaunchTemplate", scene.shown(*made)}};
}

Result<json::Object> create_version(Scene& scene) {
  auto* of = TRY(named_template(scene, scene.call.input));
  json::Object data;
  if (auto source = scene.text("SourceVersion"); !source.empty()) {
    auto* version = TRY(version_of(scene, *of, source));
    data = json::members(version->aspect("LaunchTemplateData"));
  }
  for (const auto& [name, value] : json::members(scene.input("LaunchTemplateData")))
    data[name] = value;
  auto number = json::integer(of->aspect("LatestVersionNumber")) + 1;
  auto* version = TRY(add_version(scene, *of, std::move(data), number));
  return json::Object{{"LaunchTemplateVersion", shown_version(scene, *of, *version)}};
}

Result<json::Object> describe_versions(Scene& scene) {
  auto* of = TRY(named_template(scene, scene.call.input));
  auto asked = json::texts(scene.input("Versions"));
  json::Array out;
  for (const auto& one : asked) {
    auto* version = TRY(version_of(scene, *of, one));
    out.push_back(shown_version(scene, *of, *version));
  }
  if (asked.empty()) {
    for (const auto* version : scene.world.children(*of))
      out.push_back(shown_version(scene, *of, *version));
    std::ranges::sort(out, std::greater<>(), [](const json::Value& one) {
      return json::integer(json::at(one, "VersionNumber"));
    });
  }
  return json::Object{{"LaunchTemplateVersions", std::move(out)}};
}

Result<json::Object> modify_template(Scene& scene) {
  auto* of = TRY(named_template(scene, scene.call.input));
  if (auto asked = scene.text("DefaultVersion"); !asked.empty()) {
    auto* version = TRY(version_of(scene, *of, asked));
    auto number = version->ref.id.substr(version->ref.id.find(cloud::key_separator) + 1);
    of->set("DefaultVersionNumber", json::Value(number));
  }
  return json::Object{{"LaunchTemplate", scene.shown(*of)}};
}

Result<json::Object> delete_template(Scene& scene) {
  auto* of = TRY(named_template(scene, scene.call.input));
  auto shown = scene.shown(*of);
  scene.erase(cloud::ResourceRef(of->ref));
  return json::Object{{"LaunchTemplate", std::move(shown)}};
}

const Resource* association_of(const Scene& scene, const std::string& instance) {
  for (const auto* one : own(scene, profile_association_type))
    if (json::text(one->aspect("InstanceId")) == instance) return one;
  return nullptr;
}

Result<json::Object> associate_profile(Scene& scene) {
  auto* instance = TRY(scene.need(instance_type, scene.text("InstanceId")));
  if (!instance->aspect("IamInstanceProfile").is_null())
    return fail(scene.error(
        "IncorrectState",
        fmt::format("There is an existing association for instance {}", instance->ref.id)));
  auto profile = TRY(asked_profile(scene));
  auto* made = TRY(associate_with_profile(scene, *instance, std::move(profile)));
  return json::Object{{"IamInstanceProfileAssociation", scene.shown(*made)}};
}

Result<json::Object> disassociate_profile(Scene& scene) {
  auto* association = TRY(scene.need(profile_association_type, scene.text("AssociationId")));
  auto shown = scene.shown(*association);
  shown["State"] = "disassociating";
  auto instance = scene.ref(instance_type, json::text(association->aspect("InstanceId")));
  if (scene.world.find(instance) != nullptr)
    scene.world.edit(instance).set("IamInstanceProfile", nullptr);
  scene.erase(cloud::ResourceRef(association->ref));
  return json::Object{{"IamInstanceProfileAssociation", std::move(shown)}};
}

Result<json::Object> replace_profile(Scene& scene) {
  auto* old = TRY(scene.need(profile_association_type, scene.text("AssociationId")));
  auto* instance = TRY(scene.need(instance_type, json::text(old->aspect("InstanceId"))));
  auto profile = TRY(asked_profile(scene));
  scene.erase(cloud::ResourceRef(old->ref));
  auto* made = TRY(associate_with_profile(scene, *instance, std::move(profile)));
  auto shown = scene.shown(*made);
  shown["State"] = "associating";
  return json::Object{{"IamInstanceProfileAssociation", std::move(shown)}};
}

Result<> finish_key_pair(Scene& scene, json::Object& output) {
  output["KeyMaterial"] = fmt::format(
      "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", scene.ids.upper(64));
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("ec2:CreateLaunchTemplate", create_template);
  hooks.emulate("ec2:CreateLaunchTemplateVersion", create_version);
  hooks.emulate("ec2:DescribeLaunchTemplateVersions", describe_versions);
  hooks.emulate("ec2:ModifyLaunchTemplate", modify_template);
  hooks.emulate("ec2:DeleteLaunchTemplate", delete_template);
  hooks.emulate("ec2:AssociateIamInstanceProfile", associate_profile);
  hooks.emulate("ec2:DisassociateIamInstanceProfile", disassociate_profile);
  hooks.emulate("ec2:ReplaceIamInstanceProfileAssociation", replace_profile);
  hooks.finish("ec2:CreateKeyPair", finish_key_pair);
}

}  // namespace aright::sandbox::ec2_launch_hooks

namespace aright::sandbox {

Result<json::Value> asked_profile(Scene& scene) {
  const auto& asked = scene.input("IamInstanceProfile");
  if (!asked.is_object()) return json::Value();
  auto arn = json::text(asked, "Arn", "");
  auto name = arn.empty() ? json::text(asked, "Name", "") : arn.substr(arn.rfind('/') + 1);
  const auto* profile = scene.find("AWS::IAM::InstanceProfile", name);
  if (profile == nullptr)
    return fail(
        scene.error("InvalidParameterValue",
                    fmt::format("Value ({}) for parameter iamInstanceProfile.name is invalid. "
                                "Invalid IAM Instance Profile name",
                                name)));
  return json::Value(json::Object{{"Arn", scene.arn(*profile)},
                                  {"Id", json::at(profile->record, "InstanceProfileId")}});
}

Result<Resource*> associate_with_profile(Scene& scene, Resource& instance, json::Value profile) {
  constexpr std::size_t id_length = 17;
  instance.set("IamInstanceProfile", profile);
  auto id = instance.ref.id;
  auto* made = TRY(scene.create(profile_association_type, "iip-assoc-" + scene.ids.hex(id_length)));
  made->set("InstanceId", json::Value(id));
  made->set("IamInstanceProfile", std::move(profile));
  return made;
}

void forget_profile(Scene& scene, const std::string& instance) {
  if (const auto* association = ec2_launch_hooks::association_of(scene, instance))
    scene.erase(cloud::ResourceRef(association->ref));
}

Result<json::Object> launch_template_data(Scene& scene, const json::Value& asked) {
  auto* of = TRY(ec2_launch_hooks::named_template(scene, asked));
  auto* version = TRY(ec2_launch_hooks::version_of(scene, *of, json::text(asked, "Version", "")));
  return json::members(version->aspect("LaunchTemplateData"));
}

}  // namespace aright::sandbox
