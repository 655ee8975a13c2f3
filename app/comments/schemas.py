"""What is sent and answered about comments; runs in the server process."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.fields import Body, FilledText, Reply
from app.models import Comment
from app.profiles.schemas import Profile


class NewComment(Body):
    """What one has to say."""

    body: Annotated[FilledText, Field(max_length=100_000)]


class NewCommentBody(Body):
    """The envelope of a new comment."""

    comment: NewComment


class PostedComment(Reply):
    """A comment as others see it."""

    id: int
    created_at: datetime
    updated_at: datetime
    body: str
    author: Profile

    @classmethod
    def of(cls, comment: Comment, author: Profile) -> "PostedComment":
        """From a comment and its author as the viewer sees them."""
        return cls(
            id=comment.id,
            created_at=comment.created_at,
            updated_at=comment.updated_at,
            body=comment.body,
            author=author,
        )


class CommentReply(Reply):
    """One comment."""

    comment: PostedComment


class CommentListReply(Reply):
    """All comments on an article."""

    comments: list[PostedComment]
