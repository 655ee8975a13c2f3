"""What a person reads, and what a machine does. Driver process."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import Any

from afterawait import __version__, terminal
from afterawait.doctor.config_file import Edit
from afterawait.doctor.examine import Examination
from afterawait.doctor.findings import Checked, Finding, Level
from afterawait.faults import Fault

FORMAT = 1
WIDEST = 100
SIGNS = {Level.GOOD: ("✓", "ok", "green"), Level.NOTE: ("•", "note", "yellow"), Level.WRONG: ("✗", "wrong", "red")}


def lines(found: Examination) -> Iterator[str]:
    """For a terminal, or a log."""
    yield f"{terminal.paint('afterawait doctor', 'bold')}  {found.project.root}"
    yield ""
    for each in found.checked:
        yield _line(each)
    for text in found.project.notes:
        yield from _paragraph("note", text)
    findings = [(each, one) for level in Level for each in found.checked for one in each.findings if one.level is level]
    for number, (_, finding) in enumerate(findings, 1):
        yield ""
        yield from _finding(number, finding, found)
    if found.edits:
        yield ""
        name = found.project.config.name
        how = "complete" if found.project.config.section("run") else "to be added at its end"
        yield terminal.paint(f"{name}: what says how it is measured, {how}", "bold")
        if found.needs:
            yield f"They need a newer coverage.py: {found.needs}"
        yield ""
        yield from (f"    {each}".rstrip() for each in found.table.splitlines())
    yield ""
    yield _conclusion(found, [one for _, one in findings])


def _line(checked: Checked) -> str:
    sign, word, colour = SIGNS[checked.level]
    mark = terminal.paint(sign, colour) if _draws() else f"{word:<5}"
    width = _width() - 19
    said = checked.line if len(checked.line) <= width or not _draws() else f"{checked.line[: width - 1]}…"
    return f"  {mark} {checked.name:<14} {said}"


def _finding(number: int, finding: Finding, found: Examination) -> Iterator[str]:
    colour = SIGNS[finding.level][2]
    head = textwrap.wrap(f"{finding.what}", _width() - 4)
    yield f"{terminal.paint(f'{number:>2}', colour)}  {terminal.paint(head[0], 'bold')}"
    yield from (f"    {terminal.paint(each, 'bold')}" for each in head[1:])
    if finding.seen:
        yield from _paragraph("seen", finding.seen)
    yield from _paragraph("why", finding.why)
    yield from _paragraph("costs", finding.costs)
    for step in finding.steps:
        yield from _paragraph("do", step)
    for edit in _edits(finding, found):
        yield from _edit(edit, found)
    yield from _paragraph("read", finding.docs)


def _edits(finding: Finding, found: Examination) -> list[Edit]:
    """The lines of one finding; another may need them too."""
    options = {each.option for each in finding.changes}
    return [each for each in found.edits if options and each.option in {*options, "run"}]


def _edit(edit: Edit, found: Examination) -> Iterator[str]:
    name, lines = found.project.config.name, found.project.config.lines
    if edit.first and edit.last >= edit.first:
        old = " ".join(line.strip() for line in lines[edit.first - 1 : edit.last])
        what = f"{name}:{edit.first}, in place of `{old}`" if edit.text else f"{name}:{edit.first}: take out `{old}`"
    else:
        what = f"{name}, in {edit.header}"
    yield from _paragraph("write" if edit.text else "do", what)
    for line in edit.text.splitlines():
        yield f"             {terminal.paint(line, 'green')}"


def _paragraph(topic: str, text: str) -> Iterator[str]:
    for number, line in enumerate(
        textwrap.wrap(text, _width() - 11, break_long_words=False, break_on_hyphens=False) or [""]
    ):
        yield f"    {topic if not number else '':<6} {line}"


def _conclusion(found: Examination, findings: list[Finding]) -> str:
    wrong = sum(each.level is Level.WRONG for each in findings)
    if not wrong:
        more = "" if found.project.answer.recorded else " (no canary was measured)"
        return terminal.paint(f"Nothing that makes the coverage wrong was found{more}.", "green")
    things = "1 thing makes" if wrong == 1 else f"{wrong} things make"
    return terminal.paint(f"{things} this project's coverage wrong.", "red") + " Change it as above, and ask again."


def _draws() -> bool:
    """Whether signs can be seen; in a log words are better."""
    return sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower()


def _width() -> int:
    return max(60, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def payload(found: Examination) -> dict[str, Any]:
    """For a machine; docs/doctor.md says what each key is."""
    project = found.project
    return {
        "format": FORMAT,
        "afterawait": __version__,
        "status": found.status,
        "root": os.fspath(project.root),
        "python": {"path": project.python.path, "version": ".".join(map(str, project.answer.python or ()))},
        "coverage": {
            "version": ".".join(map(str, project.version)),
            "tracer": project.tracer,
            "file": project.config.name,
        },
        "checks": [
            {
                "name": each.name,
                "level": each.level,
                "said": each.said,
                "findings": [_payload(one, found) for one in each.findings],
            }
            for each in found.checked
        ],
        "notes": project.notes,
        "edits": [_edit_payload(each, found) for each in found.edits],
        "table": found.table,
        "needs": found.needs,
    }


def refusal(fault: Fault) -> dict[str, Any]:
    """For a machine, where nothing could be found out."""
    return {"format": FORMAT, "afterawait": __version__, "status": int(fault.status), "fault": fault.payload()}


def _payload(finding: Finding, found: Examination) -> dict[str, Any]:
    return {
        **{name: getattr(finding, name) for name in ("level", "what", "seen", "why", "costs", "docs")},
        "steps": list(finding.steps),
        "edits": [_edit_payload(each, found) for each in _edits(finding, found)],
    }


def _edit_payload(edit: Edit, found: Examination) -> dict[str, Any]:
    return {
        "file": found.project.config.name,
        "option": edit.option,
        "section": edit.header,
        "first": edit.first,
        "last": edit.last,
        "text": edit.text,
    }
