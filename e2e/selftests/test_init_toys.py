"""What `init` writes for projects of many kinds: what a person would have written, and what a run accepts."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from afterawait import settings
from afterawait.cli.__main__ import main
from e2e.selftests import adoption
from e2e.selftests.project import ROOT

PARTS = {
    "POSTGRES_PORT": "{db.port}",
    "POSTGRES_USER": "{db.user}",
    "POSTGRES_PASSWORD": "{db.password}",
    "POSTGRES_DB": "{db.name}",
}
KEY = "b25seS1mb3ItdGVzdHMtYW5kLWtub3duLXRvLWFsbCE="
ASYNCPG = "postgresql+asyncpg://{db.user}:{db.password}@{db.host}:{db.port}/{db.name}"

WRITTEN: dict[str, dict[str, Any]] = {
    "alembic_async": {
        "app": "notes.main:app",
        "setup": "alembic upgrade head",
        "database": "postgresql",
        "env": {"DATABASE_URL": ASYNCPG},
    },
    "factory": {"app": "blog.app:create_app()"},
    "full_stack": {
        "app": "app.main:app",
        "setup": ["python app/backend_pre_start.py", "alembic upgrade head", "python app/initial_data.py"],
        "database": "postgresql+psycopg:",
        "env": PARTS
        | {
            "POSTGRES_SERVER": "{db.host}",
            "FIRST_SUPERUSER": "tests@example.com",
            "FIRST_SUPERUSER_PASSWORD": "Only-for-tests-1",
            "PROJECT_NAME": "for-tests",
        },
    },
    "gunicorn": {
        "server": "gunicorn -k uvicorn_worker.UvicornWorker -c deploy/gunicorn.conf.py -w 1 -b 127.0.0.1:{port}"
        " 'parcels.main:create_app()'"
    },
    "litestar": {"app": "cities.asgi:create_app()"},
    "no_database": {"app": "convert.api:service"},
    "own_coverage": {"app": "prices.main:app"},
    "own_e2e": {"app": "gallery.main:app", "tests": ["tests/e2e"]},
    "own_folder": {
        "server": "python -c \"import os, uvicorn; os.chdir('src'); uvicorn.run('main:app', port={port})\"",
        "source": ["src/main.py"],
    },
    "postgres_parts": {
        "app": "orders.main:app",
        "database": "postgresql",
        "env": PARTS | {"POSTGRES_HOST": "{db.host}", "PROJECT_NAME": "Orders of a shop", "SECRET_KEY": KEY},
    },
    "redis": {
        "app": "hits.main:app",
        "env": {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": "{services.redis.port}"},
        "services": [{"name": "redis", "command": "redis-server --port {port} --save ''", "measure": False}],
    },
    "secret": {
        "app": "vault.main:app",
        "env": {
            "VAULT_API_KEY": KEY,
            "VAULT_HOSTS": "[]",
            "VAULT_LEVEL": "low",
            "VAULT_MAIL__HOST": "localhost",
            "VAULT_MINUTES": "6",
            "VAULT_MOST": "1",
            "VAULT_SIGNING_KEY": KEY,
        },
    },
    "sitecustomize": {"app": "clock.main:app"},
    "sqlite": {
        "app": "todo.main:app",
        "setup": 'python -c "import asyncio, todo.db; asyncio.run(todo.db.create_tables())"',
        "database": "sqlite",
        "env": {"DATABASE_URL": "{db.url}"},
    },
    "sqlite_tutorial": {
        "app": "main:app",
        "source": ["main.py", "routers", "database.py", "models.py"],
        "databases_allowed": ["sql_app.db"],
    },
    "sqlite_in_use": {"app": "main:app", "source": ["main.py", "routers", "database.py", "models.py"]},
    "src_layout": {"app": "inventory.main:app"},
    "starlette": {"app": "server:app"},
    "sync_psycopg": {
        "app": "library.main:app",
        "setup": "python -m library.db",
        "database": "postgresql+psycopg:",
        "env": {"DATABASE_URL": "{db.url}"},
    },
    "unittest_classes": {"app": "words.main:app"},
    "workspace": {
        "app": "shop_api.main:app",
        "source": ["packages/api/src/shop_api", "packages/core/src/shop_core"],
        "path": ["packages/api/src", "packages/core/src"],
    },
}


def has_redis(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let there be a redis-server on PATH."""
    program = folder / "bin" / "redis-server"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("name", [*adoption.TOY_NAMES, *adoption.VARIANTS])
