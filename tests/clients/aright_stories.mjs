// What the AWS SDK for JavaScript sees of `aright serve`, over a cloud elsewhere: the services that it answers itself.
import assert from 'node:assert/strict';
import { collect, refused } from './told.mjs';

// The policy that the server holds, and the keys of those whom it knows.
export const policy = `
targets: [{account: "111122223333", regions: [us-east-1]}]
decide: [{name: all, decision: automatic}]
principals:
  - {name: ana, roles: [admin], access_key: {id: AKIAANA, secret_env: ANA_SECRET}}
  - {name: vic, roles: [viewer], access_key: {id: AKIAVIC, secret_env: VIC_SECRET}}
`;
export const secrets = { ANA_SECRET: 'secret of ana', VIC_SECRET: 'secret of vic' };

const RULE = 'js-no-public-read';

async function config({ as, sdk }) {
  const client = as('ana');
  await client.putConfigRule({
    ConfigRule: {
      ConfigRuleName: RULE,
      Source: { Owner: 'AWS', SourceIdentifier: 'S3_BUCKET_PUBLIC_READ_PROHIBITED' },
    },
  });
  await client.putRemediationConfigurations({
    RemediationConfigurations: [
      {
        ConfigRuleName: RULE,
        TargetType: 'SSM_DOCUMENT',
        TargetId: 'AWS-DisableS3BucketPublicReadWrite',
        Parameters: { S3BucketName: { ResourceValue: { Value: 'RESOURCE_ID' } } },
      },
    ],
  });
  await client.startConfigRulesEvaluation({ ConfigRuleNames: [RULE] });
  const found = await client.getComplianceDetailsByConfigRule({ ConfigRuleName: RULE });
  assert.ok(found.EvaluationResults.length > 0);
  const summary = await client.getComplianceSummaryByConfigRule({});
  const { CompliantResourceCount, NonCompliantResourceCount } = summary.ComplianceSummary;
  assert.equal(CompliantResourceCount.CappedCount + NonCompliantResourceCount.CappedCount, 1);
  await refused('AccessDeniedException', as('vic').deleteConfigRule({ ConfigRuleName: RULE }));
  const { all } = await collect(sdk.paginateDescribeConfigRules({ client: as('vic') }, {}), (page) => page.ConfigRules);
  assert.deepEqual(all.map((rule) => rule.ConfigRuleName), [RULE]);
  await client.deleteRemediationConfiguration({ ConfigRuleName: RULE });
  await client.deleteConfigRule({ ConfigRuleName: RULE });
  await refused('NoSuchConfigRuleException', client.describeConfigRules({ ConfigRuleNames: [RULE] }));
}

async function eventbridge({ as }) {
  const client = as('ana');
  await client.putRule({ Name: 'js-heard', EventPattern: JSON.stringify({ source: ['js.app'] }) });
  const Arn = 'arn:aws:sqs:us-east-1:111122223333:js';
  await client.putTargets({ Rule: 'js-heard', Targets: [{ Id: 'queue', Arn }] });
  assert.deepEqual((await client.listRuleNamesByTarget({ TargetArn: Arn })).RuleNames, ['js-heard']);
  const sent = await client.putEvents({ Entries: [{ Source: 'js.app', DetailType: 'told', Detail: '{}' }] });
  assert.equal(sent.FailedEntryCount, 0);
  const Arns = [{ Id: 'stream', Arn: 'arn:aws:kinesis:us-east-1:111122223333:stream/js' }];
  assert.equal((await client.putTargets({ Rule: 'js-heard', Targets: Arns })).FailedEntries[0].TargetId, 'stream');
  await refused('ResourceNotFoundException', client.describeReplay({ ReplayName: 'none' }));
}

async function securityhub({ as }) {
  const client = as('ana');
  await client.enableSecurityHub({});
  const { InsightArn } = await client.createInsight({
    Name: 'by severity',
    Filters: { RecordState: [{ Value: 'ACTIVE', Comparison: 'EQUALS' }] },
    GroupByAttribute: 'SeverityLabel',
  });
  const { InsightResults } = await client.getInsightResults({ InsightArn });
  assert.equal(InsightResults.GroupByAttribute, 'SeverityLabel');
  const sorted = await client.getFindings({ SortCriteria: [{ Field: 'Severity.Label', SortOrder: 'desc' }] });
  const labels = sorted.Findings.map((finding) => finding.Severity.Label);
  assert.deepEqual(labels, labels.toSorted ? labels.toSorted().reverse() : [...labels].sort().reverse());
  const StandardsArn = 'arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0';
  const one = { SecurityControlId: 'S3.2', StandardsArn };
  const { SecurityControlDefinitions } = await client.listSecurityControlDefinitions({ StandardsArn, MaxResults: 100 });
  assert.equal(SecurityControlDefinitions.length, 100);
  const none = { SecurityControlId: 'S3.999', StandardsArn, AssociationStatus: 'DISABLED' };
  const { UnprocessedAssociationUpdates } = await client.batchUpdateStandardsControlAssociations({
    StandardsControlAssociationUpdates: [{ ...one, AssociationStatus: 'DISABLED', UpdatedReason: 'a site' }, none],
  });
  assert.deepEqual(UnprocessedAssociationUpdates.map((left) => left.ErrorCode), ['NOT_FOUND']);
  const { StandardsControlAssociationDetails } = await client.batchGetStandardsControlAssociations({
    StandardsControlAssociationIds: [one],
  });
  assert.equal(StandardsControlAssociationDetails[0].UpdatedReason, 'a site');
  const { StandardsControlAssociationSummaries } = await client.listStandardsControlAssociations({ SecurityControlId: 'S3.2' });
  assert.deepEqual(StandardsControlAssociationSummaries.map((told) => told.AssociationStatus), ['DISABLED']);
  const { SecurityControls } = await client.batchGetSecurityControls({ SecurityControlIds: ['S3.2'] });
  assert.equal(SecurityControls[0].SecurityControlStatus, 'DISABLED');
}

export function stories(load, endpoint) {
  const told = { config: ['config-service', 'ConfigService'], eventbridge: ['eventbridge', 'EventBridge'],
                 securityhub: ['securityhub', 'SecurityHub'] };
  const by = { config, eventbridge, securityhub };
  return Object.entries(told).map(([name, [module, spelled]]) => ({
    name: `aright ${name}`,
    async tell() {
      const sdk = load(`@aws-sdk/client-${module}`);
      const clients = [];
      const as = (person) => {
        const upper = person.toUpperCase();
        const credentials = { accessKeyId: `AKIA${upper}`, secretAccessKey: secrets[`${upper}_SECRET`] };
        clients.push(new sdk[spelled]({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }));
        return clients.at(-1);
      };
      try {
        await by[name]({ as, sdk });
      } finally {
        for (const client of clients) client.destroy();
      }
    },
  }));
}
