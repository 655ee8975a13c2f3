"""Files are compared by identity: links, working folders, other machines' paths change no number and refuse no run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from afterawait.evidence.identity import Checkout, SourceTree
from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, is_whole, percentages

NAMED = """\
[run]
source = shop
branch = ${AFTERAWAIT_BRANCH-true}
concurrency = ${AFTERAWAIT_CONCURRENCY-greenlet, thread}
core = ${AFTERAWAIT_CORE-ctrace}
parallel = true
sigterm = true
relative_files = true
disable_warnings = module-not-imported, no-data-collected

[report]
fail_under = 100
precision = 2
"""


def named(toy: Toy) -> Project:
    """The shop, with a configuration that is used as it is."""
    project = toy("places")
    project.write(".coveragerc", NAMED)
    project.replace("pyproject.toml", "fail_under = 100\n", 'coverage_config = ".coveragerc"\n')
    return project


def link(project: Project, *, inside: bool) -> None:
    """Let the shop's parts be links: the common ones lie in the project, but not in the source, or beyond it."""
    common = project.root / "common"
    if not inside:
        common = Path(shutil.move(common, project.root.parent / "common"))
    (project.root / "shop/prices.py").symlink_to(Path(common, "prices.py"))
    (project.root / "shop/plugins").symlink_to(Path(common, "plugins"))


def copied(project: Project) -> None:
    """Let them be files of its own."""
    shutil.move(project.root / "common/prices.py", project.root / "shop/prices.py")
    shutil.move(project.root / "common/plugins", project.root / "shop/plugins")


@pytest.mark.parametrize("arguments", [(), ("--fast",)], ids=["default", "fast"])
def test_what_links_in_the_source_lead_to_counts_as_part_of_it(toy: Toy, arguments: tuple[str, ...]) -> None:
    """A file and a package beyond the project's root; the package itself and the root are reached by links, too."""
    project = toy("places")
    link(project, inside=False)
    (project.root / "shop").rename(project.root.parent / "the shop")
    (project.root / "shop").symlink_to("../the shop")
    real = project.root.rename(project.root.parent / "real")
    project.root.symlink_to(real)

    ended = project.run(*arguments)

    is_whole(ended, "shop")
    assert {Path(name).name for name in percentages(project)} == {
        *("__init__.py", "main.py", "child.py", "prices.py", "discount.py"),
    }
    assert "3 processes" in ended.output


def test_a_link_that_a_named_configuration_does_not_follow_is_named(toy: Toy) -> None:
    """Before anything starts: coverage.py would neither measure what it leads to, nor miss it."""
    project = named(toy)
    link(project, inside=True)

    ended = project.run()

    assert ended.status == 4, ended.output
    assert "shop/plugins is a symbolic link to common/plugins, which .coveragerc does not measure" in ended.output


def test_relative_names_are_those_of_their_process(toy: Toy) -> None:
    """With `relative_files`, a child in another folder has other names for the same files."""
    project = named(toy)
    copied(project)

    ended = project.run()

    is_whole(ended, "shop")
    assert "child.py" in (project.root / "coverage.json").read_text()


def test_shards_of_containers_combine_by_content_and_the_end_of_the_path(toy: Toy) -> None:
    """Measured where the package was a folder, and where it was a link into a monorepo; combined where it is none."""
    shards = [toy("places", folder="machine/app"), toy("places", folder="elsewhere/srv")]
    for number, shard in enumerate(shards, 1):
        copied(shard)
        if number == 2:
            (shard.root / "packages/one").mkdir(parents=True)
            (shard.root / "shop").rename(shard.root / "packages/one/shop")
            (shard.root / "shop").symlink_to("packages/one/shop")
        ended = shard.run("--shard", f"{number}/2")
        assert ended.status == 0, ended.output
    here = toy("places", folder="here")
    copied(here)
    for number, shard in enumerate(shards):
        shutil.copytree(shard.run_folder, here.root / "artifacts" / str(number))
        shutil.rmtree(shard.root)

    ended = here.run("artifacts", module="combine")

    is_whole(ended, "shop")
    assert sorted(percentages(here)) == sorted(f"shop/{name}" for name in FILES)


FILES = ("__init__.py", "child.py", "main.py", "plugins/__init__.py", "plugins/discount.py", "prices.py")


def test_a_file_is_found_by_device_and_inode_or_by_content(tmp_path: Path) -> None:
    """Under the name of a mount, or of another machine; of two alike the one whose path ends alike, else none."""
    for name, text in {"shop/a.py": "a = 1", "shop/b/x.py": "x = 1", "shop/c/x.py": "x = 1"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    mounted = tmp_path / "mounted.py"
    os.link(tmp_path / "shop/a.py", mounted)  # as a bind mount shows a file: another path, the same inode
    digests = dict.fromkeys(("/app/b/x.py", "/app/x.py"), "of x")
    tree = SourceTree(tmp_path, ("shop",))
    checkout = Checkout(tree, str(tmp_path), digests)
    tree.__dict__["contents"] = {"of x": [str(tmp_path / "shop/b/x.py"), str(tmp_path / "shop/c/x.py")]}

    assert checkout.name(str(mounted)) == str(tmp_path / "shop/a.py")
    assert checkout.name("a.py", str(tmp_path / "shop")) == str(tmp_path / "shop/a.py")
    assert checkout.name("/app/b/x.py") == str(tmp_path / "shop/b/x.py")
    assert checkout.name("/app/x.py") == "/app/x.py"


def test_files_that_a_plugin_traces_are_reported_and_not_cross_examined(toy: Toy) -> None:
    """A template that is compiled under its own name, and a module generated from one, which a plugin claims."""
    project = toy("templates")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "3 files are a plugin's, and not cross-examined" in ended.output
    shown = percentages(project)
    assert shown["shop/pages/item.page"] == shown["shop/pages/list.page"] == 100
    assert shown["shop/pages/list_page.py"] == 0  # as coverage.py has it, unless it is omitted


def test_files_that_a_plugin_would_trace_are_not_asked_for_by_sys_monitoring(toy: Toy) -> None:
    """With --fast the generated module is a module like others, and templates are no files of the source."""
    project = toy("templates")

    ended = project.run("--fast")

    is_whole(ended, "shop")


def test_a_file_that_coverage_cannot_read_is_named_with_what_to_do(toy: Toy) -> None:
    """One that no Python can read and that nothing imports counts, as coverage.py counts it."""
    project = toy("places")
    copied(project)
    project.write("shop/old.py", 'print "of another time"\n')

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "The reports could not be made: Couldn't parse" in ended.output
    assert "or `omit` it in the coverage configuration" in ended.output
