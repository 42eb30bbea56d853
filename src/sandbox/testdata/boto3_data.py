"""What boto3 sees of databases and other stores of the emulated cloud. Argument: the endpoint's URL, of a cloud whose time runs fast."""
import time

from boto3_client import URL, client, refused
import boto3

SOON = {"Delay": 1, "MaxAttempts": 30}


def eventually(condition):
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def relational():
    rds = client("rds")
    made = rds.create_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro", Engine="mysql",
                                  AllocatedStorage=20, MasterUsername="admin", MasterUserPassword="secret99")["DBInstance"]
    assert made["DBInstanceStatus"] == "creating" and made["InstanceCreateTime"].year > 2000, made
    refused("DBInstanceAlreadyExists", rds.create_db_instance, DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro", Engine="mysql")
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="orders", WaiterConfig=SOON)
    changed = rds.modify_db_instance(DBInstanceIdentifier="orders", MultiAZ=True)["DBInstance"]
    assert changed["PendingModifiedValues"] == {"MultiAZ": True} and not changed["MultiAZ"], changed
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="orders", WaiterConfig=SOON)
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="plain")
    rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="plain", AttributeName="restore", ValuesToAdd=["all"])
    shared = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="plain")["DBSnapshotAttributesResult"]
    assert shared["DBSnapshotAttributes"] == [{"AttributeName": "restore", "AttributeValues": ["all"]}], shared
    copy = rds.copy_db_snapshot(SourceDBSnapshotIdentifier="plain", TargetDBSnapshotIdentifier="sealed", KmsKeyId="alias/aws/rds")
    assert copy["DBSnapshot"]["Encrypted"]
    pages = rds.get_paginator("describe_db_snapshots").paginate(PaginationConfig={"PageSize": 20})
    assert [s["DBSnapshotIdentifier"] for page in pages for s in page["DBSnapshots"]] == ["plain", "sealed"]
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    refused("DBInstanceNotFound", rds.describe_db_instances, DBInstanceIdentifier="orders")


