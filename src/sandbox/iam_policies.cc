// Policies: inline and managed, their versions, and those that AWS manages.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "iam/policy.h"
#include "sandbox/emulate.h"
#include "sandbox/iam.h"

namespace aright::sandbox::iam_policy_hooks {

namespace {

constexpr std::size_t versions_max = 5, attached_max = 10;
constexpr std::string_view aws_prefix = "arn:aws:iam::aws:policy/";

// The policies of AWS that the emulated cloud knows, with what they allow.
struct Managed {
  std::string_view name, path, actions;  // separated by blanks; after a !: all but these
};
constexpr std::array managed{
    Managed{"AdministratorAccess", "/", "*"},
    Managed{"AmazonDynamoDBFullAccess", "/", "dynamodb:* dax:* application-autoscaling:*"},
    Managed{"AmazonEC2ContainerRegistryReadOnly", "/",
            "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer "
            "ecr:GetRepositoryPolicy ecr:DescribeRepositories ecr:ListImages ecr:DescribeImages ecr:BatchGetImage"},
    Managed{"AmazonEC2FullAccess", "/", "ec2:* elasticloadbalancing:* cloudwatch:* autoscaling:*"},
    Managed{"AmazonEC2ReadOnlyAccess", "/",
            "ec2:Describe* elasticloadbalancing:Describe* cloudwatch:ListMetrics "
            "cloudwatch:GetMetricStatistics cloudwatch:Describe* autoscaling:Describe*"},
    Managed{"AmazonECSTaskExecutionRolePolicy", "/service-role/",
            "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer "
            "ecr:BatchGetImage logs:CreateLogStream logs:PutLogEvents"},
    Managed{"AmazonGuardDutyFullAccess", "/", "guardduty:*"},
    Managed{"AmazonRDSFullAccess", "/", "rds:* application-autoscaling:* cloudwatch:* logs:Describe* sns:ListTopics"},
    Managed{"AmazonRDSReadOnlyAccess", "/", "rds:Describe* rds:ListTagsForResource cloudwatch:GetMetricStatistics"},
    Managed{"AmazonS3FullAccess", "/", "s3:* s3-object-lambda:*"},
    Managed{"AmazonS3ReadOnlyAccess", "/",
            "s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*"},
    Managed{"AmazonSNSFullAccess", "/", "sns:*"},
    Managed{"AmazonSQSFullAccess", "/", "sqs:*"},
    Managed{"AmazonSSMAutomationRole", "/service-role/",
            "ssm:* ec2:* lambda:InvokeFunction cloudformation:* sns:Publish"},
    Managed{"AmazonSSMFullAccess", "/", "ssm:* ds:* cloudwatch:PutMetricData ec2:DescribeInstanceStatus logs:*"},
    Managed{"AmazonSSMManagedInstanceCore", "/",
            "ssm:DescribeAssociation ssm:GetDocument ssm:GetParameter ssm:GetParameters ssm:ListAssociations "
            "ssm:PutInventory ssm:UpdateInstanceInformation ssmmessages:* ec2messages:*"},
    Managed{"AmazonSSMReadOnlyAccess", "/", "ssm:Describe* ssm:Get* ssm:List*"},
    Managed{"AWSCloudTrail_FullAccess", "/", "cloudtrail:* sns:ListTopics s3:ListAllMyBuckets kms:ListKeys"},
    Managed{"AWSCloudTrail_ReadOnlyAccess", "/",
            "cloudtrail:Get* cloudtrail:Describe* cloudtrail:List* cloudtrail:LookupEvents"},
    Managed{"AWSLambda_FullAccess", "/", "lambda:* iam:ListRoles logs:DescribeLogStreams logs:GetLogEvents"},
    Managed{"AWSLambda_ReadOnlyAccess", "/", "lambda:Get* lambda:List* logs:DescribeLogGroups logs:FilterLogEvents"},
    Managed{"AWSLambdaBasicExecutionRole", "/service-role/",
            "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"},
    Managed{"AWSLambdaVPCAccessExecutionRole", "/service-role/",
            "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents ec2:CreateNetworkInterface "
            "ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface"},
    Managed{"AWSSecurityHubFullAccess", "/", "securityhub:*"},
    Managed{"AWSSupportAccess", "/", "support:*"},
    Managed{"AWS_ConfigRole", "/service-role/",
            "config:* s3:GetBucket* ec2:Describe* iam:Get* iam:List* kms:Describe*"},
    Managed{"CloudWatchAgentServerPolicy", "/",
            "cloudwatch:PutMetricData ec2:DescribeVolumes ec2:DescribeTags logs:PutLogEvents "
            "logs:DescribeLogStreams logs:DescribeLogGroups logs:CreateLogStream logs:CreateLogGroup"},
    Managed{"CloudWatchFullAccess", "/", "autoscaling:Describe* cloudwatch:* logs:* sns:*"},
    Managed{"CloudWatchReadOnlyAccess", "/",
            "cloudwatch:Describe* cloudwatch:Get* cloudwatch:List* logs:Get* logs:Describe*"},
    Managed{"CloudWatchLogsFullAccess", "/", "logs:* cloudwatch:GenerateQuery"},
    Managed{"ReadOnlyAccess", "/",
            "*:BatchGet* *:Describe* *:Get* *:List* *:Head* *:Lookup* *:Search* *:View* sqs:ReceiveMessage"},
    Managed{"SecurityAudit", "/",
            "*:Describe* *:List* ec2:Get* iam:Get* iam:GenerateCredentialReport iam:Simulate* kms:Get* lambda:GetPolicy "
            "lambda:GetFunctionConfiguration s3:GetAccount* s3:GetBucket* s3:GetEncryptionConfiguration "
            "s3:GetLifecycleConfiguration s3:GetReplicationConfiguration sns:GetTopicAttributes sqs:GetQueueAttributes"},
    Managed{"IAMFullAccess", "/",
            "iam:* organizations:DescribeAccount organizations:DescribeOrganization"},
    Managed{"IAMReadOnlyAccess", "/",
            "iam:GenerateCredentialReport iam:GenerateServiceLastAccessedDetails iam:Get* "
            "iam:List* iam:SimulateCustomPolicy iam:SimulatePrincipalPolicy"},
    Managed{"IAMUserChangePassword", "/", "iam:ChangePassword iam:GetAccountPasswordPolicy"},
    Managed{"PowerUserAccess", "/", "!iam:* organizations:* account:*"},
    Managed{"ReadOnlyAccess", "/",
            "cloudtrail:Get* cloudwatch:Get* config:Describe* ec2:Describe* iam:Get* iam:List* kms:Describe* "
            "lambda:List* logs:Describe* rds:Describe* s3:Get* s3:List* sns:Get* sqs:Get* ssm:Get*"},
    Managed{"SecurityAudit", "/",
            "cloudtrail:Describe* cloudtrail:Get* config:Describe* ec2:Describe* guardduty:Get* guardduty:List* "
            "iam:Get* iam:List* kms:Describe* kms:List* s3:GetBucket* s3:GetEncryptionConfiguration"},
    Managed{"ViewOnlyAccess", "/job-function/",
            "ec2:Describe* iam:List* lambda:List* rds:Describe* s3:ListAllMyBuckets"}};

json::Value parsed_or_null(const json::Value& text) {
  auto document = json::parse(json::text(text));
  return document ? *document : json::Value();
}

std::string document_of(const Managed& policy) {
  json::Array actions;
  bool others = policy.actions.starts_with('!');
  for (const auto& action : split(policy.actions.substr(others ? 1 : 0), ' '))
    actions.push_back(json::Value(action));
  json::Object statement{{"Effect", "Allow"},
                         {others ? "NotAction" : "Action", std::move(actions)},
                         {"Resource", "*"}};
  return json::print(
      json::Object{{"Version", "2012-10-17"}, {"Statement", json::Array{std::move(statement)}}});
}

Result<Resource*> create_version(Scene& scene, std::string_view arn, int number,
                                 std::string document) {
  auto* version = TRY(scene.create(policy_version_type, fmt::format("{}|v{}", arn, number)));
  version->set("Document", json::Value(std::move(document)));
  return version;
}

const Managed* known_managed(std::string_view arn) {
  if (!arn.starts_with(aws_prefix)) return nullptr;
  auto known = std::ranges::find_if(managed, [&](const Managed& policy) {
    return arn.substr(aws_prefix.size() - 1) == std::string(policy.path) + std::string(policy.name);
  });
  return known == managed.end() ? nullptr : &*known;
}

// Comes into being when it is first named.
Result<> know_managed(Scene& scene, const std::string& arn) {
  if (!arn.starts_with(aws_prefix) || scene.find(policy_type, arn) != nullptr) return {};
  const auto* known = known_managed(arn);
  if (known == nullptr) return {};
  auto* policy = TRY(scene.create(policy_type, arn));
  policy->set("ManagedPolicyName", json::Value(known->name));
  policy->set("Path", json::Value(known->path));
  policy->set("Description", nullptr);
  policy->set("Tags", nullptr);
  CHECK_OK(create_version(scene, arn, 1, document_of(*known)));
  return {};
}

bool by_aws(std::string_view arn) {
  return arn.starts_with(aws_prefix);
}

Result<> check_named_policy(Scene& scene) {
  return know_managed(scene, scene.text("PolicyArn"));
}

// The user, group or role that the operation is about.
Result<Resource*> holder(Scene& scene) {
  if (auto name = scene.text("UserName"); !name.empty()) return scene.need(user_type, name);
  if (auto name = scene.text("RoleName"); !name.empty()) return scene.need(role_type, name);
  return scene.need(iam_group_type, scene.text("GroupName"));
}

bool attached(const Resource& one, std::string_view arn) {
  return std::ranges::any_of(
      json::items(one.aspect("ManagedPolicyArns")),
      [&](const json::Value& policy) { return json::text(policy, "PolicyArn", "") == arn; });
}

Result<> check_attach(Scene& scene) {
  CHECK_OK(check_named_policy(scene));
  auto* one = TRY(holder(scene));
  auto arn = scene.text("PolicyArn");
  auto known = scene.need(policy_type, arn);
  if (!known)
    return fail(scene.error("NoSuchEntity",
                            fmt::format("Policy {} does not exist or is not attachable.", arn)));
  if (!attached(*one, arn) && json::items(one->aspect("ManagedPolicyArns")).size() >= attached_max)
    return fail(
        scene.error("LimitExceeded",
                    fmt::format("Cannot exceed quota for PoliciesPerPrincipal: {}", attached_max)));
  return {};
}

Result<> check_detach(Scene& scene) {
  auto* one = TRY(holder(scene));
  auto arn = scene.text("PolicyArn");
  if (attached(*one, arn)) return {};
  return fail(scene.error("NoSuchEntity", fmt::format("Policy {} was not found.", arn)));
}

Result<> check_put_inline(Scene& scene) {
  return check_document(scene, scene.input("PolicyDocument"));
}

Result<> check_delete_inline(Scene& scene) {
  auto* one = TRY(holder(scene));
  auto name = scene.text("PolicyName");
  if (json::members(one->aspect("Policies")).contains(name)) return {};
  return fail(
      scene.error("NoSuchEntity", fmt::format("The policy with name {} cannot be found.", name)));
}

// The first version holds the document.
Result<> finish_create_policy(Scene& scene, json::Object& output) {
  auto ref = scene.created.front();
  CHECK_OK(create_version(scene, ref.id, 1, scene.text("PolicyDocument")));
  auto& policy = scene.world.edit(ref);
  policy.internals["last_version"] = 1;
  output["Policy"] = scene.shown(policy);
  return {};
}

std::vector<const Resource*> versions_of(const Scene& scene, std::string_view arn) {
  return scene.world.all(scene.ref(policy_version_type, std::string(arn) + "|"));
}

Result<> check_own_policy(std::string_view arn) {
  if (!by_aws(arn)) return {};
  return fail(service_error("AccessDenied", 403, fmt::format("{} is managed by AWS", arn)));
}

Result<json::Object> create_policy_version(Scene& scene) {
  auto arn = scene.text("PolicyArn");
  CHECK_OK(check_own_policy(arn));
  CHECK_OK(check_document(scene, scene.input("PolicyDocument")));
  auto* policy = TRY(scene.need(policy_type, arn));
  if (versions_of(scene, arn).size() >= versions_max)
    return fail(
        scene.error("LimitExceeded",
                    fmt::format("A managed policy can have up to {} versions.", versions_max)));
  auto number = static_cast<int>(json::integer(json::at(policy->internals, "last_version"), 1)) + 1;
  policy->internals["last_version"] = number;
  if (json::truth(scene.input("SetAsDefault")))
    policy->set("DefaultVersionId", json::Value(fmt::format("v{}", number)));
  auto* version = TRY(create_version(scene, arn, number, scene.text("PolicyDocument")));
  auto shown = scene.shown(*version);
  shown.erase("Document");
  return json::Object{{"PolicyVersion", std::move(shown)}};
}

Result<> check_version(Scene& scene) {
  CHECK_OK(check_own_policy(scene.text("PolicyArn")));
  auto version =
      scene.need(policy_version_type, scene.text("PolicyArn") + "|" + scene.text("VersionId"));
  return version ? Result<>() : fail(version.error());
}

Result<> check_delete_version(Scene& scene) {
  CHECK_OK(check_version(scene));
  auto* policy = TRY(scene.need(policy_type, scene.text("PolicyArn")));
  if (json::text(policy->aspect("DefaultVersionId")) != scene.text("VersionId")) return {};
  return fail(scene.error("DeleteConflict", "Cannot delete the default version of a policy."));
}

Result<> check_delete_policy(Scene& scene) {
  auto arn = scene.text("PolicyArn");
  CHECK_OK(check_own_policy(arn));
  CHECK_OK(scene.need(policy_type, arn));
  if (!attached_to(scene, arn).empty())
    return fail(scene.error("DeleteConflict", "Cannot delete a policy attached to entities."));
  if (versions_of(scene, arn).size() > 1)
    return fail(scene.error("DeleteConflict",
                            "This policy has more than one version. Before you delete a policy, "
                            "you must delete the policy's versions."));
  return {};
}

// Local ones, those of AWS, or all; or those that are attached.
Result<json::Object> list_policies(Scene& scene) {
  auto scope = scene.text("Scope", "All"), prefix = scene.text("PathPrefix", "/");
  if (scope != "Local")
    for (const auto& policy : managed)
      CHECK_OK(
          know_managed(scene, fmt::format("{}{}{}", aws_prefix.substr(0, aws_prefix.size() - 1),
                                          policy.path, policy.name)));
  bool only_attached = json::truth(scene.input("OnlyAttached"));
  json::Array out;
  for (const auto* policy : all_of(scene, policy_type)) {
    bool aws = by_aws(policy->ref.id);
    if ((scope == "Local" && aws) || (scope == "AWS" && !aws)) continue;
    if (!json::text(policy->aspect("Path")).starts_with(prefix)) continue;
    if (only_attached && attached_to(scene, policy->ref.id).empty()) continue;
    auto shown = scene.shown(*policy);
    shown.erase("Tags");
    shown.erase("Description");
    out.push_back(std::move(shown));
  }
  return json::Object{{"Policies", std::move(out)}, {"IsTruncated", false}};
}

Result<json::Object> list_entities(Scene& scene) {
  auto arn = scene.text("PolicyArn");
  CHECK_OK(know_managed(scene, arn));
  CHECK_OK(scene.need(policy_type, arn));
  json::Object output{{"PolicyGroups", json::Array()},
                      {"PolicyUsers", json::Array()},
                      {"PolicyRoles", json::Array()},
                      {"IsTruncated", false}};
  for (const auto* one : attached_to(scene, arn)) {
    auto kind = one->ref.type.substr(one->ref.type.rfind(':') + 1);  // User, Group or Role
    output["Policy" + kind + "s"].as_array().push_back(json::Object{
        {kind + "Name", one->ref.id}, {kind + "Id", json::at(one->record, kind + "Id")}});
  }
  return output;
}

json::Value attachment_count(const Scene& scene, const Resource& policy) {
  return attached_to(scene, policy.ref.id).size();
}

json::Value is_default(const Scene& scene, const Resource& version) {
  auto bar = version.ref.id.find('|');
  const auto* policy = scene.find(policy_type, version.ref.id.substr(0, bar));
  return policy != nullptr &&
         json::text(policy->aspect("DefaultVersionId")) == version.ref.id.substr(bar + 1);
}

}  // namespace

void add(Hooks& hooks) {
  for (const std::string kind : {"User", "Group", "Role"}) {
    hooks.check("iam:Attach" + kind + "Policy", check_attach);
    hooks.check("iam:Detach" + kind + "Policy", check_detach);
    hooks.check("iam:Put" + kind + "Policy", check_put_inline);
    hooks.check("iam:Delete" + kind + "Policy", check_delete_inline);
  }
  for (const auto* operation : {"GetPolicy", "GetPolicyVersion", "ListPolicyVersions"})
    hooks.check(fmt::format("iam:{}", operation), check_named_policy);
  hooks.check("iam:CreatePolicy", check_put_inline);
  hooks.finish("iam:CreatePolicy", finish_create_policy);
  hooks.emulate("iam:CreatePolicyVersion", create_policy_version);
  hooks.check("iam:SetDefaultPolicyVersion", check_version);
  hooks.check("iam:DeletePolicyVersion", check_delete_version);
  hooks.check("iam:DeletePolicy", check_delete_policy);
  hooks.emulate("iam:ListPolicies", list_policies);
  hooks.emulate("iam:ListEntitiesForPolicy", list_entities);
  hooks.derive("AWS::IAM::ManagedPolicy/AttachmentCount", attachment_count);
  hooks.derive("AWS::IAM::PolicyVersion/IsDefaultVersion", is_default);
}

}  // namespace aright::sandbox::iam_policy_hooks

