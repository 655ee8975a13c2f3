"""How coverage.py is configured: by a file made for the run, or by the one that the project names. Test process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage, CoverageData

from afterawait import coverage_config
from afterawait.settings import Settings
from e2e.selftests.project import Ended, Project

Toy = Callable[..., Project]


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """A copy of one of the folder `toys`: `toy("src_layout", fail_under=90)`, in a folder of any name."""
    started = []

    def copied(name: str, folder: str = "a toy", **settings: object) -> Project:
        project = Project(tmp_path / folder, name)
        started.append(project)
        table = "".join(f"{key} = {in_toml(value)}\n" for key, value in settings.items())
        written = (project.root / "pyproject.toml").read_text(encoding="utf-8")
        project.write("pyproject.toml", written + table)
        return project

    yield copied
    for each in started:
        each.close()


def in_toml(value: object) -> str:
    """A value of the settings."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {in_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def report(project: Project, folder: str = ".afterawait/latest") -> dict[str, Any]:
    """The files of coverage.json, by name."""
    files: dict[str, Any] = json.loads((project.root / folder / "coverage.json").read_text())["files"]
    return files


def percentages(project: Project, folder: str = ".afterawait/latest") -> dict[str, float]:
    """Of each file in coverage.json."""
    return {name: each["summary"]["percent_covered"] for name, each in report(project, folder).items()}


def is_whole(ended: Ended, named: str) -> None:
    """The run was believed, and it reached all of its source."""
    assert ended.status == 0, ended.output
    assert "canary alive in each" in ended.output
    assert f"coverage     {named} 100.00 % of lines" in ended.output


def test_two_lines_of_settings_are_enough(toy: Toy) -> None:
    """A src layout, and a folder without __init__.py in it: every line of the package, and of nothing else."""
    project = toy("src_layout")

    ended = project.run()
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
    for each in named.split()[1:]:
        assert each.startswith(".afterawait/run/")
        assert (project.root / each).is_file()


def test_every_file_is_in_the_html_report_with_the_tests_beside_its_lines(toy: Toy) -> None:
    """Also what is covered in full: the terminal's table alone leaves that out."""
    project = toy("src_layout")

    ended = project.run()

    pages = [path.read_text() for path in (project.root / ".afterawait/latest/htmlcov").glob("*answers_py.html")]
    assert "3 files skipped due to complete coverage." in ended.output
    assert len(pages) == 1
    assert "tests/test_shop.py::test_a_secret" in pages[0]


def test_a_file_that_nothing_imported_counts_and_the_settings_gate(toy: Toy) -> None:
    """Whether its folder has an __init__.py or not; `fail_under` of the settings says how much is enough."""
    project = toy("src_layout", fail_under=95)
    project.write("src/shop/inner/never.py", "x = 1\n")

    under = project.run()
    project.replace("pyproject.toml", "fail_under = 95", "fail_under = 90")
    enough = project.run(".afterawait/run", module="combine")

    assert under.status == 2, under.output
    assert "under fail_under = 95." in under.output
    assert percentages(project)["src/shop/inner/never.py"] == 0
    assert enough.status == 0, enough.output
    assert "the gate is passed (fail_under = 90)" in enough.output


@pytest.mark.parametrize("mode", [(), ("--fast",)], ids=["default", "fast"])
def test_a_single_module_is_measured_alone(toy: Toy, mode: tuple[str, ...]) -> None:
    """What lies beside it is not the application's, as far as the settings say."""
    project = toy("single_module", fail_under=100)

    ended = project.run(*mode)

    is_whole(ended, "main.py")
    assert "the gate is passed (fail_under = 100)" in ended.output
    assert percentages(project) == {"main.py": 100}


def test_modules_and_folders_can_be_named_together(toy: Toy) -> None:
    """Each is measured, and each is known to `afterawait who`."""
    project = toy("single_module", source=["main.py", "settings.py", "more"])
    project.write("more/part.py", "x = 1\n")

    ended = project.run()
    who = project.run("settings.py:3", module="who")

    assert ended.status == 0, ended.output
    assert percentages(project) == {"main.py": 100, "settings.py": 100, "more/part.py": 0}
    assert "start  GREETING" in who.output


def test_a_namespace_folder_is_a_source(toy: Toy) -> None:
    """No folder of it needs an __init__.py."""
    project = toy("namespace")

    ended = project.run()

    is_whole(ended, "service")
    assert percentages(project) == {"service/main.py": 100, "service/parts/greeting.py": 100}


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
    """The files of each checkout are those of this one; the reports lie beside the run's folder."""
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
    assert (here.root / ".afterawait/latest").resolve() == here.root / ".afterawait/combined"


def test_a_run_is_judged_again_with_its_reports_in_its_folder(toy: Toy) -> None:
    """The combined data beside the processes' files are not taken for one of these."""
    project = toy("src_layout")
    first = project.run()

    again = project.run(".afterawait/latest", module="combine")

    assert first.status == again.status == 0, again.output
    counted = [line for each in (first, again) for line in each.output.splitlines() if "data files whole" in line]
    assert counted[0] == counted[1]
    assert (project.root / ".afterawait/latest").readlink() == Path("run")


def test_a_person_can_report_with_coverage_py_itself(toy: Toy) -> None:
    """The configuration names the combined data, in which each line has the tests that ran it."""
    project = toy("src_layout")
    assert project.run().status == 0
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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[run]\nbranch = true\n", ".coveragerc lacks `parallel = true`"),
        ("[run\n", ".coveragerc, which [tool.afterawait].coverage_config names, cannot be used"),
        ("[run]\nconcurrency = fibres\n", "Unknown concurrency choices: fibres"),
    ],
    ids=["not parallel", "no INI", "unknown setting"],
)
def test_a_named_configuration_is_checked_before_anything_starts(project: Project, text: str, sentence: str) -> None:
    """The sentence comes at once, and the run before is still there."""
    kept = project.write(".afterawait/run/kept", "")
    project.write(".coveragerc", text)

    for module in ("run", "serve", "combine"):
        ended = project.run(*[".afterawait/run"] * (module == "combine"), module=module)

        assert ended.status == 4, ended.output
        assert sentence in ended.output
    assert kept.exists()


def test_a_named_configuration_is_used_exactly_as_it_is(project: Project) -> None:
    """Where it says outputs go, they go; its gate holds."""
    project.write(
        ".coveragerc",
        (project.root / ".coveragerc").read_text().replace("parallel = true", "parallel = true\ndata_file = out/data")
        + "[html]\ndirectory = out/pages\n[json]\noutput = out/report.json\n",
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "reports      out/pages/index.html  coverage.xml  out/report.json  coverage.lcov" in ended.output
    assert (project.root / "out/pages/index.html").is_file()
    data = CoverageData(basename=str(project.root / "out/data"))
    data.read()
    with closing(data):
        assert str(project.root / "toy/main.py") in data.measured_files()
    assert "(fail_under = 100)" in ended.output


def test_a_file_named_in_omit_by_coverages_own_patterns_is_not_missed(project: Project) -> None:
    """A pattern without a slash names a file anywhere: whether a file counts is coverage.py's to say."""
    project.replace(".coveragerc", "branch =", "omit =\n    legacy_*.py\n    toy/old/*\nbranch =")
    project.write("toy/legacy_one.py", "x = 1\n")
    project.write("toy/old/two.py", "x = 1\n")
    project.write("toy/.#main.py", "an editor's\n")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "the gate is passed" in ended.output


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