def tables():
    dynamodb = client("dynamodb")
    dynamodb.create_table(TableName="orders", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    dynamodb.get_waiter("table_exists").wait(TableName="orders", WaiterConfig=SOON)
    table = boto3.resource("dynamodb", endpoint_url=URL).Table("orders")
    with table.batch_writer() as batch:
        for number in range(5):
            batch.put_item(Item={"id": str(number), "n": number})
    table.update_item(Key={"id": "1"}, UpdateExpression="SET n = n + :x", ExpressionAttributeValues={":x": 10})
    assert table.get_item(Key={"id": "1"})["Item"]["n"] == 11
    pages = dynamodb.get_paginator("scan").paginate(TableName="orders", PaginationConfig={"PageSize": 2})
    assert sum(len(page["Items"]) for page in pages) == 5
    table.delete_item(Key={"id": "1"})
    assert "Item" not in table.get_item(Key={"id": "1"})
    dynamodb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    backups = dynamodb.describe_continuous_backups(TableName="orders")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED", backups
    refused("ResourceNotFoundException", dynamodb.describe_table, TableName="none")
    dynamodb.delete_table(TableName="orders")
    assert dynamodb.list_tables()["TableNames"] == []
    scaling = client("application-autoscaling")
    target = {"ServiceNamespace": "dynamodb", "ResourceId": "table/t", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    scaling.register_scalable_target(MinCapacity=1, MaxCapacity=5, **target)
    assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"][0]["MaxCapacity"] == 5
    scaling.deregister_scalable_target(**target)
    refused("ObjectNotFoundException", scaling.deregister_scalable_target, **target)


def secrets():
    secrets = client("secretsmanager")
    made = secrets.create_secret(Name="prod/db", SecretString="first")
    secrets.put_secret_value(SecretId=made["ARN"], SecretString="second")
    assert secrets.get_secret_value(SecretId="prod/db")["SecretString"] == "second"
    assert secrets.get_secret_value(SecretId="prod/db", VersionId=made["VersionId"])["VersionStages"] == ["AWSPREVIOUS"]
    secrets.create_secret(Name="bytes", SecretBinary=b"\x00\x01")
    assert secrets.get_secret_value(SecretId="bytes")["SecretBinary"] == b"\x00\x01"
    pages = secrets.get_paginator("list_secrets").paginate(PaginationConfig={"PageSize": 1})
    assert sorted(s["Name"] for page in pages for s in page["SecretList"]) == ["bytes", "prod/db"]
    gone = secrets.delete_secret(SecretId="prod/db", RecoveryWindowInDays=7)
    assert gone["DeletionDate"].year > 2000
    refused("InvalidRequestException", secrets.get_secret_value, SecretId="prod/db")
    secrets.restore_secret(SecretId="prod/db")
    refused("ResourceNotFoundException", secrets.describe_secret, SecretId="none")


def warehouses_and_caches():
    redshift, cache = client("redshift"), client("elasticache")
    redshift.create_cluster(ClusterIdentifier="sales", NodeType="ra3.xlplus", MasterUsername="admin", MasterUserPassword="Secret99")
    cache.create_cache_cluster(CacheClusterId="web", Engine="redis", CacheNodeType="cache.t3.micro", NumCacheNodes=1)
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier="sales", WaiterConfig=SOON)
    changed = redshift.modify_cluster(ClusterIdentifier="sales", Encrypted=True)["Cluster"]
    assert changed["Encrypted"] and changed["ClusterStatus"] == "modifying", changed
    assert not redshift.describe_logging_status(ClusterIdentifier="sales")["LoggingEnabled"]
    refused("ClusterNotFound", redshift.describe_clusters, ClusterIdentifier="none")
    redshift.delete_cluster(ClusterIdentifier="sales", SkipFinalClusterSnapshot=True)
    cache.get_waiter("cache_cluster_available").wait(CacheClusterId="web", WaiterConfig=SOON)
    cache.modify_cache_cluster(CacheClusterId="web", SnapshotRetentionLimit=7)
    assert cache.describe_cache_clusters()["CacheClusters"][0]["SnapshotRetentionLimit"] == 7
    refused("CacheClusterNotFound", cache.describe_cache_clusters, CacheClusterId="none")
    cache.delete_cache_cluster(CacheClusterId="web")


def searches_and_files():
    search, efs, athena = client("opensearch"), client("efs"), client("athena")
    search.create_domain(DomainName="logs")
    search.update_domain_config(DomainName="logs", DomainEndpointOptions={"EnforceHTTPS": True})
    assert search.describe_domain(DomainName="logs")["DomainStatus"]["DomainEndpointOptions"]["EnforceHTTPS"]
    refused("ResourceNotFoundException", search.describe_domain, DomainName="none")
    search.delete_domain(DomainName="logs")
    system = efs.create_file_system(CreationToken="t", Encrypted=True)
    assert system["CreationTime"].year > 2000 and system["SizeInBytes"]["Value"] > 0
    efs.put_backup_policy(FileSystemId=system["FileSystemId"], BackupPolicy={"Status": "ENABLED"})
    refused("PolicyNotFound", efs.describe_file_system_policy, FileSystemId=system["FileSystemId"])
    efs.delete_file_system(FileSystemId=system["FileSystemId"])
    refused("FileSystemNotFound", efs.describe_file_systems, FileSystemId=system["FileSystemId"])
    athena.create_work_group(Name="w", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results/"}})
    athena.update_work_group(WorkGroup="w", ConfigurationUpdates={"EnforceWorkGroupConfiguration": True})
    assert athena.get_work_group(WorkGroup="w")["WorkGroup"]["Configuration"]["EnforceWorkGroupConfiguration"]
    athena.delete_work_group(WorkGroup="w")
    refused("InvalidRequestException", athena.get_work_group, WorkGroup="w")


def learning_and_moving():
    sagemaker, emr, dms = client("sagemaker"), client("emr"), client("dms")
    sagemaker.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn="arn:aws:iam::111122223333:role/r")
    run = emr.run_job_flow(Name="count", Instances={"InstanceCount": 1})["JobFlowId"]
    moved = dms.create_replication_instance(ReplicationInstanceIdentifier="move", ReplicationInstanceClass="dms.t3.micro")
    eventually(lambda: sagemaker.describe_notebook_instance(NotebookInstanceName="n")["NotebookInstanceStatus"] == "InService")
    sagemaker.stop_notebook_instance(NotebookInstanceName="n")
    refused("ValidationException", sagemaker.describe_notebook_instance, NotebookInstanceName="none")
    assert emr.list_clusters()["Clusters"][0]["Id"] == run
    emr.terminate_job_flows(JobFlowIds=[run])
    assert emr.get_block_public_access_configuration()["BlockPublicAccessConfiguration"]["BlockPublicSecurityGroupRules"]
    refused("InvalidRequestException", emr.describe_cluster, ClusterId="j-0")
    dms.delete_replication_instance(ReplicationInstanceArn=moved["ReplicationInstance"]["ReplicationInstanceArn"])
    assert dms.describe_replication_instances()["ReplicationInstances"] == []


def keeping_and_finding():
    backup, macie = client("backup"), client("macie2")
    vault = backup.create_backup_vault(BackupVaultName="v", BackupVaultTags={"a": "1"})
    assert backup.list_tags(ResourceArn=vault["BackupVaultArn"])["Tags"] == {"a": "1"}
    refused("ResourceNotFoundException", backup.describe_backup_vault, BackupVaultName="none")
    backup.delete_backup_vault(BackupVaultName="v")
    refused("AccessDeniedException", macie.get_macie_session)
    macie.enable_macie()
    assert macie.get_macie_session()["status"] == "ENABLED"
    macie.disable_macie()


for story in (relational, tables, secrets, warehouses_and_caches, searches_and_files, learning_and_moving, keeping_and_finding):
    story()
