"""What profiles look like to clients; runs in the server process."""

from app.fields import Reply
from app.models import User


class Profile(Reply):
    """A user as others see them; `following` says whether the caller follows them."""

    username: str
    bio: str | None
    image: str | None
    following: bool

    @classmethod
    def of(cls, user: User, following: bool) -> "Profile":
        """From a user and whether the viewer follows them."""
        return cls(username=user.username, bio=user.bio, image=user.image, following=following)


class ProfileReply(Reply):
    """One profile."""

    profile: Profile
