"""The line of an error that a sentence shows says what happened. Test process."""

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from afterawait.agent import last_words

TABLE = OperationalError("SELECT *\nFROM users", {}, ValueError("no such table: users"))
NOTED = ValueError("no broker")
NOTED.add_note("Start one.")


def chained() -> None:
    """An error while another is handled."""
    try:
        int("first")
    except ValueError as error:
        raise TABLE from error


def grouped() -> None:
    """What a task group raises."""
    raise ExceptionGroup(
        "unhandled errors in a TaskGroup (1 sub-exception)", [_raised(ValueError("no broker\nat all"))]
    )


def broken() -> None:
    """A source that cannot be compiled."""
    compile("x = = 1", "settings.py", "exec")


def _raised(error: Exception) -> Exception:
    try:
        raise error  # noqa: TRY301  # for its frame
    except Exception as raised:
        return raised


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (chained, "sqlalchemy.exc.OperationalError: (builtins.ValueError) no such table: users"),
        (grouped, "ValueError: no broker"),
        (broken, "SyntaxError: invalid syntax"),
    ],
)
def test_of_a_traceback_it_is_the_line_behind_the_last_frame(function: Callable[[], None], said: str) -> None:
    """Whatever the error says behind it: statements, addresses, hints."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # any: the text is what is looked at
        function()

    assert last_words.of_text("".join(traceback.format_exception(caught.value))) == said


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TABLE, "sqlalchemy.exc.OperationalError: (builtins.ValueError) no such table: users"),
        (NOTED, "ValueError: no broker"),
        (RuntimeError(), "RuntimeError"),
    ],
    ids=["with a statement", "with a note", "without a word"],
)
def test_of_an_error_it_is_the_first_line(error: Exception, said: str) -> None:
    """With its type."""
    assert last_words.of_error(error) == said


def test_of_a_message_it_is_the_first_line() -> None:
    """A lifespan may fail with any text, or none."""
    assert last_words.of_text("\nno brokers\nask somebody") == "no brokers"
    assert not last_words.of_text("  \n")
