// Who may call what of AWS's APIs, what is kept of it, and what it does to the policy.

#include <set>

#include "base/text.h"
#include "remediation/narrate.h"
#include "remediation/refold.h"
#include "server/desk_testing.h"

namespace aright::server {
namespace {

struct Needs {
  const char* operation;
  std::optional<Role> role;
};
class AnOperation : public ::testing::TestWithParam<Needs> {};

TEST_P(AnOperation, NeedsItsRole) { EXPECT_EQ(role_for(call_of(GetParam().operation)), GetParam().role); }

INSTANTIATE_TEST_SUITE_P(
    Each, AnOperation,
    ::testing::Values(Needs{"config:DescribeConfigRules", Role::viewer}, Needs{"config:PutConfigRule", Role::admin},
                      Needs{"config:StartRemediationExecution", Role::operator_},
                      Needs{"config:DeleteRemediationExceptions", Role::admin},
                      Needs{"ssm:SendAutomationSignal", Role::approver},
                      Needs{"ssm:StartAutomationExecution", Role::admin}, Needs{"ssm:CreateDocument", Role::admin},
                      Needs{"ssm:ListTagsForResource", Role::viewer}, Needs{"ssm:GetOpsSummary", Role::viewer},
                      Needs{"securityhub:BatchUpdateAutomationRules", Role::admin},
                      Needs{"ssm:PutParameter", std::nullopt}, Needs{"events:PutEvents", Role::operator_},
                      Needs{"events:PutTargets", Role::admin}, Needs{"securityhub:GetFindings", Role::viewer},
                      Needs{"securityhub:BatchUpdateFindings", Role::operator_}, Needs{"lambda:Invoke", Role::admin},
                      Needs{"events:CancelReplay", Role::operator_},
                      Needs{"scheduler:CreateSchedule", Role::admin}, Needs{"scheduler:ListSchedules", Role::viewer},
                      Needs{"securityhub:UpdateStandardsControl", Role::admin},
                      Needs{"securityhub:ListSecurityControlDefinitions", Role::viewer},
                      Needs{"sts:GetCallerIdentity", Role::viewer}, Needs{"sts:AssumeRole", std::nullopt},
                      Needs{"s3:ListBuckets", std::nullopt}));

TEST_F(TheDesk, HoldsARuleThatIsPutAndTellsWhatItJudged) {
  make_public_bucket("photos");
  put_rule();
  ok("config:StartConfigRulesEvaluation", R"({"ConfigRuleNames": ["no-public-read"]})", "olga");
  settle();
  EXPECT_EQ(stage(), "awaiting_approval") << "as the policy says";
  EXPECT_EQ(compliance(), (std::map<std::string, std::string>{{"photos", "NON_COMPLIANT"}}));
  ok("config:DeleteConfigRule", R"({"ConfigRuleName": "no-public-read"})");
  EXPECT_EQ(scan().evaluated, 0u) << "the rule is gone";
}

TEST_F(TheDesk, SaysWhoMayNotAndWhatItTakes) {
  auto answer = ask("config:PutConfigRule", "{}", "olga");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().wire_code, "AccessDeniedException");
  EXPECT_EQ(answer.error().message,
            "User: arn:aws:iam::111122223333:user/olga is not authorized to perform: config:PutConfigRule because no "
            "identity-based policy allows the config:PutConfigRule action: aright asks for the role admin");
  EXPECT_EQ(answer.error().http_status, 400);
  auto rest = ask("lambda:Invoke", R"({"FunctionName": "f"})", "olga");
  ASSERT_FALSE(rest);
  EXPECT_EQ(rest.error().http_status, 403) << "as services do that speak REST";
  EXPECT_THAT(rest.error().message, ::testing::HasSubstr("lambda:InvokeFunction"));
  const auto entries = ledger->stream(std::string(remediation::people_stream)).value();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(remediation::narrate(entries[0]), "olga was refused: config:PutConfigRule");
  EXPECT_EQ(ledger->size(), 2u) << "and nothing else came of it";
}

TEST_F(TheDesk, NamesWhatItDoesNotAnswer) {
  auto answer = ask("dynamodb:ListTables", "{}");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().wire_code, "UnknownOperationException");
  EXPECT_THAT(answer.error().message, ::testing::HasSubstr("dynamodb"));
}

TEST_F(TheDesk, KeepsWhatIsPutAcrossARestart) {
  put_rule();
  ok("events:PutRule", R"({"Name": "heard", "EventPattern": "{\"source\": [\"mine\"]}"})");
  ok("events:PutRule", R"({"Name": "gone", "EventPattern": "{\"source\": [\"mine\"]}"})");
  ok("events:DeleteRule", R"({"Name": "gone"})");
  start_desk();
  auto rules = ok("events:ListRules", "{}");
  ASSERT_EQ(json::items(json::at(rules, "Rules")).size(), 1u);
  EXPECT_EQ(json::items(json::at(ok("config:DescribeConfigRules", "{}"), "ConfigRules")).size(), 1u);
  auto differences = remediation::compare_projections(*ledger, engine->controls());
  ASSERT_TRUE(differences);
  EXPECT_TRUE(differences->empty()) << "what is kept is a fold of the ledger";
}

