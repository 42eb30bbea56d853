"""All shapes of all services as one graph, and its smallest equivalent.

A shape is a head (what it says of itself) and edges (what it says of each member, and the member's shape). Two shapes
are one when nobody who starts at them and follows members can tell them apart; that holds for recursive shapes too.
"""
from collections import namedtuple

from sdk import refuse_unknown

TYPES = {'structure': 0, 'list': 1, 'map': 2, 'string': 3, 'character': 3, 'integer': 4, 'long': 4, 'float': 5,
         'double': 5, 'boolean': 6, 'timestamp': 7, 'blob': 8}
LOCATIONS = {'body': 0, 'uri': 1, 'querystring': 2, 'header': 3, 'headers': 4, 'statusCode': 5}
TIMESTAMP_FORMATS = {'': 0, 'iso8601': 1, 'rfc822': 2, 'unixTimestamp': 3}
SHAPE_FLAGS = {'flattened': 1, 'sensitive': 2, 'streaming': 4, 'eventstream': 8, 'document': 16}
MEMBER_FLAGS = {'required': 1, 'idempotencyToken': 2, 'xmlAttribute': 4, 'flattened': 8, 'streaming': 16,
                'hostLabel': 32, 'jsonvalue': 64}

# Said by a member of its place; the others are said of the shape, unless the member only refers to one.
OF_THE_PLACE = {'location', 'locationName', 'queryName', 'idempotencyToken', 'xmlAttribute', 'hostLabel', 'jsonvalue'}
OF_EITHER = {'flattened', 'streaming', 'timestampFormat', 'xmlNamespace'}
OF_THE_SHAPE = {'type', 'members', 'member', 'key', 'value', 'required', 'payload', 'sensitive', 'eventstream',
                'document'}
LEFT = {'deprecated', 'deprecatedMessage', 'union', 'contextParam', 'resultWrapper', 'wrapper', 'event',
        'eventpayload', 'exception', 'error', 'fault', 'synthetic', 'xmlOrder', 'requiresLength'}

Head = namedtuple('Head', 'type flags timestamp_format payload xml_name xml_namespace xml_prefix')
Said = namedtuple('Said', 'name location_name location timestamp_format flags query_name xml_namespace xml_prefix')


def flags_of(spec, table):
    return sum(bit for word, bit in table.items() if spec.get(word) is True)


class Graph:
    def __init__(self):
        self.heads = []   # of each shape
        self.edges = []   # of each shape: [(Said, shape)]
        self.leaves = {}  # Head -> the shape, for those without members: most are plain strings

    def reader(self, where, named):
        return Reader(self, where, named)

    def add(self, head):
        self.heads.append(head)
        self.edges.append([])
        return len(self.heads) - 1

    def minimised(self):
        """The shapes' classes, by partition refinement: start with what each says, split while members differ."""
        ids = {}
        classes = [ids.setdefault((head, tuple(said for said, _ in edges)), len(ids))
                   for head, edges in zip(self.heads, self.edges)]
        targets = [[shape for _, shape in edges] for edges in self.edges]
        count = 0
        while len(ids) > count:
            count = len(ids)
            ids = {}
            classes = [ids.setdefault((own, tuple([classes[shape] for shape in shapes])), len(ids))
                       for own, shapes in zip(classes, targets)]
        return Minimised(self, classes, count)


class Minimised:
    """Distinct shapes, in the order in which services first speak of them."""
    def __init__(self, graph, classes, count):
        self.place = classes  # a shape of the graph -> its distinct shape
        self.heads = [None] * count
        self.edges = [None] * count
        for shape, own in enumerate(classes):
            if self.heads[own] is None:
                self.heads[own] = graph.heads[shape]
                self.edges[own] = [(said, classes[target]) for said, target in graph.edges[shape]]


class Reader:
    """Adds one service's shapes to the graph."""
    def __init__(self, graph, where, named):
        self.graph = graph
        self.where = where
        self.named = named
        self.known = {}  # the service's name of a shape -> the shape

    def top(self, spec):
        """An operation's input or output; its locationName and xmlNamespace are the operation's."""
        if 'shape' in spec:
            return self.reference(spec['shape'])
        return self.inline({key: value for key, value in spec.items() if key not in ('locationName', 'xmlNamespace')})

    def reference(self, name):
        if name not in self.known:
            spec = self.named[name]
            self.known[name] = self.graph.add(None)  # first, so that a recursive shape finds itself
            self.fill(self.known[name], spec, xml_name=spec.get('locationName', ''))
        return self.known[name]

    def inline(self, spec):
        head = self.head(spec, '')
        if head.type > TYPES['map']:
            if head not in self.graph.leaves:
                self.graph.leaves[head] = self.graph.add(head)
            return self.graph.leaves[head]
        shape = self.graph.add(None)
        self.fill(shape, spec, xml_name='')
        return shape

    def fill(self, shape, spec, xml_name):
        refuse_unknown(self.where, spec, OF_THE_PLACE, OF_EITHER, OF_THE_SHAPE, LEFT)
        self.graph.heads[shape] = self.head(spec, xml_name)
        kind = spec.get('type', 'string')
        if kind == 'structure':
            required = spec.get('required', ())
            members = [(name, member, name in required) for name, member in spec['members'].items()]
        elif kind == 'list':
            members = [('', spec['member'], False)]
        elif kind == 'map':
            members = [('', spec['key'], False), ('', spec['value'], False)]
        else:
            members = []
        self.graph.edges[shape] = [self.edge(*member) for member in members]

    def head(self, spec, xml_name):
        namespace = spec.get('xmlNamespace', {})
        return Head(TYPES[spec.get('type', 'string')], flags_of(spec, SHAPE_FLAGS),
                    TIMESTAMP_FORMATS[spec.get('timestampFormat', '')], spec.get('payload', ''), xml_name,
                    namespace.get('uri', ''), namespace.get('prefix', ''))

    def edge(self, name, spec, required):
        place = spec
        wire_name = spec.get('locationName')
        if 'shape' in spec:
            refuse_unknown(self.where, spec, {'shape'}, OF_THE_PLACE, OF_EITHER, LEFT)
            wire_name = wire_name or self.named[spec['shape']].get('locationName')
            shape = self.reference(spec['shape'])
        else:
            refuse_unknown(self.where, spec, OF_THE_PLACE, OF_EITHER, OF_THE_SHAPE, LEFT)
            place = {key: value for key, value in spec.items() if key in OF_THE_PLACE}
            shape = self.inline(spec)
        namespace = place.get('xmlNamespace', {})
        flags = flags_of(place, MEMBER_FLAGS) | (MEMBER_FLAGS['required'] if required else 0)
        return Said(name, wire_name or name, LOCATIONS[place.get('location', 'body')],
                    TIMESTAMP_FORMATS[place.get('timestampFormat', '')], flags, place.get('queryName', ''),
                    namespace.get('uri', ''), namespace.get('prefix', '')), shape
