// Service-linked roles, server certificates and passwords for single services.
#include <algorithm>
#include <array>

#include "base/certificate.h"
#include "base/text.h"
#include "sandbox/iam.h"

namespace aright::sandbox::iam_identity_hooks {

namespace {

constexpr std::size_t password_length = 32;

// Services whose role is called otherwise than they are.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> known_names{
    {{"access-analyzer", "AccessAnalyzer"},
     {"autoscaling", "AutoScaling"},
     {"cloudtrail", "CloudTrail"},
     {"config", "Config"},
     {"ecs", "ECS"},
     {"elasticloadbalancing", "ElasticLoadBalancing"},
     {"guardduty", "AmazonGuardDuty"},
     {"organizations", "Organizations"},
     {"rds", "RDS"},
     {"securityhub", "SecurityHub"},
     {"ssm", "AmazonSSM"},
     {"support", "Support"}}};

std::string role_name(const std::string& service, const std::string& suffix) {
  auto word = service.substr(0, service.find('.'));
  auto known = std::ranges::find(known_names, word, [](const auto& pair) { return pair.first; });
  auto name = known == known_names.end() ? word : std::string(known->second);
  if (known == known_names.end() && !name.empty())
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  return "AWSServiceRoleFor" + name + (suffix.empty() ? "" : "_" + suffix);
}

Result<json::Object> create_linked_role(Scene& scene) {
  auto service = scene.text("AWSServiceName");
  if (!service.ends_with(".amazonaws.com"))
    return fail(scene.error("InvalidInput", "AWS service name is not a valid service principal."));
  auto name = role_name(service, scene.text("CustomSuffix"));
  if (scene.find(role_type, name) != nullptr)
    return fail(scene.error("InvalidInput",
                            fmt::format("Service role name {} has been taken in this account, "
                                        "please try a different suffix.",
                                        name)));
  auto* role = TRY(scene.create(role_type, name));
  auto path = fmt::format("/aws-service-role/{}/", service);
  json::Object statement{{"Effect", "Allow"},
                         {"Principal", json::Object{{"Service", service}}},
                         {"Action", "sts:AssumeRole"}};
  role->set("Path", json::Value(path));
  role->set("AssumeRolePolicyDocument",
            json::Value(json::print(json::Object{
                {"Version", "2012-10-17"}, {"Statement", json::Array{std::move(statement)}}})));
  role->set("Description", scene.input("Description"));
  auto arn = scene.arn(*role);
  role->record["Arn"] = arn.substr(0, arn.rfind('/')) + path + name;
  return json::Object{{"Role", scene.shown(*role)}};
}

// A deletion is a task, which here is done at once.
Result<json::Object> delete_linked_role(Scene& scene) {
  auto* role = TRY(scene.need(role_type, scene.text("RoleName")));
  auto path = json::text(role->aspect("Path"));
  if (!path.starts_with("/aws-service-role/")) return fail(scene.error("NoSuchEntity"));
  auto task = fmt::format("task{}{}/{}", path, role->ref.id, scene.ids.uuid());
  scene.erase(cloud::ResourceRef(role->ref));
  return json::Object{{"DeletionTaskId", task}};
}

Result<json::Object> deletion_status(Scene& scene) {
  auto task = scene.text("DeletionTaskId");
  auto parts = split(task, '/');
  if (!task.starts_with("task/aws-service-role/") || parts.size() < 4)
    return fail(scene.error("NoSuchEntity"));
  bool there = scene.find(role_type, parts[parts.size() - 2]) != nullptr;
  return json::Object{{"Status", there ? "FAILED" : "SUCCEEDED"}};
}

Result<> finish_upload(Scene& scene, json::Object& output) {
  auto& made = scene.world.edit(scene.created.front());
  auto says = parse_certificate(scene.text("CertificateBody"));
  if (!says) return fail(scene.error("MalformedCertificate"));
  made.set("Expiration", json::Value(says->not_after.iso()));
  auto arn = scene.arn(made);
  auto name = arn.rfind('/');
  made.record["Arn"] =
      arn.substr(0, name) + json::text(made.aspect("Path"), "/") + arn.substr(name + 1);
  output["ServerCertificateMetadata"] = scene.shown(made);
  return {};
}

Result<> finish_credential(Scene& scene, json::Object& output) {
  auto shown = scene.shown(scene.world.edit(scene.created.front()));
  shown["ServicePassword"] = scene.ids.upper(password_length);
  output["ServiceSpecificCredential"] = std::move(shown);
  return {};
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("iam:CreateServiceLinkedRole", create_linked_role);
  hooks.emulate("iam:DeleteServiceLinkedRole", delete_linked_role);
  hooks.emulate("iam:GetServiceLinkedRoleDeletionStatus", deletion_status);
  hooks.finish("iam:UploadServerCertificate", finish_upload);
  hooks.finish("iam:CreateServiceSpecificCredential", finish_credential);
}

}  // namespace aright::sandbox::iam_identity_hooks
