"""What an operation needs: its own name, unless it is written down otherwise."""
import json
import os
import tempfile
import unittest

import permissions


class Needs(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def put(self, path, value):
        path = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'w', encoding='utf-8') as file:
            json.dump(value, file)

    def world(self, operations, other_names, data):
        self.put('apis/box-2020-01-01.min.json', {'metadata': {'endpointPrefix': 'box'}, 'operations': operations})
        self.put('data/actions/box.json', data)
        self.put('data/resourceTypes/box.json', {'lid': {'key': 'lid', 'arn': 'arn:${Partition}:box:::${Lid}'}})
        return permissions.permissions(os.path.join(self.folder.name, 'apis'), os.path.join(self.folder.name, 'data'),
                                       other_names)

    def test_actions_and_the_types_they_are_about(self):
        found = self.world({'Open': {}}, {}, {'open': {'name': 'Open', 'resourceTypes': [{'name': 'Lid'}]}})
        self.assertEqual(found, {'services': {'box': 'box'}, 'needs': {}, 'actions': {'box': {'Open': ['lid']}},
                                 'types': {'box': {'lid': 'arn:${Partition}:box:::${Lid}'}}})

    def test_other_names_hold_for_operations_that_exist(self):
        found = self.world({'Open': {}}, {'box': {'Open': ['Lift'], 'Close': ['Drop']}}, {})
        self.assertEqual(found['needs'], {'box': {'Open': ['Lift']}})

    def test_actions_named_after_http_methods(self):
        found = self.world({'Open': {'http': {'method': 'PUT'}}}, {'box': {'*': 'http'}}, {})
        self.assertEqual(found['needs'], {'box': {'Open': ['PUT']}})


class OtherNames(unittest.TestCase):
    def test_every_name_is_a_list_of_actions_or_the_method(self):
        for client, operations in permissions.load(permissions.OTHER_NAMES).items():
            for operation, needed in operations.items():
                self.assertTrue(needed == 'http' if operation == '*' else isinstance(needed, list), (client, operation))


if __name__ == '__main__':
    unittest.main()
