"""Each way, asked for."""

import pytest

WAYS = ["fork", "thread", "exec", "subprocess", "environment"]
METHODS = ["multiprocessing-fork", "multiprocessing-forkserver", "multiprocessing-spawn"]


@pytest.mark.parametrize("way", [*WAYS, *METHODS])
def test_way(http, way):
    assert http.get(f"/{way}").text == "done"


def test_sub_interpreter(http):
    assert http.get("/sub-interpreter").text == "done"
