"""pytest's own errors before the first test: each has its sentence, and nothing has been started."""

from __future__ import annotations

import pytest

from e2e.selftests.project import Project
from e2e.selftests.refused import started, the_sentence


@pytest.mark.parametrize(
    ("name", "text", "status", "sentence"),
    [
        (
            "tests/conftest.py",
            "raise ValueError('no broker')\n",
            1,
            "tests/conftest.py cannot be loaded: ValueError: no",
        ),
        ("tests/conftest.py", "def f(:\n", 1, "tests/conftest.py cannot be loaded: SyntaxError"),
        (
            "tests/test_broken.py",
            "import no_such_module\n",
            1,
            "tests/test_broken.py cannot be collected: ModuleNotFoundError: No module named 'no_such_module'",
        ),
    ],
    ids=["conftest", "conftest's syntax", "test module"],
)
def test_what_pytest_cannot_import_is_named_and_nothing_is_started(
    project: Project, name: str, text: str, status: int, sentence: str
) -> None:
    """A conftest that fails is no wrong option."""
    project.write(name, text)

    ended = project.run()

    assert ended.status == status, ended.output
    assert sentence in the_sentence(ended.output)
    assert "Traceback" not in ended.output.partition("cannot be")[2]
    assert not started(project)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--no-such-option",), "pytest did not understand its options."),
        (("nowhere/",), "pytest cannot find what it is to run: file or directory not found: nowhere/."),
        (("tests/test_toy.py::test_absent",), "pytest cannot find what it is to run: not found: "),
        (("-k", "absent"), "No tests were found."),
    ],
    ids=["option", "path", "test", "nothing"],
)
def test_a_command_line_that_pytest_refuses_starts_nothing(
    project: Project, arguments: tuple[str, ...], sentence: str
) -> None:
    """Each mistake has its own sentence."""
    ended = project.run(*arguments)

    assert ended.status == 4, ended.output
    assert sentence in the_sentence(ended.output)
    assert not started(project)
