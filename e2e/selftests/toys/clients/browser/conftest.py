"""The browser that a system has."""

import shutil

import pytest


@pytest.fixture(scope="session")
def chromium():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return {"executable_path": found, "args": ["--no-sandbox"]}
