"""A server that no run has started measures itself, into a folder that its environment names. In measured processes.

In a container, or on another host. The first process that finds AFTERAWAIT_DROP makes a folder in that one, and sets
the run's variables to it: from there on it, and what it starts, is measured as in any run. Each start of a server has
a folder of its own: in every container the first process has pid 1, and several may share one drop.
"""
# ruff: noqa: PTH101, PTH102, PTH105, PTH106, PTH108, PTH109, PTH112, PTH113, PTH118, PTH120
# ruff: noqa: PTH123, PTH208 - before the application, in each of its processes

from __future__ import annotations

import atexit
import contextlib
import errno
import fnmatch
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator

from afterawait import protocol
from afterawait.agent import access
from afterawait.agent.record import complain

VERSION = 1
"""Of delivery.json's format."""
LIBRARIES = {"site-packages", "dist-packages", "node_modules", "__pycache__"}


def begin() -> bool:
    """Whether this process is to be measured. Raises nothing; what is wrong is said once, on standard error."""
    top, run = os.environ[protocol.DROP], os.environ.get(protocol.RUN, "")
    if run and os.path.dirname(run) != os.path.realpath(top):
        return True  # by a run
    access.share()
    if run and os.access(run, os.W_OK):
        return True  # with the process that started it
    try:
        _begin(os.path.realpath(top))
    except (OSError, ValueError) as error:
        os.environ.pop(protocol.DROP)  # what this process starts need not say it again
        complain(f"{protocol.DROP}={top}: nothing is measured, as user {os.getuid()}", error)
        return False
    return True


def _begin(top: str) -> None:
    if not os.path.isdir(top):
        raise FileNotFoundError("there is no such folder: mount one")
    if not os.access(top, os.W_OK | os.X_OK):
        raise PermissionError("this user may not write there")
    sources = [_place(each) for each in _named()]
    folder = os.path.join(top, protocol.DELIVERY.format(id=os.urandom(4).hex()))
    key = os.environ.get(protocol.KEY) or key_in(top)
    os.mkdir(folder, 0o755)
    os.chmod(folder, 0o755)  # noqa: S103  # whatever the umask
    for name in protocol.COVERAGE_VARIABLES:
        os.environ.pop(name, None)
    config = os.path.join(folder, protocol.RUN_CONFIG)
    _write(config, _configuration(sources))
    os.environ |= {
        protocol.DROP: top,  # what this process starts may do so in another folder
        protocol.RUN: folder,
        protocol.SOURCE: os.pathsep.join(sources),
        protocol.KEY: key,
        protocol.COMMAND: "1",
        protocol.ROLE: protocol.TOP,
        protocol.COVERAGE_START: config,
        protocol.COVERAGE_FILE: os.path.join(folder, protocol.DATA_FILE),
    }
    atexit.register(_tidy, folder, os.getpid())
    described = {
        "version": VERSION,
        "source": sources,
        "files": dict(_fingerprints(sources)),
        "key": digest(key),
        "python": sys.version.split()[0],
    }
    _write(os.path.join(folder, protocol.DELIVERED), json.dumps(described))


def digest(key: str) -> str:
    """What may be told of a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _write(path: str, text: str) -> None:
    """Whole or not at all, and for every user to read."""
    draft = f"{path}.{os.getpid()}.tmp"
    with open(draft, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    access.grant(draft)
    os.replace(draft, path)


def key_in(top: str, proposed: str = "") -> str:
    """The key in the folder, made if it has none yet: whole, and for server and tests to read, whoever is first."""
    path = os.path.join(top, protocol.DROP_KEY)
    draft = f"{path}.{os.urandom(4).hex()}.tmp"
    if not os.path.lexists(path):
        with open(draft, "x", encoding="ascii") as file:
            file.write(proposed or os.urandom(8).hex())
        os.chmod(draft, 0o644)  # whatever the umask
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return key_of(top)


def key_of(top: str) -> str:
    """The key in the folder. Raises OSError where it is no file itself: whoever may write there may make it a link."""
    file = os.open(os.path.join(top, protocol.DROP_KEY), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(file, encoding="utf-8") as opened:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, f"{protocol.DROP_KEY} is no file")
        return opened.read().strip()


def _named() -> list[str]:
    """What is measured, as people say it: by the variable, else in the project's own settings."""
    named = [each for each in os.environ.get(protocol.SOURCE, "").split(os.pathsep) if each]
    named = named or list(_of_project())
    if not named:
        raise ValueError(f"{protocol.SOURCE} is not set: it names the package, or the folder, that is measured")
    return named


