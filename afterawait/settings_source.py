"""What is measured: `source` of the settings, or what it follows from. Driver, test process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from afterawait import coverage_settings, placeholders, settings_table
from afterawait.faults import EnvironmentFault

NO_NAME = ", and its `server` names no application"
NOTHING = "nothing says what is tested"
NO_APP = 'Write app = "package.module:app" or "package.module:factory()" there.'


def of(root: Path, table: Mapping[str, Any], path: tuple[str, ...], *, needed: bool) -> tuple[str, ...]:
    """`source`, else coverage.py's own, else the package of `app`: names below the root, without dots and last slashes.

    Coverage.py's own must hold the application, and are the project's where it names no configuration.
    """
    named = [os.path.relpath(root / each, root) for each in table.get("source", ())]
    wrong = [each for each in named if not ((root / each).is_dir() or _is_module(root / each))]
    if wrong:
        message = f"[tool.afterawait].source names {', '.join(wrong)}, which is no folder and no Python file here."
        hint = _of_a_lost_link(root, wrong) or "Name folders or files whose coverage gates, or leave it out."
        raise settings_table.fault(root, "source", message, hint=hint)
    names = named
    if not named:
        own = [] if "coverage_config" in table else coverage_settings.source(root, path)
        names = _of_app(root, table, path, needed=needed and not own)
        if own and all(any(Path(each).is_relative_to(folder) for folder in own) for each in names):
            names = own
    names = [_without_links(root, each) for each in names]
    for each in names:
        if each == os.curdir or each.startswith(os.pardir):
            message = f"[tool.afterawait].source is {each}, and only what is below the project's root is measured."
            hint = 'Name packages and modules in it: source = ["shop", "main.py"].'
            raise settings_table.fault(root, "source", message, hint=hint)
    return tuple(names)


def _without_links(root: Path, name: str) -> str:
    """The name that coverage.py has for a folder or file: symbolic links are followed, unless they leave the root."""
    real = (root / name).resolve()
    return os.path.relpath(real, root.resolve()) if real.is_relative_to(root.resolve()) else name


def _of_app(root: Path, table: Mapping[str, Any], path: tuple[str, ...], *, needed: bool) -> list[str]:
    """The package, module or namespace folder that `app`, or the command `server`, names, as Python would find it."""
    command = table.get("server", "")
    key, app = ("app", table["app"]) if "app" in table else ("server", placeholders.named_by(command, root, path))
    if not app:
        if needed:
            message = f"[tool.afterawait] has neither `app` nor `source`{NO_NAME * bool(command)}: {NOTHING}."
            raise EnvironmentFault(message, hint='Write source = ["package"] there.' if command else NO_APP)
        return []
    name = app.partition(":")[0].partition(".")[0]
    roots = list(dict.fromkeys(os.path.relpath(root / each, root) for each in [*path, "."]))
    folders = [os.path.normpath(f"{each}/{name}") for each in roots]
    for each in folders:
        if (root / each / "__init__.py").is_file():
            return [each]
        if _is_module(root / f"{each}.py"):
            return [f"{each}.py"]
    for each in folders:
        if any((root / each).glob("**/*.py")):
            return [each]
    says = f"[tool.afterawait].{key} {'is' if key == 'app' else 'names'} {app!r}"
    message = f"{says}, and there is no {name}/ or {name}.py in {', '.join(roots)}."
    hint = 'Fix it, or add the folder that it is imported from: path = ["backend"].'
    hint = _of_a_lost_link(root, folders) or hint
    raise settings_table.fault(root, key, message, hint=hint)


def _of_a_lost_link(root: Path, names: Iterable[str]) -> str:
    """What to do where one of these is a symbolic link, checked out as a file with its target's name; else ""."""
    for name in names:
        path = root / name
        with contextlib.suppress(OSError, UnicodeError, ValueError):
            target = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
            if target and (path.parent / target).is_dir():
                link = f"{name} is a symbolic link to {target} that was checked out as a file"
                return f"{link} (git's core.symlinks is false). Make it one again: ln -sf {target} {name}"
    return ""


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" and path.is_file()
