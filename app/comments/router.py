"""/api/articles/{slug}/comments; runs in the server process."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, status

from app.articles.queries import hold
from app.auth import OPTIONAL_TOKEN, Caller, ViewerId
from app.bodies import JsonBody
from app.comments import queries
from app.comments.schemas import CommentListReply, CommentReply, NewCommentBody, PostedComment
from app.errors import forbidden, not_found, refusals
from app.fields import Lookup
from app.models import Comment
from app.profiles.schemas import Profile
from app.sessions import Reading, Writing

router = APIRouter(prefix="/articles/{slug}/comments", tags=["comments"])


@router.get("", responses=refusals(401, 404), openapi_extra=OPTIONAL_TOKEN)
async def list_comments(viewer_id: ViewerId, slug: Lookup, session: Reading) -> CommentListReply:
    """All comments on an article, newest first."""
    article_id = await queries.article_id(session, slug)
    if article_id is None:
        raise not_found("article")
    rows = await queries.of_article(session, article_id, viewer_id)
    return CommentListReply(
        comments=[PostedComment.of(comment, Profile.of(comment.author, following)) for comment, following in rows]
    )


@router.post("", status_code=status.HTTP_201_CREATED, responses=refusals(401, 404, 413, 415, 422))
async def post_comment(
    caller: Caller,
    body: Annotated[NewCommentBody, Depends(JsonBody(NewCommentBody))],
    slug: Lookup,
    session: Writing,
) -> CommentReply:
    """Comment on an article."""
    article_id = await hold(session, slug)
    if article_id is None:
        raise not_found("article")
    comment = Comment(body=body.comment.body, article_id=article_id, author_id=caller.id)
    await queries.add(session, comment)
    return CommentReply(comment=PostedComment.of(comment, Profile.of(caller, following=False)))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, responses=refusals(401, 403, 404, 422))
async def delete_comment(
    caller: Caller, slug: Lookup, comment_id: Annotated[int, Path(alias="id", ge=1)], session: Writing
) -> None:
    """Delete a comment; its writer's alone, not even the article's author's."""
    article_id = await hold(session, slug)
    if article_id is None:
        raise not_found("article")
    comment = await queries.lock(session, article_id, comment_id)
    if comment is None:
        raise not_found("comment")
    if comment.author_id != caller.id:
        raise forbidden("comment")
    await queries.remove(session, comment)
