#!/usr/bin/env python3
"""Checks what an aright ledger shows of itself, with nothing but Python's standard library.

  verify.py EXPORT [--key KEY] [--since CHECKPOINT]     a directory that `aright ledger export` wrote
  verify.py PROOFS.json [--key KEY]                     what `aright ledger prove` printed

EXPORT is sound when its checkpoint is signed with KEY, its entries hash to the checkpoint's root, its tiles are made of
them, and their positions and sequences have no gaps. With --since it must also begin with the entries of an older checkpoint. Without --key, the key
that lies beside is believed: then only what a stranger changed since is found.
Exit code 0: genuine. 1: not. 2: asked wrongly.
"""

import argparse
import base64
import binascii
import hashlib
import json
import pathlib
import sys


class Refused(Exception):
    pass


def sha256(data):
    return hashlib.sha256(data).digest()


# RFC 6962: what the leaves and nodes of the tree hash to.

def leaf_hash(leaf):
    return sha256(b"\0" + leaf)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def root_of(leaves):
    """Pairs neighbours level by level; one that has none goes up as it is."""
    if not leaves:
        return sha256(b"")
    level = leaves
    while len(level) > 1:
        above = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = above + level[len(above) * 2:]
    return level[0]


def tile_path(level, number, width):
    path = f"{number % 1000:03}"
    while number := number // 1000:
        path = f"x{number % 1000:03}/{path}"
    return f"tile/{level}/{path}" + (f".p/{width}" if width < 256 else "")


def tiles_of(leaves):
    """The files of C2SP's tlog-tiles: 256 hashes each, of leaves, then of the trees over 256 of those, and so on."""
    level, hashes = 0, leaves
    while hashes:
        for start in range(0, len(hashes), 256):
            tile = hashes[start:start + 256]
            yield tile_path(level, start // 256, len(tile)), b"".join(tile)
        hashes = [root_of(hashes[start:start + 256]) for start in range(0, len(hashes) - 255, 256)]
        level += 1


def is_included(leaf, index, size, root, proof):
    if index >= size:
        return False
    last = size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index % 2 or index == last:
            leaf = node_hash(sibling, leaf)
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            leaf = node_hash(leaf, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and leaf == root


# RFC 8032: Ed25519, verification only. Points are (X, Y, Z, T), with x = X/Z, y = Y/Z, xy = T/Z.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, point):
    out = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            out = add(out, point)
        point, scalar = add(point, point), scalar >> 1
    return out


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, message, signature):
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = times(s, BASE), add(r, times(h, a))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


# C2SP signed-note and tlog-checkpoint.

def parse_key(text):
    try:
        name, key_id, data = text.strip().split("+", 2)
        key_id, data = bytes.fromhex(key_id), base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error):
        raise Refused("the key is not written NAME+ID+KEY") from None
    if len(data) != 33 or data[0] != 1 or sha256(name.encode() + b"\n" + data)[:4] != key_id:
        raise Refused("the key is no Ed25519 key, or its ID is not its own")
    return name, key_id, data[1:]


def open_checkpoint(note, key):
    """(size, root) of a checkpoint that this key signed."""
    name, key_id, public = parse_key(key)
    text, empty, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        words = line.split(" ")
        if not empty or len(words) != 3 or words[0] != "—":
            raise Refused("the checkpoint is no signed note")
        data = base64.b64decode(words[2])
        if words[1] == name and data[:4] == key_id:
            if not is_signed(public, text.encode(), data[4:]):
                raise Refused("the checkpoint's signature is not one over its text")
            break
    else:
        raise Refused("the checkpoint is not signed with this key")
    lines = text.splitlines()
    if len(lines) < 3 or not lines[1].isdigit():
        raise Refused("the signed text is no checkpoint")
    return int(lines[1]), base64.b64decode(lines[2])


