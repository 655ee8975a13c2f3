"""What can be known before the start ends a run with one sentence, and nothing has been started."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from e2e.selftests import processes
from e2e.selftests.project import Project
from e2e.selftests.refused import started, the_sentence

IMPORTS = "import asyncio\n"


def in_the_module(project: Project, text: str) -> None:
    """Write into the application's module what its import runs."""
    project.replace("toy/main.py", IMPORTS, f"{IMPORTS}{text}\n")


@pytest.mark.parametrize("processes_", ["0", "2"])
@pytest.mark.parametrize(
    ("old", "new", "sentence", "hint"),
    [
        (":app", ":application", "has no attribute 'application'", 'Did you mean app = "toy.main:app"?'),
        (".main:app", ".absent:app", "No module named 'toy.absent'", "Fix [tool.afterawait].app"),
        (":app", ":in_thread", "", ""),
        (":app", ":os", "toy.main:os is not callable, so it is no ASGI application", "a factory without arguments"),
        (":app", ":count", "takes (query), and an ASGI application takes", "a factory without arguments"),
    ],
    ids=["no attribute", "no module", "a function of text", "a module", "a coroutine function"],
)
def test_a_name_that_is_no_application_is_said_and_nothing_is_started(  # noqa: PLR0913  # a table's columns
    project: Project, old: str, new: str, sentence: str, hint: str, processes_: str
) -> None:
    """One sentence and what to write, without a traceback of the tool, with pytest-xdist too."""
    project.replace(
        "pyproject.toml", f'"toy{".main" * (old == ":app")}{old}"', f'"toy{".main" * (old == ":app")}{new}"'
    )
    project.write("setup_ran.py", "open('setup ran', 'w').close()\n")
    project.replace("pyproject.toml", "[tool.afterawait.env]", 'setup = "python setup_ran.py"\n\n[tool.afterawait.env]')

    ended = project.run("-n", processes_)

    assert ended.status == 1, ended.output
    assert sentence in the_sentence(ended.output)
    assert ended.output.count("tests (1): ") == 1
    assert hint in ended.output
    assert "afterawait/" not in ended.output.replace(".afterawait/", "")
    assert not started(project)
    assert not (project.root / "setup ran").exists()


def test_the_import_s_own_traceback_is_cut_to_the_users_frames(project: Project) -> None:
    """Neither importlib's frames nor the tool's stand between the user's lines."""
    in_the_module(project, "import toy.broken")
    project.write("toy/broken.py", "def settings():\n    raise ValueError('SECRET is missing')\n\n\nsettings()\n")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "toy.main:app cannot be imported: ValueError: SECRET is missing" in the_sentence(ended.output)
    assert 'toy/broken.py", line 2, in settings' in ended.output
    assert "importlib" not in ended.output
    assert "agent" not in ended.output
    assert not started(project)


def test_an_import_that_ends_its_process_is_said_with_its_last_words(project: Project) -> None:
    """SystemExit is no way to be imported."""
    in_the_module(project, "import sys; print('KEY is not set'); sys.exit(5)")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "toy.main:app ends its process when it is imported: SystemExit: 5." in the_sentence(ended.output)
    assert "KEY is not set" in ended.output


def test_an_import_that_kills_its_process_is_said(project: Project) -> None:
    """A crash in a C library leaves no traceback."""
    in_the_module(project, "os_ = __import__('os'); os_.kill(os_.getpid(), 9)")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "toy.main:app cannot be imported: the process ended at it." in the_sentence(ended.output)


@pytest.mark.parametrize(
    "needs",
    [
        "import socket\nif 'sqlite-' not in os.environ['DATABASE_URL']: socket.create_connection(('127.0.0.1', 1))",
        (
            "import socket, sys\nif 'not_yet' in os.environ['DATABASE_URL']:\n    try:\n"
            "        socket.create_connection(('127.0.0.1', 1))\n    except OSError:\n        os._exit(1)"
        ),
        "import sqlite3; sqlite3.connect(os.environ['DATABASE_URL'].partition('///')[2]).execute('SELECT * FROM made')",
    ],
    ids=["a connection", "its refusal ends the process", "a table that setup makes"],
)
def test_an_import_that_needs_the_runs_database_is_sound(project: Project, needs: str) -> None:
    """The database is not there yet: the server's own start decides."""
    in_the_module(project, f"import os\n{needs}")
    project.write(
        "make.py",
        "import os, sqlite3\nbase = sqlite3.connect(os.environ['DATABASE_URL'].partition('///')[2])\n"
        "base.execute('CREATE TABLE made (x)')\nbase.commit()\n",
    )
    project.replace("pyproject.toml", "[tool.afterawait.env]", 'setup = "python make.py"\n\n[tool.afterawait.env]')

    ended = project.run()

    assert ended.status in {0, 2}, ended.output  # what it runs of the lines added here is not the point
    assert "3 passed" in ended.output