TEST_F(TheDesk, RefusesWhatCannotHoldAndKeepsNothingOfIt) {
  ok("events:PutRule", R"({"Name": "mine", "EventPattern": "{\"source\": [\"mine\"]}"})");
  const auto before = ledger->size();
  auto put = ok("events:PutTargets", R"({"Rule": "mine", "Targets": [
      {"Id": "1", "Arn": "arn:aws:kinesis:us-east-1:111122223333:stream/s"}]})");
  EXPECT_EQ(json::integer(json::at(put, "FailedEntryCount")), 1);
  EXPECT_TRUE(json::items(json::at(ok("events:ListTargetsByRule", R"({"Rule": "mine"})"), "Targets")).empty());
  EXPECT_EQ(refused("ssm:CreateDocument", R"({"Name": "Broken", "DocumentType": "Automation", "DocumentFormat": "YAML",
                "Content": "schemaVersion: \"0.3\"\nmainSteps: [{name: A, action: \"aws:none\"}]\n"})"),
            "InvalidDocumentContent");
  EXPECT_EQ(refused("ssm:GetDocument", R"({"Name": "Broken"})"), "InvalidDocument");
  EXPECT_EQ(refused("cloudformation:CreateStack",
                    R"({"StackName": "s",
                        "TemplateBody": "{\"Resources\": {\"B\": {\"Type\": \"AWS::S3::Bucket\"}}}"})"),
            "ValidationError");
  EXPECT_EQ(ledger->size(), before);
}

// Where it answers for a sandbox, the cloud itself takes whatever has a document's form.
TEST_F(TheDesk, RefusesADocumentThatIsNoneInASandboxToo) {
  desk = std::make_unique<AwsDesk>(AwsDeskOptions{
      .engine = engine.get(), .cloud = &cloud, .check = [](const json::Object&) -> Result<> { return {}; },
      .adopt = [](const json::Object&, const auto&, const std::string&) -> Result<> { return {}; }});
  auto said = [](const char* content) {
    return json::print(json::Object{{"Name", "Odd"}, {"DocumentType", "Automation"}, {"DocumentFormat", "YAML"},
                                    {"Content", content}});
  };
  constexpr const char* good =
      "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:sleep', inputs: {Duration: PT1S}}]";
  ok("ssm:CreateDocument", said(good));
  ok("ssm:DeleteDocument", R"({"Name": "Odd"})");
  for (const char* odd :
       {"schemaVersion: '0.3'\nmainSteps: []", "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:none'}]",
        "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:sleep', nextStep: B, inputs: {Duration: PT1S}}]",
        "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:sleep', inputs: {Duration: '{{ q }}'}}]",
        "schemaVersion: '0.3'\nparameters: {A: {type: string}}\nmainSteps: [{name: A, action: 'aws:pause'}]"})
    EXPECT_EQ(refused("ssm:CreateDocument", said(odd)), "InvalidDocumentContent") << odd;
  ok("ssm:CreateDocument", said(good));
  EXPECT_EQ(refused("ssm:UpdateDocument", R"({"Name": "Odd", "DocumentVersion": "$LATEST", "DocumentFormat": "YAML",
                "Content": "schemaVersion: '0.3'\nmainSteps: []"})"),
            "InvalidDocumentContent");
}

TEST_F(TheDesk, SaysWhyADocumentOfTheAccountCannotBeStarted) {
  somebody("ssm:CreateDocument", R"({"Name": "Odd", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:none'}]"})");
  auto answer = ask("ssm:StartAutomationExecution", R"({"DocumentName": "Odd"})");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().wire_code, "InvalidAutomationExecutionParametersException");
  EXPECT_THAT(answer.error().message, ::testing::HasSubstr("aws:none is no action"));
  somebody("ssm:CreateDocument", R"({"Name": "Even", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": "schemaVersion: '0.3'\nmainSteps: [{name: A, action: 'aws:sleep', inputs: {Duration: PT1S}}]"})");
  EXPECT_EQ(refused("ssm:StartAutomationExecution", R"({"DocumentName": "Even", "DocumentVersion": "7"})"),
            "AutomationDefinitionVersionNotFoundException");
}

TEST_F(TheDesk, MakesARunbookOfADocument) {
  ok("ssm:CreateDocument", R"({"Name": "Waits", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": "schemaVersion: \"0.3\"\nmainSteps: [{name: A, action: \"aws:sleep\", inputs: {Duration: PT1S}}]"})");
  EXPECT_EQ(refused("ssm:StartAutomationExecution", R"({"DocumentName": "Waits"})", "olga"), "AccessDeniedException");
  ok("ssm:StartAutomationExecution", R"({"DocumentName": "Waits"})");
  pass(seconds(2));
  auto told = ok("ssm:DescribeAutomationExecutions",
                 R"({"Filters": [{"Key": "DocumentNamePrefix", "Values": ["Wai"]}]})", "olga");
  const auto& list = json::items(json::at(told, "AutomationExecutionMetadataList"));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(json::text(list[0], "AutomationExecutionStatus", ""), "Success");
  auto id = json::at(list[0], "AutomationExecutionId");
  auto steps = ok("ssm:DescribeAutomationStepExecutions", json::print(json::Object{{"AutomationExecutionId", id}}));
  EXPECT_EQ(json::items(json::at(steps, "StepExecutions")).size(), 1u);
}

