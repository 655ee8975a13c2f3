"""How coverage.py is configured: by a file made for the run, or by the one that the project names. Test process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from coverage import Coverage

from afterawait import coverage_config
from afterawait.settings import Settings
from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, is_whole, percentages, report


def test_two_lines_of_settings_are_enough(finished_src_layout: Project) -> None:
    """A src layout, and a folder without __init__.py in it: every line of the package, and of nothing else."""
    project, ended = finished_src_layout, finished_src_layout.ended

    who = project.run("shop.inner.answers:answer", module="who")

    is_whole(ended, "src/shop")
    assert "2 tests ran src/shop/inner/answers.py:4-8:" in who.output
    assert "no gate: [tool.afterawait] sets no fail_under" in ended.output
    assert percentages(project) == {
        "src/shop/__init__.py": 100,
        "src/shop/inner/answers.py": 100,
        "src/shop/main.py": 100,
    }


def test_all_outputs_lie_in_the_runs_folder(toy: Toy) -> None:
    """What the project's unit tests left at its root is never touched, and nothing is added there."""
    project = toy("src_layout")
    for name in (".coverage", "htmlcov/index.html", "coverage.json", "coverage.xml", "coverage.lcov"):
        project.write(name, "of the unit tests")
    before = {path.name for path in project.root.iterdir()}

    ended = project.run("-p", "no:cacheprovider", env={"PYTHONDONTWRITEBYTECODE": "1"})

    assert ended.status == 0, ended.output
    assert {path.name for path in project.root.iterdir()} == before | {".afterawait"}
    assert (project.root / ".coverage").read_text() == "of the unit tests"
    assert (project.root / "htmlcov/index.html").read_text() == "of the unit tests"
    assert (project.root / "coverage.json").read_text() == "of the unit tests"
    named = next(line for line in ended.output.splitlines() if line.startswith("reports "))
    page, *others = named.split()[1:]
    assert page == ".afterawait/latest/htmlcov/index.html"
    assert {"coverage.xml", "coverage.json", "coverage.lcov"} == set(others)
    assert all((project.root / ".afterawait/latest" / each).is_file() for each in ["htmlcov/index.html", *others])


def test_tests_of_the_settings_are_a_whole_run(toy: Toy) -> None:
    """They are run where the command line names none, and nothing else is; a path selects, and gates nothing."""
    project = toy("single_module", fail_under=100)
    project.write("elsewhere/test_other.py", "def test_other():\n    raise AssertionError\n")

    whole = project.run("-v")
    selected = project.run("checks/test_main.py")

    assert whole.status == 0, whole.output
    assert "test_other" not in whole.output
    assert "the gate is passed" in whole.output
    assert "no gate: tests were selected (checks/test_main.py)" in selected.output


def test_shards_from_other_folders_combine_whatever_these_are_called(toy: Toy, tmp_path: Path) -> None:
    """The files of each checkout are those of this one; the reports lie in a folder beside the runs."""
    here = toy("src_layout", "here, $HOME [1]", fail_under=100, tests=["tests"])
    for index in (1, 2):
        shard = toy("src_layout", f"machine #{index} [a]*/check,out", fail_under=100, tests=["tests"])
        ended = shard.run("--shard", f"{index}/2")
        assert ended.status == 0, ended.output
        assert f"shard {3 - index}/2 is not among them" in ended.output
        shutil.copytree(shard.run_folder, tmp_path / "artifacts" / f"shard-{index}")
        shutil.rmtree(shard.root)

    ended = here.run(str(tmp_path / "artifacts"), module="combine")

    is_whole(ended, "src/shop")
    assert "the gate is passed" in ended.output
    assert sorted(percentages(here)) == ["src/shop/__init__.py", "src/shop/inner/answers.py", "src/shop/main.py"]
    [reports] = (here.root / ".afterawait/runs").iterdir()
    assert (here.root / ".afterawait/latest").resolve() == reports


