"""Each notes the pid of what the shop has started."""

import os
import pathlib
import threading

import pytest


@pytest.mark.parametrize("kind", ["session", "fork", "tool"])
def test_helper(http, kind):
    pathlib.Path(f"{kind}.pid").write_text(http.get(f"/{kind}").text)


def test_hold(http):
    """Stays here, where somebody wants to look."""
    assert http.get("/").status_code == 200
    if "HOLD" in os.environ:
        pathlib.Path("held").touch()
        threading.Event().wait()