TEST_F(TheDesk, ShowsFindingsAsWorkItemsAndHeedsWhatIsSaidOfThem) {
  make_public_bucket("photos");
  put_rule();
  ok("config:StartConfigRulesEvaluation", "{}");
  auto items = ok("ssm:DescribeOpsItems", "{}", "olga");
  EXPECT_EQ(json::items(json::at(items, "OpsItemSummaries")).size(), 1u);
  items = ok("ssm:DescribeOpsItems", "{}", "olga");
  EXPECT_EQ(json::items(json::at(items, "OpsItemSummaries")).size(), 1u) << "once each";
  EXPECT_EQ(refused("securityhub:GetFindings", "{}"), "InvalidAccessException");
  ok("securityhub:EnableSecurityHub", R"({"EnableDefaultStandards": false})");
  auto findings = ok("securityhub:GetFindings", "{}");
  const auto& list = json::items(json::at(findings, "Findings"));
  ASSERT_EQ(list.size(), 1u);
  json::Object identifier{{"Id", json::at(list[0], "Id")}, {"ProductArn", json::at(list[0], "ProductArn")}};
  json::Object update{{"FindingIdentifiers", json::Array{identifier}},
                      {"Workflow", json::Object{{"Status", "SUPPRESSED"}}},
                      {"Note", json::Object{{"Text", "a public site"}, {"UpdatedBy", "olga"}}}};
  ok("securityhub:BatchUpdateFindings", json::print(update), "olga");
  auto exception = finding_of(only()).exception;
  ASSERT_TRUE(exception);
  EXPECT_EQ(exception->by, "olga");
  EXPECT_EQ(exception->message, "a public site");
  update["Workflow"] = json::Object{{"Status", "NEW"}};
  ok("securityhub:BatchUpdateFindings", json::print(update), "olga");
  EXPECT_FALSE(finding_of(only()).exception) << "another status ends it";
}

constexpr const char* best_practices =
    "arn:aws:securityhub:us-east-1:111122223333:subscription/aws-foundational-security-best-practices/v/1.0.0";
constexpr const char* public_read_control =
    R"("arn:aws:securityhub:us-east-1:111122223333:control/aws-foundational-security-best-practices/v/1.0.0/S3.2")";

TEST_F(TheDesk, FindsNoMoreByAControlThatIsOffInSecurityHub) {
  const auto turn = [&](const char* status) {
    return fmt::format(R"({{"StandardsControlArn": {}, "ControlStatus": "{}", "DisabledReason": "public by design"}})",
                       public_read_control, status);
  };
  EXPECT_EQ(refused("securityhub:UpdateStandardsControl", turn("DISABLED")), "InvalidAccessException");
  ok("securityhub:EnableSecurityHub", R"({"EnableDefaultStandards": false})");
  EXPECT_EQ(refused("securityhub:UpdateStandardsControl", turn("DISABLED")), "ResourceNotFoundException");
  ok("securityhub:BatchEnableStandards", R"({"StandardsSubscriptionRequests": [{"StandardsArn":
      "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"}]})");
  make_public_bucket("photos");
  put_rule();
  ok("config:StartConfigRulesEvaluation", "{}");
  settle();
  ASSERT_EQ(stage(), "awaiting_approval");
  EXPECT_EQ(refused("securityhub:UpdateStandardsControl", turn("DISABLED"), "olga"), "AccessDeniedException");
  EXPECT_EQ(refused("securityhub:UpdateStandardsControl",
                    fmt::format(R"({{"StandardsControlArn": {}, "ControlStatus": "DISABLED"}})", public_read_control)),
            "InvalidInputException") << "a reason is required";
  ok("securityhub:UpdateStandardsControl", turn("DISABLED"));
  settle();
  EXPECT_FALSE(finding_of(only()).open);
  EXPECT_EQ(scan().evaluated, 0u);
  start_desk();
  std::map<std::string, std::string> reasons;
  for (std::string next = "0"; !next.empty();) {
    auto told = ok("securityhub:DescribeStandardsControls",
                   fmt::format(R"({{"StandardsSubscriptionArn": "{}", "MaxResults": 100, "NextToken": "{}"}})",
                               best_practices, next), "olga");
    next = json::text(told, "NextToken");
    for (const auto& one : json::items(json::at(told, "Controls")))
      reasons[json::text(one, "ControlId", "")] = json::text(one, "DisabledReason", "");
  }
  EXPECT_EQ(reasons["S3.2"], "public by design") << "after a restart";
  ok("securityhub:UpdateStandardsControl", turn("ENABLED"));
  EXPECT_EQ(scan().findings_opened, 1u);
}

