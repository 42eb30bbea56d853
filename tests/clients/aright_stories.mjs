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

const WAITS = JSON.stringify({
  schemaVersion: '0.3',
  description: 'Asks, and waits.',
  parameters: { For: { type: 'String', default: 'PT1S' } },
  mainSteps: [
    { name: 'Wait', action: 'aws:sleep', inputs: { Duration: '{{ For }}' } },
    { name: 'Pause', action: 'aws:pause', inputs: {}, isEnd: true },
  ],
});

// Until `look` gives something.
async function eventually(look) {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function ssm({ as, sdk }) {
  const client = as('ana');
  const Name = 'Js-Waits';
  await refused('InvalidDocumentSchemaVersion', client.createDocument({ Name, DocumentType: 'Automation', Content: '{}' }));
  const made = await client.createDocument({ Name, DocumentType: 'Automation', Content: WAITS });
  assert.equal(made.DocumentDescription.DocumentVersion, '1');
  assert.ok(made.DocumentDescription.CreatedDate instanceof Date);
  const again = await client.updateDocument({
    Name,
    DocumentVersion: '$LATEST',
    Content: WAITS.replace('Asks, and', 'Only'),
  });
  assert.equal(again.DocumentDescription.DocumentVersion, '2');
  const own = { Filters: [{ Key: 'Owner', Values: ['Self'] }] };
  const { all } = await collect(sdk.paginateListDocuments({ client }, own), (page) => page.DocumentIdentifiers);
  assert.deepEqual(all.map((one) => one.Name), [Name]);
  await refused('AccessDeniedException', as('vic').startAutomationExecution({ DocumentName: Name }));
  await refused('AutomationDefinitionNotFoundException', client.startAutomationExecution({ DocumentName: 'Js-None' }));
  const { AutomationExecutionId } = await client.startAutomationExecution({
    DocumentName: Name,
    DocumentVersion: '$LATEST',
    Parameters: { For: ['PT1S'] },
  });
  const get = async () => (await client.getAutomationExecution({ AutomationExecutionId })).AutomationExecution;
  const waiting = await eventually(async () => {
    const now = await get();
    return now.StepExecutions.some((step) => step.StepStatus === 'Waiting' && step.StepName === 'Pause') && now;
  });
  assert.equal(waiting.DocumentVersion, '2');
  assert.deepEqual(waiting.Parameters, { For: ['PT1S'] });
  await client.sendAutomationSignal({ AutomationExecutionId, SignalType: 'Resume', Payload: { StepName: ['Pause'] } });
  const ended = await eventually(async () => {
    const now = await get();
    return now.ExecutionEndTime && now;
  });
  assert.equal(ended.AutomationExecutionStatus, 'Success');
  const steps = await client.describeAutomationStepExecutions({ AutomationExecutionId });
  assert.deepEqual(steps.StepExecutions.map((step) => step.StepStatus), ['Success', 'Success']);
  const { OpsItemId } = await client.createOpsItem({ Title: 'look', Description: 'at it', Source: 'js' });
  await client.updateOpsItem({ OpsItemId, Status: 'Resolved' });
  assert.equal((await client.getOpsItem({ OpsItemId })).OpsItem.Status, 'Resolved');
  await client.deleteDocument({ Name });
  await refused('InvalidDocument', client.describeDocument({ Name }));
}

async function sts({ as }) {
  const who = await as('ana').getCallerIdentity({});
  assert.equal(who.Account, '111122223333');
  assert.ok(who.Arn.endsWith('user/ana'), who.Arn);
}

async function guardduty({ as }) {
  const client = as('ana');
  const { DetectorId } = await client.createDetector({ Enable: true });
  await refused('BadRequestException', client.createDetector({ Enable: true }));
  assert.deepEqual((await as('vic').listDetectors({})).DetectorIds, [DetectorId]);
  await client.createSampleFindings({ DetectorId, FindingTypes: ['UnauthorizedAccess:EC2/SSHBruteForce'] });
  const Criterion = { 'service.archived': { Eq: ['false'] } };
  const { FindingIds } = await client.listFindings({ DetectorId, FindingCriteria: { Criterion } });
  assert.equal(FindingIds.length, 1);
  const { Findings } = await client.getFindings({ DetectorId, FindingIds });
  assert.equal(Findings[0].Type, 'UnauthorizedAccess:EC2/SSHBruteForce');
  await client.archiveFindings({ DetectorId, FindingIds });
  assert.deepEqual((await client.listFindings({ DetectorId, FindingCriteria: { Criterion } })).FindingIds, []);
  await refused('BadRequestException', client.getDetector({ DetectorId: 'f'.repeat(32) }));
}

// One file without compression, as a zip.
function zipped(name, text) {
  const bytes = Buffer.from(text);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  const about = Buffer.alloc(26);
  about.writeUInt16LE(20, 0);
  about.writeUInt32LE(~crc >>> 0, 10);
  about.writeUInt32LE(bytes.length, 14);
  about.writeUInt32LE(bytes.length, 18);
  about.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.from(name), bytes]);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), about, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}

