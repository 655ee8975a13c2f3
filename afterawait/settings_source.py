"""What is measured: `source` of the settings, or what it follows from. Driver, test process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from afterawait import coverage_settings, placeholders, settings_table
from afterawait.faults import EnvironmentFault
from afterawait.settings_services import Service

NO_NAME = ", and its `server` names no application"
ENDS = (".py", "/__init__.py", "/__main__.py")
NOTHING = "nothing says what is tested"
NO_APP = 'Write app = "package.module:app" or "package.module:factory()" there.'


def of(
    root: Path, table: Mapping[str, Any], path: tuple[str, ...], services: Sequence[Service] = (), *, needed: bool
) -> tuple[str, ...]:
    """`source`, else coverage.py's own, else the package of `app` and those of the measured services.

    Names below the root, without dots and last slashes. Coverage.py's own must hold the application, and are the
    project's where it names no configuration.
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
        named_by_services = [_top(root, each, path) for each in services if each.measure is not False]
        names = list(dict.fromkeys([*names, *filter(None, named_by_services)]))
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
    if found := _found(root, roots, name):
        return [found]
    folders = [os.path.normpath(f"{each}/{name}") for each in roots]
    says = f"[tool.afterawait].{key} {'is' if key == 'app' else 'names'} {app!r}"
    message = f"{says}, and there is no {name}/ or {name}.py in {', '.join(roots)}."
    hint = 'Fix it, or add the folder that it is imported from: path = ["backend"].'
    hint = _of_a_lost_link(root, folders) or hint
    raise settings_table.fault(root, key, message, hint=hint)


def _found(root: Path, roots: Iterable[str], name: str) -> str:
    """The package, module or namespace folder that `import name` would find on `roots`; "" where there is none."""
    folders = [os.path.normpath(f"{each}/{name}") for each in roots]
    for each in folders:
        if (root / each / "__init__.py").is_file():
            return each
        if _is_module(root / f"{each}.py"):
            return f"{each}.py"
    return next((each for each in folders if any((root / each).glob("**/*.py"))), "")


def _top(root: Path, service: Service, path: Sequence[str]) -> str:
    """The package of the project that a service's command names; "" where it names none."""
    module = placeholders.named_by(service.command, root / service.cwd, path)
    return _found(root, _roots(service, path), module.partition(".")[0]) if module else ""


def judged(root: Path, service: Service, path: Sequence[str], source: Iterable[str]) -> Service:
    """The service, with whether its measurement is missed where there is none: its command names a measured module."""
    module = placeholders.named_by(service.command, root / service.cwd, path).replace(".", "/")
    files = [f"{each}/{module}{end}" for each in _roots(service, path) for end in ENDS] if module else []
    found = [Path(_without_links(root, os.path.normpath(each))) for each in files if (root / each).is_file()]
    own = any(each.is_relative_to(folder) for each in found[:1] for folder in source)
    return replace(service, must_measure=service.measure or (own and service.measure is None))


def _roots(service: Service, path: Sequence[str]) -> list[str]:
    """Where a service's modules are looked for: its own folder comes first."""
    roots = [service.cwd, *path, "."]
    return list(dict.fromkeys(os.path.normpath(each) for each in roots))


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
