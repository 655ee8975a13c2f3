"""Small projects, each a few files: sound ones, and ones whose coverage is wrong. Test process of the selftests."""

from __future__ import annotations

ENGINE = "from sqlalchemy.ext.asyncio import create_async_engine\n\nasync def f():\n    pass\n"
SERVED = "async def app(scope, receive, send):\n    pass\n"
START = "import subprocess as s, sys\n\ndef start():\n    p = s.Popen({command})\n    p.terminate()\n"
UVICORN = START.format(command='[sys.executable, "-m", "uvicorn", "shop.main:app"]')
BOTH = '[tool.coverage.run]\nsource = ["shop"]\nconcurrency = ["greenlet", "thread"]\n'
MEASURED = '[tool.coverage.run]\nsource = ["shop"]\npatch = ["subprocess"]\nsigterm = true\n'
STARTED = "test:\n\tCOVERAGE_PROCESS_START=$(PWD)/.coveragerc coverage run -m pytest\n\tcoverage combine\n"
MATRIX = "jobs:\n  a:\n    runs-on: ubuntu-latest\n  b:\n    steps:\n      - uses: actions/download-artifact@v4\n"

SOUND: dict[str, dict[str, str]] = {
    "nothing at all": {},
    "plain functions": {"shop/main.py": "def f():\n    return 1\n", "tests/test_f.py": "import shop.main\n"},
    "locks and numbers": {
        "shop/main.py": "import threading, multiprocessing as m\nLOCK = threading.Lock()\nMANY = m.cpu_count()\n",
        ".coveragerc": "[run]\nconcurrency = greenlet\n",
    },
    "coroutines alone": {
        "shop/main.py": ENGINE
        + "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def f():\n    pass\n",
        ".coveragerc": "[run]\nconcurrency = greenlet\n",
    },
    "threads by default": {"shop/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"},
    "greenlets with both": {"shop/main.py": ENGINE, "pyproject.toml": BOTH},
    "greenlets in an example alone": {"shop/main.py": "x = 1\n", "examples/engine.py": ENGINE},
    "greenlets, by sys.monitoring": {
        "shop/main.py": ENGINE,
        ".coveragerc": "[run]\nsource = shop\ncore = sysmon\nbranch = false\n",
    },
    "other programs": {
        "shop/main.py": "x = 1\n",
        "tests/test_git.py": 'import subprocess\nsubprocess.run(["git", "log"], cwd="/")\nsubprocess.run("ls | wc")\n',
    },
    "a tool with a folder of its name": {
        "shop/main.py": "x = 1\n",
        "alembic/env.py": "x = 1\n",
        "tests/conftest.py": 'import subprocess, sys\nsubprocess.run([sys.executable, "-m", "alembic", "head"])\n',
    },
    "a server, by a patch": {"shop/main.py": SERVED, "tests/conftest.py": UVICORN, "pyproject.toml": MEASURED},
    "a server, by the variable": {
        "shop/main.py": SERVED,
        "tests/conftest.py": UVICORN,
        "Makefile": STARTED,
        ".coveragerc": "[run]\nsource = shop\nparallel = true\nsigterm = true\n",
    },
    "a server that saves by itself": {
        "shop/main.py": SERVED,
        "tests/conftest.py": START.format(command='"hypercorn shop.main:app".split()'),
        "pyproject.toml": MEASURED.replace("sigterm = true\n", ""),
    },
    "a run's own settings": {
        "shop/main.py": ENGINE,
        "tests/conftest.py": UVICORN,
        "pyproject.toml": '[tool.afterawait]\napp = "shop.main:app"\n',
    },
    "packages of a workspace": {
        "packages/a/src/a/__init__.py": "x = 1\n",
        "pyproject.toml": '[tool.coverage.run]\nsource_pkgs = ["a"]\n',
    },
    "a server of production": {
        "shop/main.py": SERVED,
        "Dockerfile": 'CMD ["gunicorn", "-k", "uvicorn_worker.UvicornWorker", "shop.main:app"]\n',
        "Procfile": "web: granian --interface asgi shop.main:app\n",
    },
    "machines of one kind": {
        "shop/main.py": "x = 1\n",
        ".github/workflows/ci.yml": MATRIX + "      - run: coverage combine\n",
    },
    "broken, and not read": {
        "pyproject.toml": "[tool",
        ".coveragerc": "[run]\nsource = shop\n",
        "shop/main.py": "x = 1\n",
    },
}
"""No finding may call the coverage of these wrong: a false alarm weighs as much as a miss."""

WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "no such source": (
        {"shop/main.py": "x = 1\n", ".coveragerc": "[run]\nsource = shops\n"},
        "paths",
        "`source` names shops",
    ),
    "a name that no folder can have": (
        {"shop/main.py": "x = 1\n", ".coveragerc": f"[run]\nsource = {'s' * 300}\n"},
        *("paths", "`source` names sss"),
    ),
    "gunicorn": (
        {
            "shop/main.py": SERVED,
            "tests/conftest.py": START.format(
                command='["gunicorn", "-k", "uvicorn_worker.UvicornWorker", "shop.main:app"]'
            ),
            "pyproject.toml": MEASURED,
        },
        *("SIGTERM", "gunicorn's uvicorn workers leave no data"),
    ),
    "granian": (
        {
            "shop/main.py": SERVED,
            "tests/conftest.py": START.format(command='["granian", "--interface", "asgi", "shop.main:app"]'),
            "pyproject.toml": MEASURED,
        },
        *("SIGTERM", "granian's workers leave no data"),
    ),
    "a script": (
        {
            "shop/main.py": SERVED,
            "scripts/e2e.sh": "coverage run -p -m uvicorn shop.main:app &\nsleep 1\npytest\nkill $!\n",
            "pyproject.toml": MEASURED.replace("sigterm = true\n", ""),
        },
        *("SIGTERM", "A process that is ended by SIGTERM leaves no data"),
    ),
    "killed": (
        {"shop/main.py": SERVED, "tests/conftest.py": UVICORN.replace("terminate", "kill"), "pyproject.toml": MEASURED},
        *("SIGTERM", "A process that is killed leaves no data"),
    ),
    "an environment of its own": (
        {
            "shop/main.py": "x = 1\n",
            "tests/test_main.py": 'from subprocess import run as r\nr(["python", "-m", "shop.main"], env={"A": "b"})\n',
            "pyproject.toml": MEASURED,
        },
        *("subprocesses", "A process is started with an environment of its own"),
    ),
    "workers of pytest": (
        {
            "shop/main.py": "x = 1\n",
            "pytest.ini": "[pytest]\naddopts = -n 2\n",
            "Makefile": "a:\n\tcoverage run -m pytest\n",
        },
        *("subprocesses", "The processes that the tests start are not measured"),
    ),
    "several systems": (
        {
            "shop/main.py": "x = 1\n",
            ".github/workflows/ci.yml": MATRIX + "      - run: coverage combine\n  c:\n    runs-on: windows-latest\n",
        },
        *("paths", "Data of several machines are combined"),
    ),
    "a plain function that is served": (
        {
            "shop/main.py": "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\ndef f():\n    pass\n",
            ".coveragerc": "[run]\ncore = ctrace\nconcurrency = greenlet\n",
        },
        *("concurrency", "Lines that run in threads are reported as missed"),
    ),
    "gevent": (
        {"shop/main.py": "import gevent\n", ".coveragerc": "[run]\nsource = shop\ncore = ctrace\n"},
        *("concurrency", "Lines after a switch of gevent are reported as missed"),
    ),
}
"""What cannot be run here: the settings and the code say it."""