TEST_F(TheDesk, SwitchesAControlOffOnlyWhereEachStandardThatHasItDoes) {
  ok("securityhub:EnableSecurityHub", R"({"EnableDefaultStandards": false})");
  ok("securityhub:BatchEnableStandards", R"({"StandardsSubscriptionRequests": [
      {"StandardsArn": "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"},
      {"StandardsArn": "arn:aws:securityhub:us-east-1::standards/nist-800-53/v/5.0.0"}]})");
  make_public_bucket("photos");
  put_rule();
  auto off_in = [&](const char* standard) {
    return ok("securityhub:BatchUpdateStandardsControlAssociations",
              fmt::format(R"({{"StandardsControlAssociationUpdates": [{{"StandardsArn":
                  "arn:aws:securityhub:us-east-1::standards/{}", "SecurityControlId": "S3.2",
                  "AssociationStatus": "DISABLED", "UpdatedReason": "a site"}}]}})", standard));
  };
  off_in("nist-800-53/v/5.0.0");
  EXPECT_EQ(scan().evaluated, 1u);
  off_in("aws-foundational-security-best-practices/v/1.0.0");
  EXPECT_EQ(scan().evaluated, 0u);
  auto none = off_in("pci-dss/v/4.0.1");
  ASSERT_EQ(json::items(json::at(none, "UnprocessedAssociationUpdates")).size(), 1u);
  auto listed = ok("securityhub:ListStandardsControlAssociations", R"({"SecurityControlId": "S3.2"})", "olga");
  const auto& associations = json::items(json::at(listed, "StandardsControlAssociationSummaries"));
  ASSERT_EQ(associations.size(), 2u);
  EXPECT_EQ(json::text(associations[0], "AssociationStatus", ""), "DISABLED");
  EXPECT_EQ(json::text(associations[0], "UpdatedReason", ""), "a site");
  auto controls = ok("securityhub:BatchGetSecurityControls", R"({"SecurityControlIds": ["S3.2", "S3.99"]})", "olga");
  EXPECT_EQ(json::text(json::items(json::at(controls, "SecurityControls"))[0], "SecurityControlStatus", ""),
            "DISABLED");
  EXPECT_EQ(json::items(json::at(controls, "UnprocessedIds")).size(), 1u);
}

TEST_F(TheDesk, MakesSignalsOfGuardDutysSamplesAndHeedsThatTheyAreArchived) {
  ok("ssm:CreateDocument", R"({"Name": "Contain", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": "schemaVersion: \"0.3\"\nmainSteps: [{name: A, action: \"aws:executeAwsApi\", inputs: {Service: )"
      R"(ssm, Api: PutParameter, Name: seen, Value: x, Type: String}}]"})");
  ok("events:PutRule", R"({"Name": "threats", "EventPattern":
      "{\"source\": [\"aws.guardduty\"], \"detail\": {\"type\": [{\"prefix\": \"Crypto\"}]}}"})");
  ok("events:PutTargets", R"({"Rule": "threats", "Targets": [{"Id": "1",
      "Arn": "arn:aws:ssm:us-east-1:111122223333:automation-definition/Contain"}]})");
  auto detector = json::text(ok("guardduty:CreateDetector", R"({"Enable": true})"), "DetectorId");
  ok("guardduty:CreateSampleFindings",
     fmt::format(R"({{"DetectorId": "{}", "FindingTypes": ["CryptoCurrency:EC2/BitcoinTool.B!DNS",
                     "Recon:EC2/PortProbeUnprotectedPort"]}})", detector), "olga");
  settle();
  EXPECT_EQ(stage(), "awaiting_approval") << "one of the two is what the rule is about";
  auto finding = finding_of(only());
  EXPECT_EQ(finding.resource.id, "i-99999999");
  auto archive = fmt::format(R"({{"DetectorId": "{}", "FindingIds": ["{}"]}})", detector, finding.other_id);
  ok("guardduty:ArchiveFindings", archive, "olga");
  ASSERT_TRUE(finding_of(only()).exception);
  EXPECT_EQ(finding_of(only()).exception->by, "olga");
  ok("guardduty:UnarchiveFindings", archive, "olga");
  EXPECT_FALSE(finding_of(only()).exception);
}

TEST_F(TheDesk, TakesOnlyFindingsThatKeepToTheFormat) {
  auto finding = [](const char* id, const char* severity) {
    return fmt::format(R"({{"SchemaVersion": "2018-10-08", "Id": "{}", "GeneratorId": "g",
        "AwsAccountId": "111122223333",
        "ProductArn": "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default", "Title": "t",
        "CreatedAt": "2024-01-01T00:00:00Z", "UpdatedAt": "2024-01-01T00:00:00Z", "Description": "d",
        "Severity": {}, "Resources": [{{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::logs"}}]}})", id, severity);
  };
  ok("securityhub:EnableSecurityHub", R"({"EnableDefaultStandards": false})");
  auto answer = ok("securityhub:BatchImportFindings",
                   fmt::format(R"({{"Findings": [{}, {}, {}, {}]}})", finding("good", R"({"Label": "HIGH"})"),
                               finding("odd", R"({"Label": "VERY_HIGH"})"), finding("beyond", R"({"Normalized": 101})"),
                               finding("none", "{}")));
  EXPECT_EQ(json::integer(json::at(answer, "SuccessCount")), 1);
  std::set<std::string> failed;
  for (const auto& one : json::items(json::at(answer, "FailedFindings"))) {
    failed.insert(json::text(one, "Id", ""));
    EXPECT_EQ(json::text(one, "ErrorCode", ""), "InvalidInput");
  }
  EXPECT_EQ(failed, (std::set<std::string>{"odd", "beyond", "none"}));
  EXPECT_EQ(json::items(json::at(ok("securityhub:GetFindings", "{}"), "Findings")).size(), 1u);
}

TEST_F(TheDesk, AsksForApprovalWhereThePolicyDoes) {
  make_public_bucket("photos");
  put_rule();
  ok("config:PutRemediationConfigurations", R"({"RemediationConfigurations": [{"ConfigRuleName": "no-public-read",
      "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite",
      "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}}}]})");
  ok("config:StartConfigRulesEvaluation", "{}");
  auto answer = ok("config:StartRemediationExecution", R"({"ConfigRuleName": "no-public-read", "ResourceKeys": [
                     {"resourceType": "AWS::S3::Bucket", "resourceId": "photos"},
                     {"resourceType": "AWS::S3::Bucket", "resourceId": "none"}]})", "olga");
  ASSERT_EQ(json::items(json::at(answer, "FailedItems")).size(), 1u);
  settle();
  auto told = ok("config:DescribeRemediationExecutionStatus", R"({"ConfigRuleName": "no-public-read"})", "olga");
  ASSERT_EQ(json::items(json::at(told, "RemediationExecutionStatuses")).size(), 1u);
  EXPECT_EQ(refused("config:StartRemediationExecution", R"({"ConfigRuleName": "other", "ResourceKeys": [
                {"resourceType": "AWS::S3::Bucket", "resourceId": "photos"}]})"),
            "NoSuchRemediationConfigurationException");

  ASSERT_EQ(stage(), "awaiting_approval");
  auto signal = [&](const std::string& hash) {
    return json::print(json::Object{{"AutomationExecutionId", uuid_from(only().id.str())}, {"SignalType", "Approve"},
                                    {"Payload", json::Object{{"PlanHash", json::Array{hash}}}}});
  };
  EXPECT_EQ(refused("ssm:SendAutomationSignal", signal("other")), "InvalidAutomationSignalException");
  EXPECT_EQ(refused("ssm:SendAutomationSignal", signal(only().plan->hash), "olga"), "AccessDeniedException");
  ok("ssm:SendAutomationSignal", signal(only().plan->hash));
  settle();
  EXPECT_EQ(stage(), "resolved");
}

