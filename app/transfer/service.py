"""Writing out and reading in what a user wrote; runs in the server process."""

from collections.abc import AsyncGenerator

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from app.articles.service import publish
from app.bodies import parse_json
from app.database import Database
from app.errors import field_errors, invalid
from app.fields import Reply
from app.transfer import queries
from app.transfer.schemas import ArticleLine, CommentLine, EndLine, ImportedLine, ImportReport, Refused

MOST_ARTICLES = 1_000
"""Nobody else can publish until all are in: see the triggers in `app.models`."""


async def export(database: Database, user_id: int) -> AsyncGenerator[bytes]:
    """Line by line, never all at once; in a session of its own, since the request's ends before the first line."""
    articles = comments = 0
    async with database.reads() as session:
        async for article in await queries.articles_by(session, user_id):
            articles += 1
            yield _line(ArticleLine.of(article))
        async for comment in await queries.comments_by(session, user_id):
            comments += 1
            yield _line(CommentLine.of(comment))
    yield _line(EndLine(articles=articles, comments=comments))


def _line(line: Reply) -> bytes:
    return line.model_dump_json(by_alias=True).encode() + b"\n"


def read_lines(upload: bytes) -> dict[int, object]:
    """The lines that hold an article, by their numbers; 422 if one of them is not even a JSON object."""
    found: dict[int, object] = {}
    for number, line in enumerate(upload.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            document = parse_json(line)
        except ValueError:
            raise invalid("file", f"is not valid JSON in line {number}") from None
        if not isinstance(document, dict):
            raise invalid("file", f"is not a JSON object in line {number}")
        if document.get("type") == "article":
            found[number] = document
    if len(found) > MOST_ARTICLES:
        raise invalid("file", f"has too many articles (maximum is {MOST_ARTICLES})")
    return found


async def take(session: AsyncSession, author_id: int, lines: dict[int, object]) -> ImportReport:
    """Publish each article within a savepoint: whatever refuses one, the others stay."""
    refused = []
    for number, line in lines.items():
        try:
            async with session.begin_nested():
                await publish(session, author_id, ImportedLine.model_validate(line).article)
        except ValidationError as error:
            refused.append(Refused(line=number, errors=field_errors(error)))
    return ImportReport(taken=len(lines) - len(refused), refused=refused)
