"""Where a mail goes and what it says, once that has been looked up."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from email_validator import EmailNotValidError
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Entity, Mail, Membership, User
from mccs_graphql.domain.contact import wire_email
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.settings import Language


class NotToBeSent(Exception):
    """Nobody waits for this mail; the reason is for admins."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Contents:
    """Where a mail goes, in which language (None: the community's), and what its template needs.

    With the token ``unsubscribe`` its reader turns mails of its kind off. ``once_sent`` keeps what
    is to be kept when the mail has left, in the transaction that says so.
    """

    address: str
    language: Language | None
    facts: Mapping[str, object]
    once_sent: "OnceSent | None" = None
    unsubscribe: str | None = None


OnceSent = Callable[[AsyncSession], Awaitable[None]]

Reader = Callable[[AsyncSession, Mail], Awaitable[Contents]]


async def receiver_of(session: AsyncSession, mail: Mail) -> User:
    """The user whom the mail is to. Raises NotToBeSent."""
    user = await session.get(User, mail.user_id) if mail.user_id else None
    if user is None:
        raise NotToBeSent("It is not needed any more.")
    return user


async def require_membership(session: AsyncSession, user: User, entity_id: UUID) -> None:
    """Raise NotToBeSent unless the user belongs to the entity."""
    if await session.get(Membership, (user.id, entity_id)) is None:
        raise NotToBeSent("Its receiver does not belong to the entity any more.")


def to_user(user: User, **facts: object) -> Contents:
    """A mail to where the user logs in from. Raises NotToBeSent."""
    return Contents(on_the_wire(user.email), user.language, facts)


def on_the_wire(address: str) -> str:
    """The address as mail servers take it. Raises NotToBeSent."""
    try:
        return wire_email(address)
    except EmailNotValidError:
        raise NotToBeSent("Its receiver has no address that can be written to.") from None


def on_one_line(name: str) -> str:
    """A name cannot pretend to be the rest of the mail."""
    return " ".join(name.split())


def name_of(user: User) -> str:
    """What the user is called, on one line; empty if that was never said."""
    return on_one_line(f"{user.first_name} {user.last_name}")


def naming(entity: Entity) -> dict[str, object]:
    """The facts by which a mail says which entity it is about."""
    return {
        "entity": on_one_line(entity.name),
        "entity_id": opaque(IdPrefix.ENTITY, entity.id),
    }