def test_what_is_written_is_the_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each key that it needs and no other; the rest of pyproject.toml byte for byte; a test that pytest collects."""
    project = adoption.copy(name, tmp_path)
    pyproject = project / "pyproject.toml"
    before = pyproject.read_bytes() if pyproject.exists() else b""
    monkeypatch.chdir(project)
    has_redis(monkeypatch, tmp_path)

    status = main(["init"])

    written = pyproject.read_bytes()
    assert status == 0
    assert written.startswith(before)
    assert tomllib.loads(written.decode())["tool"]["afterawait"] == {"tests": ["e2e"], "fail_under": 0} | WRITTEN[name]
    known = settings.load(project, {})
    [test] = [path for each in known.tests for path in (project / each).iterdir()]
    compile(test.read_text(), str(test), "exec")
    assert test.name == ("check_operations.py" if name == "no_database" else "test_operations.py")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("factory", 'OPENAPI = "/api/v1/openapi.json"'),
        ("full_stack", 'OPENAPI = "/api/v1/openapi.json"'),
        ("litestar", 'OPENAPI = "/schema/openapi.json"'),
        ("starlette", '@pytest.mark.parametrize("path", ["/", "/api/items"])'),
        ("secret", 'OPENAPI = "/openapi.json"'),
    ],
)
def test_the_first_test_knows_where_the_operations_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, line: str
) -> None:
    """In the OpenAPI document, wherever the settings put it; in the source, where there is none."""
    project = adoption.copy(name, tmp_path)
    monkeypatch.chdir(project)

    main(["init"])

    assert line in (project / "e2e" / "test_operations.py").read_text().splitlines()


def test_nothing_of_the_project_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the application nor its sitecustomize: each would leave a file."""
    project = adoption.copy("sitecustomize", tmp_path)
    for path in project.rglob("*.py"):
        path.write_text("open('imported', 'w')\n" + path.read_text())
    monkeypatch.chdir(project)

    status = main(["init"])

    assert status == 0
    assert not (project / "imported").exists()


@pytest.mark.parametrize("name", ["workspace", pytest.param("sqlite_in_use", marks=pytest.mark.full)])
def test_a_project_is_adopted_by_the_commands_alone(tmp_path: Path, name: str) -> None:
    """They end in a judged report; where an edit is needed, a sentence has said it word for word.

    Settings for pytest in a folder above, of a repository with several projects say, change nothing.
    """
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\ntestpaths = ["elsewhere"]\n')

    adopted = adoption.adopt_here(name, tmp_path)

    assert adopted.judged, adopted.output
    assert adopted.edits == (name in adoption.EDITS)


def test_the_pages_show_what_the_commands_say(tmp_path: Path) -> None:
    """docs/adopt.md: what `init` prints and writes, word for word; of the run what it says it has shortened.

    README.md: what both print.
    """
    in_readme = re.findall(r"^```\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    page = (ROOT / "docs" / "adopt.md").read_text()
    said, written, ran = re.findall(r"^```(?:toml)?\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    adopted = adoption.adopt_here("postgres_parts", tmp_path)

    pyproject = (tmp_path / "postgres_parts" / "pyproject.toml").read_text()
    assert adopted.judged, adopted.output
    assert adopted.output.startswith(said)
    assert pyproject.endswith(f"\n\n{written}")
    assert digits_apart(ran) <= digits_apart(adopted.output)
    assert in_readme[0] == said
    assert digits_apart(in_readme[1]) <= digits_apart(adopted.output)


def digits_apart(text: str) -> set[str]:
    """The lines, with any number in the place of each."""
    return {re.sub(r"\d+(\.\d+)?", "0", line) for line in text.splitlines()}
