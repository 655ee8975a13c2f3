"""Each run has a folder of its own, and nothing that goes wrong costs the results of an earlier one. Test process."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from afterawait import protocol
from e2e.selftests import processes
from e2e.selftests.project import TIMEOUT, Ended, Project
from e2e.selftests.test_ending import hold_at
from e2e.selftests.toy_projects import Toy

FILL = """\
import pathlib


def test_fill(http):
    assert http.get("/thread").status_code == 200
    try:
        with pathlib.Path(".afterawait/filler").open("wb", buffering=0) as filler:
            while filler.write(b"0" * 4096):
                pass
    except OSError:
        pass
"""


def own_reports(project: Project) -> Project:
    """The project without a coverage configuration: its reports lie in the run's folder."""
    (project.root / ".coveragerc").unlink()
    project.replace("pyproject.toml", 'coverage_config = ".coveragerc"\n', "")
    return project


def folders(project: Project) -> list[str]:
    """The names of the runs that are kept, the oldest first."""
    return sorted(each.name for each in (project.root / ".afterawait/runs").iterdir())


def results(project: Project) -> dict[str, bytes]:
    """Where `latest` leads, and all that people read there."""
    latest = project.root / ".afterawait/latest"
    names = [*latest.glob("coverage.*"), *latest.glob("htmlcov/*.html"), latest / ".coverage", latest / "run.json"]
    assert len(names) > 6
    return {"latest": bytes(latest.readlink())} | {each.name: each.read_bytes() for each in names}


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Such a project after its run: look, and change nothing."""
    project = own_reports(Project(tmp_path_factory.mktemp("reported") / "a project"))
    assert project.run().status == 0, project.ended.output
    return project


@pytest.fixture
def kept(reported: Project, tmp_path: Path) -> Iterator[Project]:
    """The same, for one test."""
    project = reported.copied(tmp_path / "a project")
    yield project
    project.close()


def test_a_run_has_a_folder_for_its_owner_alone(reported: Project) -> None:
    """All that it leaves is in there, and `latest` is a link to it."""
    state = reported.root / ".afterawait"
    [name] = folders(reported)
    assert re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", name)
    assert (state / "latest").readlink() == Path("runs", name)
    assert [each.stat().st_mode & 0o777 for each in (state / "runs", state / "runs" / name)] == [0o700, 0o700]
    assert {each.name for each in state.iterdir()} == {".gitignore", "cache", "latest", "lock", "runs"}


def wrong_option(project: Project) -> Ended:
    """An option that pytest does not know."""
    return project.run("--no-such-option")


def wrong_setting(project: Project) -> Ended:
    """A key of the settings that there is none of."""
    project.replace("pyproject.toml", "[tool.afterawait]\n", "[tool.afterawait]\nsauce = 1\n")
    return project.run()


def broken_application(project: Project) -> Ended:
    """One that cannot be imported."""
    project.write("toy/main.py", "import no_such_module\n")
    return project.run()


def nothing_to_combine(project: Project) -> Ended:
    """A folder that holds no run."""
    return project.run("tests", module="combine")


def ended_by(number: signal.Signals) -> Callable[[Project], Ended]:
    """A run that a signal ends while a test runs: its whole process group, as a terminal does."""

    def run(project: Project) -> Ended:
        here = project.root / "here"
        hold_at(project, "test", here)
        driver = project.start()
        processes.until(here.exists, "a test runs")
        os.killpg(driver.pid, number)
        output, _ = driver.communicate(timeout=TIMEOUT)
        processes.until(lambda: not processes.of(project.root), "no process of the run is left")
        return Ended(driver.returncode, output)

    return run


GOES_WRONG = {
    "a wrong option": (wrong_option, 4),
    "a wrong setting": (wrong_setting, 4),
    "an application that cannot start": (broken_application, 1),
    "nothing to combine": (nothing_to_combine, 4),
    "Ctrl-C": (ended_by(signal.SIGINT), 130),
    "kill -9": (ended_by(signal.SIGKILL), -9),
}


@pytest.mark.parametrize(("goes_wrong", "status"), GOES_WRONG.values(), ids=GOES_WRONG)
def test_the_last_judged_run_stays(kept: Project, goes_wrong: Callable[[Project], Ended], status: int) -> None:
    """Its data, its reports, and what `latest` leads to."""
    before = results(kept)
    files = {path: path.read_bytes() for name in ("toy", "tests", "pyproject.toml") for path in _files(kept, name)}

    ended = goes_wrong(kept)

    assert ended.status == status, ended.output
    assert results(kept) == before
    for path in _files(kept, "tests"):
        path.unlink()
    for path, content in files.items():
        path.write_bytes(content)
    asked = kept.run("toy/main.py", module="who")
    assert asked.status == 0, asked.output


def _files(project: Project, name: str) -> list[Path]:
    return [each for each in (project.root / name, *(project.root / name).glob("*.py")) if each.is_file()]


def test_reports_that_a_projects_own_file_sends_elsewhere_stay_too(judged: Project) -> None:
    """Those of a run that was cut short are in its folder, and nowhere else."""
    names = [".coverage", "coverage.xml", "coverage.json", "htmlcov/index.html"]
    before = [(judged.root / each).read_bytes() for each in names]

    ended = ended_by(signal.SIGINT)(judged)

    assert ended.status == 130, ended.output
    assert [(judged.root / each).read_bytes() for each in names] == before
    cut_short = judged.root / ".afterawait/runs" / folders(judged)[-1]
    assert all((cut_short / each).is_file() for each in names)
    assert f"{cut_short.relative_to(judged.root)}/htmlcov/index.html" in ended.output


def test_a_run_that_was_cut_short_is_there_for_a_look(kept: Project) -> None:
    """With its logs and its reports; asked to, `combine` judges it."""
    ended_by(signal.SIGINT)(kept)
    cut_short = f".afterawait/runs/{folders(kept)[-1]}"

    combined = kept.run(cut_short, module="combine")

    assert len(folders(kept)) == 3
    assert (kept.root / cut_short / "coverage.json").exists()
    assert not (kept.root / cut_short / "judged.json").exists()
    assert combined.status == 130, combined.output
    assert "no gate: it was cut short" in combined.output


def test_a_full_disk_costs_no_earlier_run(small_disk: Path) -> None:
    """The reports of the run that filled it cannot be made; those of the one before are whole."""
    project = own_reports(Project(small_disk / "checkout"))
    first = project.run()
    assert first.status == 0, first.output
    before = results(project)
    project.write("tests/test_zz.py", FILL)

    ended = project.run()

    assert ended.status == 3, ended.output
    assert results(project) == before
    (project.root / ".afterawait/filler").unlink()
    (project.root / "tests/test_zz.py").unlink()
    again = project.run()
    assert again.status == 0, again.output
    assert results(project)["latest"] != before["latest"]


def test_the_last_runs_stay_and_older_ones_go(kept: Project) -> None:
    """As many as the settings say."""
    kept.replace("pyproject.toml", "[tool.afterawait]\n", "[tool.afterawait]\nkeep_runs = 2\n")
    seen = folders(kept)

    for _ in range(2):
        assert kept.run("-k", "thread").status == 0
        seen += [each for each in folders(kept) if each not in seen]

    assert len(seen) == 3
    assert folders(kept) == seen[1:]
    assert (kept.root / ".afterawait/latest").readlink() == Path("runs", seen[2])


def test_a_shards_run_is_the_latest_and_goes_as_an_artifact(toy: Toy, tmp_path: Path) -> None:
    """What CI uploads is behind the link; what tests put into tmp_path may hold runs of its own, and is passed over."""
    project = toy("src_layout", tests=["tests"])
    artifacts = tmp_path / "artifacts"
    for index in (1, 2):
        ended = project.run("--shard", f"{index}/2")
        assert ended.status == 0, ended.output
        shutil.copytree(project.root / ".afterawait/latest", artifacts / f"shard-{index}")
    inner = artifacts / "shard-1/tmp/inner"
    inner.mkdir(parents=True)
    (inner / protocol.MANIFEST).write_text("of another project")

    whole = project.run(str(artifacts), module="combine")
    again = project.run(".afterawait/latest", module="combine")

    for ended in (whole, again):
        assert ended.status == 0, ended.output
        assert "src/shop 100.00 %" in ended.output
    assert len(json.loads((project.root / ".afterawait/latest/judged.json").read_text())["runs"]) == 2


def test_two_checkouts_run_at_once(project: Project, tmp_path: Path) -> None:
    """Each waits in a test for the other's: neither hears of the other."""
    other = Project(tmp_path / "another checkout")
    for one, two in ((project, other), (other, project)):
        wait = "import pathlib\nimport time\n\n\ndef test_both(http):\n    pathlib.Path('here').touch()\n"
        wait += (
            f"    deadline = time.monotonic() + 40\n    while not pathlib.Path({str(two.root / 'here')!r}).exists():\n"
        )
        wait += "        assert time.monotonic() < deadline\n        time.sleep(0.01)\n"
        one.write("tests/test_zz.py", wait + "    assert http.get('/thread').text == 'from a thread'\n")

    both = [each.start() for each in (project, other)]
    outputs = [each.communicate(timeout=TIMEOUT)[0] for each in both]
    other.close()

    assert [each.returncode for each in both] == [0, 0], outputs
