"""Make .venv hold exactly what requirements.lock says; nothing to do when it does. Run from the project's root.

    python scripts/lib/venv.py [--add LOCK]      --add: install what another lock says as well, into the .venv there is

Exit status 4 with the reason when it cannot be made. Only the standard library may be imported here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

VENV = Path(".venv")
LOCK = Path("requirements.lock")

INTERRUPTED = 130


def main() -> int:
    """Make or keep .venv; the exit status."""
    if sys.argv[1:2] == ["--add"]:
        return add(Path(sys.argv[2]))
    wanted = f"{sys.version} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
    stamp = VENV / "made-from"
    try:
        Path(".afterawait").mkdir(exist_ok=True)
        with Path(".afterawait/venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two first runs at once: the second finds it made
            with contextlib.suppress(OSError):
                if stamp.read_text() == wanted:
                    return 0
            make()
            stamp.write_text(wanted)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        return fail(f"{error.filename or VENV} cannot be written: {error.strerror}.", "Give yourself the right to.")
    except subprocess.CalledProcessError as error:
        return fail(f"{' '.join(error.cmd[:4])} ... failed, as it says above.", "Fix that, and run again.")
    return 0


def add(lock: Path) -> int:
    """Install `lock` on top of what .venv holds; the exit status."""
    print(f"installing {lock} into .venv (once) ...", file=sys.stderr, flush=True)
    try:
        install(lock, "install")
    except subprocess.CalledProcessError as error:
        return fail(f"{' '.join(error.cmd[:4])} ... failed, as it says above.", "Fix that, and run again.")
    return 0


def make() -> None:
    """A new .venv, through uv where there is one (seconds), else through venv and pip (half a minute)."""
    print(f"setting up .venv with Python {sys.version.split()[0]} (once) ...", file=sys.stderr, flush=True)
    base = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    interpreter = base if os.access(base, os.X_OK) else sys.executable
    if uv := shutil.which("uv"):
        run(uv, "venv", "--quiet", "--clear", "--python", interpreter, str(VENV))
        install(LOCK, "sync")
    else:
        run(interpreter, "-m", "venv", "--clear", str(VENV))
        install(LOCK, "install")


def install(lock: Path, how: str) -> None:
    """Install a lock's packages; `how` is uv's word for it: install adds, sync also removes all else."""
    python = str(VENV / "bin" / "python")
    if uv := shutil.which("uv"):
        what = (str(lock),) if how == "sync" else ("-r", str(lock))
        run(uv, "pip", how, "--quiet", "--require-hashes", "--compile-bytecode", "--python", python, *what)
    else:
        pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet")
        run(*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(lock))


def run(*command: str) -> None:
    """Run a command that installs, without what would change where to, or leave .pyc files out."""
    dropped = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}  # each start would cost seconds without .pyc
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    subprocess.run(command, check=True, env=environment, stdout=sys.stderr)


def fail(what: str, do: str) -> int:
    """Say it as every script does; the exit status for a fault of the environment."""
    print(f"environment (4): {what}\n    {do}", file=sys.stderr)
    return 4


if __name__ == "__main__":
    sys.exit(main())
