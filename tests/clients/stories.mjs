// What an ordinary program with the AWS SDK for JavaScript sees: for each service a resource is created, read, changed,
// listed in pages and deleted, and an error has the name that AWS gives it. All five protocols are here.
import assert from 'node:assert/strict';
import { collect, refused } from './told.mjs';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
// An empty ZIP archive.
const NOTHING = Buffer.concat([Buffer.from([0x50, 0x4b, 5, 6]), Buffer.alloc(18)]);

const names = (count, stem) => Array.from({ length: count }, (_, i) => `${stem}-${String(i).padStart(2, '0')}`);

// rest-xml
async function s3({ client, sdk }) {
  const Bucket = 'js-bucket';
  await client.createBucket({ Bucket });
  await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  assert.equal((await client.getBucketVersioning({ Bucket })).Status, 'Enabled');
  const TagSet = [{ Key: 'team', Value: 'a&b <c>' }];
  await client.putBucketTagging({ Bucket, Tagging: { TagSet } });
  assert.deepEqual((await client.getBucketTagging({ Bucket })).TagSet, TagSet);
  for (const Key of names(5, 'object')) await client.putObject({ Bucket, Key, Body: `body of ${Key}` });
  const read = await client.getObject({ Bucket, Key: 'object-03' });
  assert.equal(await read.Body.transformToString(), 'body of object-03');
  const { all, count } = await collect(
    sdk.paginateListObjectsV2({ client, pageSize: 2 }, { Bucket }),
    (page) => page.Contents,
  );
  assert.deepEqual(all.map((object) => object.Key), names(5, 'object'));
  assert.equal(count, 3);
  await refused('NoSuchKey', client.getObject({ Bucket, Key: 'none' }));
  await refused('BucketNotEmpty', client.deleteBucket({ Bucket }));
  const versions = (await client.listObjectVersions({ Bucket })).Versions;
  await client.deleteObjects({
    Bucket,
    Delete: { Objects: versions.map(({ Key, VersionId }) => ({ Key, VersionId })) },
  });
  await client.deleteBucket({ Bucket });
  await refused('NoSuchBucket', client.getBucketTagging({ Bucket }));
}

// ec2
async function ec2({ client, sdk }) {
  const { Vpc } = await client.createVpc({ CidrBlock: '10.9.0.0/16' });
  const { GroupId } = await client.createSecurityGroup({ GroupName: 'js', Description: 'from JavaScript', VpcId: Vpc.VpcId });
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await client.authorizeSecurityGroupIngress({ GroupId, IpPermissions });
  await refused('InvalidPermission.Duplicate', client.authorizeSecurityGroupIngress({ GroupId, IpPermissions }));
  const group = async () => (await client.describeSecurityGroups({ GroupIds: [GroupId] })).SecurityGroups[0];
  assert.equal((await group()).IpPermissions[0].IpRanges[0].CidrIp, '0.0.0.0/0');
  await client.revokeSecurityGroupIngress({ GroupId, IpPermissions });
  assert.deepEqual((await group()).IpPermissions ?? [], []);
  await refused('DryRunOperation', client.deleteSecurityGroup({ GroupId, DryRun: true }));
  for (const GroupName of names(7, 'page'))
    await client.createSecurityGroup({ GroupName, Description: 'of a page', VpcId: Vpc.VpcId });
  const { all, count } = await collect(
    sdk.paginateDescribeSecurityGroups({ client, pageSize: 5 }, { Filters: [{ Name: 'vpc-id', Values: [Vpc.VpcId] }] }),
    (page) => page.SecurityGroups,
  );
  assert.equal(new Set(all.map((one) => one.GroupId)).size, 9);  // with the default group
  assert.equal(count, 2);
  await client.deleteSecurityGroup({ GroupId });
  await refused('InvalidGroup.NotFound', group());
}

