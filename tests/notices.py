"""What users were told, once who keeps house has told it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Channel, Mail, MailKind, Notice, NoticeKind, NoticePreference
from mccs_graphql.domain.notices import telling
from tests.factories import Member


async def tell(database: Database) -> None:
    """Do what the housekeeping does, until there is nothing left."""
    more = True
    while more:
        async with database.writing() as session:
            more = await telling.tell_next(session)


async def notices_of(database: Database, user: Member | UUID) -> Sequence[Notice]:
    """What a user was told in the app, oldest first."""
    user_id = user.user_id if isinstance(user, Member) else user
    async with database.reading() as session:
        found = await session.scalars(
            select(Notice).where(Notice.user_id == user_id).order_by(Notice.id)
        )
        return found.all()


async def told(database: Database, user: Member | UUID) -> list[NoticeKind]:
    """The kinds of that."""
    return [notice.kind for notice in await notices_of(database, user)]


async def mailed(database: Database, user: Member) -> list[MailKind]:
    """What is in the outbox for a user, oldest first."""
    async with database.reading() as session:
        found = await session.scalars(
            select(Mail.kind).where(Mail.user_id == user.user_id).order_by(Mail.id)
        )
        return list(found)


async def choose(
    database: Database, user: Member, kind: NoticeKind, channel: Channel, *, wanted: bool
) -> None:
    """A user's choice, as if it had been made over the API."""
    async with database.writing() as session:
        await session.merge(
            NoticePreference(user_id=user.user_id, kind=kind, channel=channel, wanted=wanted)
        )
