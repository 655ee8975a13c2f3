"""Fixtures that ask in their set-up and in their teardown."""

import pytest


@pytest.fixture(scope="module")
def of_module(session, base_url):
    yield session.get(f"{base_url}/module_set_up").text
    session.get(f"{base_url}/module_teardown")


@pytest.fixture
def of_test(http):
    yield http.get("/set_up").text
    http.get("/teardown")


def test_scope_alone(of_test):
    assert of_test == "set_up"


def test_scope_first(of_module):
    assert of_module == "module_set_up"


def test_scope_last(of_module):
    assert of_module == "module_set_up"