// query
async function iam({ client, sdk }) {
  const RoleName = 'js-role';
  const { Role } = await client.createRole({ RoleName, AssumeRolePolicyDocument: TRUST, Description: 'first' });
  assert.match(Role.Arn, /:role\/js-role$/);
  assert.ok(Role.CreateDate instanceof Date);
  await client.updateRole({ RoleName, Description: 'second', MaxSessionDuration: 7200 });
  const read = (await client.getRole({ RoleName })).Role;
  assert.deepEqual([read.Description, read.MaxSessionDuration], ['second', 7200]);
  assert.equal(decodeURIComponent(read.AssumeRolePolicyDocument), TRUST);
  for (const UserName of names(5, 'js-user')) await client.createUser({ UserName });
  const { all, count } = await collect(sdk.paginateListUsers({ client, pageSize: 2 }, {}), (page) => page.Users);
  assert.deepEqual(all.map((user) => user.UserName).filter((name) => name.startsWith('js-')), names(5, 'js-user'));
  assert.ok(count >= 3);
  await refused('EntityAlreadyExistsException', client.createRole({ RoleName, AssumeRolePolicyDocument: TRUST }));
  await client.deleteRole({ RoleName });
  await refused('NoSuchEntityException', client.getRole({ RoleName }));
  await client.createRole({ RoleName: 'js', AssumeRolePolicyDocument: TRUST });  // for the functions below
}

async function rds({ client, sdk }) {
  for (const DBParameterGroupName of names(25, 'js-group'))
    await client.createDBParameterGroup({ DBParameterGroupName, DBParameterGroupFamily: 'mysql8.0', Description: 'x' });
  const { all, count } = await collect(
    sdk.paginateDescribeDBParameterGroups({ client, pageSize: 20 }, {}),
    (page) => page.DBParameterGroups,
  );
  assert.equal(all.filter((one) => one.DBParameterGroupName.startsWith('js-')).length, 25);
  assert.ok(count >= 2);
  const DBInstanceIdentifier = 'js-db';
  await client.createDBInstance({
    DBInstanceIdentifier,
    DBInstanceClass: 'db.t3.micro',
    Engine: 'mysql',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: 'not-a-secret-1',
  });
  const instance = async () => (await client.describeDBInstances({ DBInstanceIdentifier })).DBInstances[0];
  assert.equal((await instance()).AllocatedStorage, 20);
  assert.ok((await instance()).DBInstanceArn.endsWith(':db:js-db'));
  await client.deleteDBParameterGroup({ DBParameterGroupName: 'js-group-00' });
  await refused('DBParameterGroupNotFoundFault', client.describeDBParameterGroups({ DBParameterGroupName: 'js-group-00' }));
  await refused('DBInstanceNotFoundFault', client.describeDBInstances({ DBInstanceIdentifier: 'none' }));
}

// json: 1.0 and 1.1
async function sqs({ client, sdk }) {
  for (const QueueName of names(5, 'js-queue')) await client.createQueue({ QueueName });
  const { QueueUrl } = await client.getQueueUrl({ QueueName: 'js-queue-00' });
  await client.setQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: '77' } });
  const { Attributes } = await client.getQueueAttributes({ QueueUrl, AttributeNames: ['VisibilityTimeout'] });
  assert.equal(Attributes.VisibilityTimeout, '77');
  await client.sendMessage({ QueueUrl, MessageBody: 'hello' });  // the SDK checks the MD5 that comes back
  const { Messages } = await client.receiveMessage({ QueueUrl });
  assert.equal(Messages[0].Body, 'hello');
  const { all, count } = await collect(
    sdk.paginateListQueues({ client, pageSize: 2 }, { QueueNamePrefix: 'js-' }),
    (page) => page.QueueUrls,
  );
  assert.equal(all.length, 5);
  assert.equal(count, 3);
  await client.deleteQueue({ QueueUrl });
  assert.equal((await client.listQueues({ QueueNamePrefix: 'js-queue-00' })).QueueUrls, undefined);
  await refused('QueueDoesNotExist', client.getQueueUrl({ QueueName: 'none' }));
}

