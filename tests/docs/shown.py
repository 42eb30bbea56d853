"""Holds what a page shows against what was printed.

Words and their order count. Numbers, times, ids and hashes may be others, and `…` stands for anything: on a line of its own
for any lines. What took the place of an id or a hash is remembered, so that later commands of the page mean it.
"""

import re

# Each kind of text that differs from run to run, and what may stand in its place. The first that fits counts.
KINDS = [
    ("id", r"\b(?:fnd|rem|exec|esc|sig)_(?:[0-9A-Za-z]+…?|…)", None),
    ("token", r"\baright_(?:[0-9a-f]+…?|…)", r"aright_[0-9a-f]+"),
    ("key", r"\baright/[0-9a-f]+\+(?:[0-9A-Za-z+/=]+|…)", r"aright/[0-9a-f]+\+[0-9A-Za-z+/=]+"),
    ("resource", r"\b(?:i|sg|snap|vol|vpc|subnet|eni|ami|igw|rtb|acl)-(?:[0-9a-f]{8,}|…)", None),
    ("hash", r"(?<![\w-])(?=[0-9a-f]*\d)[0-9a-f]{8,}…?(?![\w-])", r"[0-9a-f]{8,}…?"),
    ("time", r"\b\d{4}-\d\d-\d\dT[\d:.]+Z?|\b\d\d:\d\d:\d\d(?:\.\d+)?", r"[\dTZ:.-]+"),
    ("duration", r"(?<![\w.-])\d+(?:\.\d+)? (?:ms|s|min|h|days?)\b(?: \d+ (?:ms|s|min|h)\b)*",
     r"\d+(?:\.\d+)? (?:ms|s|min|h|days?)\b(?: \d+ (?:ms|s|min|h)\b)*"),
    ("port", r"(?<=127\.0\.0\.1:)\d+", r"\d+"),
    ("number", r"(?<![\w.-])\d[\d,]*(?:\.\d+)?(?![\w-])", r"\d[\d,]*(?:\.\d+)?"),
    ("rest", r"…", r".*?"),
    ("space", r"\s+", r"\\s+"),
]
KNOWN = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern, _ in KINDS))
PLACES = {name: place for name, _, place in KINDS}
REMEMBERED = {"id", "token", "key", "resource", "hash"}
ID = re.compile(r"\b(fnd|rem|exec|esc|sig)_[0-9A-Za-z]+")
PLACEHOLDER = re.compile(r"\b(fnd|rem|exec|esc|sig|aright)_…")
HEAD = re.compile(r"[A-Z][A-Z ]+  +[A-Z]")  # of a table


def place_of(kind, text):
    """The pattern for what may stand in the place of `text`."""
    if kind == "id":
        return text.split("_")[0] + "_[0-9A-Za-z]+…?"
    if kind == "resource":
        return text.split("-")[0] + "-[0-9a-f]+"
    if kind == "space":
        return r"\s+"
    return PLACES[kind]


def pattern_of(lines):
    """(a pattern for the whole output, the texts that its groups stand for)."""
    pattern, groups = "", []
    for part in re.split(r"((?:^|\n)\s*…\s*(?=\n|$))", "\n".join(lines).strip()):
        if part.strip() == "…":
            pattern += r"[\s\S]*?"
            continue
        end = 0
        part = part.strip("\n")
        for found in KNOWN.finditer(part):
            kind = found.lastgroup
            pattern += re.escape(part[end:found.start()])
            place = place_of(kind, found[0])
            if kind in REMEMBERED:
                pattern += f"({place})"
                groups.append(found[0])
            else:
                pattern += place
            end = found.end()
        pattern += re.escape(part[end:]) + (r"\s*" if part else "")
    return pattern, groups


def rows_as_shown(lines, printed):
    """`printed`, with the rows of its table in the order of `lines`: which of two findings came first is chance."""
    out = printed.split("\n")
    for head, line in enumerate(lines):
        if not HEAD.match(line):
            continue
        begin = next((at for at, text in enumerate(out) if match_in_order([line], text) is not None), None)
        if begin is None:
            return printed
        begin += 1
        end = next((at for at in range(begin, len(out)) if not out[at].strip()), len(out))
        rows, ordered, rest_at = out[begin:end], [], None
        for wanted in lines[head + 1:]:
            if not wanted.strip() or HEAD.match(wanted):
                break
            if wanted.strip() == "…":
                rest_at = len(ordered) if rest_at is None else rest_at
            elif (row := next((row for row in rows if match_in_order([wanted], row) is not None), None)) is not None:
                rows.remove(row)
                ordered.append(row)
        rest_at = len(ordered) if rest_at is None else rest_at
        out[begin:end] = ordered[:rest_at] + rows + ordered[rest_at:]
    return "\n".join(out)


def match(lines, printed):
    """What the texts of `lines` came to in `printed`, by text; None when it shows something else."""
    found = match_in_order(lines, printed)
    if found is None and any(HEAD.match(line) for line in lines):
        found = match_in_order(lines, rows_as_shown(lines, printed))
    return found


def match_in_order(lines, printed):
    pattern, groups = pattern_of(lines)
    found = re.fullmatch(r"\s*" + pattern + r"\s*", printed)
    return None if found is None else dict(zip(groups, found.groups()))


def first_difference(lines, printed):
    """The first shown line after which nothing fits any more."""
    for count in range(1, len(lines) + 1):
        if lines[count - 1].strip() and match(lines[:count] + ["…"], printed) is None:
            return count - 1, lines[count - 1]
    return len(lines), "nothing more is shown, but more was printed"


class Memory:
    """What the ids that a page shows came to in this run."""

    def __init__(self):
        self.texts = {}  # shown → real
        self.newest = {}  # fnd, rem … → real, as shown last; else as printed last
        self.printed = {}

    def learn(self, matched, printed):
        for found in ID.finditer(printed):
            self.printed[found[1]] = found[0]
        for found in re.finditer(r"\baright_[0-9a-f]{16,}", printed):
            self.printed["aright"] = found[0]
        self.newest = {kind: text for kind, text in self.newest.items() if kind in self.printed}
        for shown, real in (matched or {}).items():
            self.texts[shown] = real.rstrip("…") if not shown.endswith("…") else real
            kind = re.match(r"(fnd|rem|exec|esc|sig|aright)_", shown)
            if kind:
                self.newest[kind[1]] = real

    def fill(self, text):
        """`text` with the ids of this run. A placeholder that nothing stands for raises KeyError."""
        for shown in sorted(self.texts, key=len, reverse=True):
            if not PLACEHOLDER.fullmatch(shown):
                text = text.replace(shown, self.texts[shown])
        return PLACEHOLDER.sub(lambda found: self.newest.get(found[1]) or self.printed[found[1]], text)
