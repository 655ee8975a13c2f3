"""The tests' own patience: waits end in time and say what they waited for; runs in the test process."""

import pytest

from e2e.conduit.waiting import eventually


def test_a_wait_ends_as_soon_as_the_answer_is_true() -> None:
    """The true answer is what comes back."""
    answers = iter(["", None, "here", "too late"])

    answer = eventually("an answer", lambda: next(answers))

    assert answer == "here"


def test_a_wait_in_vain_says_what_it_waited_for() -> None:
    """After the deadline the test fails, by name."""
    with pytest.raises(AssertionError, match=r"in vain for spring"):
        eventually("spring", lambda: False, within=0)
