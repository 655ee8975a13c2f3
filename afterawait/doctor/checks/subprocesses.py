"""Whether the Python programs that tests start would be measured at all. Driver process."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from afterawait import protocol
from afterawait.doctor.checks.coverage_version import UPGRADE
from afterawait.doctor.findings import Change, Checked, Finding, note, wrong
from afterawait.doctor.project import Project
from afterawait.doctor.starts import Start

PATCHES = (7, 10)
OWN_PTH = (7, 13)
DOCS = "docs/doctor.md#processes"
COSTS = "Every line that only the started process runs: a server's endpoints are reported as never run."
PATCH = (Change("run:patch", ("subprocess",)),)


def check(project: Project) -> Checked:
    """Whether one started here and now measures itself is seen; whether it would be asked to is read."""
    starts = [each for each in project.starts() if each.kind != "process"]
    if project.tested.afterawait:
        return Checked("subprocesses", "a run measures them")
    workers = _spread(project)
    if not starts and not workers:
        return Checked("subprocesses", "tests start none that Python measures", tuple(_named(project)))
    way = way_of(project)
    said = {
        "": "not asked for",
        "patch": "measured by `patch = subprocess`",
        "start": f"asked for by {protocol.COVERAGE_START}",
    }
    said["pytest-cov"] = "measured by pytest-cov"
    findings = [*(_hook(project, way) if way else _unasked(starts, workers)), *_stripped(starts)]
    return Checked("subprocesses", said[way], tuple(findings))


def way_of(project: Project, environ: Mapping[str, str] = os.environ) -> str:
    """What has a started process measured: "patch", "start", "pytest-cov", or nothing: ""."""
    if "subprocess" in project.options("patch"):
        return "patch"
    code = any(protocol.COVERAGE_START in _text(each.path) for each in project.source.modules if each.test)
    if code or environ.get(protocol.COVERAGE_START) or any(project.tested.says(protocol.COVERAGE_START)):
        return "start"
    old = project.answer.version("pytest-cov")
    return "pytest-cov" if old and old < (7,) and project.tested.pytest_cov else ""


def _unasked(starts: list[Start], workers: str) -> list[Finding]:
    place = starts[0].place if starts else None
    why = f"{place} starts `{starts[0].command}`" if place else f"`{workers}` starts processes"
    why += f", and nothing tells it to measure itself: neither `patch = subprocess` nor {protocol.COVERAGE_START}."
    what = "The processes that the tests start are not measured"
    return [wrong(what, why=why, costs=COSTS, docs=DOCS, changes=PATCH)]


def _hook(project: Project, way: str) -> list[Finding]:
    found = _named(project) if way == "start" else []
    if (
        project.answer.child is not False
        or way == "pytest-cov"
        or (way == "patch" and PATCHES <= project.version < OWN_PTH)
    ):
        return found
    other = project.answer.sitecustomize
    why = "A Python that was started here with that variable did not measure itself: "
    if project.version < OWN_PTH:
        why += "coverage.py before 7.13 brings no start hook"
        why += f", and the sitecustomize.py that runs is {other}." if other else ", and no sitecustomize.py starts it."
    else:
        why += "coverage.py's start hook, a .pth file, is missing in its site-packages (installed with --target, say)."
    what = "A process that the tests start would not measure itself"
    steps = (f"{UPGRADE}  into that environment",)
    return [*found, wrong(what, why=why, costs=COSTS, docs=DOCS, steps=steps)]


def _named(project: Project, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """The variable must name a file from any folder; with one that is missing, a program runs on unmeasured."""
    value = environ.get(protocol.COVERAGE_START, "")
    if not value or (Path(value).is_absolute() and Path(value).is_file()):
        return []
    what = f"{protocol.COVERAGE_START} names {value}, " + (
        "a relative path" if Path(project.root, value).is_file() else "which is no file"
    )
    why = "A process that is started in another folder would run unmeasured, with exit status 0."
    level = note if Path(project.root, value).is_file() else wrong
    steps = (f'export {protocol.COVERAGE_START}="$PWD/{project.config.name}"',)
    return [level(what, why=why, costs=COSTS, docs=DOCS, steps=steps)]


def _stripped(starts: list[Start]) -> list[Finding]:
    first = next((each for each in starts if each.stripped or each.shut_out), None)
    if first is None:
        return []
    if first.shut_out:
        what, why = (
            "A process is kept from measuring itself by its own command",
            f"{first.place} starts `{first.command}`.",
        )
        steps = (f"leave out `-S`, `env -i`  at {first.place}",)
    else:
        what = "A process is started with an environment of its own, in which nothing asks it to measure itself"
        why, steps = (
            f"{first.place} passes `env` without os.environ.",
            (f"env={{**os.environ, ...}}  at {first.place}",),
        )
    return [wrong(what, why=why, costs=COSTS, docs=DOCS, steps=steps)]


def _spread(project: Project) -> str:
    """What spreads the tests over processes that only `coverage run` is to measure."""
    if project.tested.pytest_cov or not any(project.tested.says("coverage run")):
        return ""
    value = next((each for option in ("-n", "--numprocesses") for each in project.tested.values(option)), "")
    return f"-n {value}" if value not in {"", "0"} else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
