"""permissions.py MODELS DATA OUTPUT: writes what each operation needs, as IAM's action data has it.

{"services": {"<boto3 client>": "<IAM prefix>"},
 "needs":    {"<boto3 client>": {"<operation>": ["<action>", …]}},    only where it is not the operation's own name
 "actions":  {"<IAM prefix>": {"<action>": ["<resource type>", …]}},
 "types":    {"<IAM prefix>": {"<resource type>": "<ARN template>"}}}
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'modelc'))
import actions  # noqa: E402
import names  # noqa: E402
import sdk  # noqa: E402

OTHER_NAMES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'other_names.json')


def load(path):
    with open(path, encoding='utf-8') as file:
        return json.load(file)


def needs_of(operations, named_otherwise):
    """By operation; IAM names the actions of API Gateway after HTTP methods."""
    if named_otherwise.get('*') == 'http':
        return {name: [one.get('http', {}).get('method', 'POST')] for name, one in operations.items()}
    return {name: needed for name, needed in named_otherwise.items() if name in operations}


def permissions(apis, data, other_names):
    prefixes = {name.removesuffix('.json') for name in os.listdir(os.path.join(data, 'actions'))}
    out = {'services': {}, 'needs': {}, 'actions': {}, 'types': {}}
    for file_name, files in sdk.newest(apis):
        model = sdk.load(files['min'])
        client = names.client_name(file_name)
        iam = actions.prefix(client, model['metadata'], prefixes)
        if iam is None:
            continue
        out['services'][client] = iam
        needed = needs_of(model['operations'], other_names.get(client, {}))
        if needed:
            out['needs'][client] = needed
        known = load(os.path.join(data, 'actions', iam + '.json')).values()
        # The data names a type of an action as IAM writes it, and lists the types in lower case.
        out['actions'][iam] = {one['name']: [kind['name'].lower() for kind in one['resourceTypes']] for one in known}
        types = os.path.join(data, 'resourceTypes', iam + '.json')
        out['types'][iam] = {name.lower(): kind['arn'] for name, kind in (load(types) if os.path.exists(types) else {}).items()}
    return out


if __name__ == '__main__':
    _, apis_path, data_path, output = sys.argv
    with open(output, 'w', encoding='utf-8') as file:
        json.dump(permissions(apis_path, data_path, load(OTHER_NAMES)), file, separators=(',', ':'), sort_keys=True)
