"""What counts as a read: two sources must agree."""
import json
import os
import tempfile
import unittest

import actions


def world(folder, operations, levels, metadata=None, iam='ec2', model='ec2'):
    apis, data = os.path.join(folder, 'apis'), os.path.join(folder, 'actions')
    os.mkdir(apis)
    os.mkdir(data)
    with open(os.path.join(apis, f'{model}-2016-11-15.min.json'), 'w', encoding='utf-8') as file:
        json.dump({'metadata': metadata or {'endpointPrefix': 'ec2'}, 'operations': dict.fromkeys(operations, {})}, file)
    with open(os.path.join(data, iam + '.json'), 'w', encoding='utf-8') as file:
        json.dump({name.lower(): {'name': name, 'accessLevel': level} for name, level in levels.items()}, file)
    return actions.reads(apis, data)


class Reads(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_verb_and_access_level_must_agree(self):
        found = world(self.folder.name,
                      ['DescribeVpcs', 'GetawayCars', 'GetSecret', 'ReceiveMessage', 'ListThings', 'DescribeUnknown'],
                      {'DescribeVpcs': 'List', 'GetawayCars': 'Read', 'GetSecret': 'Write', 'ReceiveMessage': 'Read',
                       'ListThings': 'Read'})
        self.assertEqual(found, {'ec2': ['DescribeVpcs', 'ListThings']})

    def test_the_signing_name_leads_to_the_actions(self):
        found = world(self.folder.name, ['DescribeRules'], {'DescribeRules': 'Read'},
                      metadata={'endpointPrefix': 'elasticloadbalancing'}, iam='elasticloadbalancing',
                      model='elasticloadbalancingv2')
        self.assertEqual(found, {'elbv2': ['DescribeRules']})

    def test_the_signing_name_comes_before_a_name_that_iam_has_for_something_else(self):
        self.assertEqual(actions.prefix("opensearch", {"endpointPrefix": "es"}, {"es", "opensearch"}), "es")
        self.assertEqual(actions.prefix("opensearch", {"endpointPrefix": "es"}, {"opensearch"}), "opensearch")

    def test_a_service_that_iam_does_not_know_reads_nothing(self):
        self.assertEqual(world(self.folder.name, ['GetIt'], {'GetIt': 'Read'}, iam='other'), {})


if __name__ == '__main__':
    unittest.main()
