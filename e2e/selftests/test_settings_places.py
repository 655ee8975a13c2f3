"""What is wrong with a setting is said with its file and line. Test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait import settings
from afterawait.faults import EnvironmentFault
from e2e.selftests.settings_tables import APP, load, refusal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's root with the package `shop`."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("table", "key", "place"),
    [
        pytest.param(f"{APP}\n\ngrase = 3\n", "grase", 5, id="unknown"),
        pytest.param(f"{APP}# why\n  grace   = -1\n", "grace", 4, id="of a wrong kind"),
        pytest.param(f'{APP}source = ["shp"]\n', "source", 3, id="no such source"),
        pytest.param(f'{APP}tests = [\n  "checks",\n]\n', "tests", 3, id="no such tests"),
        pytest.param('app = "shp.main:app"\n', "app", 2, id="no such application"),
        pytest.param(f'{APP}coverage_config = ".coverage"\n', "coverage_config", 3, id="no such file"),
        pytest.param(f'{APP}\n[tool.afterawait.env]\nA = "x"\n"B" = "{{db.nmae}}"\n', "env", 6, id="placeholder"),
        pytest.param(f'{APP}setup = """\ngrace = 9\n"""\ngrace = -1\n', "grace", 6, id="after a long text"),
        pytest.param(f'{APP}[tool . "afterawait" . evn]\nA = "x"\n', "evn", 3, id="a table, oddly written"),
    ],
)
def test_what_is_wrong_is_said_with_its_file_and_line(root: Path, table: str, key: str, place: int) -> None:
    """Before anything starts, and with what was read."""
    fault = refusal(root, table)

    assert fault.message.startswith(f"pyproject.toml:{place}: [tool.afterawait]")
    assert key in fault.message
    assert fault.hint


def test_an_unknown_placeholder_is_refused_with_the_list_of_those_that_exist(root: Path) -> None:
    """Before a database is made; other braces are left alone."""
    fault = refusal(root, f'{APP}env = {{ A = "{{db.hots}}", B = "{{x}}" }}\n')

    assert "{db.hots}" in fault.message
    assert "Use only {db.url}, {db.host}" in fault.hint
    assert load(root, f'{APP}env = {{ B = "{{x}}" }}\n').env == {"B": "{x}"}


def test_a_key_in_a_form_that_is_not_looked_for_is_said_without_a_line(root: Path) -> None:
    """No line is better than a wrong one."""
    (root / "pyproject.toml").write_text('tool = { afterawait = { app = "shop.main:app", grace = -1 } }\n')

    with pytest.raises(EnvironmentFault, match=r"^pyproject.toml: \[tool.afterawait\].grace is -1"):
        settings.load(root, {})


@pytest.mark.parametrize("table", ['app = "linked.main:app"\n', f'{APP}source = ["linked"]\n'], ids=["app", "source"])
def test_a_symbolic_link_that_was_checked_out_as_a_file_is_named(root: Path, table: str) -> None:
    """Git writes the target's name into a file where links are not allowed; Python finds no package there."""
    (root / "packages" / "shop").mkdir(parents=True)
    (root / "linked").write_text("packages/shop")

    fault = refusal(root, table)

    assert "linked is a symbolic link to packages/shop that was checked out as a file" in fault.hint
    assert "ln -sf packages/shop linked" in fault.hint