def _of_project() -> Iterator[str]:
    """`source` of the table in the working folder's pyproject.toml, or the package of its `app`."""
    try:
        import tomllib

        with open("pyproject.toml", "rb") as file:
            table = tomllib.load(file)["tool"]["afterawait"]
        yield from map(str, table.get("source", ()))
        if "source" not in table:
            yield str(table["app"]).partition(":")[0].partition(".")[0]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return


def _place(name: str) -> str:
    """A folder or file: below the working folder, or where Python finds a package or module of that name."""
    inner = name if os.sep in name else name.replace(".", os.sep)
    for folder in (os.getcwd(), os.path.join(os.getcwd(), "src"), *sys.path):
        for each in (name, inner, f"{inner}.py"):
            path = os.path.realpath(os.path.join(folder, each))
            if os.path.isdir(path) or (path.endswith(".py") and os.path.isfile(path)):
                if path == os.path.dirname(path):
                    raise ValueError(f"{protocol.SOURCE} names the root of all files")
                return path
    raise ValueError(f"{protocol.SOURCE} names {name}: no folder of {os.getcwd()}, and no package")


def _configuration(sources: list[str]) -> str:
    """How coverage.py measures here, as in any run."""
    if all(map(os.path.isdir, sources)):
        places = {"source_dirs": sources}
    else:  # its sources are folders, never single files; the canary has a name below the first
        ends = {each: ["", "/*"] if os.path.isfile(each) else ["/*"] for each in sources}
        places = {"include": [each + end for each in sources for end in ends[each]]}
    # coverage.py replaces $NAME: not in names of files
    places = {key: [each.replace("$", "$$") for each in value] for key, value in places.items()}
    warnings = {"disable_warnings": ["module-not-imported", "no-data-collected"]}
    lines = [f"{key} = {json.dumps(value)}" for key, value in (protocol.LIVE | places | warnings).items()]
    return "\n".join(["[tool.coverage.run]", *lines]) + "\n"


def _fingerprints(sources: list[str]) -> Iterator[tuple[str, str]]:
    """Each Python file there, by its name, and its SHA-256: an older image is told by them."""
    for source in sources:
        for folder, folders, names in os.walk(source) if os.path.isdir(source) else [("", [], [source])]:
            folders[:] = [each for each in folders if each not in LIBRARIES and not each.startswith(".")]
            for path in (os.path.join(folder, name) for name in names if name.endswith(".py")):
                with contextlib.suppress(OSError), open(path, "rb") as file:
                    yield path, hashlib.sha256(file.read()).hexdigest()


def _tidy(folder: str, pid: int) -> None:
    """Leave nothing of a process that ran nothing which is measured: a health check of a container's, say."""
    from afterawait.agent import startup

    with contextlib.suppress(Exception):
        records = fnmatch.filter(os.listdir(folder), protocol.RECORDS)
        ran = startup.witness is None or startup.witness.attribution.ran
        if os.getpid() == pid and len(records) == 1 and not ran:
            with contextlib.suppress(FileNotFoundError):  # first: who copies the others sees that it is gone
                os.unlink(os.path.join(folder, protocol.DELIVERED))
            for each in os.listdir(folder):
                os.unlink(os.path.join(folder, each))
            os.rmdir(folder)
