"""What a run says of a server elsewhere that left nothing, or too much, or something else. Test process."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from afterawait import protocol, settings
from afterawait.agent.drop import digest
from afterawait.evidence.identity import SourceTree
from afterawait.faults import EnvironmentFault, Fault
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.mode import MeasurementMode
from afterawait.runs.folder import RunFolder
from afterawait.services.elsewhere import Elsewhere
from e2e.selftests.elsewhere_server import KEY, server
from e2e.selftests.project import TIMEOUT, TOYS


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder for a server to write to."""
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[settings.Settings]:
    """The settings of a run against a server that listens."""
    shutil.copytree(TOYS / "elsewhere", tmp_path / "here")
    monkeypatch.setenv(protocol.KEY, KEY)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        environ = {protocol.BASE_URL: url, protocol.COLLECT: str(tmp_path / "drop")}
        yield replace(settings.load(tmp_path / "here", environ), start_timeout=5)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """The run's folder."""
    (tmp_path / "run").mkdir()
    return RunFolder(tmp_path / "run")


def messages(faults: list[Fault]) -> str:
    """All that is the matter."""
    return "\n".join(str(each) for each in faults)


def test_a_server_that_leaves_nothing_is_asked_for_the_mount_and_the_rights(
    drop: Path, known: settings.Settings, run: RunFolder
) -> None:
    """One sentence: which variable, which folder, which permission."""
    elsewhere = Elsewhere(known, patience=0.5)
    elsewhere.begin(MeasurementMode())

    copies, faults = elsewhere.end(run)

    assert not copies
    assert f"Nothing came to {os.path.relpath(drop)} from the server at {known.base_url}." in messages(faults)
    assert "AFTERAWAIT_DROP must name the folder" in messages(faults)
    assert [each.status for each in faults] == [3]