async function dynamodb({ client, sdk }) {
  for (const TableName of names(3, 'js-table')) {
    await client.createTable({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
  }
  const { all, count } = await collect(sdk.paginateListTables({ client, pageSize: 2 }, {}), (page) => page.TableNames);
  assert.deepEqual(all, names(3, 'js-table'));
  assert.equal(count, 2);
  const TableName = 'js-table-01';
  const { Table } = await client.describeTable({ TableName });
  assert.ok(Table.CreationDateTime instanceof Date);
  await client.tagResource({ ResourceArn: Table.TableArn, Tags: [{ Key: 'a', Value: 'b' }] });
  assert.deepEqual((await client.listTagsOfResource({ ResourceArn: Table.TableArn })).Tags, [{ Key: 'a', Value: 'b' }]);
  await refused('ResourceNotFoundException', client.describeTable({ TableName: 'none' }));
}

async function ssm({ client, sdk }) {
  for (const Name of names(5, 'js-parameter')) await client.putParameter({ Name, Type: 'String', Value: 'one' });
  const Name = 'js-parameter-02';
  await refused('ParameterAlreadyExists', client.putParameter({ Name, Type: 'String', Value: 'two' }));
  assert.equal((await client.putParameter({ Name, Type: 'String', Value: 'two', Overwrite: true })).Version, 2);
  assert.equal((await client.getParameter({ Name })).Parameter.Value, 'two');
  const { all, count } = await collect(
    sdk.paginateDescribeParameters({ client, pageSize: 2 }, {}),
    (page) => page.Parameters,
  );
  assert.deepEqual(all.map((one) => one.Name).filter((name) => name.startsWith('js-')), names(5, 'js-parameter'));
  assert.ok(count >= 3);
  await client.deleteParameter({ Name });
  await refused('ParameterNotFound', client.getParameter({ Name }));
}

// query, or smithy-rpc-v2-cbor where the client has it
async function cloudwatch({ client, sdk }) {
  for (const AlarmName of names(5, 'js-alarm')) {
    await client.putMetricAlarm({
      AlarmName,
      Namespace: 'AWS/EC2',
      MetricName: 'CPUUtilization',
      Statistic: 'Average',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0.5,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  }
  const one = async () => (await client.describeAlarms({ AlarmNames: ['js-alarm-00'] })).MetricAlarms[0];
  assert.equal((await one()).Threshold, 0.5);
  await client.disableAlarmActions({ AlarmNames: ['js-alarm-00'] });
  assert.equal((await one()).ActionsEnabled, false);
  const { all, count } = await collect(
    sdk.paginateDescribeAlarms({ client, pageSize: 2 }, { AlarmNamePrefix: 'js-' }),
    (page) => page.MetricAlarms,
  );
  assert.equal(all.length, 5);
  assert.equal(count, 3);
  await client.deleteAlarms({ AlarmNames: ['js-alarm-00'] });
  assert.equal(await one(), undefined);
}

// rest-json
async function lambda({ client, sdk }) {
  for (const FunctionName of names(3, 'js-function')) {
    await client.createFunction({
      FunctionName,
      Role: 'arn:aws:iam::111122223333:role/js',
      Runtime: 'python3.12',
      Handler: 'main.handler',
      Code: { ZipFile: NOTHING },
    });
  }
  const FunctionName = 'js-function-01';
  await client.updateFunctionConfiguration({ FunctionName, Timeout: 42, Environment: { Variables: { MODE: 'x' } } });
  const read = await client.getFunctionConfiguration({ FunctionName });
  assert.deepEqual([read.Timeout, read.Environment.Variables], [42, { MODE: 'x' }]);
  const { all, count } = await collect(sdk.paginateListFunctions({ client, pageSize: 2 }, {}), (page) => page.Functions);
  assert.deepEqual(all.map((one) => one.FunctionName), names(3, 'js-function'));
  assert.equal(count, 2);
  await client.deleteFunction({ FunctionName });
  await refused('ResourceNotFoundException', client.getFunctionConfiguration({ FunctionName }));
}

export function stories(load, endpoint) {
  const told = { s3: 'S3', ec2: 'EC2', iam: 'IAM', rds: 'RDS', sqs: 'SQS', dynamodb: 'DynamoDB', ssm: 'SSM',
                 cloudwatch: 'CloudWatch', lambda: 'Lambda' };
  const by = { s3, ec2, iam, rds, sqs, dynamodb, ssm, cloudwatch, lambda };
  return Object.entries(told).map(([name, spelled]) => ({
    name,
    async tell() {
      const sdk = load(`@aws-sdk/client-${name}`);
      const client = new sdk[spelled]({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        forcePathStyle: true,
        maxAttempts: 1,
      });
      try {
        await by[name]({ client, sdk });
      } finally {
        client.destroy();
      }
    },
  }));
}