IMPORTING = {
    "prints": "print('hello')",
    "starts a thread": "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()",
    "starts a process": "import subprocess; child = subprocess.Popen(['sleep', '600'])",
    "needs env": "import os; assert os.environ['TOY_NEEDS'] == 'this'",
    "needs the loop": "asyncio.get_running_loop()",
}


@pytest.mark.parametrize(
    "text",
    [*IMPORTING.values(), "\n".join(IMPORTING.values())],
    ids=[*IMPORTING, "all of it"],
)
def test_imports_that_do_something_are_sound(project: Project, text: str) -> None:
    """What they leave behind in the check's process ends with it."""
    in_the_module(project, text)
    project.replace("pyproject.toml", 'DATABASE_URL = "{db.url}"', 'DATABASE_URL = "{db.url}"\nTOY_NEEDS = "this"')
    if "sleep" in text:
        in_the_module(project, "import atexit; atexit.register(lambda: child.kill())")

    ended = project.run()

    assert "3 passed" in ended.output, ended.output
    assert "cannot be imported" not in ended.output
    assert not processes.of(project.root)


@pytest.mark.parametrize("parentheses", ["", "()"])
def test_a_factory_works_with_and_without_its_parentheses(project: Project, parentheses: str) -> None:
    """Without them it is called all the same, as uvicorn does, and the run says what to write."""
    project.write("toy/main.py", (project.root / "toy/main.py").read_text() + "\n\ndef create():\n    return app\n")
    project.replace("pyproject.toml", '"toy.main:app"', f'"toy.main:create{parentheses}"')

    ended = project.run()

    assert ended.status == 0, ended.output
    says = 'toy.main:create is a factory, and is called: write app = "toy.main:create()"'
    assert (says in ended.output) == (parentheses == "")


def test_an_import_that_never_ends_ends_with_the_run(project: Project) -> None:
    """Ctrl-C reaches a run whose import hangs, and nothing of it is left."""
    in_the_module(project, "import threading, pathlib; pathlib.Path('hangs').touch(); threading.Event().wait()")
    process = project.start()
    processes.until((project.root / "hangs").exists, "the import has begun")

    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 130, output
    assert not processes.of(project.root)


def test_the_check_ends_with_a_driver_that_is_killed(project: Project) -> None:
    """kill -9 leaves no import behind."""
    in_the_module(
        project,
        "import os, pathlib, threading\npathlib.Path('draft').write_text(str(os.getpid()))\n"
        "pathlib.Path('draft').rename('pid')\nthreading.Event().wait()",
    )
    process = project.start()
    processes.until((project.root / "pid").exists, "the import has begun")
    importing = psutil.Process(int((project.root / "pid").read_text()))

    process.kill()

    processes.until(lambda: processes.gone([importing]), "the import check has ended")


@pytest.mark.parametrize("verb", ["serve", "explore"])
def test_the_other_verbs_make_the_same_checks(project: Project, verb: str) -> None:
    """A person who looks at a live server waits no longer for the sentence."""
    project.replace("pyproject.toml", "toy.main:app", "toy.main:application")

    ended = project.run(module=verb)

    assert ended.status == 1, ended.output
    assert "has no attribute 'application'" in the_sentence(ended.output)
    assert not started(project)


def test_an_import_that_turns_to_a_strangers_database_is_told_where_it_pointed(project: Project) -> None:
    """Status 4 and the settings' line to write, before there is a server; the file is as it was."""
    stranger = project.root.parent / "real.db"
    stranger.touch()
    in_the_module(project, f"import sqlite3; sqlite3.connect({str(stranger)!r}).execute('CREATE TABLE x (y)')")

    ended = project.run()

    assert ended.status == 4, ended.output
    assert "The import of the application was about to connect to a database that is not this run's" in ended.output
    assert "cannot be imported" not in ended.output
    assert stranger.stat().st_size == 0
    assert not started(project)
