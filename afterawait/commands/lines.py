"""The commands in the lines of a file: a shell's, a Makefile's, a Dockerfile's, a workflow's. Driver process.

Read as words, not by a parser for each kind of file: a line of a Dockerfile, of YAML or of a shell script differs in
quotation marks and brackets alone.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

JOINED = (".yml", ".yaml", ".json")
"""Files whose lists go over lines."""
COMMENTS = ("#", "//")
PUNCTUATION = re.compile(r"[\"',\[\](){}`]+(?![\w.])|(?<![\w.$:-])[\"',\[\](){}`]+|[\"',`]")
BEFORE = re.compile(r"^(?:[-@+\s]*|CMD|ENTRYPOINT|RUN|command:|run:|\w[\w-]*:)\s*")
NEXT = ("&&", "||", ";", "|")
PARTS = re.compile(r"\s*(?:&&|\|\||;|&(?!\d)|\|)\s*")


def of(name: str, text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number, continued ones as one, comments apart. Of a file whose lists go over lines: all as
    one, number 0.
    """
    if name.endswith(JOINED):
        yield 0, " ".join(line.strip().removeprefix("- ") for line in text.splitlines() if not is_comment(line))
        return
    begun, first = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        first = first if begun else number
        begun += line.rstrip().removesuffix("\\") + " "
        if not line.rstrip().endswith("\\"):
            if not is_comment(begun):
                yield first, begun
            begun = ""


def is_comment(line: str) -> bool:
    """Whether nothing but a comment is in the line."""
    return line.lstrip().startswith(COMMENTS)


def words(line: str) -> list[str]:
    """All words of a line, of whatever command, without what only its kind of file puts around them."""
    return PUNCTUATION.sub(" ", line).split()


def own(words: list[str]) -> list[str]:
    """Those up to the next command."""
    return words[: next((at for at, each in enumerate(words) if each in NEXT), len(words))]


def commands(line: str) -> Iterator[list[str]]:
    """The words of each command in a line, as a shell splits them."""
    line = BEFORE.sub("", line)
    if line.startswith("["):
        line = re.sub(r"[\[\]\",]+", " ", line)
    for part in PARTS.split(line):
        if found := split(BEFORE.sub("", part)):
            yield found


def split(text: str) -> list[str]:
    """A command's words, as a shell splits them."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
