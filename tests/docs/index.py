"""What pages promise as a whole: the index lists them all, each bullet of the practice has a command that shows it, and
README.md counts what there is."""

import posixpath
import re

INDEX = "docs/README.md"
PRACTICE = "docs/practice.md"
LISTED_ELSEWHERE = re.compile(r"docs/errors/AR-")
LINK = re.compile(r"\]\(([^)#]+)")
BULLET = re.compile(r"^\| (\d\.\d) \|", re.MULTILINE)
SHOWN_BY = re.compile(r"^\$ .*# (\d\.\d)\b|^    .*# (\d\.\d)\b", re.MULTILINE)
RULE = re.compile(r"^rule: (\S+)", re.MULTILINE)
COVERED = re.compile(r"([\d,]+) services, ([\d,]+) resource types(?: with \d+ aspects)?, ([\d,]+) operations")
# Sentences of README.md with figures, and what they count.
FIGURES = {
    r"([\d,]+) controls today, for ([\d,]+) managed-rule identifiers": ("controls", "identifiers"),
    r"\*\*Controls\*\*: ([\d,]+), for ([\d,]+) of Config's": ("controls", "identifiers"),
    r"by one of ([\d,]+) runbooks": ("runbooks",),
    COVERED.pattern: ("services", "resource types", "operations"),
}


def counts_of(source):
    """What there is of each, by the catalog and by docs/coverage.md, which another test holds against the descriptions."""
    rules = [RULE.search(file.read_text())[1] for file in source.glob("catalog/controls/*/control.yaml")]
    covered = COVERED.search((source / "docs/coverage.md").read_text()).groups()
    return {"controls": len(rules), "identifiers": len({rule for rule in rules if not rule.startswith("ARIGHT_")}),
            "runbooks": len(list(source.glob("catalog/runbooks/*.yaml"))),
            **{name: number(text) for name, text in zip(("services", "resource types", "operations"), covered)}}


def number(text):
    return int(text.replace(",", ""))


def figure_faults_of(text, counts):
    faults = []
    for pattern, names in FIGURES.items():
        found = re.search(pattern, text.replace("\n  ", " "))
        if found is None:
            faults.append(f"README.md: no sentence is like {pattern}")
            continue
        faults += [f"README.md: {said} {name}, and there are {counts[name]}" for name, said in zip(names, found.groups())
                   if number(said) != counts[name]]
    return faults


def faults_of(pages):
    texts = dict(pages)
    faults = []
    if INDEX in texts:
        listed = {posixpath.normpath(posixpath.join("docs", link)) for link in LINK.findall(texts[INDEX])}
        faults += [f"{INDEX}: {name} is not listed" for name in sorted(texts) if name.startswith("docs/") and name != INDEX
                   and name not in listed and not LISTED_ELSEWHERE.match(name)]
    if PRACTICE in texts:
        bullets = BULLET.findall(texts[PRACTICE])
        shown = {one or other for one, other in SHOWN_BY.findall(texts[PRACTICE])}
        faults += [f"{PRACTICE}: no command shows {bullet}" for bullet in bullets if bullet not in shown]
        if len(bullets) != 30:
            faults.append(f"{PRACTICE}: {len(bullets)} bullets, not 30")
    return faults