def check_entry(line, number, sequences):
    """The leaf hash of one line of an export."""
    entry = json.loads(line)
    if entry["position"] != number:
        raise Refused(f"entry {number}: position {entry['position']} stands in its place")
    if "redacted" in entry:
        sequences.clear()  # whose sequence it was is not told
        sequences[None] = True
        leaf = bytes.fromhex(entry["redacted"])
        if line != b'{"position":%d,"redacted":"%s"}' % (number, leaf.hex().encode()):  # no hash is over anything else
            raise Refused(f"entry {number}: it was kept back, and more than its hash stands there")
        return leaf
    expected = sequences.get(entry["stream"], None if None in sequences else 0)
    if expected is not None and entry["sequence"] != expected + 1:
        raise Refused(f"entry {number}: the stream {entry['stream']} goes on with sequence {entry['sequence']}")
    sequences[entry["stream"]] = entry["sequence"]
    return leaf_hash(line)


def changed_entry(directory, leaves, root):
    """The first entry whose leaf is another one by the tiles; None where the tiles do not hash to the root either."""
    written = []
    for start in range(0, len(leaves), 256):
        path = directory / tile_path(0, start // 256, min(256, len(leaves) - start))
        tile = path.read_bytes() if path.exists() else b""
        written += [tile[at:at + 32] for at in range(0, len(tile), 32)]
    if len(written) != len(leaves) or root_of(written) != root:
        return None
    return next(number for number, pair in enumerate(zip(leaves, written), 1) if pair[0] != pair[1])


def check_export(directory, key, since):
    key = key or (directory / "key").read_text()
    size, root = open_checkpoint((directory / "checkpoint").read_text(), key)
    leaves, sequences, redacted = [], {}, 0
    with open(directory / "entries.jsonl", "rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                leaves.append(check_entry(line.rstrip(b"\n"), number, sequences))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise Refused(f"entry {number} cannot be read: it was changed") from None
            redacted += b'"redacted":"' in line and "redacted" in json.loads(line)
    if len(leaves) != size:
        raise Refused(f"the checkpoint has {size} entries, and there are {len(leaves)}")
    if root_of(leaves) != root:
        number = changed_entry(directory, leaves, root)
        if number:
            raise Refused(f"entry {number} does not hash to its leaf in the tree: it was changed")
        raise Refused("the entries do not hash to the checkpoint's root: at least one was changed")
    for path, tile in tiles_of(leaves):
        if (directory / path).read_bytes() != tile:
            raise Refused(f"{path} does not hold the hashes of the entries")
    if since:
        old_size, old_root = open_checkpoint(pathlib.Path(since).read_text(), key)
        if old_size > size or root_of(leaves[:old_size]) != old_root:
            raise Refused(f"the ledger does not continue the one that the checkpoint of {old_size} entries was of")
    return f"{size} entries" + (f", {redacted} of them redacted" if redacted else "")


def check_bundle(path, key):
    bundle = json.loads(path.read_text())
    if bundle.get("format") != "aright-proof/1":
        raise Refused("these are no proofs of aright")
    size, root = open_checkpoint(bundle["checkpoint"], key or bundle["key"])
    for one in bundle["entries"]:
        leaf = one["leaf"].encode()
        proof = [base64.b64decode(text) for text in one["proof"]]
        if json.loads(leaf)["position"] != one["index"] + 1 or not is_included(leaf_hash(leaf), one["index"], size, root, proof):
            raise Refused(f"entry {one['index'] + 1} is not among the checkpoint's {size}")
    return f"{len(bundle['entries'])} of {size} entries"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", type=pathlib.Path)
    parser.add_argument("--key", help="the key, or a file that has it")
    parser.add_argument("--since", metavar="CHECKPOINT", help="an older checkpoint of the same ledger, in a file")
    asked = parser.parse_args()
    key = asked.key
    try:
        if key and pathlib.Path(key).exists():
            key = pathlib.Path(key).read_text()
        told = check_export(asked.what, key, asked.since) if asked.what.is_dir() else check_bundle(asked.what, key)
    except Refused as refused:
        print(f"not genuine: {refused}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"not genuine: it cannot be read: {error!r}")
        return 1
    print(f"genuine: {told}")
    return 0


sys.exit(main())
