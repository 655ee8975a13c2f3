"""What is measured by a configuration made for the run: packages, single modules, namespace folders."""

from __future__ import annotations

import pytest

from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, is_whole, percentages


def test_every_file_is_in_the_html_report_with_the_tests_beside_its_lines(finished_src_layout: Project) -> None:
    """Also what is covered in full: the terminal's table alone leaves that out."""
    ended = finished_src_layout.ended

    pages = [
        path.read_text() for path in (finished_src_layout.root / ".afterawait/latest/htmlcov").glob("*answers_py.html")
    ]
    assert "3 files skipped due to complete coverage." in ended.output
    assert len(pages) == 1
    assert "tests/test_shop.py::test_a_secret" in pages[0]


def test_a_file_that_nothing_imported_counts_and_the_settings_gate(toy: Toy) -> None:
    """Whether its folder has an __init__.py or not; `fail_under` of the settings says how much is enough."""
    project = toy("src_layout", fail_under=95)
    project.write("src/shop/inner/never.py", "x = 1\n")

    under = project.run()
    project.replace("pyproject.toml", "fail_under = 95", "fail_under = 90")
    enough = project.run(".afterawait/latest", module="combine")

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
