"""What notifications look like to clients; runs in the server process."""

from datetime import datetime
from typing import Literal

from app.fields import Reply
from app.models import Notification


class Notice(Reply):
    """An article by somebody whom the caller follows."""

    id: int
    kind: Literal["article"]
    article: str
    author: str
    created_at: datetime

    @classmethod
    def of(cls, notification: Notification) -> "Notice":
        """From a row with its article and author."""
        article = notification.article
        return cls(
            id=notification.id,
            kind="article",
            article=article.slug,
            author=article.author.username,
            created_at=notification.created_at,
        )


class NotificationListReply(Reply):
    """A part of the list, and how many there are in all."""

    notifications: list[Notice]
    notifications_count: int
