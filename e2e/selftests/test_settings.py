"""The settings: what is found out without being written, and the sentence on what is wrong. Test process."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from afterawait import settings
from afterawait.faults import EnvironmentFault
from e2e.selftests.project import ROOT
from e2e.selftests.settings_tables import APP, load, refusal


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's root with the package `shop`."""
    write(tmp_path, "shop/__init__.py")
    return tmp_path


def write(root: Path, *names: str) -> None:
    """Make empty files."""
    for each in names:
        (root / each).parent.mkdir(parents=True, exist_ok=True)
        (root / each).touch()


def test_one_line_is_enough(root: Path) -> None:
    """All but the application is found out."""
    found = load(root, APP)

    assert found.source == ("shop",)
    assert found.path == (".",)
    assert found.import_roots == [root]
    assert (found.tests, found.setup, found.demo, found.coverage_config) == ((), (), (), None)
    assert not found.fail_under


@pytest.mark.parametrize(
    ("files", "app", "source"),
    [
        (["shop/__init__.py"], "shop.main:app", "shop"),
        (["src/shop/__init__.py"], "shop.main:app", "src/shop"),
        (["src/shop/__init__.py", "shop/notes.txt"], "shop.main:app", "src/shop"),
        (["main.py", "other.py"], "main:create()", "main.py"),
        (["src/main.py"], "main:app", "src/main.py"),
        (["shop/main.py"], "shop.main:app", "shop"),
        (["src/main.py"], "src.main:app", "src"),
        (["shop/parts/main.py", "src/shop/__init__.py"], "shop.main:app", "src/shop"),
        (["shop.py", "shop/__init__.py"], "shop:app", "shop"),
        (["shop.py", "shop/main.py"], "shop:app", "shop.py"),
    ],
    ids=[
        "package",
        "src layout",
        "a folder without Python",
        "module",
        "module in src",
        "namespace",
        "src as a namespace",
        "package before namespace",
        "package before module",
        "module before namespace",
    ],
)
def test_the_source_is_what_python_would_import(tmp_path: Path, files: list[str], app: str, source: str) -> None:
    """On the import roots in their order: a package, else a module, else a namespace folder."""
    write(tmp_path, *files)

    assert load(tmp_path, f'app = "{app}"').source == (source,)


def test_import_roots_of_its_own(tmp_path: Path) -> None:
    """`path` takes the place of the default; the project's root stays the last of them."""
    write(tmp_path, "backend/shop/__init__.py")

    found = load(tmp_path, f'{APP}path = ["backend"]')

    assert found.source == ("backend/shop",)
    assert found.import_roots == [tmp_path / "backend", tmp_path]


def test_an_application_of_the_command_line(root: Path) -> None:
    """It takes the table's place, and the source follows it."""
    write(root, "other.py")
    (root / "pyproject.toml").write_text(f"[tool.afterawait]\n{APP}")

    assert settings.load(root, {}, app="other:app").source == ("other.py",)


def test_a_command_or_several(root: Path) -> None:
    """`setup` and `demo` are lists, also where one command is written."""
    found = load(root, f'{APP}setup = ["alembic upgrade head", "python seed.py"]\ndemo = "python demo.py"')

    assert found.setup == ("alembic upgrade head", "python seed.py")
    assert found.demo == ("python demo.py",)


def test_no_application_is_missed_where_one_is_to_be_started(root: Path) -> None:
    """Whoever drives a server of somebody else needs none; nor does `combine`."""
    driven = load(root, "", AFTERAWAIT_BASE_URL="http://127.0.0.1:8000/")
    combined = load(root, 'source = ["shop"]')

    assert driven.source == ()
    with pytest.raises(EnvironmentFault, match=re.escape("[tool.afterawait].app is not set")):
        combined.require_server()
    assert "has neither `app` nor `source`" in refusal(root, "").message


