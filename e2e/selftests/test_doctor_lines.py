"""The lines that `afterawait doctor` gives: in any coverage configuration they mean what they say, and no more."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from coverage.config import CoverageConfig as Config
from hypothesis import given, settings
from hypothesis import strategies as st

from afterawait.commands import programs
from afterawait.doctor import code_commands
from afterawait.doctor.config_file import ConfigFile
from e2e.selftests.coverage_settings_files import FILES, written

OPTIONS = {
    "branch": st.booleans(),
    "concurrency": st.lists(st.sampled_from(["greenlet", "thread", "multiprocessing"]), unique=True, min_size=1),
    "core": st.sampled_from(["ctrace", "sysmon"]),
    "omit": st.lists(st.sampled_from(["*/a.py", "b c/*", "[d]*"]), unique=True, min_size=1),
    "parallel": st.booleans(),
    "patch": st.lists(st.sampled_from(["_exit", "subprocess", "execv"]), unique=True, min_size=1),
    "sigterm": st.booleans(),
    "source": st.lists(st.sampled_from(["shop", "läden", "src/x"]), unique=True, min_size=1),
}
OTHER = {"report": {"fail_under": 90, "exclude_also": ["[run]", "concurrency = x"]}}


def read(path: Path) -> dict[str, Any]:
    """What coverage.py makes of the file."""
    config = Config()
    config.from_file(str(path), lambda _: None, our_file=path.name.startswith(".coveragerc"))
    names = [f"run:{each}" for each in OPTIONS]
    return {name: config.get_option(name) for name in [*names, "report:fail_under", "report:exclude_also"]}


@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(FILES),
    before=st.fixed_dictionaries({}, optional=OPTIONS),
    after=st.fixed_dictionaries({}, optional=OPTIONS),
    order=st.booleans(),
)
def test_edits_change_what_they_name_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, name: str, before: dict[str, Any], after: dict[str, Any], order: bool
) -> None:
    """Read by coverage.py itself, in each kind of file; once made, there is nothing left to edit."""
    sections = [("run", before), *OTHER.items()] if before else list(OTHER.items())
    text = "# of the project\n" + written(name, dict(sections if order else sections[::-1]))
    path = tmp_path_factory.mktemp("settings") / name
    path.write_text(text, encoding="utf-8")
    held = read(path)
    config = ConfigFile(name, text)

    edits = config.edits({f"run:{option}": value for option, value in after.items()})
    path.write_text(config.edited(edits), encoding="utf-8")

    assert read(path) == held | {f"run:{option}": value for option, value in after.items()}


@pytest.mark.parametrize(
    "text",
    [
        '[tool.coverage]\nrun = {source = ["shop"], branch = true}\nreport.fail_under = 90\n',
        '[tool.coverage]\nrun.source = [\n  "shop",\n]\nrun.branch = true\nreport.fail_under = 90\n',
        '[tool."coverage".run] # all\nsource = ["shop"]\n"branch" = true\n[tool.coverage.report]\nfail_under = 90',
    ],
    ids=["in a line", "dotted", "quoted"],
)
def test_toml_may_be_written_in_any_way(tmp_path: Path, text: str) -> None:
    """What is not a section of its own becomes one, with all that it held."""
    path = tmp_path / "pyproject.toml"
    config = ConfigFile("pyproject.toml", text)

    edits = config.edits({"run:concurrency": ["greenlet", "thread"], "run:branch": None})
    path.write_text(config.edited(edits), encoding="utf-8")

    found = read(path)
    assert (found["run:concurrency"], found["run:source"]) == (["greenlet", "thread"], ["shop"])
    assert (found["run:branch"], found["report:fail_under"]) == (False, 90)


def test_comments_stay_where_they_are() -> None:
    """A person's words about their settings are not ours to lose."""
    text = "[run]\n# why\nsource =\n    shop  \n    # not this\n    other\nbranch = true\n\n# of the report\n[report]\n"
    config = ConfigFile(".coveragerc", text)

    after = config.edited(config.edits({"run:concurrency": ["greenlet", "thread"], "run:branch": False}))

    assert after == text.replace("branch = true\n", "branch = false\nconcurrency = greenlet, thread\n")


@pytest.mark.parametrize(
    ("code", "kind", "target"),
    [
        ('["uvicorn", "shop.main:app", "--port", "8000"]', "uvicorn", "shop.main"),
        ('[sys.executable, "-m", "uvicorn", "--factory", "shop:make"]', "uvicorn", "shop"),
        ('f"{sys.executable} -X dev -m gunicorn -b 127.0.0.1:{port} shop.main:app"', "gunicorn", "shop.main"),
        ('["uv", "run", "--frozen", "fastapi", "run", "shop/main.py"]', "fastapi", "shop/main.py"),
        ('"env A=b python3.13 -m shop.worker"', "module", "shop.worker"),
        ('[*COMMAND, "--reload"]', "hypercorn", "shop"),
        ('[sys.executable, str(ROOT / "shop" / "main.py"), "-v"]', "file", "shop/main.py"),
        ('["shopctl", "sell"]', "module", "shop.cli"),
        ('[sys.executable, "-m", "coverage", "run", "-m", "shop"]', "coverage", ""),
        ('["git", "log"]', "", ""),
        ("unknown", "", ""),
        ("[]", "", ""),
    ],
)
def test_commands_are_read_as_far_as_they_are_written(code: str, kind: str, target: str) -> None:
    """A server with its application, a module, a file, a command of the project's own; anything else is none."""
    tree = ast.parse('COMMAND = ["hypercorn", "shop:app"]')
    node = ast.parse(code, mode="eval").body

    words = code_commands.words_of(node, dict(code_commands.texts_of(tree)))

    assert programs.program(words, {"shopctl": "shop.cli:main"}) == (kind, target)
