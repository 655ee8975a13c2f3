"""Paths: what `source` names must be there; data of several machines must come to one name a file. Driver process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afterawait.doctor import files
from afterawait.doctor.files import Text
from afterawait.doctor.findings import Change, Checked, Finding, note, wrong
from afterawait.doctor.project import Project

SYSTEMS = ("ubuntu", "windows", "macos")
DOCS = "docs/doctor.md#paths"


def check(project: Project) -> Checked:
    """Names in the settings, and the workflows that combine."""
    said = (
        "source = " + ", ".join(project.sources)
        if project.sources
        else "no `source`: all that is imported from this folder"
    )
    return Checked("paths", said, (*_absent(project), *_results(project), *_machines(project)))


def _absent(project: Project) -> Iterator[Finding]:
    found = project.answer.found or {}
    named = [*project.options("source"), *project.options("source_pkgs"), *project.options("source_dirs")]
    for each in named:
        by_name = each not in project.options("source_dirs") and found.get(each.partition(".")[0])
        if files.is_folder(project.root / each) or project.places(each) or by_name:
            continue
        likely = [name for name in project.packages if name.rpartition("/")[2] not in {"tests", "test"}][:3]
        yield wrong(
            f"`source` names {each}, which is neither a folder nor a package here",
            why=f"Nothing of that name is below {project.root} or installed for {project.python.name}.",
            costs="Nothing is measured by that name, and coverage.py only warns.",
            docs=DOCS,
            changes=(Change("run:source", tuple(likely), without=(each,)),) if likely else (),
        )


def _results(project: Project) -> Iterator[Finding]:
    for key, places in (project.answer.paths or {}).items():
        if places and not files.is_folder(project.root / places[0]):
            yield note(
                f"`{key}` in [paths] begins with {places[0]}, which is no folder here",
                why="The first entry is the name that combined data get.",
                costs="Reports that find no source for these files.",
                docs=DOCS,
            )


def _machines(project: Project) -> Iterator[Finding]:
    if project.option("relative_files") or project.answer.paths:
        return
    for text in project.tested.texts:
        if _combines_downloads(text) and (kinds := _kinds(text)):
            yield wrong(
                "Data of several machines are combined, and each names the files in its own way",
                why=f"{text.name} combines data of {kinds}; neither `relative_files` nor [paths] is set.",
                costs="A file is reported once for each machine, each time with what that one ran; or not at all.",
                docs=DOCS,
                changes=(Change("run:relative_files", value=True),),
            )
            return


def _combines_downloads(text: Text) -> bool:
    return any(text.lines_with("coverage", "combine")) and any(text.lines_with("download-artifact"))


def _kinds(text: Text) -> str:
    systems = [each for each in SYSTEMS if re.search(rf"{each}-", text.text)]
    if len(systems) > 1:
        return " and ".join(systems)
    return "containers and outside of them" if re.search(r"^\s+container:", text.text, re.MULTILINE) else ""
