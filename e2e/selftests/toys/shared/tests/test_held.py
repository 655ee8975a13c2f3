"""Each test process holds its first request open until there is one of each of them."""

import os
import threading
import time
from pathlib import Path

import pytest

RENDEZVOUS = Path("rendezvous")


def wait_until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("name", ["one", "two", "three"])
def test_held(http, name, number):
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    place = (RENDEZVOUS / os.environ.get("PYTEST_XDIST_WORKER", "alone")).absolute()
    place.unlink(missing_ok=True)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(http.get(f"/{name}?place={place}").text))
    asking.start()
    wait_until(lambda: len(list(RENDEZVOUS.glob("*.here"))) == processes)
    place.touch()
    asking.join()

    assert answers[0].endswith(name)
