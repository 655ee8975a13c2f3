"""`forward`: calls that are made for a test name it, to the run's own servers, and to nobody else. No run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from afterawait.agent.forwarding import addresses
from afterawait.agent.forwarding.addresses import Addresses
from afterawait.agent.witness import baggage
from afterawait.agent.witness.format import RowKind
from e2e.selftests.project import TOYS
from e2e.selftests.witnessed_place import Place

CALLS = (TOYS / "beside" / "calls.py").read_text(encoding="utf-8")
CLIENTS = ["httpx", "async-httpx", "aiohttp", "requests"]
TEST = "test_all[ä, b]"


def heard(place: Place, *arguments: str, **env: str) -> dict[tuple[str, str], list[str]]:
    """The `baggage` headers of each call, by whom was called and with which path."""
    program = f"import sys; sys.argv[1:] = {list(arguments)!r}\n{CALLS}"
    sent = json.loads(place.python(program, {"AFTERAWAIT_KEY": "the-key", "AFTERAWAIT_FORWARD": "1"} | env))
    assert {each[3] for each in sent} == {"me"}
    return {(who, path.partition("/to/")[0] + " away" * ("/to/" in path)): found for who, path, found, _ in sent}


def test_every_client_names_the_test_to_the_runs_own_servers_alone(place: Place) -> None:
    """Beside what the application has in its baggage; over redirects both ways, and not through a proxy."""
    named = [f"user=ada,{baggage.header(TEST, 'the-key')}"]

    found = heard(place)

    for client in CLIENTS:
        assert found["own", f"/{client}"] == named
        assert found["own", f"/{client} away"] == named
        assert found["strange", f"/{client}"] == ["user=ada"]
        assert found["strange", f"/{client} away"] == ["user=ada"]
    assert found["own", "/came-from-a-redirect"] == named
    assert found["strange", "/came-from-a-redirect"] == ["user=ada"]
    through = [headers for (who, path), headers in found.items() if "through-a-proxy" in path and who == "strange"]
    assert through == [["user=ada"]]


def test_what_is_served_for_no_test_names_none(place: Place) -> None:
    """A start-up, a person's request."""
    assert set(map(tuple, heard(place, "nobody").values())) == {("user=ada",)}


def test_without_the_setting_nothing_is_named(place: Place) -> None:
    """Nor is any library changed."""
    assert set(map(tuple, heard(place, AFTERAWAIT_FORWARD="").values())) == {("user=ada",)}


def test_baggage_that_was_passed_on_is_not_doubled(place: Place) -> None:
    """OpenTelemetry instruments the client, say: what it has written holds; what another run wrote does not."""
    passed_on = f"user=ada,{baggage.header('test_other', 'the-key')}"
    before = CALLS.replace('"baggage": "user=ada"', f'"baggage": "{passed_on}"').replace('== "user=ada"', "!= ''")
    program = before.replace('== ["user=ada"]', "!= []")

    sent = json.loads(place.python(program, {"AFTERAWAIT_KEY": "the-key", "AFTERAWAIT_FORWARD": "1"}))

    assert {tuple(each[2]) for each in sent} == {(passed_on,)}


def test_a_port_is_the_runs_until_its_server_has_ended(tmp_path: Path) -> None:
    """Then it may be anybody's."""
    own = Addresses(tmp_path)
    before = own.include("127.0.0.1", 4711)
    addresses.note(tmp_path, 4711)
    addresses.note(tmp_path, 4712)
    then = [own.include(host, 4711) for host in ("127.0.0.1", "localhost", "[::1]", "example.com", "127.0.0.1.nip.io")]
    addresses.note(tmp_path, 4711, ended=True)

    assert not before
    assert then == [True, True, True, False, False]
    assert not own.include("127.0.0.1", 4711)
    assert own.include("127.0.0.1", 4712)


@pytest.mark.parametrize(
    ("headers", "credited"),
    [
        (baggage.header("test_job", "the-key"), "test_job"),
        (baggage.header("test_job", "another-key"), None),
        (baggage.header("test_job" * 1000, "the-key"), ""),
        ("user=ada", None),
    ],
)
def test_work_in_a_context_of_opentelemetry_is_its_tests(place: Place, headers: str, credited: str | None) -> None:
    """From attach to detach, with its tasks; what the context does not name stays with whoever it was before."""
    place.source("jobs.py", "def during():\n    pass\ndef inside():\n    pass\ndef after():\n    pass\n")
    place.python(
        f"""
        import asyncio, jobs
        from opentelemetry import context, propagate

        async def job():
            token = context.attach(propagate.extract({{"baggage": {headers!r}}}))
            jobs.during()
            inner = context.attach(context.set_value("mine", 1))
            await asyncio.create_task(later())
            context.detach(inner)
            context.detach(token)
            jobs.after()

        async def later():
            jobs.inside()

        asyncio.run(job())
        """,
        {"AFTERAWAIT_KEY": "the-key"},
    )

    (witness,) = place.witnesses()
    assert witness.unnamed == (credited == ""), "once, however many contexts follow"
    ran: dict[tuple[RowKind, str], set[int]] = {}
    for row, _, lines in witness.by_row():
        ran.setdefault((row.kind, row.name), set()).update(lines & {2, 4, 6})
    others = {line for (kind, _), lines in ran.items() if kind in {RowKind.STARTUP, RowKind.BESIDE} for line in lines}
    named = {name: lines for (kind, name), lines in ran.items() if kind in {RowKind.TEST, RowKind.OVERFLOW} and lines}
    assert named == ({} if credited is None else {credited: {2, 4}})
    assert others == ({2, 4, 6} if credited is None else {6})
