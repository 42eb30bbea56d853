"""Commands that pages only speak of, in the middle of a sentence: each has to exist, with its options.

They are held against docs/reference/cli.md, which another test holds against the binary.
"""

import re

CODE = re.compile(r"`(aright [^`\n]*)`|^  (aright \S.*?)(?:  .*)?$")  # in a sentence, or an example of the reference
OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]*)")


def reference_of(text):
    """{command path: (options, whether it has commands below it)} by docs/reference/cli.md."""
    reference = {}
    sections = re.split(r"^#{2,4} ", text, flags=re.MULTILINE)
    everywhere = set()
    for section in sections:
        title = section.split("\n", 1)[0]
        if title.startswith("Options of every command"):
            everywhere = set(OPTION.findall(section))
        if title.startswith("aright "):
            reference[title] = set(OPTION.findall(section)) | {"--help"}
    return {title: options | everywhere for title, options in reference.items()} | {"aright": everywhere}


def fault_of(words, reference):
    """What is wrong with a command, or an empty text."""
    command = "aright"
    for word in words[1:]:
        if f"{command} {word}" not in reference:
            break
        command = f"{command} {word}"
    below = [title for title in reference if title.startswith(command + " ")]
    following = words[len(command.split()):]
    if below and following and re.fullmatch(r"[a-z][a-z-]*", following[0]):
        return f"there is no command `{command} {following[0]}`"
    for option in OPTION.findall(" ".join(words)):
        if option not in reference[command]:
            return f"`{command}` has no option {option}"
    return ""


def faults_of(pages, reference_text):
    reference = reference_of(reference_text)
    faults = []
    for name, text in pages:
        for number, line in enumerate(text.split("\n"), 1):
            for found in CODE.finditer(line):
                if fault := fault_of((found[1] or found[2]).split(), reference):
                    faults.append(f"{name}:{number}: {fault}")
    return faults