@pytest.mark.parametrize(
    ("table", "message", "hint"),
    [
        ('app = "shop.main"', "app is 'shop.main', which is not a text like", 'app = "shop.main:app"'),
        ('app = "shop/main.py:app"', "app is 'shop/main.py:app', which is not a text like", "app ="),
        ("app = 3", "app is 3, which is not a text like", "app ="),
        ('source = "shop"', "source is 'shop', which is not a list of folders", 'source = ["shop"]'),
        ("source = [1]", "source is [1], which is not a list of folders", "source ="),
        ('source = ["nowhere", "shop"]', "source names nowhere, which is no folder", "leave it out"),
        ('source = ["."]', "source is ., and only what is below", "Name packages"),
        ('source = [".."]', "source is .., and only what is below", "Name packages"),
        ('path = ["nowhere"]', "path names nowhere, which is no folder", "as they are from"),
        ('tests = ["nowhere"]', "tests names nowhere, which is no file or folder", "as they are from"),
        ("setup = 3", "setup is 3, which is not a command", "setup ="),
        ('setup = "echo \'open"', "which is not a command", "setup ="),
        ('setup = ["true", ""]', "which is not a command, or a list of commands", "setup ="),
        ("database = true", "database is True, which is not a kind of database", "database ="),
        ("env = { A = true }", "env is {'A': True}, which is not a table of texts or numbers", "env ="),
        ('coverage_config = "nowhere.cfg"', "coverage_config names nowhere.cfg, which is no file", "leave it out"),
        ("fail_under = 101", "fail_under is 101, which is not a number from 0 to 100", "fail_under = 90"),
        ("fail_under = -0.5", "fail_under is -0.5, which is not", "fail_under ="),
        ("fail_under = nan", "fail_under is nan, which is not", "fail_under ="),
        ('fail_under = "90"', "fail_under is '90', which is not", "fail_under ="),
        ("fail_under = true", "fail_under is True, which is not", "fail_under ="),
        ("start_timeout = 0", "start_timeout is 0, which is not a number of seconds", "start_timeout ="),
        ("start_timeout = inf", "start_timeout is inf, which is not", "start_timeout ="),
        ("grace = -1", "grace is -1, which is not a whole number from 0 to 600", "grace = 10"),
        ("grace = 601", "grace is 601, which is not", "grace ="),
        ("grace = 1.5", "grace is 1.5, which is not", "grace ="),
        ("grace = true", "grace is True, which is not", "grace ="),
        ("sauce = 1", "has no key `sauce`", "Did you mean `source`?"),
        ("zzz = 1", "has no key `zzz`", "The keys are app, coverage_config, database"),
    ],
)
def test_a_wrong_key_is_named(root: Path, table: str, message: str, hint: str) -> None:
    """What was read, and what is to be written."""
    fault = refusal(root, table if table.startswith("app") else f"{APP}{table}")

    assert message in fault.message
    assert hint in fault.hint


@pytest.mark.parametrize("grace", [0, 3, 30, 600])
def test_a_grace_that_is_one(root: Path, grace: int) -> None:
    """None at all, or up to ten minutes."""
    assert load(root, f"{APP}grace = {grace}").grace == grace


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (None, "There is no pyproject.toml in", '[tool.afterawait] and app = "package.module:app"'),
        ("", "has no [tool.afterawait]", 'Write two lines: [tool.afterawait] and app = "package.module:app"'),
        ("tool = 3", "has no [tool.afterawait]", "Write two lines"),
        ("[tool]\nafterawait = 3", "is 3, which is not a table", "Write two lines"),
        ("[tool.afterawait]\napp = shop\n", "is not TOML: Invalid value (at line 2, column 7)", "Fix it"),
        ("[tool.afterawait\n", "is not TOML: Expected ']' at the end of a table declaration (at line 1", "Fix it"),
        ("[tool.afterawait]\n# caf\udce9\n", "is not TOML: 'utf-8' codec can't decode byte 0xe9", "Fix it"),
        ('[tool.e2e]\napp = "shop:app"\n', "in [tool.e2e], the table of the first version", "[tool.afterawait]"),
    ],
    ids=["no file", "no table", "no tables at all", "no table but a number", "value", "header", "encoding", "former"],
)
def test_a_table_that_cannot_be_read(tmp_path: Path, text: str | None, message: str, hint: str) -> None:
    """One sentence on where it goes wrong, and the lines to write."""
    if text is not None:
        (tmp_path / "pyproject.toml").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(EnvironmentFault) as caught:
        settings.load(tmp_path, {})

    assert message in caught.value.message
    assert hint in caught.value.hint


def test_an_application_that_is_nowhere(root: Path) -> None:
    """The import roots that were looked at are named."""
    (root / "src").mkdir()

    fault = refusal(root, 'app = "market.main:app"')

    assert "there is no market/ or market.py in ., src." in fault.message
    assert 'path = ["backend"]' in fault.hint


def test_variables_of_other_tools_are_not_ours(root: Path) -> None:
    """E2E_BASE_URL and the like were names of the first version, and are names in many projects."""
    write(root, "shop/__init__.py")

    found = load(root, APP, E2E_BASE_URL="http://127.0.0.1:1", E2E_PORT="none")

    assert (found.base_url, found.port) == (None, 0)


def test_two_gates_are_refused(root: Path) -> None:
    """The file's `fail_under` holds, where a file is named; another one beside it would be ignored."""
    write(root, ".coveragerc")

    fault = refusal(root, f'{APP}coverage_config = ".coveragerc"\nfail_under = 90')

    assert "Both [tool.afterawait].fail_under and .coveragerc" in fault.message


def test_settings_are_read_without_coverage_py(root: Path) -> None:
    """Every pytest process of a project with the table reads them."""
    code = "import sys, afterawait.settings; print(sorted({'coverage', 'httpx'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT)},
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"