// def f(e,c):return 1//e['by']
constexpr auto dividing_zip =
    "UEsDBBQAAAAAAAAAIVgrdNdtHAAAABwAAAAEAAAAaS5weWRlZiBmKGUsYyk6cmV0dXJuIDEvL2VbJ2J5J11QSwECFAMUAAAAAAAA"
    "ACFYK3TXbRwAAAAcAAAABAAAAAAAAAAAAAAAgAEAAAAAaS5weVBLBQYAAAAAAQABADIAAAA+AAAAAAA=";

TEST_F(TheDesk, TellsWhoeverIsNamedHowAnEventEnded) {
  for (const auto* queue : {"bad", "dead"}) somebody("sqs:CreateQueue", fmt::format(R"({{"QueueName": "{}"}})", queue));
  ok("lambda:CreateFunction", fmt::format(R"({{"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/f",
      "Runtime": "python3.11", "Handler": "i.f", "Code": {{"ZipFile": "{}"}},
      "DeadLetterConfig": {{"TargetArn": "arn:aws:sqs:us-east-1:111122223333:dead"}}}})", dividing_zip));
  auto told_to = [](const char* arn) {
    return fmt::format(R"({{"FunctionName": "f", "MaximumRetryAttempts": 1,
        "DestinationConfig": {{"OnFailure": {{"Destination": "{}"}}}}}})", arn);
  };
  EXPECT_EQ(refused("lambda:PutFunctionEventInvokeConfig", told_to("arn:aws:s3:::events")),
            "InvalidParameterValueException");
  ok("lambda:PutFunctionEventInvokeConfig", told_to("arn:aws:sqs:us-east-1:111122223333:bad"));
  auto answer = ok("lambda:Invoke", R"({"FunctionName": "f", "InvocationType": "Event", "Payload": "eyJieSI6MH0="})");
  EXPECT_EQ(json::integer(json::at(answer, "StatusCode")), 202);
  pass(seconds(61));
  auto bad = drain("bad");
  ASSERT_EQ(bad.size(), 1u);
  EXPECT_EQ(json::integer(json::at(bad[0], {"requestContext", "approximateInvokeCount"})), 2);
  auto dead = drain("dead");
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0], json::Value(json::Object{{"by", 0}}));
}

TEST_F(TheDesk, KeepsSecretsOutOfTheLedger) {
  ok("lambda:CreateFunction", R"({"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/f", "Runtime": "python3.11",
      "Handler": "index.main", "Code": {"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
      "Environment": {"Variables": {"DATABASE": "hunter2-hunter2"}}})");
  auto entries = ledger->read(1, 1000).value();
  std::string all;
  for (const auto& entry : entries) all += json::print(entry.body);
  EXPECT_EQ(all.find("hunter2-hunter2"), std::string::npos);
  auto on_record = json::print(remediation::put_on_record(*ledger).value());
  EXPECT_NE(on_record.find("hunter2-hunter2"), std::string::npos) << "and has them again after a restart";
}

