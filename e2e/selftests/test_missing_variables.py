"""An import that lacks a variable: the sentence says which, and what to write."""

from __future__ import annotations

import os

import pytest
from pydantic import Field, ValidationError, v1
from pydantic_settings import BaseSettings
from starlette.config import Config

from afterawait.agent import missing
from e2e.selftests.project import Project


class Settings(BaseSettings):
    """Somebody's, with a value that the environment lacks and one that is wrong."""

    NO_SUCH_SECRET: str
    least: int = Field(default=3, ge=1)


def test_a_variable_that_is_asked_for_by_name_is_told() -> None:
    """And no other KeyError is taken for one."""
    with pytest.raises(KeyError) as asked:
        os.environ["NO_SUCH_SECRET"]
    with pytest.raises(KeyError) as configured:
        Config()("NO_SUCH_TOKEN")
    with pytest.raises(KeyError) as other:
        dict[str, str]()["NO_SUCH_SECRET"]

    assert missing.variable(asked.value) == "NO_SUCH_SECRET"
    assert missing.variable(configured.value) == "NO_SUCH_TOKEN"
    assert missing.variable(other.value) == ""


def test_settings_that_pydantic_refuses_are_one_line() -> None:
    """Each with its field; of other errors nothing is said."""
    with pytest.raises(ValidationError) as refused:
        Settings(least=0)  # type: ignore[call-arg]

    said = missing.refused(refused.value)

    assert said.startswith("Settings refuses its values: NO_SUCH_SECRET: Field required; least: ")
    assert "\n" not in said
    assert missing.refused(ValueError("x")) == ""


def test_what_pydantic_1_refuses_is_told_as_well() -> None:
    """Its errors are made in another way; version 2 brings them along."""
    old = type("Old", (v1.BaseSettings,), {"__annotations__": {"NO_SUCH_SECRET": str}})
    with pytest.raises(v1.ValidationError) as refused:
        old()

    assert missing.refused(refused.value) == "Old refuses its values: NO_SUCH_SECRET: field required"


def test_a_run_says_which_variable_to_write(project: Project) -> None:
    """Before anything starts."""
    project.replace("toy/main.py", "async def app(", 'SECRET = os.environ["NO_SUCH_SECRET"]\n\n\nasync def app(')

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "it needs the variable NO_SUCH_SECRET, which is not set" in ended.output
    assert 'NO_SUCH_SECRET = "..." in [tool.afterawait.env] of pyproject.toml' in ended.output
