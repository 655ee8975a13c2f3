"""The kinds of text and number that a request may hold, each with its schema; runs in the server process."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

LARGEST_EXACT = 2**53 - 1
"""The largest integer that every JSON reader holds exactly."""


class Body(BaseModel):
    """What a client sends: exactly these keys, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Reply(BaseModel):
    """What a client is sent."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


@dataclass(frozen=True)
class Pattern:
    """Says in the schema what validators below check; regular expressions over a megabyte would be slow."""

    expression: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(core), "pattern": self.expression}


# What JSON Schema's dialect of regular expressions calls white space: Python's `\s` has a few more.
_SPACE = r"\t\n\x0b\x0c\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_VISIBLE = re.compile(f"[^{_SPACE}]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _not_blank(value: object) -> object:
    if value is None or (isinstance(value, str) and not _VISIBLE.search(value)):
        raise PydanticCustomError("blank", "can't be blank")
    return value


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise PydanticCustomError("unstorable", "must not contain NUL or lone surrogates")
    return text


def _like(expression: str, message: str) -> AfterValidator:
    """Only for texts whose length is limited: the time it takes may grow with its square."""

    def check(text: str) -> str:
        if not re.fullmatch(expression, text):
            raise PydanticCustomError("pattern", message)
        return text

    return AfterValidator(check)


def _lookup(text: str) -> str:
    """NUL, which PostgreSQL cannot even compare, becomes what an invalid byte in a URL becomes: U+FFFD."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


_ANY = r"^[^\x00]*$"
_FILLED = rf"^[^\x00]*[^{_SPACE}\x00][^\x00]*$"

OptionalText = Annotated[str, Pattern(_ANY), AfterValidator(_storable)]
FilledText = Annotated[str, BeforeValidator(_not_blank), Pattern(_FILLED), AfterValidator(_storable)]

_USERNAME = rf"^[^/\x00]*[^/.{_SPACE}\x00][^/\x00]*$"
_EMAIL = rf"^[^@{_SPACE}\x00]+@[^@{_SPACE}\x00]+$"

Username = Annotated[
    str,
    BeforeValidator(_not_blank),
    Field(max_length=100),
    Pattern(_USERNAME),
    AfterValidator(_storable),
    _like(_USERNAME, "must not contain a slash, nor consist of dots alone"),
]
"""Any script, any case; but a profile's URL must be able to hold it."""
Email = Annotated[
    str,
    BeforeValidator(_not_blank),
    Field(max_length=254),
    Pattern(_EMAIL),
    AfterValidator(_storable),
    _like(_EMAIL, "must look like name@host"),
]
"""Compared as written: addresses that differ in case are two."""
Lookup = Annotated[str, AfterValidator(_lookup)]
"""The name or slug of something that may not exist."""


class Paging(BaseModel):
    """Which part of a list; anything unknown in the query is refused."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=100, description="How many at most.")
    offset: int = Field(default=0, ge=0, le=LARGEST_EXACT, description="How many to pass over.")
