"""`afterawait doctor`: where it names a loss coverage.py really loses lines, and with the lines given it does not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from e2e.selftests.doctored import Patient, findings

TOYS = Path(__file__).parent / "toys"
AWAIT = "Lines after an `await` are reported as missed"
THREAD = "Lines that run in threads are reported as missed"
BEFORE_314 = pytest.mark.skipif(sys.version_info >= (3, 14), reason="coverage.py takes sys.monitoring by itself there")
CTRACE = "core = ctrace\n"


@pytest.mark.parametrize(
    ("toy", "file", "settings", "found"),
    [
        pytest.param("awaits", "", "", ("concurrency", AWAIT), id="no settings", marks=BEFORE_314),
        pytest.param("awaits", ".coveragerc", f"[run]\n{CTRACE}source = shop\n", ("concurrency", AWAIT), id="await"),
        pytest.param(
            *("awaits", "pyproject.toml"),
            '[tool.coverage.run]\nsource = ["shop"]\ncore = "ctrace"\nconcurrency = [\n    "greenlet",\n]  # all\n',
            ("concurrency", THREAD),
            id="thread",
        ),
        pytest.param(
            *("server", "pyproject.toml", '[tool.coverage.run]\nsource = ["shop"]\n'),
            ("subprocesses", "The processes that the tests start are not measured"),
            id="server",
        ),
        pytest.param(
            *("server", "tox.ini", "[coverage:run]\nsource = shop\npatch = subprocess\n\n[tox]\n"),
            ("SIGTERM", "A process that is ended by SIGTERM leaves no data"),
            id="SIGTERM",
        ),
        pytest.param(
            *("pool", ".coveragerc", "[run]\nsource = shop\n"),
            ("processes", "What runs in processes of multiprocessing is reported as missed"),
            id="pool",
        ),
        pytest.param(
            *("forks", ".coveragerc.toml", '[run]\nsource = ["shop"]\n'),
            ("processes", "What a forked process runs is reported as missed"),
            id="fork",
        ),
        pytest.param(
            *("children", "setup.cfg", "[coverage:run]\nsource =\n    shop\n\n[other]\nx = 1\n"),
            ("combine", "Processes overwrite each other's data"),
            id="overwritten and elsewhere",
        ),
        pytest.param(
            *("switches", ".coveragerc", f"[run]\n{CTRACE}source = shop\nconcurrency =\n    greenlet\n    thread\n"),
            ("concurrency", "Lines around a greenlet's switch by hand are reported as missed"),
            id="switches",
        ),
    ],
)
def test_what_is_called_lost_is_lost_and_with_the_lines_given_it_is_not(
    tmp_path: Path, toy: str, file: str, settings: str, found: tuple[str, str]
) -> None:
    """coverage.py itself is the witness of both."""
    patient = Patient(tmp_path / "ein Läden", toy=TOYS / f"doctor_{toy}")
    if file:
        patient.write(file, settings)
    assert patient.lost()

    answer = patient.ask(status=3)
    patient.apply(answer["edits"])

    check, what = found
    assert what in findings(answer)[check]
    assert not patient.lost()
    text = (patient.root / answer["edits"][0]["file"]).read_text(encoding="utf-8")
    assert all(part in text for part in answer["table"].split("\n\n"))
    again = patient.ask(status=0)
    assert not findings(again)
    assert again["edits"] == []


@pytest.mark.skipif(sys.version_info < (3, 14), reason="before, coverage.py measures no branches by sys.monitoring")
def test_a_branch_that_never_ran_is_claimed_and_with_the_lines_given_it_is_not(tmp_path: Path) -> None:
    """By default, from Python 3.14 on."""
    patient = Patient(tmp_path / "shop", toy=TOYS / "doctor_sides")
    patient.write(".coveragerc", "[run]\nsource = shop\nbranch = true\n")
    lines = (patient.root / "shop/way.py").read_text(encoding="utf-8").splitlines()
    never = next(number for number, line in enumerate(lines, 1) if line.endswith("# never false"))
    claimed = (never, never + 2)
    _, before = patient.measure()

    answer = patient.ask(status=3)
    patient.apply(answer["edits"])

    assert claimed in before["shop/way.py"]
    assert findings(answer) == {"core": ["Branches that never ran are reported as taken"]}
    _, after = patient.measure()
    assert after["shop/way.py"] - {claimed}
    assert claimed not in after["shop/way.py"]
    assert not findings(patient.ask(status=0))
