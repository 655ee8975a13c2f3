"""A drop folder is everybody's: what others put there, and what comes and goes. Test process."""

from __future__ import annotations

import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from afterawait import protocol, settings
from afterawait.faults import EnvironmentFault, MeasurementFault
from afterawait.mode import MeasurementMode
from afterawait.runs.folder import RunFolder
from afterawait.services import deliveries, environment
from afterawait.services.elsewhere import Elsewhere
from e2e.selftests.elsewhere_server import ASKING, KEY, server
from e2e.selftests.project import TIMEOUT, TOYS, Project

Make = Callable[[Path, Path], None]
STRANGE: dict[str, Make] = {
    "a link": lambda path, secret: path.symlink_to(secret),
    "a pipe": lambda path, _secret: os.mkfifo(path),
}
"""What a process may put in the place of a file."""


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder for a server to write to."""
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that none but the user who runs the tests may read."""
    path = tmp_path / "secret"
    path.write_text("secret")
    return path


@pytest.fixture
def url() -> Iterator[str]:
    """Where something listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def known(tmp_path: Path, drop: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    """The settings of a run against a server there."""
    shutil.copytree(TOYS / "elsewhere", tmp_path / "here")
    monkeypatch.setenv(protocol.KEY, KEY)
    environ = {protocol.BASE_URL: url, protocol.COLLECT: str(drop)}
    return replace(settings.load(tmp_path / "here", environ), start_timeout=5)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """The run's folder."""
    (tmp_path / "run").mkdir()
    return RunFolder(tmp_path / "run")


def collected(known: settings.Settings, run: RunFolder) -> tuple[list[RunFolder], str]:
    """What a run takes, and all that is the matter."""
    copies, faults = Elsewhere(known, patience=0.5).end(run)
    return copies, "\n".join(map(str, faults))


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
@pytest.mark.parametrize("name", ["process-9-9.json", "witness-9-1.bin", ".coverage.9", "processes", "delivery.json"])
def test_what_is_no_file_itself_is_not_read(  # noqa: PLR0913  # fixtures
    drop: Path, known: settings.Settings, run: RunFolder, secret: Path, name: str, make: Make
) -> None:
    """A link would bring a file of this machine into the run's folder, which is an artifact; a pipe would halt it."""
    server(drop).communicate("", timeout=TIMEOUT)
    [delivered] = drop.glob("measured-*")
    (delivered / name).unlink(missing_ok=True)
    make(delivered / name, secret)
    Elsewhere(known, patience=0.5).begin(MeasurementMode())

    copies, said = collected(known, run)

    assert not copies
    assert f"{name} beside it is no file itself, but a link or the like" in said


@pytest.mark.parametrize("make", STRANGE.values(), ids=STRANGE)
def test_a_key_that_is_no_file_itself_is_nobodys(
    drop: Path, known: settings.Settings, secret: Path, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is sent with every request: it must not be what another user's link leads to."""
    monkeypatch.delenv(protocol.KEY)
    make(drop / "key", secret)

    Elsewhere(known, patience=0.5).begin(MeasurementMode())

    assert "secret" not in os.environ[protocol.KEY]
    assert len(os.environ[protocol.KEY]) == len(KEY)


def test_nothing_is_written_through_a_link(drop: Path, known: settings.Settings, run: RunFolder, secret: Path) -> None:
    """What asks the servers to save takes the place of whatever is there."""
    (drop / "save").symlink_to(secret)

    collected(known, run)

    assert secret.read_text() == "secret"
    assert not (drop / "save").is_symlink()
    assert [each.name for each in drop.iterdir()] == ["save"]


@pytest.mark.parametrize("key", ["one,two", "a b", "with=sign", "ünlike"])
def test_a_key_that_changes_on_its_way_is_refused(
    known: settings.Settings, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else no test would be credited, and nobody told. It is not shown."""
    monkeypatch.setenv(protocol.KEY, key)

    with pytest.raises(EnvironmentFault) as refused:
        Elsewhere(known, patience=0.5).begin(MeasurementMode())

    assert "AFTERAWAIT_KEY holds more than letters" in str(refused.value)
    assert key not in str(refused.value)


def test_a_key_that_is_empty_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that CI does not have is an empty variable."""
    monkeypatch.setenv(protocol.KEY, "")

    assert len(environment.run_key()) == len(KEY)


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        ("docker compose stop 'app", "cannot be split into words: No closing quotation"),
        (" ", "The command of --stop is empty."),
        ("no-such-docker compose stop", "The command of --stop cannot be started: there is no no-such-docker."),
    ],
)
def test_a_command_of_stop_that_is_none_is_found_before_a_test_runs(
    known: settings.Settings, stop: str, said: str
) -> None:
    """Afterwards it would cost the run."""
    with pytest.raises(EnvironmentFault, match=said):
        Elsewhere(known, patience=0.5, stop=stop)


