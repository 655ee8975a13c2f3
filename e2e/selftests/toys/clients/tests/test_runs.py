"""Tests that run more than once, in parts, or in several threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from service.inside import called

attempts = []


@pytest.mark.flaky(reruns=2)
def test_rerun(session, base_url):
    attempts.append(session.get(f"{base_url}/test_rerun").text)
    assert attempts == ["test_rerun"] * 3


def test_parts(subtests, session, base_url):
    for part in range(3):
        with subtests.test(part=part):
            assert session.get(f"{base_url}/test_parts?{part}").text == "test_parts"


def test_threads(http, session, base_url):
    def ask(number):
        return (http.get("/test_threads") if number % 2 else session.get(f"{base_url}/test_threads")).text

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(8))) == ["test_threads"] * 8


def test_raw_thread(session, base_url):
    def ask():
        session.get(f"{base_url}/{called('test_raw_thread')}")

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()


@pytest.fixture(scope="module")
def pool():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_pool_first(pool):
    assert pool.submit(called, "test_pool_first").result()


def test_pool_second(pool):
    assert pool.submit(called, "test_pool_second").result()


@pytest.mark.xdist_group("a/b:c]")
def test_in_a_group(http):
    assert http.get("/test_in_a_group").text == "test_in_a_group"
