"""A coverage configuration that the settings name is checked before anything starts, and used exactly as it is."""

from __future__ import annotations

from contextlib import closing

import pytest
from coverage import CoverageData

from e2e.selftests.project import Project


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[run]\nbranch = true\n", ".coveragerc lacks `parallel = true`"),
        ("[run\n", ".coveragerc:1 cannot be used: Couldn't read config file .coveragerc: File contains no section"),
        ("[run]\nconcurrency = fibres\n", "Unknown concurrency choices: fibres"),
    ],
    ids=["not parallel", "no INI", "unknown setting"],
)
def test_a_named_configuration_is_checked_before_anything_starts(project: Project, text: str, sentence: str) -> None:
    """The sentence comes at once, and the run before is still there."""
    kept = project.write(".afterawait/runs/20260101-000000-0000/kept", "")
    project.write(".coveragerc", text)

    for module in ("run", "serve", "combine"):
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