def test_a_url_that_is_none_is_a_sentence(known: settings.Settings) -> None:
    """A bracket that is not closed, say."""
    with pytest.raises(EnvironmentFault, match="no server listens there"):
        Elsewhere(replace(known, base_url="http://[::1"), patience=0.5).begin(MeasurementMode())


def test_what_a_health_check_leaves_may_go_while_it_is_copied(
    drop: Path, known: settings.Settings, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ran nothing that is measured, and takes its folder along: nothing is missed."""
    server(drop).communicate("", timeout=TIMEOUT)
    [delivered] = drop.glob("measured-*")
    copy = shutil.copyfile

    def copies(path: Path, to: Path, **named: bool) -> None:
        shutil.rmtree(delivered, ignore_errors=True)
        copy(path, to, **named)

    monkeypatch.setattr(shutil, "copyfile", copies)

    copies_made, said = collected(known, run)

    assert not copies_made
    assert "cannot be read" not in said
    assert "Nothing came to" in said
    assert not list(run.path.glob("collected/*"))


def test_what_could_not_be_read_before_the_run_is_none_of_its_concern(
    drop: Path, known: settings.Settings, run: RunFolder
) -> None:
    """Of an older version, say: only what has changed since is this run's."""
    (drop / "measured-0").mkdir()
    (drop / "measured-0/delivery.json").write_text(json.dumps({"version": 0}))
    elsewhere = Elsewhere(known, patience=2)
    elsewhere.begin(MeasurementMode())
    server(drop).communicate("", timeout=TIMEOUT)

    copies, faults = elsewhere.end(run)

    assert len(copies) == 1
    assert not faults, faults


@pytest.mark.parametrize(
    "wrong", [{"source": []}, {"source": ["shop"]}, {"source": [1]}, {"files": {"book.py": ""}}, {"files": [1]}]
)
def test_a_delivery_that_says_nothing_sensible_is_a_sentence(drop: Path, wrong: dict[str, object]) -> None:
    """Whoever wrote it."""
    said = {"version": 1, "source": ["/srv/shop"], "files": {}, "key": "", "python": ""} | wrong
    (drop / "delivery.json").write_text(json.dumps(said))

    with pytest.raises(MeasurementFault, match="cannot be read"):
        deliveries.read(drop)


def test_a_server_that_ran_tests_with_another_key_is_not_believed(
    drop: Path, known: settings.Settings, run: RunFolder
) -> None:
    """Those of a run that collected nothing, or of plain pytest: it credits them to nobody, and they ran lines."""
    elsewhere = Elsewhere(known, patience=2)
    elsewhere.begin(MeasurementMode())
    server(drop, program=ASKING.replace(KEY, "cd" * 8)).communicate("", timeout=TIMEOUT)

    copies, faults = elsewhere.end(run)

    assert len(copies) == 1
    assert "or another run's: theirs cannot be told apart" in "\n".join(map(str, faults))


def test_what_was_wrong_with_the_collected_is_wrong_when_it_is_combined(tmp_path: Path, drop: Path, url: str) -> None:
    """The last job of a CI sees the run's folder alone."""
    project = Project(tmp_path / "shop", "elsewhere")
    project.replace("pyproject.toml", "fail_under = 95", "fail_under = 1")
    project.write("tests/test_book.py", "def test_nothing():\n    pass\n")
    serving = server(drop)

    ended = project.run("--base-url", url, "--collect", str(drop), env={protocol.KEY: KEY})
    serving.communicate("", timeout=TIMEOUT)
    again = project.run(".afterawait/runs", module="combine")

    for each in (ended, again):
        assert each.status == 3, each.output
        assert "had run tests before this run began" in each.output
        assert "the gate is passed" not in each.output
