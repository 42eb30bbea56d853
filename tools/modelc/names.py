"""What things are called: services as boto3 names its clients, operations as its methods are written."""
import re

CLIENT_NAMES = {  # the model's file name -> boto3's client name, where they differ
    'AWSMigrationHub': 'mgh',
    'elasticfilesystem': 'efs',
    'elasticloadbalancing': 'elb',
    'elasticloadbalancingv2': 'elbv2',
    'elasticmapreduce': 'emr',
    'email': 'ses',
    'entitlement.marketplace': 'marketplace-entitlement',
    'eventbridge': 'events',
    'models.lex.v2': 'lexv2-models',
    'monitoring': 'cloudwatch',
    'mturk-requester': 'mturk',
    'runtime.lex': 'lex-runtime',
    'runtime.lex.v2': 'lexv2-runtime',
    'runtime.sagemaker': 'sagemaker-runtime',
    'states': 'stepfunctions',
    'streams.dynamodb': 'dynamodbstreams',
}
SUPERSEDED = {'events'}  # model files that another file describes as well, and newer: eventbridge
CLI_NAMES = {'configservice': 'config', 's3api': 's3', 'deploy': 'codedeploy'}

SNAKE_EXCEPTIONS = {  # boto3's own spellings, which no rule gives
    'CreateCachediSCSIVolume': 'create_cached_iscsi_volume',
    'DescribeCachediSCSIVolumes': 'describe_cached_iscsi_volumes',
    'CreateStorediSCSIVolume': 'create_stored_iscsi_volume',
    'DescribeStorediSCSIVolumes': 'describe_stored_iscsi_volumes',
    'ListHITsForQualificationType': 'list_hits_for_qualification_type',
    'ExecutePartiQLStatement': 'execute_partiql_statement',
    'ExecutePartiQLTransaction': 'execute_partiql_transaction',
    'ExecutePartiQLBatch': 'execute_partiql_batch',
}
PLURAL_OF_ACRONYM = re.compile(r'[A-Z]{3,}s$')  # the ACLs of DescribeACLs: one word
CAPITALISED_WORD = re.compile(r'(?<=[^_])(?=[A-Z][a-z])')
END_OF_LOWER_CASE = re.compile(r'(?<=[a-z0-9])(?=[A-Z])')


def client_name(file_name):
    return CLIENT_NAMES.get(file_name, file_name)


def snake(name):
    if name in SNAKE_EXCEPTIONS:
        return SNAKE_EXCEPTIONS[name]
    name = PLURAL_OF_ACRONYM.sub(lambda plural: '_' + plural.group().lower(), name)
    return END_OF_LOWER_CASE.sub('_', CAPITALISED_WORD.sub('_', name)).lower()


def lookup_names(services):
    """Every name a service may be asked for by -> the service's place. A name's first meaning wins: the client's,
    the model file's, the command line's; then the endpoint prefix where exactly one service has it."""
    found = {service.name: place for place, service in enumerate(services)}
    for place, service in enumerate(services):
        found.setdefault(service.file_name, place)
    for alias, name in CLI_NAMES.items():
        found.setdefault(alias, found[name])
    prefixes = [service.endpoint_prefix for service in services]
    for place, prefix in enumerate(prefixes):
        if prefixes.count(prefix) == 1:
            found.setdefault(prefix, place)
    return found
