"""What a run keeps of the project's own coverage settings, where it names no `coverage_config`. Test process."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from afterawait import coverage_config
from afterawait.faults import EnvironmentFault
from afterawait.settings import load
from e2e.selftests.coverage_settings_files import FILES, Settings, written

APP = '[tool.afterawait]\napp = "shop.main:app"\n'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a package, and nothing said about coverage."""
    for name in ("shop/__init__.py", "shop/main.py", "worker/__init__.py", "tests/test_shop.py", "src/kit/__init__.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "pyproject.toml").write_text(APP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def derived(root: Path, name: str = "", settings: Settings | str = "") -> Coverage:
    """What coverage.py reads from the file of a run, where the project's file `name` says `settings`."""
    if name:
        text = settings if isinstance(settings, str) else written(name, settings)
        with (root / name).open("a") as file:
            file.write("\n" + text)
    known = load(root, {})
    coverage_config.check(known)
    folder = root / ".afterawait" / "run"
    cov = Coverage(config_file=str(coverage_config.of_run(known, folder)), data_file=None, messages=False)
    cov.get_exclude_list()
    return cov


@pytest.mark.parametrize("name", FILES)
def test_what_counts_is_kept_from_each_of_the_five_files(
    root: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """How a live server is measured is the run's; one line says what it set in place of the project's."""
    settings: Mapping[str, Mapping[str, Any]] = {
        "run": {
            "omit": ["shop/old/*", "*/vendored/*"],
            "concurrency": ["thread"],
            "relative_files": True,
            "dynamic_context": "test_function",
            "data_file": "elsewhere/.coverage",
            "sigterm": True,
        },
        "report": {
            "exclude_also": ["def never"],
            "partial_also": ["rarely"],
            "precision": 4,
            "skip_empty": False,
            "fail_under": 97,
            "sort": "Cover",
        },
        "html": {"title": "The shop", "directory": "site"},
        "paths": {"shop": ["shop", "*/app/shop"]},
    }

    cov = derived(root, name, settings)

    replaced = "concurrency, relative_files, data_file, dynamic_context, sigterm, fail_under, html directory"
    assert capsys.readouterr().out == f"coverage     settings of {name}; set by the run: {replaced}\n"
    assert cov.get_option("run:omit") == [str(root / "shop/old/*"), "*/vendored/*"]
    excluded = cov.get_exclude_list()
    assert "def never" in excluded
    assert any("pragma" in each for each in excluded), "what coverage.py leaves out by itself"
    assert "rarely" in cov.get_exclude_list("partial")
    assert [cov.get_option(f"report:{each}") for each in ("precision", "skip_empty", "fail_under", "sort")] == [
        4,
        False,
        0,
        "Cover",
    ]
    assert cov.get_option("html:title") == "The shop"
    assert cov.get_option("html:directory") == str(root / ".afterawait/run/htmlcov")
    assert cov.get_option("run:concurrency") == ["greenlet", "thread"]
    assert [cov.get_option(f"run:{each}") for each in ("parallel", "relative_files", "dynamic_context")] == [
        True,
        False,
        None,
    ]
    paths = cov.get_option("paths")
    assert isinstance(paths, dict)
    assert paths["shop"] == [str(root / "shop"), "*/app/shop"]


def test_a_project_without_coverage_settings_gets_the_runs_defaults(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing is said: nothing of it was overridden."""
    cov = derived(root)

    assert capsys.readouterr().out == ""
    assert cov.get_option("run:source_dirs") == [str(root / "shop")]
    assert cov.get_option("report:precision") == 2
    assert cov.get_option("report:include_namespace_packages") is True


def test_the_first_file_that_coverage_would_take_is_the_one(root: Path) -> None:
    """An empty .coveragerc hides pyproject.toml from coverage.py, and so it does here."""
    (root / ".coveragerc").write_text("")

    cov = derived(root, "pyproject.toml", {"report": {"precision": 4}})

    assert cov.get_option("report:precision") == 2


def test_variables_are_replaced_once_and_by_coverage(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dollar that is left is a dollar: in a pattern of lines, in a title."""
    monkeypatch.setenv("WHERE", "old")
    text = "[run]\nomit = shop/${WHERE}/*, shop/${NOWHERE-older}/*\n[report]\nexclude_also =\n    raise$\n    \\$HOME\n"

    cov = derived(root, ".coveragerc", text)

    assert cov.get_option("run:omit") == [str(root / "shop/old/*"), str(root / "shop/older/*")]
    assert "raise$" in cov.get_exclude_list()


@pytest.mark.parametrize(
    ("run", "source"),
    [
        ({"source": ["shop", "worker"]}, ("shop", "worker")),
        ({"source_pkgs": ["shop", "kit"]}, ("shop", "src/kit")),
        ({"source_dirs": ["worker", "shop"]}, ("worker", "shop")),
        ({"source": ["shop"], "source_dirs": ["tests"]}, ("shop", "tests")),
        ({"source": ["."]}, ("shop",)),
        ({"source": ["shop", "/usr/lib"]}, ("shop",)),
        ({"source_pkgs": ["shop", "json"]}, ("shop",)),
        ({"source": ["tests"]}, ("shop",)),
    ],
    ids=["source", "source_pkgs", "source_dirs", "two", "the root", "outside", "installed", "not the application"],
)
def test_the_projects_own_sources_gate_where_they_hold_the_application(
    root: Path, run: dict[str, list[str]], source: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the package of `app` does, and the line says so."""
    cov = derived(root, "setup.cfg", {"run": run})

    assert load(root, {}).source == source
    assert cov.get_option("run:source_dirs") == [str(root / each) for each in source]
    assert not cov.get_option("run:source")
    asked = sum(map(len, run.values()))
    assert ("set by the run: source" in capsys.readouterr().out) == (len(source) != asked or source == ("shop",))


def test_include_alone_is_kept_as_it_is(root: Path) -> None:
    """Beside a source coverage.py would not look at it."""
    cov = derived(root, "tox.ini", {"run": {"include": ["shop/m*"]}})

    assert cov.get_option("run:include") == [str(root / "shop/m*")]
    assert not cov.get_option("run:source_dirs")


def test_what_a_plugin_configures_is_kept_and_the_plugin_is_done(root: Path) -> None:
    """covdefaults leaves lines out, sets a source and a gate: the run takes the first from it."""
    cov = derived(root, "pyproject.toml", {"run": {"plugins": ["covdefaults"]}})

    assert "^\\s*raise NotImplementedError\\b" in cov.get_exclude_list()
    assert cov.get_option("report:fail_under") == 0
    assert not cov.get_option("run:plugins")
    assert not cov.get_option("run:source")


def test_a_plugin_that_measures_is_kept_with_its_options(root: Path) -> None:
    """It may lie in the project itself."""
    (root / "their_plugin.py").write_text(
        "from coverage import CoveragePlugin\n\n\nclass Tracer(CoveragePlugin):\n    pass\n\n\n"
        "def coverage_init(reg, options):\n    assert options['kind'] == 'a $b'\n    reg.add_file_tracer(Tracer())\n"
    )

    cov = derived(root, ".coveragerc.toml", '[run]\nplugins = ["their_plugin"]\n[their_plugin]\nkind = "a $b"\n')

    assert cov.get_option("run:plugins") == ["their_plugin"]
    assert cov.get_option("their_plugin:kind") == "a $b"
    sys.modules.pop("their_plugin")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        (".coveragerc", "[run\n", ".coveragerc:2 cannot be used: Couldn't read config file .coveragerc"),
        (".coveragerc.toml", "[run]\nomit = 1\n", ".coveragerc.toml:3 cannot be used: Couldn't read"),
        ("setup.cfg", "[coverage:run]\nbranch = perhaps\n", "setup.cfg:3 cannot be used: Couldn't read"),
        ("tox.ini", "[coverage:report]\nexclude_also = (\n", "tox.ini:3 cannot be used: Invalid [report].exclude_also"),
        (
            "setup.cfg",
            "[coverage:run]\nplugins = no_such\n",
            "setup.cfg:3 names a plugin of coverage.py that",
        ),
        (
            "setup.cfg",
            "[coverage:run]\nomit = ${NOT_SET?}\n",
            "setup.cfg:3 cannot be used: Variable NOT_SET is",
        ),
        (".coveragerc", "[run]\nplugins = this\n", ".coveragerc"),
    ],
    ids=["no INI", "type in TOML", "no boolean", "expression", "plugin", "variable", "no plugin"],
)
def test_settings_that_coverage_cannot_use_are_refused_with_file_and_line(
    root: Path, name: str, text: str, sentence: str
) -> None:
    """The words are coverage.py's own."""
    with pytest.raises(EnvironmentFault) as caught:
        derived(root, name, text)

    assert sentence in caught.value.message


def test_a_setting_that_coverage_does_not_know_is_said(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As coverage.py itself warns of it, once."""
    derived(root, "setup.cfg", "[coverage:run]\nparralel = true\nbranch = true\n")

    said = capsys.readouterr().out
    assert "coverage     Unrecognized option '[coverage:run] parralel=' in config file setup.cfg" in said
