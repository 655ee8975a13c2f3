"""Redis beside the application: what `init` writes where a program for it is here, and says where none is."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait.adoption import services
from afterawait.cli.__main__ import main
from e2e.selftests.test_init import APP, table, write

PORT = "{services.redis.port}"
COMPOSE = "services:\n  cache:\n    image: docker.io/library/redis:8\n"


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder that holds all programs; the current one is another."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setattr(services, "_path", lambda: str(folder))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return folder


@pytest.mark.parametrize(
    ("reads", "env"),
    [
        ('os.environ["REDIS_URL"]', {"REDIS_URL": f"redis://127.0.0.1:{PORT}/0"}),
        ('os.getenv("BROKER", "redis://cache:6379/3")', {"BROKER": f"redis://127.0.0.1:{PORT}/3"}),
        (
            'os.getenv("CACHE_REDIS_HOST"), int(os.environ["CACHE_REDIS_PORT"]), os.getenv("REDIS_TTL")',
            {"CACHE_REDIS_HOST": "127.0.0.1", "CACHE_REDIS_PORT": PORT},
        ),
    ],
    ids=["URL", "by its value", "parts"],
)
def test_redis_is_led_to_the_runs_own(programs: Path, reads: str, env: dict[str, str]) -> None:
    """Each variable that says where it is, and no other; by --fill too, when it has been installed."""
    write(Path.cwd(), {"main.py": f"import os\n{APP}\nplace = {reads}\n", "compose.yaml": COMPOSE})
    (programs / "valkey-server").touch(mode=0o755)
    service = {"name": "redis", "command": "valkey-server --port {port} --save ''", "measure": False}

    main(["init", "--ci"])

    assert table(Path.cwd())["env"] == env
    assert table(Path.cwd())["services"] == [service]
    workflow = Path.cwd() / ".github" / "workflows" / "afterawait.yml"
    assert workflow.read_text().count("- run: sudo apt-get install --yes valkey-server") == 2
    (Path.cwd() / "pyproject.toml").write_text('[tool.afterawait]\napp = "main:app"\n')
    main(["init", "--fill"])
    assert table(Path.cwd()) == {"app": "main:app", "env": env, "services": [service]}


@pytest.mark.usefixtures("programs")
def test_a_redis_that_is_not_here_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do; a service that cannot start would stop each run."""
    write(Path.cwd(), {"main.py": f'import os\n{APP}\nos.getenv("REDIS_URL")\n', "compose.yaml": COMPOSE})

    main(["init"])

    said = capsys.readouterr().out
    assert "redis-server is not on this machine. If tests need it, install it and run `afterawait init --fill`" in said
    assert not {"services", "env"} & table(Path.cwd()).keys()
