"""Plain pytest in a project of ours where something is wrong: pytest itself says what, and what to do."""

from __future__ import annotations

import pytest

from e2e.selftests import processes
from e2e.selftests.plain_pytest import Somebodys


@pytest.mark.parametrize(
    ("change", "env", "status", "message", "hint"),
    [
        pytest.param(
            ('source = ["hello"]', "sauce = 1"), {}, 4, "has no key `sauce`", "Did you mean `source`?", id="settings"
        ),
        pytest.param(
            ('database = "sqlite+aiosqlite:"\n', ""),
            {"AFTERAWAIT_PG_BIN": "/nowhere"},
            4,
            "/nowhere",
            "AFTERAWAIT_PG_BIN",
            id="no PostgreSQL",
        ),
        pytest.param(
            ("hello.main:app", "hello.absent:app"),
            {},
            1,
            "No module named 'hello.absent'",
            "Fix the application",
            id="the application",
        ),
        pytest.param(
            ("hello.schema", "hello.absent"), {}, 1, "The setup command failed", "Fix it", id="the setup command"
        ),
        pytest.param(
            ("hello.schema", "hello.schema"),
            {"AFTERAWAIT_BASE_URL": "http://127.0.0.1:9"},
            4,
            "no server answers there",
            "Start that server",
            id="no server there",
        ),
    ],
)
def test_what_goes_wrong_before_the_first_test_is_said_without_a_traceback(  # noqa: PLR0913  # a table's columns
    hello: Somebodys, change: tuple[str, str], env: dict[str, str], status: int, message: str, hint: str
) -> None:
    """A message and what to do about it, as for any wrong use of pytest."""
    hello.replace("pyproject.toml", *change)

    ended = hello.pytest(env=env)

    assert ended.status == status, ended.output
    assert message in ended.output
    assert hint in ended.output
    assert "INTERNALERROR" not in ended.output
    assert "afterawait/plugin" not in ended.output, "a traceback"
    assert not processes.of(hello.root)


def test_a_server_that_is_asked_for_in_mid_test_and_cannot_start_fails_each_test_with_the_reason(
    hello: Somebodys,
) -> None:
    """Once asked for by name at run time, it is too late to end pytest; it is not tried again."""
    hello.replace("pyproject.toml", "hello.main:app", "hello.absent:app")
    hello.write(
        "tests/test_hello.py",
        "import pytest\n\n\n@pytest.mark.parametrize('number', [1, 2])\ndef test_late(request, number):\n"
        "    request.getfixturevalue('http')\n",
    )

    ended = hello.pytest("--tb=short")

    assert ended.status == 1, ended.output
    assert "2 failed" in ended.output
    assert "hello.absent:app ended with exit code 3 before it served" in ended.output
    assert "lifecycle.py" not in ended.output, "a traceback"


def test_a_server_that_dies_fails_a_session_whose_tests_have_passed(hello: Somebodys) -> None:
    """It is said at the end, with the exit code; the next test has a server again, however long the first takes."""
    hello.write(
        "tests/test_a_death.py",
        "import httpx\nimport pytest\n\n\ndef test_death(http):\n"
        "    with pytest.raises(httpx.TransportError):\n        http.get('/exit')\n",
    )

    ended = hello.pytest()

    assert ended.status == 1, ended.output
    assert "3 passed" in ended.output
    assert "The server ended with exit code 9 during tests/test_a_death.py::test_death." in ended.output
