"""The test's id in a `baggage` header: what anybody may send, and what is believed. Test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait.agent.witness import baggage, session_name
from afterawait.agent.witness.session_name import SessionName

KEY = "9f86d081884c7d65"
OURS = f"afterawait.run={KEY}".encode()
LONGEST = "x" * (baggage.LONGEST_MEMBER - len("test.case.name="))


@pytest.mark.parametrize(
    ("header", "test"),
    [
        pytest.param(b"test.case.name=a", "a", id="first"),
        pytest.param(b"user=1,test.case.name=a", "a", id="after another"),
        pytest.param(b" test.case.name = a ; p=1 , user=1", "a", id="spaces and a property"),
        pytest.param(b"test.case.name=t%3A%3Aa%5Bx%2Cy%5D", "t::a[x,y]", id="percent-encoded"),
        pytest.param(b"test.case.name=a+b%2Bc", "a b+c", id="a space as OpenTelemetry writes it"),
        pytest.param(b"test.case.name=caf%C3%A9", "caf\xe9", id="UTF-8"),
        pytest.param(f"test.case.name={LONGEST}".encode(), LONGEST, id="as long as may be"),
        pytest.param(b"test.case.name=a,test.case.name=b", "a", id="two of them"),
        pytest.param(b"\xff\x00;;,=,test.case.name=a", "a", id="rubbish before"),
        pytest.param(b"", None, id="empty"),
        pytest.param(b"user=1", None, id="somebody else's"),
        pytest.param(b"test.case.names=a", None, id="a longer name"),
        pytest.param(b"test.case.name", None, id="no value"),
        pytest.param(b"test.case.name=", None, id="an empty value"),
        pytest.param(b"test.case.name=%ff", baggage.UNREADABLE, id="no UTF-8"),
        pytest.param(b"test.case.name=a%0Ab", baggage.UNREADABLE, id="a line break"),
        pytest.param(b"test.case.name=%1b[31m", baggage.UNREADABLE, id="a terminal's escape"),
        pytest.param(f"test.case.name={LONGEST}x".encode(), baggage.UNREADABLE, id="too long"),
        pytest.param(b"test.case.name=" + b"%C3%A9" * 680, "\xe9" * 680, id="many bytes and few characters"),
        pytest.param(b"test.case.name=" + b"%C3%A9" * 681, baggage.UNREADABLE, id="too many bytes"),
        pytest.param(b"test.case.name=a,b=" + b"c" * baggage.LONGEST_HEADER, baggage.UNREADABLE, id="oversized"),
    ],
)
@pytest.mark.parametrize("first", [True, False], ids=["before the key", "after the key"])
def test_an_id_that_comes_with_the_runs_key_is_believed(header: bytes, test: str | None, first: bool) -> None:
    """Malformed and foreign baggage is nobody's error; an id that cannot be told is known to be one."""
    members = [header, OURS] if first else [OURS, header]

    assert baggage.test_id(b",".join(members), KEY.encode()) == test


@pytest.mark.parametrize(
    ("cookies", "test"),
    [
        pytest.param(b"test.case.name=a", "a", id="alone"),
        pytest.param(b"user=1; test.case.name=a%3B%2Cb; theme=x,y", "a;,b", id="among others"),
        pytest.param(b"user=test.case.name; test=1", None, id="others alone"),
        pytest.param(b"test.case.name=%00", baggage.UNREADABLE, id="not printable"),
        pytest.param(b"\xff;;=;=a; test.case.name=a", "a", id="rubbish before"),
        pytest.param(b"test.case.name=a; b=" + b"c" * baggage.LONGEST_HEADER, "a", id="beside a long one"),
    ],
)
def test_cookies_name_a_test_like_baggage(cookies: bytes, test: str | None) -> None:
    """What a browser sends: the key as a cookie of its own, and without it nobody is believed."""
    assert baggage.test_id_of_cookies(OURS + b"; " + cookies, KEY.encode()) == test
    assert baggage.test_id_of_cookies(cookies + b"; " + OURS, KEY.encode()) == test
    assert baggage.test_id_of_cookies(cookies, KEY.encode()) is None


@pytest.mark.parametrize("key", ["", "another", KEY[:-1], f"{KEY}0", KEY.upper()])
def test_without_the_runs_key_a_request_is_nobodys(key: str) -> None:
    """Another run's, an earlier one's, a stranger's."""
    header = baggage.header("a", key).encode()

    assert baggage.test_id(header, KEY.encode()) is None
    assert baggage.test_id(b"test.case.name=a", KEY.encode()) is None
    assert baggage.test_id(header + b"," + b"b" * baggage.LONGEST_HEADER, KEY.encode()) is None


def test_a_server_that_knows_no_key_believes_nobody() -> None:
    """An empty one is no key."""
    assert baggage.test_id(baggage.header("a", "").encode(), b"") is None


@pytest.mark.parametrize("test", ["a", "tests/test_x.py::test_y[a,b;c=d %+]", "caf\xe9", LONGEST])
def test_an_id_comes_back_as_it_was_sent(test: str) -> None:
    """Whatever pytest makes of parameters; the test's own process credits it alike."""
    cookies = "; ".join("=".join(each) for each in baggage.members(test, KEY).items())

    assert baggage.test_id(baggage.header(test, KEY).encode("ascii"), KEY.encode()) == test
    assert baggage.test_id_of_cookies(cookies.encode("ascii"), KEY.encode()) == test
    assert baggage.credited_to(test) == test


@pytest.mark.parametrize("test", [f"{LONGEST}x", "\u65e5" * 455, "\0" * 100_000])
def test_an_id_that_others_would_drop_is_not_sent(test: str) -> None:
    """A short sign stands for it, which every server accepts: the request is known to be an unnamed test's."""
    header = baggage.header(test, KEY).encode("ascii")

    assert len(header) < 100
    assert baggage.test_id(header, KEY.encode()) == baggage.UNREADABLE == baggage.credited_to(test)


def test_the_session_can_be_renamed_while_a_server_runs(tmp_path: Path) -> None:
    """The next request sees it; a name may be longer than its place, and is then cut between characters."""
    reading = SessionName(tmp_path)
    names = [reading.name()]
    for name in ("checkout", "", "\u00e9" * 200):
        session_name.write(tmp_path, name)
        names.append(reading.name())

    assert names == ["", "checkout", "", "\u00e9" * (session_name.LONGEST // 2)]
