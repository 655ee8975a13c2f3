"""What is known of a command before it starts, and of its processes. No run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from afterawait import placeholders, settings
from afterawait.cli.explore import of_command_line
from afterawait.faults import EnvironmentFault
from afterawait.processes.tree import Tree, kill
from afterawait.services.known_servers import KILLS, WAITS, gap
from e2e.selftests import processes

ORPHAN = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()'], stdin=0); input()"


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("uvicorn shop.main:app --port {port}", "shop.main"),
        ("gunicorn -k uvicorn_worker.UvicornWorker -b 127.0.0.1:{port} 'shop.main:create_app()'", "shop.main"),
        ("opentelemetry-instrument uvicorn --factory shop.main:create", "shop.main"),
        ("fastapi run src/shop/main.py", "shop.main"),
        ("python -m shop", "shop"),
        ("python -m uvicorn shop.main:app", "shop.main"),
        ("honcho start", ""),
    ],
)
def test_a_command_names_the_application(tmp_path: Path, command: str, module: str) -> None:
    """So `source` need not be written: by an import string, a file, or a module that is run."""
    (tmp_path / "src/shop").mkdir(parents=True)
    (tmp_path / "src/shop/main.py").touch()

    assert placeholders.named_by(command, tmp_path, (".", "src")) == module


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('server = "uvicorn shop:app --port {db.prot}"', "server has unknown placeholders: {db.prot}"),
        ('server = "uvicorn \'shop:app"', 'server is "uvicorn \'shop:app", which is not a command'),
        ('server = "honcho start"', "its `server` names no application: nothing says what is tested"),
        ('server = "uvicorn shop:app"', "server names 'shop', and there is no shop/ or shop.py"),
    ],
)
def test_a_command_that_is_wrong_is_said_before_anything_starts(tmp_path: Path, table: str, said: str) -> None:
    """With the key, and what to write."""
    (tmp_path / "pyproject.toml").write_text(f"[tool.afterawait]\n{table}\n")

    with pytest.raises(EnvironmentFault) as raised:
        settings.load(tmp_path, {})

    assert said in raised.value.message
    assert raised.value.hint


def test_the_first_known_server_of_a_process_says_how_it_ends() -> None:
    """gunicorn runs uvicorn, and it is gunicorn that kills."""
    assert "gunicorn kills" in gap("gunicorn 27.0.1, uvicorn 0.54.0", KILLS)
    assert "uvicorn waits" in gap("uvicorn 0.54.0", WAITS)
    assert not gap("uvicorn 0.54.0", KILLS)
    assert not gap("mine 1.0", WAITS)
    assert not gap("", WAITS)


def test_an_orphan_belongs_to_its_tree() -> None:
    """Its parent has ended: nobody else knows where it came from."""
    reading, writing = os.pipe()
    top = subprocess.Popen([sys.executable, "-c", ORPHAN], stdin=reading)
    tree = Tree(top.pid)
    processes.until(lambda: len(tree.look()) == 2, "a child")
    [child] = [each for each in tree.look() if each.pid != top.pid]

    top.kill()
    top.wait()

    assert tree.look() == [child]
    assert tree.topmost([top.pid, child.pid]) == [child]
    kill(tree.look())
    processes.until(lambda: not tree.look(), "all are killed")
    os.close(reading)
    os.close(writing)


def test_an_application_that_is_explored_takes_the_place_of_the_command(tmp_path: Path) -> None:
    """And it has the port that `explore` has where nobody says another."""
    (tmp_path / "shop.py").touch()
    (tmp_path / "pyproject.toml").write_text('[tool.afterawait]\nserver = "uvicorn shop:app"\n')
    known = settings.load(tmp_path, {}, app="shop:other")

    explored = of_command_line(known, "shop:other", None)

    assert (explored.tested, explored.port) == ("shop:other", 8000)
    assert of_command_line(known, None, None).tested == "uvicorn shop:app"
