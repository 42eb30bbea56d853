"""Reads the package: which files there are, and what each service's files say."""
import json
import os
import re

import names

MODEL_FILE = re.compile(r'(?P<service>.+)-(?P<version>\d{4}-\d\d-\d\d)\.min\.json')

# What may stand in a model without being carried over: prose, codegen hints, endpoint rules, retry modes.
METADATA_USED = {'apiVersion', 'endpointPrefix', 'protocol', 'serviceId', 'signatureVersion', 'jsonVersion',
                 'signingName', 'targetPrefix', 'xmlNamespace', 'globalEndpoint'}
METADATA_LEFT = {'serviceFullName', 'serviceAbbreviation', 'uid', 'protocols', 'auth', 'protocolSettings',
                 'checksumFormat', 'ripServiceName', 'awsQueryCompatible'}
OPERATION_USED = {'input', 'output', 'http', 'endpoint', 'authtype', 'auth', 'unsignedPayload',
                  'httpChecksumRequired', 'httpChecksum'}
OPERATION_LEFT = {'idempotent', 'deprecated', 'deprecatedMessage', 'staticContextParams', 'endpointdiscovery',
                  'endpointoperation', 'alias', 'requestcompression'}

# Operations that give credentials and so cannot need any; the package's clients know it, its models do not say it.
UNSIGNED = {'sts AssumeRoleWithSAML', 'sts AssumeRoleWithWebIdentity'}


def newest(apis):
    """(file name of the service, paths of its newest model, paginators and waiters), by file name."""
    versions = {}
    for name in os.listdir(apis):
        match = MODEL_FILE.fullmatch(name)
        if match and match['service'] not in names.SUPERSEDED:
            versions.setdefault(match['service'], []).append(match['version'])
    for service in sorted(versions):
        stem = os.path.join(apis, f'{service}-{max(versions[service])}')
        yield service, {kind: f'{stem}.{kind}.json' for kind in ('min', 'paginators', 'waiters2')}


def load(path):
    if not os.path.exists(path):
        return {}
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def refuse_unknown(where, keys, *known):
    unknown = set(keys).difference(*known)
    if unknown:
        raise SystemExit(f'modelc: {where}: not understood: {", ".join(sorted(unknown))}')


def texts(value):
    """A paginator's field: nothing, one path, or several."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class Service:
    def __init__(self, name, file_name, files, graph):
        model = load(files['min'])
        metadata = model['metadata']
        refuse_unknown(file_name, metadata, METADATA_USED, METADATA_LEFT)
        self.name = name
        self.file_name = file_name
        self.protocol = metadata['protocol']
        self.api_version = metadata['apiVersion']
        self.service_id = metadata['serviceId']
        self.endpoint_prefix = metadata['endpointPrefix']
        self.signing_name = metadata.get('signingName', self.endpoint_prefix)
        self.signature_version = metadata['signatureVersion']
        self.target_prefix = metadata.get('targetPrefix', '')
        self.json_version = metadata.get('jsonVersion', '')
        self.xml_namespace = metadata.get('xmlNamespace', '')
        self.global_endpoint = metadata.get('globalEndpoint', '')

        reader = graph.reader(file_name, model['shapes'])
        pages = load(files['paginators']).get('pagination', {})
        self.operations = [Operation(f'{file_name} {key}', key, said, reader, pages.get(key, {}))
                           for key, said in sorted(model['operations'].items())]
        self.waiters = [Waiter(key, said)
                        for key, said in sorted(load(files['waiters2']).get('waiters', {}).items())]


class Operation:
    def __init__(self, where, name, said, reader, pages):
        refuse_unknown(where, said, OPERATION_USED, OPERATION_LEFT)
        http = said.get('http', {})
        refuse_unknown(where, http, {'method', 'requestUri', 'responseCode'})
        self.name = name
        self.snake = names.snake(name)
        self.method = http.get('method', 'POST')
        self.uri = http.get('requestUri', '/')
        self.success_status = http.get('responseCode', 200)
        self.input = reader.top(said['input']) if 'input' in said else None
        self.output = reader.top(said['output']) if 'output' in said else None
        self.input_wrapper = said.get('input', {}).get('locationName', '')
        self.input_xml_namespace = said.get('input', {}).get('xmlNamespace', {}).get('uri', '')
        self.result_wrapper = said.get('output', {}).get('resultWrapper', '')
        self.host_prefix = said.get('endpoint', {}).get('hostPrefix', '')
        self.auth_type = 'none' if where in UNSIGNED else auth_type(said)
        self.checksum_required = bool(said.get('httpChecksumRequired') or
                                      said.get('httpChecksum', {}).get('requestChecksumRequired'))
        self.pagination = Pagination(pages) if 'input_token' in pages else None


def auth_type(said):
    if said.get('auth') == ['smithy.api#noAuth']:
        return 'none'
    if said.get('unsignedPayload'):
        return 'v4-unsigned-body'
    return said.get('authtype', '')


class Pagination:
    def __init__(self, said):
        self.input_tokens = texts(said['input_token'])
        self.output_tokens = texts(said['output_token'])
        self.result_keys = texts(said.get('result_key'))
        self.limit_key = said.get('limit_key', '')
        self.more_results = said.get('more_results', '')


class Waiter:
    def __init__(self, name, said):
        self.name = name
        self.snake = names.snake(name)
        self.operation = said['operation']
        self.delay_s = said['delay']
        self.attempts_max = said['maxAttempts']
        self.acceptors = [(acceptor['matcher'], acceptor.get('argument', ''), json.dumps(acceptor['expected']),
                           acceptor['state']) for acceptor in said['acceptors']]
