"""Where the first test goes: a folder of its own, out of reach of other tests' conftest.py. Driver process."""

from __future__ import annotations

import ast
import configparser
import shlex
from pathlib import PurePath

from afterawait.adoption.project import Project, top_names
from afterawait.adoption.trees import of_type

FOLDERS = ("e2e", "tests/e2e", "e2e_tests", "tests_e2e", "afterawait_tests")
INI = (("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
STEM = "operations"


def choose(project: Project) -> PurePath:
    """The file to write: in the first folder that is free."""
    kinds = [path for path in (project.root / "tests").glob("*/") if path.name in {"unit", "integration", "functional"}]
    folders = (FOLDERS[1], FOLDERS[0], *FOLDERS[2:]) if kinds else FOLDERS
    free = [each for each in folders if _is_free(project, each) and _harmless(project, PurePath(each))]
    folder = PurePath(free[0] if free else FOLDERS[-1])
    names = {path.name for path in project.files}
    name = file_name(project, STEM)
    return folder / (name if name not in names else file_name(project, f"live_{STEM}"))


def _is_free(project: Project, folder: str) -> bool:
    """Whether nothing is there, or nothing but what Python has left."""
    place = project.root / folder
    return not place.exists() or (place.is_dir() and not any(path.suffix != ".pyc" for path in place.rglob("*.*")))


def file_name(project: Project, stem: str) -> str:
    """A name that pytest collects here."""
    patterns = _patterns(project)
    if any(PurePath(f"test_{stem}.py").match(each) for each in patterns):
        return f"test_{stem}.py"
    return patterns[0].replace("*", stem).replace("?", "x")


def _patterns(project: Project) -> list[str]:
    for name, section in INI[:2]:
        if project.has(name):
            return _of_ini(project, name, section)
    for table in (project.table("tool", "pytest"), project.table("tool", "pytest", "ini_options")):
        value = table.get("python_files")
        if isinstance(value, str) and value:
            return shlex.split(value)
        if isinstance(value, list) and value:
            return [str(each) for each in value]
    found = [_of_ini(project, name, section) for name, section in INI[2:]]
    return next((each for each in found if each != ["test_*.py"]), ["test_*.py"])


def _of_ini(project: Project, name: str, section: str) -> list[str]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(project.text(name))
        return shlex.split(parser.get(section, "python_files", fallback="")) or ["test_*.py"]
    except (configparser.Error, ValueError):
        return ["test_*.py"]


def _harmless(project: Project, folder: PurePath) -> bool:
    """Whether no conftest.py between the folder and the root does anything by itself, or imports the project."""
    for parent in folder.parents:
        path = parent / "conftest.py"
        if str(parent) == "." or not project.has(path):
            continue  # the root's is read wherever the tests are
        tree = project.tree(path)
        first_party = any(project.find_module(name) for name in top_names(tree))
        by_itself = any(key.arg == "autouse" for node in of_type(tree, ast.Call) for key in node.keywords)
        if first_party or by_itself or "pytest_plugins" in project.text(path):
            return False
    return True
