"""What is sent and answered about the current user; runs in the server process."""

from typing import Annotated

from pydantic import Field

from app.fields import Body, Email, FilledText, OptionalText, Reply, Username
from app.models import User

Password = Annotated[FilledText, Field(max_length=128)]
NewPassword = Annotated[FilledText, Field(min_length=8, max_length=128)]


class Registration(Body):
    """What it takes to become a user."""

    username: Username
    email: Email
    password: Password


class RegistrationBody(Body):
    """The envelope of a registration."""

    user: Registration


class Credentials(Body):
    """Whatever nobody can have registered with is merely wrong, not invalid."""

    email: FilledText
    password: Password


class CredentialsBody(Body):
    """The envelope of credentials."""

    user: Credentials


class UserChanges(Body):
    """What is left out stays as it is. An empty `bio` or `image` is null."""

    username: Username = Field(default_factory=str)
    email: Email = Field(default_factory=str)
    password: NewPassword = Field(default_factory=str)
    bio: Annotated[OptionalText, Field(max_length=10_000)] | None = Field(default_factory=str)
    image: Annotated[OptionalText, Field(max_length=2_000)] | None = Field(default_factory=str)


class UserChangesBody(Body):
    """The envelope of a user's changes."""

    user: UserChanges


class CurrentUser(Reply):
    """A user as they see themselves."""

    email: str
    token: str
    username: str
    bio: str | None
    image: str | None

    @classmethod
    def of(cls, user: User, token: str) -> "CurrentUser":
        """From a user and a token."""
        return cls(email=user.email, token=token, username=user.username, bio=user.bio, image=user.image)


class UserReply(Reply):
    """One user, as they see themselves."""

    user: CurrentUser
