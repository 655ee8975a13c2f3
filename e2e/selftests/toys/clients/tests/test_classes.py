"""Tests in the classes of unittest, which take no fixtures as arguments."""

import unittest

import httpx
import pytest


class Asking:
    @pytest.fixture(autouse=True)
    def _clients(self, session, base_url, identify):
        self.session, self.base_url, self.identify = session, base_url, identify


class TestPlain(Asking, unittest.TestCase):
    def test_unittest(self):
        assert self.session.get(f"{self.base_url}/test_unittest").text == "test_unittest"

    def test_unittest_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                response = self.session.get(f"{self.base_url}/test_unittest_parts?{part}")
                assert response.text == "test_unittest_parts"


class TestAsync(Asking, unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.client = httpx.AsyncClient(base_url=self.base_url)
        await self.identify(self.client)

    async def asyncTearDown(self):
        await self.client.aclose()

    async def test_unittest_async(self):
        assert (await self.client.get("/test_unittest_async")).text == "test_unittest_async"
