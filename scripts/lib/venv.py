"""Make .venv hold exactly what requirements.lock says; nothing to do when it does. Run from the project's root.

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
    wanted = f"{sys.version} {hashlib.sha256(LOCK.read_bytes()).hexdigest()}"
    stamp = VENV / "made-from"
    try:
        Path(".e2e").mkdir(exist_ok=True)
        with Path(".e2e/venv.lock").open("w") as lock:
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
        return fail(f"{' '.join(error.cmd[:4])} ... failed, as it says above.", "Mend that, and run again.")
    return 0


def make() -> None:
    """A new .venv, through uv where there is one (seconds), else through venv and pip (half a minute)."""
    print(f"setting up .venv with Python {sys.version.split()[0]} (once) ...", file=sys.stderr, flush=True)
    base = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    interpreter = base if os.access(base, os.X_OK) else sys.executable
    python = str(VENV / "bin" / "python")
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # without .pyc files every start of the server costs seconds

    def run(*command: str) -> None:
        subprocess.run(command, check=True, env=environment, stdout=sys.stderr)

    if uv := shutil.which("uv"):
        run(uv, "venv", "--quiet", "--clear", "--python", interpreter, str(VENV))
        run(uv, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", python, str(LOCK))
    else:
        run(interpreter, "-m", "venv", "--clear", str(VENV))
        pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet")
        run(*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK))


def fail(what: str, do: str) -> int:
    """Say it as every script does; the exit status for a fault of the environment."""
    print(f"environment (4): {what}\n    {do}", file=sys.stderr)
    return 4


if __name__ == "__main__":
    sys.exit(main())
