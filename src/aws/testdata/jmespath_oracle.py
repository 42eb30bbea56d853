"""Prints random JMESPath expressions and what the reference implementation finds with them, one JSON
object a line: the oracle of jmespath_test.cc."""
import json
import random
import re

import jmespath
from jmespath.exceptions import JMESPathError

R = random.Random(11)
NAMES = ["a", "b", "c", "Name", "list", "n"]


def document(depth=0):
    kinds = ["number", "text", "bool", "null"] + ["list", "object"] * (0 if depth > 4 else 5)
    kind = R.choice(kinds)
    if kind == "number":
        return R.choice([0, 1, 2, -3, 7, 1.5])
    if kind == "text":
        return R.choice(["", "a", "b", "abc", "ünï", "12"])
    if kind == "bool":
        return R.random() < 0.5
    if kind == "null":
        return None
    if kind == "list":
        same = document(depth + 1) if R.random() < 0.6 else None
        return [document(depth + 1) if same is None else shuffled(same) for _ in range(R.randrange(5))]
    return {name: document(depth + 1) for name in NAMES if R.random() < 0.6}


def shuffled(value):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return R.randrange(9)
    if isinstance(value, str):
        return R.choice(["a", "b", "zz", ""])
    if isinstance(value, dict):
        return {key: shuffled(item) for key, item in value.items()}
    return value


def literal():
    return R.choice(["`1`", "`\"a\"`", "'a'", "`null`", "`[1, 2]`", "`true`", "`{\"a\": 1}`", "'it\\'s'",
                     "`1.5`", "`0`", "''"])


def name():
    return R.choice(NAMES + ['"a"', '"Name"'])


def call(depth):
    one = R.choice(["abs", "avg", "ceil", "floor", "keys", "length", "max", "min", "reverse", "sort", "sum",
                    "to_array", "to_number", "to_string", "type", "values", "not_null"])
    two = R.choice(["contains", "ends_with", "starts_with", "join", "merge", "not_null"])
    by = R.choice(["max_by", "min_by", "sort_by"])
    return R.choice([
        lambda: f"{one}({expression(depth + 1)})",
        lambda: f"{two}({expression(depth + 1)}, {expression(depth + 1)})",
        lambda: f"{by}({expression(depth + 1)}, &{expression(depth + 1)})",
        lambda: f"map(&{expression(depth + 1)}, {expression(depth + 1)})"])()


def step(depth):
    return R.choice([
        lambda: f".{name()}", lambda: f".{name()}", lambda: "[]", lambda: "[*]", lambda: ".*",
        lambda: f"[{R.randrange(-3, 4)}]",
        lambda: "[" + R.choice(["1:", ":2", "::2", "::-1", "-2:", "0:9:1", "2::-1", ":", "5:0:-2"]) + "]",
        lambda: f"[?{expression(depth + 1)}]",
        lambda: f".[{expression(depth + 1)}, {expression(depth + 1)}]",
        lambda: f".{{x: {expression(depth + 1)}, \"y z\": {expression(depth + 1)}}}",
        lambda: f" | {expression(depth + 1)}"])()


def expression(depth=0):
    if depth > 3:
        return R.choice([name(), name(), literal(), "@"])
    kind = R.random()
    if kind < 0.5:
        return R.choice([name(), name(), "@", "[]", "*", "[*]", "[0]"]) + "".join(
            step(depth) for _ in range(R.randrange(4)))
    if kind < 0.6:
        return literal()
    if kind < 0.75:
        return call(depth)
    if kind < 0.8:
        return f"!{expression(depth + 1)}"
    if kind < 0.85:
        return f"({expression(depth + 1)})" + step(depth)
    sign = R.choice(["||", "&&", "==", "!=", "<", "<=", ">", ">="])
    return f"{expression(depth + 1)} {sign} {expression(depth + 1)}"


def broken(text):
    at = R.randrange(len(text))
    return text[:at] + R.choice(["", "]", "(", ".", "`", "?", "#"]) + text[at + 1:]


def whole(value):
    """1.0 and 1 are one number on the wire."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return value


for _ in range(5000):
    given, text = document(), expression()
    if R.random() < 0.15:
        text = broken(text)
    # The reference forgets that a slice right after an index is a projection.
    if not text or re.search(r"\[-?\d+\]\[[^\]]*:", text):
        continue
    case = {"given": given, "expression": text}
    try:
        case["result"] = whole(jmespath.search(text, given))
    except JMESPathError as error:
        case["error"] = str(error)[:100]
    except Exception as error:  # the reference has no words for some faults
        continue
    print(json.dumps(case))
