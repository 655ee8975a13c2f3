"""What `init` reads out of a project: its .env files, its database's driver, the commands that make its schema."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from afterawait.cli.__main__ import main
from e2e.selftests import adoption

APP = "from fastapi import FastAPI\n\nimport db\n\napp = FastAPI()\n"


def written(root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The settings that `init` writes there."""
    monkeypatch.chdir(root)
    assert main(["init"]) == 0
    found: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["afterawait"]
    return found


@pytest.mark.parametrize("ignored", [False, True])
def test_what_a_committed_env_file_sets_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ignored: bool
) -> None:
    """One that git ignores is nobody else's: its values are neither relied upon nor copied."""
    project = adoption.copy("postgres_parts", tmp_path)
    (project / ".env.example").write_text("POSTGRES_USER=somebody\n")
    (project / ".env").write_text("PROJECT_NAME=mine\nSECRET_KEY=mine\nPOSTGRES_HOST=db.example.com\n")
    (project / ".env.dev").write_text("PROJECT_NAME=mine too\n")
    (project / ".gitignore").write_text(".env\n.env.dev\n" if ignored else "")
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)

    env = written(project, monkeypatch)["env"]

    assert ("SECRET_KEY" in env, "PROJECT_NAME" in env) == (ignored, ignored)
    assert env["POSTGRES_HOST"] == "{db.host}"
    assert not {"mine", "mine too"} & set(env.values())


def test_a_member_of_a_workspace_makes_its_schema_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the Python of the run: no shell, whose PATH may lead to another."""
    adoption.copy("full_stack", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["full_stack"]\n')

    found = written(tmp_path, monkeypatch)

    assert (found["app"], found["path"]) == ("app.main:app", ["full_stack"])
    first, second, third = found["setup"]
    assert (first, third) == ("python full_stack/app/backend_pre_start.py", "python full_stack/app/initial_data.py")
    assert "os.chdir('full_stack'); alembic.config.main(['upgrade', 'head'])" in second


@pytest.mark.parametrize(
    ("source", "packages", "database", "env"),
    [
        (
            'create_async_engine(os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://"))\n',
            "asyncpg",
            "postgresql:",
            {"DATABASE_URL": "{db.url}"},
        ),
        (
            'engine = create_async_engine(os.environ["DB_URL"])\n',
            "psycopg",
            "postgresql+psycopg:",
            {"DB_URL": "{db.url}"},
        ),
        (
            'pool = asyncpg.create_pool(os.environ["PG_DSN"])\n',
            "asyncpg",
            "postgresql:",
            {"PG_DSN": "{db.url}"},
        ),
        (
            'engine = create_engine(os.getenv("DATABASE_URL", "sqlite:///./x.db"))\n',
            "sqlalchemy",
            "sqlite:",
            {"DATABASE_URL": "{db.url}"},
        ),
        (
            'connection = sqlite3.connect(os.environ["DB_PATH"])\n',
            "",
            "sqlite:",
            {"DB_PATH": "{db.name}"},
        ),
        (
            'psycopg.connect(host=os.environ["PGHOST"], dbname=os.environ["PGDATABASE"])\n',
            "psycopg",
            "postgresql:",
            {"PGHOST": "{db.host}", "PGDATABASE": "{db.name}"},
        ),
        (
            'client = Mongo(os.environ["MONGODB_URL"])\n',
            "",
            None,
            {"MONGODB_URL": "http://localhost"},
        ),
    ],
    ids=["rewritten", "psycopg", "asyncpg alone", "SQLite", "a file", "libpq", "another kind"],
)
def test_the_database_is_what_the_source_asks_for(  # noqa: PLR0913  # what is given, what is written
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    packages: str,
    database: str | None,
    env: dict[str, str],
) -> None:
    """Its driver, and the variables that lead there."""
    (tmp_path / "main.py").write_text(APP)
    (tmp_path / "db.py").write_text(source)
    (tmp_path / "requirements.txt").write_text(f"fastapi\n{packages}\n")

    found = written(tmp_path, monkeypatch)

    assert found.get("database") == database
    assert found["env"] == env


@pytest.mark.parametrize(
    ("script", "setup"),
    [
        ("#!/bin/sh\nset -e\nalembic upgrade head\nexec uvicorn main:app --host 0.0.0.0\n", "alembic upgrade head"),
        (
            'until nc -z db 5432; do\n  sleep 1\ndone\npython -m tools.seed\nalembic upgrade head\nexec "$@"\n',
            ["python -m tools.seed", "alembic upgrade head"],
        ),
        ("alembic upgrade head\n./import-everything\nuvicorn main:app\n", None),
        ("alembic upgrade head\n", None),
    ],
    ids=["a server", "what it is given", "something unknown", "no server"],
)
def test_what_a_start_script_runs_before_the_server_makes_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, setup: object
) -> None:
    """All of it or nothing: half of a script is not what its author meant."""
    (tmp_path / "main.py").write_text(APP)
    (tmp_path / "db.py").write_text('URL = os.environ["DATABASE_URL"]\n')
    (tmp_path / "entrypoint.sh").write_text(script)

    assert written(tmp_path, monkeypatch).get("setup") == setup


@pytest.mark.parametrize(
    ("kind", "default", "chosen"),
    [("Kind", "Kind.LITE", "PostgreSQL"), ("str", "'sqlite'", "postgresql"), ("str", "'postgres'", None)],
    ids=["of a list", "a text", "right already"],
)
def test_a_variable_that_chooses_the_kind_of_database_chooses_the_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, default: str, chosen: str | None
) -> None:
    """Else the application would look at no other variable."""
    (tmp_path / "main.py").write_text(f"import settings\n{APP}")
    (tmp_path / "requirements.txt").write_text("asyncpg\n")
    (tmp_path / "settings.py").write_text(
        "from enum import StrEnum\nfrom pydantic_settings import BaseSettings\n\n\n"
        "class Kind(StrEnum):\n    LITE = 'SQLite'\n    BIG = 'PostgreSQL'\n\n\n"
        f"class Settings(BaseSettings):\n    db_type: {kind} = {default}\n"
        "    db_host: str = ''\n    db_user: str = ''\n    db_name: str = ''\n"
    )

    found = written(tmp_path, monkeypatch)

    assert found["database"].startswith("postgresql")
    assert found["env"].get("DB_TYPE") == chosen


def test_settings_classes_of_one_name_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each module may have its `Settings`; and a URL that a program puts together is no database in the source."""
    (tmp_path / "main.py").write_text(f"import security\nimport settings\n{APP}")
    (tmp_path / "security.py").write_text(
        "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n    secret_key: str\n"
    )
    (tmp_path / "settings.py").write_text(
        "from pydantic_settings import BaseSettings\n\n\nclass Settings(BaseSettings):\n"
        "    database_url: str | None = None\n\n    def url(self):\n"
        "        return self.database_url or f'sqlite+aiosqlite:///{self.home}?check_same_thread=False'\n\n"
        "    class Config:\n        env_prefix = 'SHOP_'\n"
    )

    found = written(tmp_path, monkeypatch)

    assert found["env"]["SHOP_DATABASE_URL"] == "{db.url}"
    assert "SECRET_KEY" in found["env"]
    assert "databases_allowed" not in found


