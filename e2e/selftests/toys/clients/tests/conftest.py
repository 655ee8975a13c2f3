"""Clients that live longer than a test."""

import httpx
import pytest
import requests


@pytest.fixture(scope="session")
def session(identify):
    with requests.Session() as session:
        identify(session)
        yield session


@pytest.fixture(scope="session")
def hooked(base_url, identify):
    with httpx.Client(base_url=base_url, event_hooks={"request": [identify]}) as client:
        yield client


@pytest.fixture(scope="session")
def shared(base_url, identify):
    with httpx.Client(base_url=base_url) as client:
        identify(client)
        identify(client)
        yield client
