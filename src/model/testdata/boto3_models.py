"""What botocore's models say, for botocore_test.cc to compare with ours. Tab-separated lines, parents before children:

service   client name
waiter    name, operation, delay, attempts
operation name, snake_case name, method, uri, host prefix, input wrapper, result wrapper, page tokens, auth
          type
member    path of the parent, name, wire name, kind, location, timestamp format, marks
payload   path of the structure, member

A path begins with input or output; .name leads to a member, [] to a list's items, {} and {key} into a map.
Arguments: the depth to which members are followed, then client names; or --clients, for the names of all alone.
"""
import sys

import botocore.session
from botocore import xform_name

KINDS = {'long': 'integer', 'float': 'floating', 'double': 'floating', 'character': 'string'}
MARKS = ('flattened', 'xmlAttribute', 'idempotencyToken', 'streaming', 'hostLabel', 'jsonvalue')


def say(*words):
    print('\t'.join(map(str, words)))


def children(shape):
    if shape.type_name == 'structure':
        return [('.' + name, name, member) for name, member in shape.members.items()]
    if shape.type_name == 'list':
        return [('[]', '', shape.member)]
    if shape.type_name == 'map':
        return [('{key}', '', shape.key), ('{}', '', shape.value)]
    return []


def marks(shape):
    said = {**shape.metadata, **shape.serialization}
    return ' '.join(mark for mark in MARKS if said.get(mark))


def walk(path, shape, depth):
    if 'payload' in shape.serialization:
        say('payload', path, shape.serialization['payload'])
    for step, name, member in children(shape) if depth else ():
        said = member.serialization
        kind = KINDS.get(member.type_name, member.type_name)
        say('member', path, name, step, said.get('name', name), kind, said.get('location', ''),
            said.get('timestampFormat', ''), marks(member))
        walk(path + step, member, depth - 1)


def tokens(pages, operation):
    said = pages.get(operation, {}).get('input_token', [])
    return ' '.join([said] if isinstance(said, str) else said)


def describe(session, client, depth):
    model = session.get_service_model(client)
    say('service', client)
    try:
        pages = session.get_paginator_model(client)._paginator_config
    except botocore.exceptions.UnknownServiceError:
        pages = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        wrapper = operation.input_shape.serialization.get('name', '') if operation.input_shape else ''
        result = operation.output_shape.serialization.get('resultWrapper', '') if operation.output_shape else ''
        say('operation', name, xform_name(name), operation.http.get('method', 'POST'),
            operation.http.get('requestUri', '/'), (operation.endpoint or {}).get('hostPrefix', ''), wrapper, result,
            tokens(pages, name), operation.auth_type or '')
        if operation.input_shape:
            walk('input', operation.input_shape, depth)
        if operation.output_shape:
            walk('output', operation.output_shape, depth)
    try:
        waiters = session.get_waiter_model(client)
    except botocore.exceptions.UnknownServiceError:
        return
    for name in waiters.waiter_names:
        waiter = waiters.get_waiter(name)
        say('waiter', name, waiter.operation, waiter.delay, waiter.max_attempts)


def main():
    session = botocore.session.get_session()
    if sys.argv[1] == '--clients':
        for client in session.get_available_services():
            say('service', client)
    for client in sys.argv[2:]:
        describe(session, client, int(sys.argv[1]))


if __name__ == '__main__':
    main()