@pytest.mark.parametrize(
    ("name", "text", "setup"),
    [
        ("compose.yaml", "services:\n  migrator:\n    command: aerich upgrade\n", "aerich upgrade"),
        ("piccolo_conf.py", "DB = PostgresEngine(config={})\n", "piccolo migrations forwards all"),
        ("Makefile", "migrate:\n\taerich migrate\n", None),
    ],
    ids=["a command", "a tool's settings", "another command"],
)
def test_the_migrations_of_an_object_mapper_make_the_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, setup: str | None
) -> None:
    """By the command of its own tool."""
    (tmp_path / "main.py").write_text(APP)
    (tmp_path / "db.py").write_text('URL = os.environ["DATABASE_URL"]\n')
    (tmp_path / name).write_text(text)

    assert written(tmp_path, monkeypatch).get("setup") == setup


@pytest.mark.parametrize(
    ("main_py", "setup"),
    [
        ("", 'python -c "import asyncio, db; asyncio.run(db.make())"'),
        ("\n\n@app.on_event('startup')\nasync def start():\n    await db.make()\n", None),
    ],
    ids=["nobody calls it", "the application does"],
)
def test_a_function_that_makes_the_schema_is_called_where_nothing_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, main_py: str, setup: str | None
) -> None:
    """By a command of its own."""
    (tmp_path / "main.py").write_text(APP + main_py)
    (tmp_path / "db.py").write_text(
        'engine = create_async_engine(os.environ["DATABASE_URL"])\n\n\n'
        "async def make():\n    async with engine.begin() as c:\n        await c.run_sync(Base.metadata.create_all)\n"
    )

    assert written(tmp_path, monkeypatch).get("setup") == setup


def test_a_project_of_many_files_is_looked_at_without_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A virtual environment in it, whatever its name, and node_modules are nobody's source."""
    project = adoption.copy("secret", tmp_path)
    for folder in ("my-env", "node_modules/x"):
        place = project / folder / "vault2"
        place.mkdir(parents=True)
        shutil.copy(project / "vault" / "main.py", place / "app.py")
    (project / "my-env" / "pyvenv.cfg").touch()

    assert written(project, monkeypatch)["app"] == "vault.main:app"
