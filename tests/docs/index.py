"""What pages promise as a whole: the index lists them all, and each bullet of the practice has a command that shows it."""

import posixpath
import re

INDEX = "docs/README.md"
PRACTICE = "docs/practice.md"
LISTED_ELSEWHERE = re.compile(r"docs/errors/AR-")
LINK = re.compile(r"\]\(([^)#]+)")
BULLET = re.compile(r"^\| (\d\.\d) \|", re.MULTILINE)
SHOWN_BY = re.compile(r"^\$ .*# (\d\.\d)\b|^    .*# (\d\.\d)\b", re.MULTILINE)


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
