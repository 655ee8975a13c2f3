"""What tags look like to clients; runs in the server process."""

from collections.abc import Sequence

from app.fields import Reply


class TagListReply(Reply):
    """The names of all tags."""

    tags: Sequence[str]