async function lambda({ as }) {
  const client = as('ana');
  const FunctionName = 'js-doubles';
  const code = 'def handler(event, context):\n    return {"twice": event["n"] * 2}\n';
  const made = await client.createFunction({
    FunctionName,
    Runtime: 'python3.11',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::111122223333:role/js',
    Code: { ZipFile: zipped('index.py', code) },
  });
  assert.ok(made.FunctionArn.endsWith(`:function:${FunctionName}`));
  const call = (event) => client.invoke({ FunctionName, LogType: 'Tail', Payload: Buffer.from(JSON.stringify(event)) });
  const told = async (event) => {
    const answer = await call(event);
    return [answer.FunctionError, JSON.parse(Buffer.from(answer.Payload).toString())];
  };
  assert.deepEqual(await told({ n: 21 }), [undefined, { twice: 42 }]);
  const [failure, why] = await told({});
  assert.deepEqual([failure, why.errorType], ['Unhandled', 'KeyError']);
  const dry = await client.invoke({ FunctionName, InvocationType: 'DryRun' });
  assert.equal(dry.StatusCode, 204);
  const allow = { FunctionName, StatementId: 'events', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' };
  await client.addPermission(allow);
  await refused('ResourceConflictException', client.addPermission(allow));
  assert.equal(JSON.parse((await client.getPolicy({ FunctionName })).Policy).Statement[0].Sid, 'events');
  await refused('AccessDeniedException', as('vic').deleteFunction({ FunctionName }));
  await client.deleteFunction({ FunctionName });
  await refused('ResourceNotFoundException', call({ n: 1 }));
}

async function cloudformation({ as, sdk }) {
  const client = as('ana');
  const StackName = 'js-rules';
  const template = (pattern) => JSON.stringify({
    Resources: {
      Heard: { Type: 'AWS::Events::Rule', Properties: { Name: 'js-of-a-stack', EventPattern: pattern } },
      Waits: { Type: 'AWS::SSM::Document', Properties: { Name: 'Js-Of-A-Stack', DocumentType: 'Automation', Content: JSON.parse(WAITS) } },
    },
    Outputs: { Rule: { Value: { 'Fn::GetAtt': ['Heard', 'Arn'] } } },
  });
  await client.createStack({ StackName, TemplateBody: template({ source: ['js.one'] }) });
  await sdk.waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StackName });
  const { Stacks } = await client.describeStacks({ StackName });
  assert.ok(Stacks[0].Outputs[0].OutputValue.endsWith('rule/js-of-a-stack'));
  const same = { StackName, TemplateBody: template({ source: ['js.one'] }) };
  await refused('ValidationError', client.updateStack(same));
  await client.updateStack({ StackName, TemplateBody: template({ source: ['js.two'] }) });
  await sdk.waitUntilStackUpdateComplete({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StackName });
  const { all } = await collect(sdk.paginateListStackResources({ client }, { StackName }), (page) => page.StackResourceSummaries);
  assert.deepEqual(all.map((one) => one.LogicalResourceId).sort(), ['Heard', 'Waits']);
  await client.deleteStack({ StackName });
  await sdk.waitUntilStackDeleteComplete({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StackName });
}

async function scheduler({ as }) {
  const client = as('ana');
  const Name = 'js-nightly';
  const Target = { Arn: 'arn:aws:sqs:us-east-1:111122223333:js', RoleArn: 'arn:aws:iam::111122223333:role/js' };
  const FlexibleTimeWindow = { Mode: 'OFF' };
  await client.createSchedule({ Name, Target, FlexibleTimeWindow, ScheduleExpression: 'rate(1 hours)' });
  const wrong = { Name: 'js-wrong', Target, FlexibleTimeWindow, ScheduleExpression: 'rate(1 fortnight)' };
  await refused('ValidationException', client.createSchedule(wrong));
  assert.equal((await client.getSchedule({ Name })).ScheduleExpression, 'rate(1 hours)');
  await client.deleteSchedule({ Name });
  await refused('ResourceNotFoundException', client.getSchedule({ Name }));
}

export function stories(load, endpoint) {
  const told = {
    cloudformation: ['cloudformation', 'CloudFormation'],
    config: ['config-service', 'ConfigService'],
    eventbridge: ['eventbridge', 'EventBridge'],
    guardduty: ['guardduty', 'GuardDuty'],
    lambda: ['lambda', 'Lambda'],
    scheduler: ['scheduler', 'Scheduler'],
    securityhub: ['securityhub', 'SecurityHub'],
    ssm: ['ssm', 'SSM'],
    sts: ['sts', 'STS'],
  };
  const by = { cloudformation, config, eventbridge, guardduty, lambda, scheduler, securityhub, ssm, sts };
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