namespace aright::sandbox {

std::optional<std::string> managed_document(const Scene& scene, std::string_view account, const std::string& arn) {
  auto find = [&](std::string_view type, std::string_view id) {
    auto ref = scene.ref(type, id);
    ref.account = std::string(account);
    return scene.world.find(ref);
  };
  if (const auto* policy = find(policy_type, arn)) {
    auto version = json::text(policy->aspect("DefaultVersionId"));
    const auto* document = find(policy_version_type, fmt::format("{}|{}", arn, version));
    return document == nullptr ? std::nullopt : std::optional(json::text(document->aspect("Document")));
  }
  const auto* known = iam_policy_hooks::known_managed(arn);
  return known == nullptr ? std::nullopt : std::optional(iam_policy_hooks::document_of(*known));
}

std::vector<const Resource*> attached_to(const Scene& scene, std::string_view policy_arn) {
  std::vector<const Resource*> out;
  for (auto type : {user_type, iam_group_type, role_type})
    for (const auto* one : all_of(scene, type))
      if (iam_policy_hooks::attached(*one, policy_arn)) out.push_back(one);
  return out;
}

Result<> check_document(Scene& scene, const json::Value& document) {
  if (document.is_null()) return {};
  auto parsed = iam_policy_hooks::parsed_or_null(document);
  if (!parsed.is_object()) return fail(scene.error("MalformedPolicyDocument", "Syntax errors in policy."));
  if (auto read = iam::parse_policy(parsed); !read)
    return fail(scene.error("MalformedPolicyDocument", read.error().message));
  return {};
}

}  // namespace aright::sandbox
