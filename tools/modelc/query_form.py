"""SQS in the query protocol, which it spoke before it moved to json: clients of 2023 and older, Debian 12's boto3 among
them, still do. The package has the newer form only; the two differ in how things are called on the wire, and in that
results are wrapped. src/model/botocore_test.cc compares every name with an older publication.
"""
NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/'

ITEMS = {  # a list's name -> its items'; {} stands for the operation
    'AWSAccountIds': 'AWSAccountId',
    'Actions': 'ActionName',
    'AttributeNames': 'AttributeName',
    'BinaryListValues': 'BinaryListValue',
    'Entries': '{}RequestEntry',
    'Failed': 'BatchResultErrorEntry',
    'MessageAttributeNames': 'MessageAttributeName',
    'MessageSystemAttributeNames': 'AttributeName',
    'Messages': 'Message',
    'QueueUrls': 'QueueUrl',
    'Results': '{}ResultEntry',
    'StringListValues': 'StringListValue',
    'Successful': '{}ResultEntry',
    'TagKeys': 'TagKey',
    'queueUrls': 'QueueUrl',
}
SINGULAR = {'BinaryListValues', 'StringListValues'}  # lists that are themselves called as their items are
MAPS = {  # a map's name -> its entries', their keys' and their values'
    'Attributes': ('Attribute', 'Name', 'Value'),
    'MessageAttributes': ('MessageAttribute', 'Name', 'Value'),
    'MessageSystemAttributes': ('MessageSystemAttribute', 'Name', 'Value'),
    'Tags': ('Tag', 'Key', 'Value'),
    'tags': ('Tag', 'Key', 'Value'),
}


def query_form(model):
    metadata = {key: value for key, value in model['metadata'].items() if key not in ('targetPrefix', 'jsonVersion')}
    metadata.update(protocol='query', xmlNamespace=NAMESPACE)
    operations = {name: operation_form(name, said, model['shapes']) for name, said in model['operations'].items()}
    return {'metadata': metadata, 'operations': operations, 'shapes': {}}


def operation_form(name, said, shapes):
    form = {**said, **{side: shape_form(name, '', said[side], shapes) for side in ('input', 'output') if side in said}}
    if form.get('output', {}).get('members'):
        form['output']['resultWrapper'] = name + 'Result'
    return form


def shape_form(operation, name, spec, shapes):
    """The shape in place (none of these is recursive), with its names on the wire. NAME is the member's."""
    if 'shape' in spec:
        spec = {**shapes[spec['shape']], **{key: value for key, value in spec.items() if key != 'shape'}}
    form = dict(spec)
    kind = spec.get('type', 'string')
    if kind == 'structure':
        form['members'] = {key: shape_form(operation, key, member, shapes) for key, member in spec['members'].items()}
    elif kind == 'list':
        form['member'] = {**shape_form(operation, '', spec['member'], shapes),
                          'locationName': ITEMS[name].format(operation)}
        if name in SINGULAR:
            form['locationName'] = ITEMS[name]
    elif kind == 'map':
        form['locationName'], key, value = MAPS[name]
        form['key'] = {**spec['key'], 'locationName': key}
        form['value'] = {**shape_form(operation, '', spec['value'], shapes), 'locationName': value}
    return form
