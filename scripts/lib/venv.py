"""Make .venv hold what requirements.lock says, and this checkout itself; nothing to do when it does.

    python scripts/lib/venv.py [--add LOCK]      --add: install what another lock says as well

Run from the project's root. Only an environment that was made here is changed: the file `made-from` in it says so. One
that somebody else made is used as it is if it holds what the lock says. Exit status 4, with the reason, where .venv
cannot be used. Only the standard library may be imported here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
PYTHON = VENV / "bin" / "python"
MADE_FROM = VENV / "made-from"
LOCK = Path("requirements.lock")
SHOWN = 3

INTERRUPTED = 130


class Unusable(Exception):
    """What is wrong, and what to do about it."""


def main() -> int:
    """Make, keep or check .venv; the exit status."""
    try:
        Path(".afterawait").mkdir(exist_ok=True)
        with Path(".afterawait/venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two first runs at once: the second finds it made
            if sys.argv[1:2] == ["--add"]:
                add(Path(sys.argv[2]))
            elif is_ours():
                keep()
            else:
                check()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Unusable as reason:
        return fail(*reason.args)
    except OSError as error:
        return fail(f"{error.filename or VENV} cannot be written: {error.strerror}.", "Give yourself the right to.")
    except subprocess.CalledProcessError as error:
        return fail(f"{' '.join(error.cmd[:4])} ... failed, as it says above.", "Fix that, and run again.")
    return 0


def is_ours() -> bool:
    """Whether .venv may be changed: it is made here, or is nothing yet. A link leads to somebody else's."""
    if VENV.is_symlink():
        return False
    return MADE_FROM.exists() or not VENV.exists() or (VENV.is_dir() and not any(VENV.iterdir()))


def keep() -> None:
    """Make .venv anew where Python, lock, place or packages are others; install this checkout where it changed."""
    packages = f"{sys.version} {_hash(LOCK)} {VENV.absolute()}"
    project = _hash(Path("pyproject.toml"))
    made_from = MADE_FROM.read_text().splitlines() if MADE_FROM.exists() else []
    if made_from == [packages, project, _packages_changed()]:
        return
    if made_from[:1] != [packages] or differences():
        make()
        made_from = []
    if made_from[1:2] != [project]:
        install("--no-deps", "--no-build-isolation", "--editable", ".")
    MADE_FROM.write_text(f"{packages}\n{project}\n{_packages_changed()}\n")


def check() -> None:
    """Use somebody else's .venv if it is good. Raises Unusable."""
    foreign = f"{VENV} was not made by these scripts"
    remove = "Make it anew, or remove it: then the scripts make one."
    if not (version := _version()):
        raise Unusable(f"{foreign}, and has no Python 3.12 or newer that runs.", remove)
    if (asked := os.environ.get("PYTHON")) and version != sys.version:
        raise Unusable(f"{foreign}, and its Python is not PYTHON={asked}, but {version.split()[0]}.", remove)
    if differing := differences():
        more = f" and {len(differing) - SHOWN} more" if len(differing) > SHOWN else ""
        raise Unusable(
            f"{foreign}, and differs from {LOCK}: {', '.join(differing[:SHOWN])}{more}.",
            f"Bring it up to date: {shlex.join(installing('-r', str(LOCK)))}",
        )


def add(lock: Path) -> None:
    """Install `lock` on top of what .venv holds. Raises Unusable."""
    if not is_ours():
        command = shlex.join(installing("-r", str(lock)))
        raise Unusable(f"{VENV} lacks what {lock} says, and was not made by these scripts.", f"Add it: {command}")
    print(f"installing {lock} into .venv (once) ...", file=sys.stderr, flush=True)
    install("--require-hashes", "-r", str(lock))


def make() -> None:
    """A new .venv, through uv where there is one (seconds), else through venv and pip (half a minute)."""
    _hash(LOCK)  # before anything is removed
    print(f"setting up .venv with Python {sys.version.split()[0]} (once) ...", file=sys.stderr, flush=True)
    base = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    interpreter = base if os.access(base, os.X_OK) else sys.executable
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir(exist_ok=True)
    MADE_FROM.touch()  # first of all: whatever interrupts what follows, this one is ours
    if uv := shutil.which("uv"):
        run(uv, "venv", "--quiet", "--allow-existing", "--python", interpreter, str(VENV))
    else:
        run(interpreter, "-m", "venv", str(VENV))
    install("--require-hashes", "--only-binary", ":all:", "-r", str(LOCK))


def install(*what: str) -> None:
    """Install into .venv."""
    command = installing(*what)
    quiet = ["--quiet", "--compile-bytecode"] if Path(command[0]).name == "uv" else ["--quiet"]
    run(*command, *quiet)


def installing(*what: str) -> list[str]:
    """The command that installs into .venv: uv where there is one, else pip."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", str(PYTHON), *what]
    return [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", *what]


def differences() -> list[str]:
    """How the packages in .venv differ from the lock's."""
    _hash(LOCK)
    if not PYTHON.exists():
        return ["everything"]
    command = [str(PYTHON), "-I", str(Path(__file__).with_name("installed.py")), str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else ["its packages cannot be read"]


def run(*command: str) -> None:
    """Run a command that installs, without what would change where to, or leave .pyc files out."""
    dropped = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}  # each start would cost seconds without .pyc
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    subprocess.run(command, check=True, env=environment, stdout=sys.stderr)


def fail(what: str, do: str) -> int:
    """Say it as every script does; the exit status for a fault of the environment."""
    print(f"environment (4): {what}\n    {do}", file=sys.stderr)
    return 4


def _version() -> str:
    """Of the Python in .venv; "" where there is none that will do."""
    code = "import sys; print(sys.version if sys.version_info >= (3, 12) else '')"
    with contextlib.suppress(OSError):
        return subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=False).stdout.strip()
    return ""


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise Unusable(
            f"{path} is missing: this is no whole checkout.", "Get it back, from git or the sdist."
        ) from None


def _packages_changed() -> str:
    """When something was last installed or removed."""
    with contextlib.suppress(OSError):
        return " ".join(str(each.stat().st_mtime_ns) for each in sorted(VENV.glob("lib/python*/site-packages")))
    return ""


if __name__ == "__main__":
    sys.exit(main())
