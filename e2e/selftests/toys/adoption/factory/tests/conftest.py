"""The unit tests' fixtures."""

import pytest
from fastapi.testclient import TestClient

from blog.app import create_app


@pytest.fixture(autouse=True)
def client():
    with TestClient(create_app()) as client:
        yield client