TEST_F(TheDesk, KeepsSchedulesAndRefusesThoseThatCouldNotRun) {
  const auto of = [](const char* name, const char* expression, const char* arn, const char* input) {
    return json::print(json::Object{
        {"Name", name}, {"ScheduleExpression", expression}, {"FlexibleTimeWindow", json::Object{{"Mode", "OFF"}}},
        {"Target", json::Object{{"Arn", arn}, {"RoleArn", "arn:aws:iam::111122223333:role/r"}, {"Input", input}}}});
  };
  constexpr const char* start = "arn:aws:scheduler:::aws-sdk:ssm:startAutomationExecution";
  constexpr const char* bucket = R"({"DocumentName": "AWS-DisableS3BucketPublicReadWrite",
                                     "Parameters": {"S3BucketName": ["photos"]}})";
  EXPECT_EQ(refused("scheduler:CreateSchedule", of("odd", "cron(nope)", start, bucket)), "ValidationException");
  EXPECT_EQ(refused("scheduler:CreateSchedule",
                    of("odd", "rate(1 hour)", "arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "{}")),
            "ValidationException") << "no call but those two";
  ok("scheduler:CreateSchedule", of("closes", "rate(1 hours)", start, bucket));
  make_public_bucket("photos");
  start_desk();
  EXPECT_EQ(json::items(json::at(ok("scheduler:ListSchedules", "{}", "olga"), "Schedules")).size(), 1u);
  pass(seconds(3'601));
  settle();
  EXPECT_EQ(only().control, "rule:schedule/default/closes");
  EXPECT_EQ(stage(), "awaiting_approval") << "as the policy says";
  ok("scheduler:DeleteSchedule", R"({"Name": "closes"})");
  EXPECT_TRUE(engine->policy().event_rules.empty());
}

TEST_F(TheDesk, HoldsInputsAgainstTheModelInTheWordsOfTheService) {
  auto told = [&](std::string_view operation, std::string_view input) {
    auto answer = ask(operation, input);
    return answer ? "" : answer.error().wire_code + ": " + answer.error().message;
  };
  using ::testing::HasSubstr;
  using ::testing::StartsWith;
  EXPECT_THAT(told("ssm:UpdateOpsItem", R"({"OpsItemId": "oi-0123456789ab", "Status": "Odd"})"),
              StartsWith("ValidationException: 1 validation error detected: Value 'Odd' at 'status' failed to satisfy "
                         "constraint: Member must satisfy enum value set: [Open"));
  EXPECT_THAT(told("ssm:StartAutomationExecution", "{}"), HasSubstr("Value null at 'documentName'"));
  EXPECT_THAT(told("config:PutConfigRule", R"({"ConfigRule": {"ConfigRuleName": ""}})"), HasSubstr("2 validation err"));
  EXPECT_THAT(told("events:CreateArchive", R"({"ArchiveName": "a", "EventSourceArn": "b", "RetentionDays": -1})"),
              HasSubstr("Member must have value greater than or equal to 0"));
  EXPECT_THAT(told("guardduty:CreateDetector", "{}"), HasSubstr("because the parameter enable has an invalid value."));
  EXPECT_THAT(told("ssm:ModifyDocumentPermission",
                   R"({"Name": "Runs", "PermissionType": "Share", "AccountIdsToAdd": ["me"]})"),
              HasSubstr("'accountIdsToAdd'"));
  EXPECT_THAT(told("events:CreateEventBus", R"({"Name": "a bus"})"), StartsWith("ValidationException: 1 validation"));
  EXPECT_THAT(told("lambda:AddPermission", R"({"FunctionName": "f", "StatementId": "s", "Action": "drink",
                                              "Principal": "*"})"),
              HasSubstr("Value 'drink' at 'action'"));
  EXPECT_THAT(told("securityhub:BatchUpdateFindings",
                   R"({"FindingIdentifiers": [{"Id": "f", "ProductArn": "p"}], "Workflow": {"Status": "DONE"}})"),
              StartsWith("InvalidInputException: "));
  EXPECT_THAT(told("securityhub:GetFindings", R"({"SortCriteria": [{"Field": "Id", "SortOrder": "up"}]})"),
              StartsWith("InvalidInputException: "));
  EXPECT_THAT(told("securityhub:GetFindings", R"({"Filters": {"Id": [{"Value": "x", "Comparison": "LIKE"}]}})"),
              HasSubstr("Member must satisfy enum value set: [EQUALS"));
  EXPECT_THAT(told("guardduty:GetDetector", json::print(json::Object{{"DetectorId", std::string(301, 'x')}})),
              StartsWith("BadRequestException: "));
  EXPECT_THAT(told("cloudformation:CreateStack", R"({"StackName": "s", "TemplateBody": "{}", "OnFailure": "CRY"})"),
              StartsWith("ValidationError: 1 validation error detected: "));
}

TEST_F(TheDesk, AnswersAWrongConfigurationInConfigsOwnErrors) {
  EXPECT_EQ(refused("config:PutConformancePack", R"({"ConformancePackName": "p", "TemplateBody": "Resources: 5"})"),
            "ConformancePackTemplateValidationException");
  put_rule();
  auto remediation = [](std::string more) {
    return fmt::format(R"({{"RemediationConfigurations": [{{"ConfigRuleName": "no-public-read",
        "TargetType": "SSM_DOCUMENT", "TargetId": "AWS-DisableS3BucketPublicReadWrite"{}}}]}})", more);
  };
  constexpr auto named = R"(, "Parameters": {"S3BucketName": {"ResourceValue": {"Value": "RESOURCE_ID"}}})";
  EXPECT_EQ(refused("config:PutRemediationConfigurations", remediation("")), "InvalidParameterValueException")
      << "the document needs a bucket";
  EXPECT_EQ(refused("config:PutRemediationConfigurations", remediation(std::string(named) + R"(, "Automatic": true)")),
            "InvalidParameterValueException");
  ok("config:PutRemediationConfigurations", remediation(named));
  EXPECT_EQ(refused("config:DeleteConfigRule", R"({"ConfigRuleName": "no-public-read"})"), "ResourceInUseException");
}

