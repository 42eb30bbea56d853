#!/usr/bin/python3
"""modelc APIS OUTPUT: compiles the published service models into the form that src/model reads (src/model/README.md).

APIS is the package's folder of *.min.json. What modelc does not understand stops it: a model read half is worse than
none.
"""
import os
import sys

import layout
import names
import sdk
import shapes


def compile_models(apis):
    graph = shapes.Graph()
    services = []
    for file_name, files in sdk.newest(apis):
        services.append(sdk.Service(names.client_name(file_name), file_name, files, graph))
    services.sort(key=lambda service: service.name)
    return layout.encode(services, graph.minimised())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.splitlines()[0])
    apis, output = sys.argv[1:]
    compiled = compile_models(apis)
    partial = f'{output}.{os.getpid()}'
    with open(partial, 'wb') as file:
        file.write(compiled)
    os.replace(partial, output)  # a build that was interrupted leaves no half of a file behind


if __name__ == '__main__':
    main()
