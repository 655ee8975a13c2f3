"""`afterawait init` where settings are there already: --fill adds what they lack."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from afterawait.cli.__main__ import main
from e2e.selftests.test_init import APP, table, write

SETTINGS = """\
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    database_url: str
    token: str

settings = Settings()
"""


@pytest.mark.parametrize(
    ("before", "added"),
    [
        ('[tool.afterawait]\napp = "main:app"  # mine\n\n[tool.x]\ny = 1\n', ["database", "DATABASE_URL", "TOKEN"]),
        ('[tool.afterawait]\napp = "main:app"\ndatabase = "sqlite"\n', ["DATABASE_URL", "TOKEN"]),
        (
            '[tool.afterawait]\nsetup = "x"\napp = "main:app"  # mine\n\n[tool.afterawait.env]\nDB_URL = "{db.url}"\n',
            ["TOKEN"],
        ),
        ('[tool.afterawait]\napp = "main:app"\nenv = { DATABASE_URL = "{db.url}" }\n', ["TOKEN"]),
        ('[tool]\nafterawait.app = "main:app"\nafterawait.env.TOKEN = "3"\n', ["database", "DATABASE_URL"]),
    ],
    ids=["the application alone", "a database of another kind", "a table for env", "env in a line", "dotted names"],
)
def test_settings_that_are_there_get_what_they_lack(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    before: str,
    added: list[str],
) -> None:
    """With --fill alone: not a word that stands there changes. A plain second `init` names what is lacking."""
    monkeypatch.chdir(tmp_path)
    main_py = APP.replace("\n\n", "\n\nfrom conf import settings\n", 1)
    write(tmp_path, {"main.py": main_py, "conf.py": SETTINGS, "pyproject.toml": before})

    assert main(["init"]) == 0
    assert (tmp_path / "pyproject.toml").read_text() == before
    assert "`afterawait init --fill` adds what was found" in capsys.readouterr().out
    assert main(["init", "--fill"]) == 0

    after = (tmp_path / "pyproject.toml").read_text()
    assert all(line in after.splitlines() for line in before.splitlines() if "env = {" not in line)
    found = table(tmp_path)
    env = found["env"]
    assert isinstance(env, dict)
    assert set(added) <= {*found, *env}
    assert found["app"] == "main:app"
    assert not (tmp_path / "e2e").exists()
    assert main(["init", "--fill"]) == 0
    assert (tmp_path / "pyproject.toml").read_text() == after


def test_what_is_added_has_the_ends_of_lines_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of Windows."""
    monkeypatch.chdir(tmp_path)
    before = '[tool.afterawait]\r\napp = "main:app"\r\n\r\n[tool.x]\r\ny = 1\r\n'
    write(tmp_path, {"main.py": APP + 'import os\nos.environ["TOKEN"]\n', "pyproject.toml": before})

    assert main(["init", "--fill"]) == 0

    after = (tmp_path / "pyproject.toml").read_bytes().decode()
    assert "TOKEN" in after
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize("wrong", ["env = []", "app = 5", "nonsense = 1"])
def test_settings_that_are_wrong_are_told_and_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    """As a run tells them, before anything is added."""
    monkeypatch.chdir(tmp_path)
    before = f"[tool.afterawait]\n{wrong}\n"
    write(tmp_path, {"main.py": APP + 'import os\nos.environ["TOKEN"]\n', "pyproject.toml": before})

    assert main(["init", "--fill"]) == 4

    assert "pyproject.toml:2: [tool.afterawait]" in capsys.readouterr().out
    assert (tmp_path / "pyproject.toml").read_text() == before


def test_a_table_in_braces_that_has_no_room_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is not said to have been filled."""
    monkeypatch.chdir(tmp_path)
    before = '[tool]\nafterawait = { app = "main:app" }\n'
    write(tmp_path, {"main.py": APP + 'import os\nos.environ["TOKEN"]\n', "pyproject.toml": before})

    assert main(["init", "--fill"]) == 4

    said = capsys.readouterr().out
    assert "in a form that nothing can be added to" in said
    assert "added, the rest stays" not in said
    assert (tmp_path / "pyproject.toml").read_text() == before


def test_no_service_is_added_that_nothing_leads_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the variable is set already, somebody has a Redis."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shutil, "which", lambda *_, **__: "/usr/bin/redis-server")
    table_before = (
        '[tool.afterawait]\napp = "main:app"\n\n[tool.afterawait.env]\nREDIS_URL = "redis://localhost:6379"\n'
    )
    source = APP + 'import os\nos.environ["REDIS_URL"]\n'
    write(tmp_path, {"main.py": source, "requirements.txt": "redis\n", "pyproject.toml": table_before})

    assert main(["init"]) == 0

    assert "lacks" not in capsys.readouterr().out
