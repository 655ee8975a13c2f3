"""The application that a command names, in each kind of file and by each server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from afterawait.adoption import application, server
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach

APP = "from fastapi import FastAPI\n\napp = FastAPI()\nother = FastAPI()\n\n\ndef make():\n    return FastAPI()\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A package with two applications and a factory; which is meant, only a command tells."""
    for name, text in {"shop/__init__.py": "", "shop/web.py": APP, "shop/__main__.py": "pass\n"}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "app"),
    [
        ("Dockerfile", 'FROM x\nCMD ["uvicorn", "shop.web:other", "--host", "0.0.0.0"]\n', "shop.web:other"),
        ("Dockerfile", "CMD uvicorn --factory shop.web:make --port 80\n", "shop.web:make()"),
        (
            "Dockerfile",
            "CMD alembic upgrade head && \\\n    gunicorn -k uvicorn.workers.UvicornWorker shop.web:other",
            "shop.web:other",
        ),
        ("docker/Dockerfile.dev", 'ENTRYPOINT ["/usr/bin/hypercorn", "shop.web:other"]\n', "shop.web:other"),
        ("Dockerfile", 'ENV APP_MODULE="shop.web:other"\n', "shop.web:other"),
        ("Dockerfile", 'CMD ["fastapi", "run", "shop/web.py", "--port", "80"]\n', "shop.web:app"),
        (
            "compose.yaml",
            "services:\n  web:\n    command:\n      - granian\n      - --interface asgi\n      - shop.web:other\n",
            "shop.web:other",
        ),
        (
            "docker-compose.yml",
            'services:\n  web:\n    command: bash -c "sleep 1; uvicorn shop.web:other"\n    ports: ["80:80"]\n',
            "shop.web:other",
        ),
        ("Procfile", "release: x\nweb: gunicorn -w 4 'shop.web:make()' -k x\n", "shop.web:make()"),
        ("Makefile", "run:\n\t@poetry run uvicorn shop.web:other --reload\n", "shop.web:other"),
        ("justfile", "run:\n    uv run uvicorn shop.web:other\n", "shop.web:other"),
        ("scripts/start.sh", "#!/bin/sh\nexec uvicorn ${APP_MODULE:-shop.web:other} --port $PORT\n", "shop.web:other"),
        (
            ".vscode/launch.json",
            '{"configurations": [{"module": "uvicorn", "args": ["shop.web:other", "--reload"]}]}',
            "shop.web:other",
        ),
        ("pyproject.toml", '[tool.poe.tasks]\nserve = "uvicorn shop.web:other"\n', "shop.web:other"),
        ("pyproject.toml", '[tool.fastapi]\nentrypoint = "shop.web:other"\n', "shop.web:other"),
        ("serve.py", 'import uvicorn\n\nuvicorn.run("shop.web:other", port=1)\n', "shop.web:other"),
        ("README.md", "Run `uvicorn shop.web:other`.\n", "shop.web:other"),
        (
            "Dockerfile",
            "# CMD uvicorn shop.web:other\nCMD uvicorn elsewhere.web:app --host redis:alpine\n",
            "shop.web:app",
        ),
    ],
)
def test_the_application_of_a_command_is_found(project: Project, name: str, text: str, app: str) -> None:
    """With a factory's parentheses, and only where there is such a module."""
    path = project.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)

    found = application.find(project)

    assert found[0].app == app


def test_a_dockerfile_is_believed_before_a_makefile(project: Project) -> None:
    """What is deployed says most; the others are said beside it."""
    (project.root / "Makefile").write_text("run:\n\tuvicorn shop.web:app\n")
    (project.root / "Dockerfile").write_text("CMD uvicorn shop.web:other\n")

    assert [each.app for each in application.find(project)] == ["shop.web:other", "shop.web:app"]


GUNICORN = "gunicorn -k uvicorn_worker.UvicornWorker -w 1 -b 127.0.0.1:{port} shop.web:other"


@pytest.mark.parametrize(
    ("name", "text", "written"),
    [
        (
            "Dockerfile",
            'CMD ["gunicorn", "shop.web:other", "-k", "uvicorn_worker.UvicornWorker", "-w", "9"]\n',
            GUNICORN,
        ),
        (
            "Procfile",
            "web: gunicorn --worker-class=uvicorn_worker.UvicornWorker shop.web:other\n",
            GUNICORN.replace("-k", "--worker-class"),
        ),
        (
            "compose.yaml",
            "services:\n  web:\n    command: gunicorn -k asgi shop.web:other\n  w:\n    command: x -k trio\n",
            "gunicorn -k asgi -w 1 -b 127.0.0.1:{port} shop.web:other",
        ),
        ("Dockerfile", "CMD gunicorn -k $CLASS shop.web:other\n", ""),
        ("Dockerfile", "CMD gunicorn -k absent.Worker shop.web:other\n", ""),
        ("Dockerfile", "CMD uvicorn shop.web:other --workers 4\n", ""),
        ("README.md", "`gunicorn -k asgi shop.web:other`\n", ""),
        ("start.sh", "granian --interface asgi shop.web:other\n", ""),
    ],
    ids=["JSON", "Procfile", "YAML", "a variable", "not here", "uvicorn", "README", "not installed"],
)
def test_a_server_that_the_project_is_deployed_with_serves_in_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch, name: str, text: str, written: str
) -> None:
    """On a port of the run's and with one worker; where it is not here, a run's own uvicorn does."""
    here = Path(sys.executable).parent
    monkeypatch.setattr(server, "HERE", project.root)
    (project.root / "gunicorn").symlink_to(here / "gunicorn")
    (project.root / name).write_text(text)

    chosen = application.find(project)[0]
    command, _ = server.of(project, chosen, Reach(project, chosen))

    assert command == written
