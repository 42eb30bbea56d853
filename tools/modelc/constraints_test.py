import unittest

import constraints


def service(shapes, newer=None):
    model = {'shapes': shapes, 'operations': {'Do': {'input': {'shape': 'Input'}}}}
    return constraints.Service(model, newer or {})


def text(**said):
    return {'type': 'string', **said}


class Constraints(unittest.TestCase):
    def test_only_what_asks_for_something_is_kept(self):
        made = service({'Input': {'type': 'structure', 'members': {'A': {'shape': 'Plain'}, 'B': {'shape': 'Short'}}},
                        'Plain': text(), 'Short': text(max=3)})
        self.assertEqual(made.operations, {'Do': 0})
        self.assertEqual(made.nodes, [{'m': {'B': 1}}, {'u': 3}])

    def test_an_operation_that_asks_for_nothing_is_left_out(self):
        made = service({'Input': {'type': 'structure', 'members': {'A': {'shape': 'Plain'}}}, 'Plain': text()})
        self.assertEqual((made.operations, made.nodes), ({}, []))

    def test_no_number_below_zero_where_the_least_is_zero(self):
        made = service({'Input': {'type': 'structure', 'members': {'A': {'shape': 'Days'}, 'B': {'shape': 'Any'}}},
                        'Days': {'type': 'integer', 'min': 0}, 'Any': text(min=0)})
        self.assertEqual(made.nodes, [{'m': {'A': 1}}, {'l': 0, 'n': True}])

    def test_enumerations_have_the_values_of_both(self):
        made = service({'Input': {'type': 'structure', 'members': {'A': {'shape': 'Kind'}}}, 'Kind': text(enum=['x', 'y'])},
                       {'Kind': ['y', 'z']})
        self.assertEqual(made.nodes[1], {'e': ['x', 'y', 'z']})

    def test_recursive_shapes_lead_back_to_themselves(self):
        made = service({'Input': {'type': 'list', 'member': {'shape': 'Input'}, 'max': 2}})
        self.assertEqual(made.nodes, [{'u': 2, 'i': 0}])

    def test_newer_values_are_read_from_the_type_definitions(self):
        said = '  export type Kind = "a"|"b-c"|string;\n  export type KindList = Kind[];\n'
        found = {one['name']: constraints.VALUE.findall(one['values']) for one in constraints.ENUMERATION.finditer(said)}
        self.assertEqual(found, {'Kind': ['a', 'b-c']})

    def test_patterns_of_java_become_ours(self):
        for java, ours in {r'[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]*': '[ -\ud7ff\U00010000-\U0010ffff]*', r'[a-z\d-_]+': r'[a-z\d\-_]+',
                           r'[\w-]+': r'[\w-]+', r'\p{XDigit}{8}': '[0-9A-Fa-f]{8}', r'^(x)${1,128}': '^(x){1,128}'}.items():
            self.assertEqual(constraints.as_pcre(java), ours)


if __name__ == '__main__':
    unittest.main()
