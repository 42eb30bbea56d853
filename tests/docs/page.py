"""What a page of the documents tells the runner: files, commands with what they print, and what is not run.

tests/docs/README.md has the conventions.
"""

import dataclasses
import re

FENCE = re.compile(r"^( *)(`{3,}|~{3,})\s*(\S*)\s*(.*?)\s*$")
DIRECTIVE = re.compile(r"^<!--\s*(not run|before|aws):?(.*)$")
EXIT_CODE = re.compile(r"\s#.*\bexit code (\d+)\b")
COMMAND_LANGUAGES = ("console", "sh", "bash", "shell")


class Fault(Exception):
    """A page that does not keep to the conventions, or does not tell the truth. Says where."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


@dataclasses.dataclass
class Command:
    line: int
    text: str
    shown: list = dataclasses.field(default_factory=list)
    code: int = 0
    any_code: bool = False  # the next command asks for it
    not_run: str = ""


@dataclasses.dataclass
class File:
    line: int
    name: str
    text: str


@dataclasses.dataclass
class Before:
    """What the reader has already, such as a file that the page speaks of: not shown, run all the same."""

    line: int
    text: str


@dataclasses.dataclass
class Page:
    path: str
    steps: list
    cloud: str = ""  # options of the sandbox that stands for AWS

    @property
    def commands(self):
        return [step for step in self.steps if isinstance(step, Command)]


def is_whole(text):
    """Whether a shell would not wait for another line."""
    if text.endswith("\\"):
        return False
    quote, escaped = "", False
    for at, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (at == 0 or text[at - 1].isspace()):
            return True
    return not quote and not open_here_document(text)


def open_here_document(text):
    here = re.search(r"<<-?\s*'?(\w+)'?", text)
    return bool(here) and here[1] not in [line.strip() for line in text.split("\n")[1:]]


def whole_commands(text):
    """The commands of a script without loops over several lines."""
    commands = []
    for line in text.split("\n"):
        if commands and not is_whole(commands[-1]):
            commands[-1] += "\n" + line
        elif line.strip():
            commands.append(line)
    return commands


def commands_of(path, line, lines):
    """The commands of one block: `$ ` begins one, what follows is shown."""
    commands = []
    open_command = False
    for number, text in enumerate(lines, line):
        if open_command:
            commands[-1].text += "\n" + text
        elif text.startswith("$ "):
            commands.append(Command(number, text[2:].rstrip()))
        elif commands:
            commands[-1].shown.append(text)
            continue
        elif text.strip():
            raise Fault(path, number, "a block of commands begins with `$ `")
        else:
            continue
        open_command = not is_whole(commands[-1].text)
    if open_command:
        raise Fault(path, commands[-1].line, "the command has no end")
    for command, following in zip(commands, commands[1:] + [None]):
        code = EXIT_CODE.search(command.text)
        command.code = int(code[1]) if code else 0
        command.any_code = following is not None and following.text == "echo $?"
    return commands


def read_comment(lines, at):
    """(text, index after it) of the HTML comment that begins at `at`."""
    text = []
    while at < len(lines):
        text.append(lines[at])
        at += 1
        if "-->" in text[-1]:
            break
    return "\n".join(text).split("-->")[0], at


def read_block(path, lines, at):
    """(language, rest of the info string, lines, index after it) of the fenced block that begins at `at`."""
    indent, fence, language, info = FENCE.match(lines[at]).groups()
    begin = at + 1
    at = begin
    while at < len(lines) and lines[at].strip() != fence:
        at += 1
    if at == len(lines):
        raise Fault(path, begin, "the block has no end")
    return language, info, [line.removeprefix(indent) for line in lines[begin:at]], at + 1


class Reader:
    def __init__(self, path, text):
        self.page = Page(path, [])
        self.lines = text.split("\n")
        self.reason = ""  # of the marker that waits for its block
        self.marker = 0

    def read(self):
        at = 0
        while at < len(self.lines):
            if DIRECTIVE.match(self.lines[at]):
                at = self.directive(at)
            elif FENCE.match(self.lines[at]):
                at = self.block(at)
            else:
                if self.lines[at].strip() and self.reason:
                    raise Fault(self.page.path, self.marker, "what is not run follows at once")
                at += 1
        return self.page

    def directive(self, at):
        comment, after = read_comment(self.lines, at)
        word, text = DIRECTIVE.match(comment.split("\n")[0])[1], comment.split(word_end(comment), 1)[1].strip()
        if not text:
            raise Fault(self.page.path, at + 1, f"`{word}` says nothing: a reason or a command is missing")
        if word == "not run":
            self.reason, self.marker = " ".join(text.split()), at + 1
        elif word == "aws":
            self.page.cloud = text
        else:
            self.page.steps.append(Before(at + 1, text))
        return after

    def block(self, at):
        language, info, lines, after = read_block(self.page.path, self.lines, at)
        if language in COMMAND_LANGUAGES:
            commands = commands_of(self.page.path, at + 2, lines)
            for command in commands:
                command.not_run = self.reason
            self.page.steps += commands
        elif info:
            self.page.steps.append(File(at + 1, info, "\n".join(lines) + "\n"))
        self.reason = ""
        return after


def word_end(comment):
    return re.match(r"<!--\s*(?:not run|before|aws):?", comment)[0]


def read_page(path, text):
    return Reader(path, text).read()
