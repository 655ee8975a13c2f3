"""coverage.py's version: some lose data when they combine. Driver process."""

from __future__ import annotations

from afterawait.doctor.findings import Checked, Finding, note, wrong
from afterawait.doctor.project import Project

LOSING, LOSES_NOTHING = (7, 13, 1), (7, 17)
UPGRADE = 'pip install "coverage>=7.17"'
DOCS = "docs/doctor.md#coveragepys-version"


def check(project: Project) -> Checked:
    """Which one is installed where the tests run."""
    version = project.version
    said = ".".join(map(str, version))
    return Checked("coverage.py", said or "not installed", tuple(_findings(project, version, said)))


def _findings(project: Project, version: tuple[int, ...], said: str) -> list[Finding]:
    absent = project.answer.absent
    if absent:
        what = f"coverage.py is not installed for {absent}: looked at with {project.python.name} instead"
        why = "Nothing is measured in that environment."
        return [note(what, why=why, costs="Everything.", docs=DOCS, steps=(UPGRADE,))]
    if not LOSING <= version < LOSES_NOTHING:
        return []
    combines = (
        bool(project.option("parallel")) or project.tested.pytest_cov or any(project.tested.says("coverage", "combine"))
    )
    what = f"coverage.py {said} can delete measured data when it combines"
    why = "7.13.1 to 7.16.2 have this fault (coveragepy issue 2338); 7.17.0 has not."
    why += "" if combines else " Here nothing is combined."
    found = wrong if combines else note
    costs = "All that a lost data file held, without a word."
    return [found(what, why=why, costs=costs, docs=DOCS, steps=(UPGRADE,))]
