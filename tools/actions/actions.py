"""actions.py MODELS ACTIONS OUTPUT: writes {"<boto3 client>": ["<operation that reads>", …]} as JSON."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'modelc'))
import names  # noqa: E402
import sdk  # noqa: E402

# A capital follows, so that Getaway is no Get. Receive and Poll take what they show; Test and Verify try something out.
READING = re.compile(r'(BatchGet|BatchDescribe|BatchList|Check|Describe|Discover|Estimate|Filter|Get|Head|List|Lookup'
                     r'|Query|Scan|Search|Select|Simulate|Validate|View)(?=[A-Z]|$)')
LEVELS = {'Read', 'List'}


def prefix(name, metadata, prefixes):
    """The IAM name of the service; None when it has none. What it signs as comes first: opensearch is es to IAM."""
    signing = metadata.get('signingName', metadata['endpointPrefix'])
    return next((one for one in (signing, name, metadata['endpointPrefix']) if one in prefixes), None)


def reading_actions(path):
    with open(path, encoding='utf-8') as file:
        return {action['name'] for action in json.load(file).values() if action['accessLevel'] in LEVELS}


def reads(apis, actions):
    prefixes = {name.removesuffix('.json') for name in os.listdir(actions)}
    found = {}
    for file_name, files in sdk.newest(apis):
        model = sdk.load(files['min'])
        name = names.client_name(file_name)
        iam = prefix(name, model['metadata'], prefixes)
        if iam is None:
            continue
        known = reading_actions(os.path.join(actions, iam + '.json'))
        listed = sorted(op for op in model['operations'] if op in known and READING.match(op))
        if listed:
            found[name] = listed
    return found


if __name__ == '__main__':
    _, apis, actions, output = sys.argv
    with open(output, 'w', encoding='utf-8') as file:
        json.dump(reads(apis, actions), file, separators=(',', ':'), sort_keys=True)
