import unittest

import names
import sdk
import shapes


def minimised(**services):
    """The distinct shapes of several services, each given as its named shapes and the one to begin with."""
    graph = shapes.Graph()
    tops = [graph.reader(name, named).top(top) for name, (named, top) in services.items()]
    small = graph.minimised()
    return small, [small.place[top] for top in tops]


class Names(unittest.TestCase):
    def test_snake_case_is_boto3s(self):
        for name, snake in {'DescribeDBInstances': 'describe_db_instances', 'ListWebACLs': 'list_web_acls',
                            'GetBucketAcl': 'get_bucket_acl', 'CreateVpc': 'create_vpc',
                            'EnableMFADevice': 'enable_mfa_device', 'ListObjectsV2': 'list_objects_v2',
                            'ExecutePartiQLBatch': 'execute_partiql_batch'}.items():
            self.assertEqual(names.snake(name), snake)


class Shapes(unittest.TestCase):
    def test_equal_shapes_of_two_services_are_one(self):
        tag = {'type': 'structure', 'members': {'Key': {}, 'Value': {'type': 'string'}}}
        _, (one, other) = minimised(one=({}, tag), other=({'S1': tag}, {'shape': 'S1'}))
        self.assertEqual(one, other)

    def test_recursive_shapes_are_one_however_they_are_unrolled(self):
        once = {'S1': {'type': 'list', 'member': {'shape': 'S1'}}}
        twice = {'S1': {'type': 'list', 'member': {'shape': 'S2'}}, 'S2': {'type': 'list', 'member': {'shape': 'S1'}}}
        small, (one, other) = minimised(one=(once, {'shape': 'S1'}), other=(twice, {'shape': 'S1'}))
        self.assertEqual(one, other)
        self.assertEqual(small.edges[one][0][1], one)

    def test_shapes_that_differ_deep_down_stay_two(self):
        def nested(leaf):
            return {'type': 'list', 'member': {'type': 'list', 'member': {'type': 'list', 'member': leaf}}}
        _, (one, other) = minimised(one=({}, nested({})), other=({}, nested({'type': 'long'})))
        self.assertNotEqual(one, other)

    def test_what_is_not_understood_stops_the_build(self):
        with self.assertRaisesRegex(SystemExit, 'later: not understood: newTrait'):
            minimised(later=({}, {'type': 'structure', 'members': {'Key': {'newTrait': True}}}))
        with self.assertRaisesRegex(SystemExit, 'later Op: not understood: newWord'):
            sdk.Operation('later Op', 'Op', {'newWord': 1}, None, {})


if __name__ == '__main__':
    unittest.main()
