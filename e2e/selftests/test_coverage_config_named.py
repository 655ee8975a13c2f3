"""A coverage configuration that the settings name is checked before anything starts, and used exactly as it is."""

from __future__ import annotations

import sys
from contextlib import closing

import pytest
from coverage import CoverageData

from e2e.selftests.project import Project
from e2e.selftests.witnessed import line

NEVER = "    if query is None:\n        raise NotImplementedError\n    return str(number)\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[run]\nbranch = true\n", ".coveragerc lacks `parallel = true`"),
        ("[run\n", ".coveragerc:1 cannot be used: Couldn't read config file .coveragerc: File contains no section"),
        ("[run]\nconcurrency = fibres\n", ".coveragerc:2 cannot be used: Unknown concurrency choices: fibres"),
        ("[run]\nparallel = true\nbranch = perhaps\n", ".coveragerc:3 cannot be used"),
        ("[run]\nparallel = true\nplugins = no_such\n", ".coveragerc:3 names a plugin of coverage.py that cannot be"),
        ("[run]\nparallel = true\ncore = c\n", ".coveragerc:3 cannot be used: Unknown core value: 'c'"),
        ("[run]\nparallel = true\nomit =\n    a***b\n", ".coveragerc:4 cannot be used: File pattern can't include"),
        ("[run]\nparallel = true\n[paths]\na =\n    toy\n    x/*\n", ".coveragerc:6: `a` in [paths]: Pattern must"),
        ("[run]\nparallel = true\nsource_dirs =\n    lost\n", ".coveragerc:4: source_dirs names lost, which is no"),
        ("[run]\nparallel = true\ndynamic_context = mine\n", ".coveragerc:3 sets `dynamic_context = mine`, which"),
    ],
    ids=["parallel", "no INI", "concurrency", "type", "plugin", "core", "pattern", "paths", "no folder", "contexts"],
)
def test_a_named_configuration_is_checked_before_anything_starts(project: Project, text: str, sentence: str) -> None:
    """The sentence comes at once, and the run before is still there."""
    kept = project.write(".afterawait/runs/20260101-000000-0000/kept", "")
    project.write(".coveragerc", text)

    for module in ("run", "serve") if "core =" in text else ("run", "serve", "combine"):
        ended = project.run(*[".afterawait/latest"] * (module == "combine"), module=module)

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


def test_relative_files_are_believed_and_stay_relative(project: Project) -> None:
    """Names from the root, as other tools want them in the data, are those of the witness."""
    project.replace(".coveragerc", "parallel = true", "parallel = true\nrelative_files = true")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "the gate is passed" in ended.output
    data = CoverageData(basename=str(project.root / ".coverage"))
    data.read()
    with closing(data):
        assert "toy/main.py" in data.measured_files()
        assert any("test_double" in each for each in data.contexts_by_lineno("toy/main.py")[line("number *= 2")])


def test_a_plugin_that_configures_is_heard_in_a_named_configuration(project: Project) -> None:
    """covdefaults adds what is left out: the run, its gate and coverage.py itself know of it."""
    project.replace(".coveragerc", "parallel = true", "parallel = true\nplugins = covdefaults")
    project.replace("toy/main.py", "    return str(number)\n", NEVER)

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "toy 100.00 % of lines and branches: the gate is passed" in ended.output


@pytest.mark.parametrize(
    ("old", "new", "option"),
    [
        pytest.param(
            "parallel = true",
            "parallel = true\nplugins = covdefaults",
            "branch",
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 14), reason="test_branches_by_monitoring.py: they are measured, and not counted"
            ),
        ),
        (
            "${AFTERAWAIT_CONCURRENCY-greenlet, thread}",
            "greenlet, thread",
            "concurrency",
        ),
    ],
    ids=["branches, by a plugin", "greenlets"],
)
def test_fast_measures_lines_whatever_a_named_configuration_says_of_how(
    project: Project, old: str, new: str, option: str
) -> None:
    """Variables do not change what the file, or a plugin that configures, sets; what it leaves out still holds."""
    project.replace(".coveragerc", old, new)
    project.replace(".coveragerc", "[report]", "[report]\nexclude_also = if query is None")
    project.replace("toy/main.py", "    return str(number)\n", NEVER)

    ended = project.run("--fast")

    assert ended.status == 0, ended.output
    assert f".coveragerc: --fast does not go by its {option}: lines alone" in ended.output
    assert "toy 100.00 % of lines (--fast measures no branches): the gate is passed" in ended.output


def test_a_named_configuration_that_fast_cannot_use_is_refused_before_anything_starts(project: Project) -> None:
    """With dynamic contexts the data would hold other things, and the run would be refused at its end."""
    project.replace(".coveragerc", "parallel = true", "parallel = true\ndynamic_context = test_function")

    ended = project.run("--fast")

    assert ended.status == 4, ended.output
    assert ".coveragerc:9 has a run with --fast measured by CTracer, not by SysMonitor: Can't use core" in ended.output
    assert "Leave `dynamic_context = test_function` out" in ended.output
    assert "passed in" not in ended.output