def test_a_server_is_asked_to_save_and_goes_on(
    drop: Path, known: settings.Settings, run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it measured is whole, and both recorders agree; another run against it is told that it is not the first."""
    first, second = Elsewhere(known, patience=TIMEOUT), Elsewhere(known, patience=1)
    first.begin(MeasurementMode())
    serving = server(drop)

    [copied], faults = first.end(run)
    judged = verdict.judge(copied, copied.manifest(), SourceTree(known.root, known.source), Agreement())

    assert not [*faults, *judged.faults], messages([*faults, *judged.faults])
    assert serving.poll() is None
    assert judged.files[0].lines[str(known.root / "src/shop/main.py")], "under the name that it has here"
    second.begin(MeasurementMode())
    assert "still runs, and has run tests before" in capsys.readouterr().out
    serving.communicate("", timeout=TIMEOUT)
    _, faults = second.end(run)
    assert "had run tests before this run began" in messages(faults)
    assert "--force-recreate" in messages(faults)


def test_a_process_that_lives_is_of_the_run_though_it_does_nothing_new(
    drop: Path,
    known: settings.Settings,
    run: RunFolder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker beside the server, which waits for jobs: it cannot be asked, is named, and is to be stopped."""
    monkeypatch.setattr("afterawait.services.elsewhere.ANSWERS", 0.0)
    program = "import sys, shop.book; print('waits', flush=True); sys.stdin.read()"
    waiting = server(drop, program=program)
    elsewhere = Elsewhere(known, patience=1)
    elsewhere.begin(MeasurementMode())

    copies, _ = elsewhere.end(run)

    said = capsys.readouterr().out
    [delivered] = drop.glob("measured-*")
    assert [each.path.name for each in copies] == [delivered.name]
    assert f"for the command process {waiting.pid} of {os.path.relpath(delivered)}; stop it" in said
    waiting.communicate("", timeout=TIMEOUT)


def test_what_earlier_starts_have_left_is_never_counted(
    drop: Path, known: settings.Settings, run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is left out and named; with nothing else there, that is the fault."""
    server(drop).communicate("", timeout=TIMEOUT)
    elsewhere = Elsewhere(known, patience=0.5)
    elsewhere.begin(MeasurementMode())

    copies, faults = elsewhere.end(run)

    [earlier] = drop.glob("measured-*")
    assert not copies
    assert "Nothing of this run came to" in messages(faults)
    assert f"left out, since nothing new came there in this run: {os.path.relpath(earlier)}" in capsys.readouterr().out


@pytest.mark.parametrize("key", [KEY, "cd" * 8], ids=["the run's", "another"])
def test_a_copy_that_comes_late_is_of_the_run_if_it_has_its_key(
    drop: Path, known: settings.Settings, run: RunFolder, key: str, tmp_path: Path
) -> None:
    """A folder that is no mount: what it holds is there after the tests alone, and its times are anything."""
    elsewhere = Elsewhere(known, patience=2)
    elsewhere.begin(MeasurementMode())
    (tmp_path / "far").mkdir()
    server(tmp_path / "far", AFTERAWAIT_KEY=key).communicate("", timeout=TIMEOUT)
    shutil.copytree(tmp_path / "far", drop / "a copy")

    copies, faults = elsewhere.end(run)

    assert len(copies) == 1
    assert ("has another AFTERAWAIT_KEY than this run" in messages(faults)) == (key != KEY), messages(faults)
    assert key not in messages(faults)


def test_sources_that_differ_are_named_and_those_that_an_image_lacks_are_not(
    drop: Path, known: settings.Settings, run: RunFolder
) -> None:
    """An older image; of a file that only this checkout has, nothing false is said: it did not run."""
    elsewhere = Elsewhere(known, patience=TIMEOUT)
    elsewhere.begin(MeasurementMode())
    server(drop).communicate("", timeout=TIMEOUT)
    [copied], _ = elsewhere.end(run)
    (known.root / "src/shop/new.py").write_text("new = True\n")
    before = verdict.judge(copied, copied.manifest(), SourceTree(known.root, known.source), Agreement()).faults
    with (known.root / "src/shop/book.py").open("a") as file:
        file.write("# newer\n")

    after = verdict.judge(copied, copied.manifest(), SourceTree(known.root, known.source), Agreement()).faults

    assert not before, messages([*before])
    [fault] = after
    assert fault.message == "The server ran other sources than this checkout has: src/shop/book.py."


def test_a_package_that_is_installed_there_is_found_by_what_its_files_hold(
    drop: Path, known: settings.Settings, run: RunFolder
) -> None:
    """No name there has anything of this checkout's but its end."""
    elsewhere = Elsewhere(known, patience=TIMEOUT)
    elsewhere.begin(MeasurementMode())
    server(drop, "lib/python3/site-packages").communicate("", timeout=TIMEOUT)
    [copied], _ = elsewhere.end(run)

    judged = verdict.judge(copied, copied.manifest(), SourceTree(known.root, known.source), Agreement())

    assert not judged.faults, messages([*judged.faults])
    names = {os.path.relpath(each, known.root / "src/shop") for each in judged.files[0].lines}
    assert names == {"__init__.py", "main.py", "book.py", "generated.py"}


def test_servers_with_different_keys_cannot_share_a_run(
    known: settings.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would know its own tests alone: said before any test runs, and no key is shown."""
    monkeypatch.delenv(protocol.KEY)
    folders = [tmp_path / "one", tmp_path / "two"]
    for number, each in enumerate(folders):
        each.mkdir()
        (each / "key").write_text(f"secret {number}")

    with pytest.raises(EnvironmentFault) as refused:
        Elsewhere(replace(known, collect=tuple(folders)), patience=1).begin(MeasurementMode())

    assert "different keys" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert digest("secret 0") != digest("secret 1")


def test_options_that_mean_nothing_alone_are_refused(tmp_path: Path) -> None:
    """What is collected is a given server's."""
    with pytest.raises(EnvironmentFault) as refused:
        settings.load(TOYS / "elsewhere", {protocol.COLLECT: str(tmp_path)})

    assert "--base-url" in str(refused.value)
