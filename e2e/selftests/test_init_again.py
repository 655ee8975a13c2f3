"""`afterawait init` where settings are there already: --fill adds what they lack."""

from __future__ import annotations

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
