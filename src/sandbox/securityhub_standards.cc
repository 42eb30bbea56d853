// Standards: which there are, and which an account has enabled.
#include <algorithm>
#include <array>

#include "sandbox/securityhub.h"
#include "sandbox/securityhub_filters.h"

namespace aright::sandbox::securityhub_standard_hooks {

namespace {

constexpr std::string_view hub_type = "AWS::SecurityHub::Hub";
constexpr std::string_view standard_type = "AWS::SecurityHub::Standard";

struct Standard {
  std::string_view path, name;  // path: what follows the region in its ARN
  bool by_default;
};
constexpr std::array standards{
    Standard{"standards/aws-foundational-security-best-practices/v/1.0.0",
             "AWS Foundational Security Best Practices v1.0.0", true},
    Standard{"ruleset/cis-aws-foundations-benchmark/v/1.2.0",
             "CIS AWS Foundations Benchmark v1.2.0", true},
    Standard{"standards/cis-aws-foundations-benchmark/v/1.4.0",
             "CIS AWS Foundations Benchmark v1.4.0", false},
    Standard{"standards/cis-aws-foundations-benchmark/v/3.0.0",
             "CIS AWS Foundations Benchmark v3.0.0", false},
    Standard{"standards/nist-800-53/v/5.0.0", "NIST Special Publication 800-53 Revision 5", false},
    Standard{"standards/pci-dss/v/3.2.1", "PCI DSS v3.2.1", false},
    Standard{"standards/pci-dss/v/4.0.1", "PCI DSS v4.0.1", false}};

// Rulesets are the same in every region.
std::string arn_of(const Scene& scene, const Standard& standard) {
  auto form = standard.path.starts_with("ruleset/") ? "arn:{partition}:securityhub:::"
                                                    : "arn:{partition}:securityhub:{region}::";
  return json::text(scene.fill(json::Value(form + std::string(standard.path))));
}

Result<> check_subscribed(Scene& scene) {
  auto hub = scene.need(hub_type, scene.call.account);
  return hub ? Result<>() : fail(hub.error());
}

Result<json::Object> enable(Scene& scene, const std::string& arn) {
  auto known = std::ranges::find_if(standards,
                                    [&](const Standard& one) { return arn_of(scene, one) == arn; });
  if (known == standards.end())
    return fail(scene.error("InvalidInputException", fmt::format("There is no standard {}", arn)));
  auto tail = known->path.substr(known->path.find('/') + 1);
  auto id = json::text(scene.fill(json::Value(
      "arn:{partition}:securityhub:{region}:{account}:subscription/" + std::string(tail))));
  if (scene.find(standard_type, id) == nullptr) {
    auto* made = TRY(scene.create(standard_type, id));
    made->record["StandardsSubscriptionArn"] = id;
    made->set("StandardsArn", json::Value(arn));
  }
  return scene.shown(*TRY(scene.need(standard_type, id)));
}

Result<json::Object> batch_enable(Scene& scene) {
  CHECK_OK(check_subscribed(scene));
  json::Array out;
  for (const auto& request : json::items(scene.input("StandardsSubscriptionRequests")))
    out.push_back(TRY(enable(scene, json::text(request, "StandardsArn", ""))));
  return json::Object{{"StandardsSubscriptions", std::move(out)}};
}

Result<> finish_hub(Scene& scene, json::Object&) {
  if (!json::truth(scene.input("EnableDefaultStandards"), true)) return {};
  for (const auto& standard : standards)
    if (standard.by_default) CHECK_OK(enable(scene, arn_of(scene, standard)));
  return {};
}

// Everything goes with the hub.
Result<> check_disable(Scene& scene) {
  CHECK_OK(check_subscribed(scene));
  for (const auto* one : scene.world.all(scene.ref(standard_type, "")))
    scene.erase(cloud::ResourceRef(one->ref));
  return {};
}

Result<json::Object> describe_standards(Scene& scene) {
  json::Array out;
  for (const auto& standard : standards)
    out.push_back(json::Object{{"StandardsArn", arn_of(scene, standard)},
                               {"Name", standard.name},
                               {"EnabledByDefault", standard.by_default}});
  return json::Object{{"Standards", std::move(out)}};
}

// The products that findings come from here, and that of whoever imports findings of their own.
struct Product {
  std::string_view path;
  const char *name, *company, *about;
};
constexpr std::array products{
    Product{"aws/securityhub", "Security Hub", "AWS", "Checks the resources of an account against security standards."},
    Product{"aws/config", "Config", "AWS", "Evaluates the configurations of resources by rules."},
    Product{"aws/guardduty", "GuardDuty", "AWS", "Detects threats to accounts and workloads."},
    Product{"aws/inspector", "Inspector", "AWS", "Finds vulnerabilities of workloads."},
    Product{"aws/access-analyzer", "IAM Access Analyzer", "AWS", "Finds resources that outsiders may reach."}};

Result<json::Object> describe_products(Scene& scene) {
  auto asked = scene.text("ProductArn");
  json::Array out;
  for (const auto& product : products) {
    auto arn = json::text(scene.fill(json::Value("arn:{partition}:securityhub:{region}::product/" +
                                                 std::string(product.path))));
    if (!asked.empty() && asked != arn) continue;
    out.push_back(json::Object{{"ProductArn", arn},
                               {"ProductName", product.name},
                               {"CompanyName", product.company},
                               {"Description", product.about},
                               {"Categories", json::Array{"Software and Configuration Checks"}},
                               {"IntegrationTypes", json::Array{"SEND_FINDINGS_TO_SECURITY_HUB"}},
                               {"MarketplaceUrl", ""},
                               {"ActivationUrl", ""},
                               {"ProductSubscriptionResourcePolicy", ""}});
  }
  if (!asked.empty() && out.empty())
    return fail(scene.error("InvalidInputException", "Invalid parameter 'ProductArn'."));
  return json::Object{{"Products", std::move(out)}};
}

constexpr std::string_view rule_type = "AWS::SecurityHub::AutomationRule";

// Each rule by itself: what is wrong with one stops no other.
Result<json::Object> update_rules(Scene& scene) {
  json::Array done, failed;
  for (const auto& item : json::items(scene.input("UpdateAutomationRulesRequestItems"))) {
    auto arn = json::text(item, "RuleArn", "");
    auto rule = scene.need(rule_type, arn);
    if (!rule) {
      failed.push_back(json::Object{{"RuleArn", arn}, {"ErrorCode", 404}, {"ErrorMessage", rule.error().message}});
      continue;
    }
    for (const auto& [name, value] : json::members(item))
      if (name != "RuleArn" && !value.is_null()) (*rule)->set(name, value);
    (*rule)->record["UpdatedAt"] = scene.now.iso();
    done.push_back(json::Value(arn));
  }
  return json::Object{{"ProcessedAutomationRules", std::move(done)},
                      {"UnprocessedAutomationRules", std::move(failed)}};
}

Result<> check_create_insight(Scene& scene) {
  CHECK_OK(check_subscribed(scene));
  return check_insight(scene);
}

}  // namespace

void add(Hooks& hooks) {
  hooks.emulate("securityhub:BatchEnableStandards", batch_enable);
  hooks.emulate("securityhub:DescribeStandards", describe_standards);
  hooks.finish("securityhub:EnableSecurityHub", finish_hub);
  hooks.check("securityhub:DisableSecurityHub", check_disable);
  hooks.check("securityhub:CreateActionTarget", check_subscribed);
  hooks.check("securityhub:CreateInsight", check_create_insight);
  hooks.emulate("securityhub:DescribeProducts", describe_products);
  hooks.emulate("securityhub:BatchUpdateAutomationRules", update_rules);
}

}  // namespace aright::sandbox::securityhub_standard_hooks

namespace aright::sandbox {

void name_product(json::Object& finding) {
  using securityhub_standard_hooks::products;
  constexpr std::string_view mark = ":product/", own = "/default";
  auto arn = json::text(finding, "ProductArn", "");
  auto at = arn.find(mark);
  if (at == std::string::npos) return;
  auto path = arn.substr(at + mark.size());
  auto known = std::ranges::find(products, path, &securityhub_standard_hooks::Product::path);
  std::string name = "Default", company = "Personal";
  if (known != products.end()) name = known->name, company = known->company;
  else if (!path.ends_with(own)) return;
  if (json::text(finding, "ProductName", "").empty()) finding["ProductName"] = name;
  if (json::text(finding, "CompanyName", "").empty()) finding["CompanyName"] = company;
}

}  // namespace aright::sandbox
