"""Unit tests."""

import unittest

from fastapi.testclient import TestClient

from words.main import app


class WordsTest(unittest.TestCase):
    def setUp(self):
        self.client = TestClient(app)

    def test_words(self):
        self.assertEqual(self.client.get("/words").json(), ["a", "word"])
