"""What `init` takes over from start scripts, and how it writes it: as words, since no shell runs a setup command."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from afterawait.cli.__main__ import main
from e2e.selftests.test_init import APP, table, write

DB = 'import os\n\nurl = os.environ["DATABASE_URL"]\n'
WITH_DB = APP.replace("\n\n", "\n\nimport db\n", 1)
PAGES = "from starlette.staticfiles import StaticFiles\nStaticFiles(directory='pages')\n"


@pytest.mark.parametrize(
    ("script", "setup"),
    [
        ("alembic upgrade head && python -m seed", ["alembic upgrade head", "python -m seed"]),
        ("python -m seed; alembic upgrade head && exec uvicorn main:app", ["python -m seed", "alembic upgrade head"]),
        ("alembic upgrade head # it's the schema", "alembic upgrade head"),
        ("python -c \"print('a; b && c')\"", "python -c \"print('a; b && c')\""),
        ("alembic upgrade head || true", None),
        ("alembic upgrade head > /dev/null 2>&1", None),
        ('python -m seed --user "$ADMIN"', None),
        ('python -c "\nimport this\n"', None),
        ("python -m worker &", None),
        (
            "cd back && alembic upgrade head",
            "python -c \"import alembic.config, os; os.chdir('back'); alembic.config.main(['upgrade', 'head'])\"",
        ),
        ('cd /back\ncd "$(dirname $0)/back"\nalembic upgrade head', "alembic upgrade head"),
    ],
    ids=["and", "before it", "comment", "quoted", "or", "redirected", "variable", "lines", "beside", "cd", "elsewhere"],
)
def test_commands_of_a_start_script_are_taken_where_they_need_no_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, setup: object
) -> None:
    """Each by itself and in its folder; where one of them does, none is."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"main.py": WITH_DB, "db.py": DB, "back/x": "", "start.sh": f"{script}\nuvicorn main:app\n"})

    assert main(["init"]) == 0

    assert table(tmp_path).get("setup") == setup


def test_a_folder_may_be_called_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With quotation marks and blanks in its name, too: each command has the words that it is meant to have."""
    monkeypatch.chdir(tmp_path)
    folder = 'it\'s "my" back'
    script = "python seed.py --all\nalembic upgrade head\nuvicorn main:app\n"
    files = {"main.py": WITH_DB + PAGES, "db.py": DB, "seed.py": "", "start.sh": script, "pages/a.html": ""}
    write(tmp_path, {f"{folder}/{name}": text for name, text in files.items()})

    assert main(["init"]) == 0

    found = table(tmp_path)
    assert isinstance(found["setup"], list)
    seed, upgrade = map(shlex.split, found["setup"])
    assert seed == ["python", f"{folder}/seed.py", "--all"]
    for words in (upgrade, shlex.split(str(found["server"]))):
        assert words[:2] == ["python", "-c"]
        assert f"os.chdir({folder!r})" in words[2]
        compile(words[2], "", "exec")