TEST_F(TheDesk, RollsAStackBackWhoseResourcesCannotBeInForce) {
  constexpr auto broken = R"(
Resources:
  Sound:
    Type: AWS::Config::ConfigRule
    Properties: {ConfigRuleName: sound, Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_VERSIONING_ENABLED}}
  Broken:
    DependsOn: Sound
    Type: AWS::SSM::Document
    Properties:
      Name: Broken
      DocumentType: Automation
      Content: {schemaVersion: "0.3", mainSteps: [{name: A, action: "aws:none"}]}
)";
  ok("cloudformation:CreateChangeSet",
     json::print(json::Object{{"StackName", "s"}, {"ChangeSetName", "one"}, {"ChangeSetType", "CREATE"},
                              {"TemplateBody", broken}}));
  ok("cloudformation:ExecuteChangeSet", R"({"StackName": "s", "ChangeSetName": "one"})");
  auto told = ok("cloudformation:DescribeStacks", R"({"StackName": "s"})");
  EXPECT_EQ(json::text(json::items(json::at(told, "Stacks"))[0], "StackStatus", ""), "ROLLBACK_COMPLETE");
  EXPECT_EQ(refused("ssm:GetDocument", R"({"Name": "Broken"})"), "InvalidDocument");
  auto events = json::print(ok("cloudformation:DescribeStackEvents", R"({"StackName": "s"})"));
  EXPECT_THAT(events, ::testing::HasSubstr("aws:none"));
  EXPECT_THAT(events, ::testing::HasSubstr("The following resource(s) failed to create: [Broken]."));
  std::map<std::string, std::string> status, why;
  const auto parts = ok("cloudformation:DescribeStackResources", R"({"StackName": "s"})");
  for (const auto& one : json::items(json::at(parts, "StackResources"))) {
    status[json::text(one, "LogicalResourceId", "")] = json::text(one, "ResourceStatus", "");
    why[json::text(one, "LogicalResourceId", "")] = json::text(one, "ResourceStatusReason", "");
  }
  EXPECT_EQ(status, (std::map<std::string, std::string>{{"Broken", "CREATE_FAILED"}, {"Sound", "DELETE_COMPLETE"}}));
  EXPECT_THAT(why["Broken"], ::testing::HasSubstr("aws:none"));
  auto again = ask("cloudformation:CreateChangeSet", R"({"StackName": "s", "ChangeSetName": "two", "ChangeSetType":
      "UPDATE", "TemplateBody": "Resources: {}"})");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, ::testing::HasSubstr("is in ROLLBACK_COMPLETE state and can not be updated."));
}

TEST_F(TheDesk, TakesRulesPacksAndDetectorsFromATemplate) {
  constexpr auto body = R"(
Resources:
  Detector: {Type: "AWS::GuardDuty::Detector", Properties: {Enable: true, FindingPublishingFrequency: ONE_HOUR}}
  Hub: {Type: "AWS::SecurityHub::Hub"}
  Quiet:
    Type: AWS::SecurityHub::AutomationRule
    DependsOn: Hub
    Properties:
      RuleName: quiet
      RuleOrder: ORDER
      Description: of no interest
      RuleStatus: ENABLED
      Criteria: {Title: [{Value: t, Comparison: EQUALS}]}
      Actions: [{Type: FINDING_FIELDS_UPDATE, FindingFieldsUpdate: {Workflow: {Status: SUPPRESSED}}}]
  Pack:
    Type: AWS::Config::ConformancePack
    Properties:
      ConformancePackName: buckets
      TemplateBody: |
        Resources:
          R:
            Type: AWS::Config::ConfigRule
            Properties: {ConfigRuleName: r, Source: {Owner: AWS, SourceIdentifier: S3_BUCKET_PUBLIC_READ_PROHIBITED}}
)";
  auto request = [&](const char* order) {
    return json::print(json::Object{{"StackName", "s"}, {"TemplateBody", replace_all(body, "ORDER", order)}});
  };
  auto status = [&] {
    auto told = ok("cloudformation:DescribeStacks", R"({"StackName": "s"})");
    return json::text(json::items(json::at(told, "Stacks"))[0], "StackStatus", "");
  };
  ok("cloudformation:CreateStack", request("1"));
  auto events = [&] { return json::print(ok("cloudformation:DescribeStackEvents", R"({"StackName": "s"})")); };
  EXPECT_EQ(status(), "CREATE_COMPLETE") << events();
  EXPECT_EQ(engine->policy().packs.size(), 1u);
  ok("cloudformation:UpdateStack", request("2"));
  EXPECT_EQ(status(), "UPDATE_COMPLETE") << events();
  auto rules = ok("securityhub:ListAutomationRules", "{}");
  EXPECT_EQ(json::integer(json::at(json::items(json::at(rules, "AutomationRulesMetadata"))[0], "RuleOrder")), 2);
  auto detector = json::texts(json::at(ok("guardduty:ListDetectors", "{}"), "DetectorIds"));
  ASSERT_EQ(detector.size(), 1u);
  auto about = ok("guardduty:GetDetector", json::print(json::Object{{"DetectorId", detector[0]}}));
  EXPECT_EQ(json::text(about, "Status"), "ENABLED");
  EXPECT_EQ(json::text(about, "FindingPublishingFrequency"), "ONE_HOUR");
  ok("cloudformation:DeleteStack", R"({"StackName": "s"})");
  EXPECT_TRUE(engine->policy().packs.empty());
}