def test_a_run_is_judged_again_with_reports_of_their_own(finished_src_layout: Project, tmp_path: Path) -> None:
    """The combined data beside the processes' files are not taken for one of these; the first reports stay."""
    project = finished_src_layout.copied(tmp_path / "a toy")
    first = project.ended

    again = project.run(".afterawait/latest", module="combine")

    assert first.status == again.status == 0, again.output
    counted = [line for each in (first, again) for line in each.output.splitlines() if "data files whole" in line]
    assert counted[0] == counted[1]
    assert report(project) == report(project, str(project.run_folder))
    assert len(list((project.root / ".afterawait/runs").iterdir())) == 2


def test_a_person_can_report_with_coverage_py_itself(finished_src_layout: Project) -> None:
    """The configuration names the combined data, in which each line has the tests that ran it."""
    project = finished_src_layout
    file = str(project.root / "src/shop/inner/answers.py")

    cov = Coverage(config_file=str(project.root / ".afterawait/latest/coverage.toml"), messages=False)
    cov.load()

    assert cov.get_data().contexts_by_lineno(file)[7] == ["tests/test_shop.py::test_a_secret"]


def test_the_shells_settings_of_coverage_py_change_nothing(toy: Toy, tmp_path: Path) -> None:
    """Another tracer, another configuration, another data file: of the server, the tests and the reports."""
    project = toy("src_layout", fail_under=100)
    (tmp_path / "other.cfg").write_text("[run]\nsource = nowhere\nbranch = false\n[report]\nomit = *\n")
    other = str(tmp_path / "other.cfg")

    ended = project.run(
        env={
            "COVERAGE_CORE": "pytrace",
            "COVERAGE_RCFILE": other,
            "COVERAGE_FORCE_CONFIG": other,
            "COVERAGE_FILE": str(tmp_path / "data"),
            "COVERAGE_DEBUG": "config",
        }
    )

    is_whole(ended, "src/shop")
    assert "of lines and branches: the gate is passed" in ended.output
    assert not (tmp_path / "data").exists()


def test_an_import_path_in_the_settings_does_not_end_the_measurement(toy: Toy) -> None:
    """PYTHONPATH in [tool.afterawait.env] is joined with what finds the start hook."""
    project = toy("single_module", env={"PYTHONPATH": "lib"})
    (project.root / "lib").mkdir()
    (project.root / "settings.py").rename(project.root / "lib" / "settings.py")

    ended = project.run()

    is_whole(ended, "main.py")


def test_commands_of_setup_run_one_after_the_other_and_are_named(toy: Toy) -> None:
    """The one that fails is the one that is named; one that is not installed is a fault of the environment."""
    project = toy("single_module", setup=["python first.py", "python second.py"], database="sqlite+aiosqlite:")
    project.write("first.py", "open('first', 'w')\n")
    project.write("second.py", "import pathlib\nraise SystemExit(7 if pathlib.Path('first').exists() else 0)\n")

    failed = project.run()
    project.replace("pyproject.toml", "python second.py", "no-such-command up")
    absent = project.run()

    assert failed.status == 1, failed.output
    assert "The setup command failed with exit code 7: python second.py" in failed.output
    assert absent.status == 4, absent.output
    assert "The setup command cannot be started: no-such-command up: No such file or directory." in absent.output


@pytest.mark.parametrize("name", ['a "quoted" one', "a\\b", "$HOME", "${HOME}", "ü ¹", "tab\tbed", "del\x7fete"])
def test_any_folder_name_can_be_written_and_read_back(tmp_path: Path, name: str) -> None:
    """What means something in TOML or to coverage.py is only a character there."""
    root = tmp_path / name
    (root / "shop").mkdir(parents=True)
    settings = Settings(root=root, source=("shop",))

    file = coverage_config.of_run(settings, root / ".afterawait" / "run")

    cov = Coverage(config_file=str(file), messages=False)
    assert cov.get_option("run:source_dirs") == [str(root / "shop")]
    assert cov.get_option("run:data_file") == str(root / ".afterawait/run/.coverage")
