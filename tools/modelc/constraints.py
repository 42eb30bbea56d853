#!/usr/bin/python3
"""constraints CLIENTS OUTPUT SERVICE...: what services ask of the texts, numbers and lists of an input, as one line of
JSON for each service, sorted by name (src/model/constraints.h reads it).

Lengths, ranges, patterns and enumerations are botocore's, whose models say them; what newer enumerations have is
in CLIENTS, the type definitions that come with the package of our models. A value that either has is one.
"""
import gzip
import json
import os
import re
import sys

import botocore

import names

ENUMERATION = re.compile(r'^  export type (?P<name>\w+) = (?P<values>"[^;]*);$', re.MULTILINE)
VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"')
GROWING = {('lambda', 'Runtime')}  # grow quicker than models that can be had: their descriptions list them
SIZED = {'string', 'list', 'map', 'blob', 'integer', 'long', 'float', 'double'}
NUMBERS = {'integer', 'long', 'float', 'double'}


JAVA_CLASSES = {r'\p{Print}': '[[:print:]]', r'\p{XDigit}': '[0-9A-Fa-f]'}
ESCAPED = re.compile(r'\\u([0-9A-Fa-f]{4})')
OPEN_RANGE = re.compile(r'(\\[dws])-(?!\])')  # \d-_ in a class: to Java, the hyphen stands for itself


def as_pcre(pattern):
    """The patterns are Java's; what PCRE writes otherwise is written as it does."""
    for java, ours in JAVA_CLASSES.items():
        pattern = pattern.replace(java, ours)
    text = ESCAPED.sub(lambda found: chr(int(found[1], 16)), pattern)
    text = text.encode('utf-16', 'surrogatepass').decode('utf-16', 'ignore') if text != pattern else text
    return OPEN_RANGE.sub(r'\1\-', text).replace('${1,', '{1,')


def botocore_model(name):
    folder = os.path.join(os.path.dirname(botocore.__file__), 'data', name)
    newest = os.path.join(folder, max(os.listdir(folder)), 'service-2.json')
    if os.path.exists(newest):
        with open(newest, encoding='utf-8') as file:
            return json.load(file)
    with gzip.open(newest + '.gz') as file:
        return json.load(file)


def newer_values(clients, name):
    """The enumerations of the package's type definitions, by the shape's name."""
    files = {names.client_name(file[:-len('.d.ts')]): file for file in os.listdir(clients) if file.endswith('.d.ts')}
    if name not in files:
        return {}
    with open(os.path.join(clients, files[name]), encoding='utf-8') as file:
        return {found['name']: VALUE.findall(found['values']) for found in ENUMERATION.finditer(file.read())}


class Service:
    """Nodes are what a shape asks for: {'e': values, 'p': pattern, 'l': least, 'u': most}, 'b' of bytes, 'n' of a number,
    's' of a secret; and its parts: 'm' by the member's name, 'i' a list's items, 'k' and 'v' a map's keys and values.
    Parts that ask for nothing are not there."""
    def __init__(self, model, newer, name=''):
        self.name = name
        self.shapes = model['shapes']
        self.newer = newer
        self.asking = self.find_asking()
        self.places = {}  # a shape's name -> its node's place
        self.nodes = []
        self.operations = {}
        for name, said in sorted(model['operations'].items()):
            top = said.get('input', {}).get('shape')
            if top in self.asking:
                self.operations[name] = self.node(top)

    def own(self, name):
        shape = self.shapes[name]
        node = {}
        if 'enum' in shape and (self.name, name) not in GROWING:
            node['e'] = shape['enum'] + [new for new in self.newer.get(name, []) if new not in shape['enum']]
        if 'pattern' in shape:
            node['p'] = as_pcre(shape['pattern'])
        if 'min' in shape and shape['type'] in SIZED and (shape['min'] or shape['type'] in NUMBERS):
            node['l'] = int(shape['min'])
        if 'max' in shape and shape['type'] in SIZED:
            node['u'] = int(shape['max'])
        if node:
            node |= {key: True for key, holds in (('b', shape['type'] == 'blob'), ('n', shape['type'] in NUMBERS),
                                               ('s', shape.get('sensitive'))) if holds}
        return node

    def parts(self, name):
        shape = self.shapes[name]
        yield from ((('m', member), said['shape']) for member, said in shape.get('members', {}).items())
        yield from (((letter,), shape[word]['shape'])
                    for letter, word in (('i', 'member'), ('k', 'key'), ('v', 'value')) if word in shape)

    def find_asking(self):
        """The names of shapes that ask for something, themselves or in a part."""
        asking = {name for name in self.shapes if self.own(name)}
        while True:
            more = {name for name in self.shapes if name not in asking and
                    any(part in asking for _, part in self.parts(name))}
            if not more:
                return asking
            asking |= more

    def node(self, name):
        if name in self.places:
            return self.places[name]
        place = self.places[name] = len(self.nodes)
        node = self.own(name)
        self.nodes.append(node)
        for where, part in self.parts(name):
            if part not in self.asking:
                continue
            if len(where) == 1:
                node[where[0]] = self.node(part)
            else:
                node.setdefault('m', {})[where[1]] = self.node(part)
        return place

    def line(self):
        return json.dumps({'operations': self.operations, 'shapes': self.nodes}, separators=(',', ':'), ensure_ascii=False)


def compile_constraints(clients, services):
    lines = []
    for name in sorted(services):
        service = Service(botocore_model(name), newer_values(clients, name), name)
        lines.append(f'{name} {service.line()}\n')
    return ''.join(lines)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__.splitlines()[0])
    clients, output, *services = sys.argv[1:]
    compiled = compile_constraints(clients, services)
    partial = f'{output}.{os.getpid()}'
    with open(partial, 'w', encoding='utf-8') as file:
        file.write(compiled)
    os.replace(partial, output)


if __name__ == '__main__':
    main()
