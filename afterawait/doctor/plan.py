"""What all findings together make of the coverage configuration: one value an option. Driver process."""

from __future__ import annotations

from collections.abc import Iterable

from afterawait.doctor.checks.coverage_version import UPGRADE
from afterawait.doctor.config_file import Edit, Value
from afterawait.doctor.findings import Change, Checked
from afterawait.doctor.project import Project

SINCE = {"run:sigterm": (6, 4), "run:core": (7, 9), "run:patch": (7, 10)}
SEVERAL = (6, 2)
"""Since when `concurrency` may name several."""
ORDER = ("thread", "multiprocessing")


def edits(project: Project, checked: Iterable[Checked]) -> list[Edit]:
    """The lines to change, each option once."""
    changes = [change for each in checked for finding in each.findings for change in finding.changes]
    wanted: dict[str, Value | None] = {}
    for each in changes:
        wanted[each.option] = _value(project, each, wanted.get(each.option))
    needs = {name: value for name, value in wanted.items() if _differs(project, name, value)}
    if needs and not project.config.section("run") and not project.sources and project.packages:
        chosen = [each for each in project.packages if each.rpartition("/")[2] not in {"tests", "test", "docs"}]
        needs = {"run:source": chosen[:3], **needs} if chosen else needs
    return project.config.edits(needs)


def needs(project: Project, made: Iterable[Edit]) -> str:
    """What is to be installed before these lines hold; "" where they do."""
    since = [SINCE.get(each.option, ()) for each in made if each.text]
    since += [SEVERAL for each in made if each.option == "run:concurrency" and "," in each.text]
    return UPGRADE if project.version < max(since, default=()) else ""


def _value(project: Project, change: Change, so_far: Value | None) -> Value | None:
    if not change.values and change.value is None and not change.without:
        return None
    if change.value is not None:
        return change.value
    name = change.option.partition(":")[2]
    before = so_far if isinstance(so_far, list) else project.options(name)
    kept = [each for each in before if each not in change.without]
    values = list(dict.fromkeys([*kept, *change.values]))
    if name == "concurrency":  # greenlets first, as in coverage.py's own documentation
        values.sort(key=lambda each: ORDER.index(each) if each in ORDER else -1)
    return values


def _differs(project: Project, option: str, value: Value | None) -> bool:
    held = project.option(option.partition(":")[2])
    return bool(held != value)
