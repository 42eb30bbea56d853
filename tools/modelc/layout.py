"""Writes the compiled form; src/model/form.h is its other half and src/model/README.md its description."""
import struct

import names

MAGIC = b'ARMODELS'
VERSION = 1
NONE = 0xffffffff
PROTOCOLS = {'query': 0, 'ec2': 1, 'json': 2, 'rest-json': 3, 'rest-xml': 4}
MEMBER_HAS_DETAIL = 128
SHAPE_HAS_DETAIL = 128
CHECKSUM_REQUIRED = 1


class Strings:
    """Each distinct text once, a 16-bit length before its UTF-8, in the order of first use; 0 is the empty text."""
    def __init__(self):
        self.bytes = bytearray(b'\0\0')
        self.places = {'': 0}

    def __call__(self, text):
        if text not in self.places:
            encoded = text.encode()
            self.places[text] = len(self.bytes)
            self.bytes += struct.pack('<H', len(encoded)) + encoded
        return self.places[text]


class Section:
    """Records of one size: 32-bit words, or what FORMAT says."""
    def __init__(self, form):
        self.form = struct.Struct('<' + form)
        self.bytes = bytearray()
        self.count = 0

    def add(self, *fields):
        self.bytes += self.form.pack(*fields)
        self.count += 1
        return self.count - 1


class Encoder:
    def __init__(self, shapes):
        self.shapes = shapes
        self.strings = Strings()
        self.services = Section('15I')
        self.lookup_names = Section('2I')
        self.signers = Section('2I')
        self.operations = Section('11I2H')
        self.snakes = Section('2I')
        self.shape_records = Section('4B2I')
        self.shape_details = Section('5I')
        self.members = Section('3I2BH')
        self.member_details = Section('4I')
        self.paginations = Section('8I')
        self.waiters = Section('7I')
        self.acceptors = Section('4I')
        self.texts = Section('I')

    def sections(self):
        """In the order of form.h's enum Part."""
        return [self.services, self.lookup_names, self.signers, self.operations, self.snakes, self.shape_records,
                self.shape_details, self.members, self.member_details, self.paginations, self.waiters,
                self.acceptors, self.texts]

    def service(self, service):
        text = self.strings
        record = [text(word) for word in (
            service.name, service.api_version, service.service_id, service.endpoint_prefix, service.signing_name,
            service.signature_version, service.target_prefix, service.json_version, service.xml_namespace,
            service.global_endpoint)]
        first_operation = self.operations.count
        for operation in service.operations:
            self.operation(operation)
        spelled = sorted((operation.snake.encode(), first_operation + place)
                         for place, operation in enumerate(service.operations))
        for snake, place in spelled:
            self.snakes.add(text(snake.decode()), place)
        first_waiter = self.waiters.count
        for waiter in service.waiters:
            self.waiter(waiter)
        self.services.add(*record, PROTOCOLS[service.protocol], first_operation, len(service.operations),
                          first_waiter, len(service.waiters))

    def operation(self, operation):
        text = self.strings
        self.operations.add(
            text(operation.name), text(operation.method), text(operation.uri), self.shape(operation.input),
            self.shape(operation.output), text(operation.input_wrapper), text(operation.input_xml_namespace),
            text(operation.result_wrapper), text(operation.host_prefix), text(operation.auth_type),
            self.pagination(operation.pagination), operation.success_status,
            CHECKSUM_REQUIRED if operation.checksum_required else 0)

    def shape(self, shape):
        return NONE if shape is None else self.shapes.place[shape]

    def write_shapes(self):
        for place, (head, edges) in enumerate(zip(self.shapes.heads, self.shapes.edges)):
            detail = (head.payload, head.xml_name, head.xml_namespace, head.xml_prefix)
            flags = head.flags
            if any(detail):
                flags |= SHAPE_HAS_DETAIL
                self.shape_details.add(place, *map(self.strings, detail))
            first = self.members.count
            for said, target in edges:
                self.member(said, target)
            self.shape_records.add(head.type, flags, head.timestamp_format, 0, first, len(edges))

    def member(self, said, target):
        detail = (said.query_name, said.xml_namespace, said.xml_prefix)
        flags = said.flags
        if any(detail):
            flags |= MEMBER_HAS_DETAIL
            self.member_details.add(self.members.count, *map(self.strings, detail))
        self.members.add(self.strings(said.name), self.strings(said.location_name), target, said.location,
                         said.timestamp_format, flags)

    def pagination(self, pagination):
        if pagination is None:
            return NONE
        lists = []
        for paths in (pagination.input_tokens, pagination.output_tokens, pagination.result_keys):
            lists += [self.texts.count, len(paths)]
            for path in paths:
                self.texts.add(self.strings(path))
        return self.paginations.add(*lists, self.strings(pagination.limit_key),
                                    self.strings(pagination.more_results))

    def waiter(self, waiter):
        first = self.acceptors.count
        for acceptor in waiter.acceptors:
            self.acceptors.add(*map(self.strings, acceptor))
        self.waiters.add(self.strings(waiter.name), self.strings(waiter.snake), self.strings(waiter.operation),
                         waiter.delay_s, waiter.attempts_max, first, len(waiter.acceptors))

    def indexes(self, services):
        for name, place in sorted(names.lookup_names(services).items(), key=lambda item: item[0].encode()):
            self.lookup_names.add(self.strings(name), place)
        for signing_name, place in sorted((service.signing_name.encode(), place)
                                          for place, service in enumerate(services)):
            self.signers.add(self.strings(signing_name.decode()), place)

    def bytes(self):
        parts = [(section.bytes, section.count) for section in self.sections()]
        parts.append((self.strings.bytes, len(self.strings.bytes)))
        head = struct.calcsize('<8s2I') + 8 * len(parts)
        table, body = b'', bytearray()
        for content, count in parts:
            table += struct.pack('<2I', head + len(body), count)
            body += content + bytes(-len(content) % 4)
        return struct.pack('<8s2I', MAGIC, VERSION, head + len(body)) + table + bytes(body)


def encode(services, shapes):
    encoder = Encoder(shapes)
    encoder.indexes(services)  # first: the strings of every lookup lie side by side
    for service in services:
        encoder.service(service)
    encoder.write_shapes()
    return encoder.bytes()
