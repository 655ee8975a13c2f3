"""Servers that serve well."""

import os

import httpx
import pytest


def test_main(http):
    assert http.get("/").json() > 0


@pytest.mark.skipif("ALONE" in os.environ, reason="the main server alone")
@pytest.mark.parametrize("ending", ["fastapi", "cancelled", "asgi", "exit code"])
def test_further(start_server, ending):
    server = start_server(env={"ENDING": ending})
    assert httpx.get(server.url).json() > 0
