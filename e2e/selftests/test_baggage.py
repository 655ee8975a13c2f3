"""The test's id in a `baggage` header: what anybody may send, and what is believed. Test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait.agent.witness import baggage, session_name
from afterawait.agent.witness.session_name import SessionName

LONGEST = "x" * baggage.LONGEST_ID


@pytest.mark.parametrize(
    ("header", "test"),
    [
        pytest.param(b"test.case.name=a", "a", id="alone"),
        pytest.param(b"user=1,test.case.name=a", "a", id="after another"),
        pytest.param(b" e2e.test = a ; p=1 , user=1", "a", id="spaces and a property"),
        pytest.param(b"test.case.name=t%3A%3Aa%5Bx%2Cy%5D", "t::a[x,y]", id="percent-encoded"),
        pytest.param(b"test.case.name=caf%C3%A9", "caf\xe9", id="UTF-8"),
        pytest.param(f"test.case.name={LONGEST}".encode(), LONGEST, id="as long as may be"),
        pytest.param(b"", None, id="empty"),
        pytest.param(b"user=1", None, id="somebody else's"),
        pytest.param(b"e2e.testing=a", None, id="a longer key"),
        pytest.param(b"test.case.name", None, id="no value"),
        pytest.param(b"test.case.name=", None, id="an empty value"),
        pytest.param(b"test.case.name=%ff", None, id="no UTF-8"),
        pytest.param(b"test.case.name=a%0Ab", None, id="a line break"),
        pytest.param(b"test.case.name=%1b[31m", None, id="a terminal's escape"),
        pytest.param(f"test.case.name={LONGEST}x".encode(), None, id="too long"),
        pytest.param(b"a=" + b"b" * baggage.LONGEST_HEADER + b",test.case.name=a", None, id="oversized"),
        pytest.param(b"\xff\x00;;,=,test.case.name=a", "a", id="rubbish before"),
    ],
)
def test_an_id_is_believed_or_ignored(header: bytes, test: str | None) -> None:
    """Malformed, oversized and foreign baggage is nobody's error."""
    assert baggage.test_id(header) == test


@pytest.mark.parametrize("test", ["a", "tests/test_x.py::test_y[a,b;c=d %]", "caf\xe9"])
def test_an_id_comes_back_as_it_was_sent(test: str) -> None:
    """Whatever pytest makes of parameters."""
    assert baggage.test_id(baggage.header(test).encode("ascii")) == test


def test_the_session_can_be_renamed_while_a_server_runs(tmp_path: Path) -> None:
    """The next request sees it; a name may be longer than its place, and is then cut between characters."""
    reading = SessionName(tmp_path)
    names = [reading.name()]
    for name in ("checkout", "", "\u00e9" * 200):
        session_name.write(tmp_path, name)
        names.append(reading.name())

    assert names == ["", "checkout", "", "\u00e9" * (session_name.LONGEST // 2)]