TEST_F(TheDesk, CountsWhatAnArchiveHolds) {
  ok("events:PutEvents", R"({"Entries": [{"Source": "mine", "DetailType": "too early", "Detail": "{}"}]})");
  clock.advance(seconds(1));
  ok("events:CreateArchive", R"({"ArchiveName": "mine", "EventPattern": "{\"source\": [\"mine\"]}",
      "EventSourceArn": "arn:aws:events:us-east-1:111122223333:event-bus/default"})");
  ok("events:PutEvents", R"({"Entries": [{"Source": "mine", "DetailType": "t", "Detail": "{}"},
                                         {"Source": "theirs", "DetailType": "t", "Detail": "{}"}]})");
  EXPECT_EQ(json::integer(json::at(ok("events:DescribeArchive", R"({"ArchiveName": "mine"})"), "EventCount")), 1);
}

TEST_F(TheDesk, TellsAnExecutionWithItsDocumentsVersionAndWhoStartedIt) {
  constexpr auto waits =
      R"("schemaVersion: '0.3'\nmainSteps: [{{name: A, action: 'aws:sleep', inputs: {{Duration: PT{}S}}}}]")";
  ok("ssm:CreateDocument", fmt::format(R"({{"Name": "Waits", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": {}}})", fmt::format(waits, 1)));
  ok("ssm:UpdateDocument", fmt::format(R"({{"Name": "Waits", "DocumentVersion": "$LATEST", "DocumentFormat": "YAML",
      "Content": {}}})", fmt::format(waits, 2)));
  ok("ssm:UpdateDocumentDefaultVersion", R"({"Name": "Waits", "DocumentVersion": "2"})");
  auto id = json::at(ok("ssm:StartAutomationExecution", R"({"DocumentName": "Waits"})"), "AutomationExecutionId");
  auto told = json::at(ok("ssm:GetAutomationExecution", json::print(json::Object{{"AutomationExecutionId", id}})),
                       "AutomationExecution");
  EXPECT_EQ(json::text(told, "DocumentVersion", ""), "2");
  EXPECT_EQ(json::text(told, "ExecutedBy", ""), "arn:aws:iam::111122223333:user/ana");
  const auto all = ok("ssm:DescribeAutomationExecutions", "{}");
  const auto& listed = json::items(json::at(all, "AutomationExecutionMetadataList"))[0];
  EXPECT_EQ(json::text(listed, "ExecutedBy", ""), "arn:aws:iam::111122223333:user/ana");
  EXPECT_EQ(json::text(listed, "DocumentVersion", ""), "2");
}

TEST_F(TheDesk, StartsAndDeletesTheVersionThatIsNamed) {
  constexpr auto sleeps =
      R"("schemaVersion: '0.3'\nmainSteps: [{{name: {}, action: 'aws:sleep', inputs: {{Duration: PT1S}}}}]")";
  ok("ssm:CreateDocument", fmt::format(R"({{"Name": "Two", "DocumentType": "Automation", "DocumentFormat": "YAML",
      "Content": {}}})", fmt::format(sleeps, "First")));
  ok("ssm:UpdateDocument", fmt::format(R"({{"Name": "Two", "DocumentVersion": "$LATEST", "DocumentFormat": "YAML",
      "Content": {}}})", fmt::format(sleeps, "Second")));
  auto step_of = [&](const char* version) {
    auto id = json::at(ok("ssm:StartAutomationExecution",
                          fmt::format(R"({{"DocumentName": "Two", "DocumentVersion": "{}"}})", version)),
                       "AutomationExecutionId");
    auto told = ok("ssm:GetAutomationExecution", json::print(json::Object{{"AutomationExecutionId", id}}));
    const auto& steps = json::at(json::at(told, "AutomationExecution"), "StepExecutions");
    return json::text(json::items(steps).at(0), "StepName", "");
  };
  EXPECT_EQ(step_of("1"), "First");
  EXPECT_EQ(step_of("2"), "Second");
  EXPECT_EQ(step_of("$LATEST"), "Second");
  EXPECT_EQ(refused("ssm:StartAutomationExecution", R"({"DocumentName": "Two", "DocumentVersion": "7"})"),
            "AutomationDefinitionVersionNotFoundException");
  EXPECT_EQ(refused("ssm:DeleteDocument", R"({"Name": "Two", "DocumentVersion": "1"})"), "InvalidDocumentOperation");
  EXPECT_EQ(refused("ssm:DeleteDocument", R"({"Name": "Two", "VersionName": "none"})"), "InvalidDocumentVersion");
  ok("ssm:DeleteDocument", R"({"Name": "Two", "DocumentVersion": "2"})");
  auto left = ok("ssm:ListDocumentVersions", R"({"Name": "Two"})");
  EXPECT_EQ(json::items(json::at(left, "DocumentVersions")).size(), 1u);
}

}  // namespace
}  // namespace aright::server
