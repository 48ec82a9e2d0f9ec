"""What members offer and want, put where the application would put it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Account, Entity, EntityStatus, Event, NewListing, TagKind
from mccs_graphql.domain.directory import matchmaking
from mccs_graphql.domain.directory.listings import replace_tags
from tests.factories import Member


async def carry(
    database: Database, member: Member, *, offers: Sequence[str] = (), wants: Sequence[str] = ()
) -> None:
    """The member's entity offers and wants these, in the form of tags."""
    lists = {TagKind.OFFER: offers, TagKind.WANT: wants}
    async with database.writing() as session:
        await replace_tags(session, member.entity_id, lists)


async def set_status(database: Database, member: Member, status: EntityStatus) -> None:
    """An admin has decided about the member's entity."""
    async with database.writing() as session:
        await session.execute(
            update(Entity).where(Entity.id == member.entity_id).values(status=status)
        )


async def tell_all(database: Database) -> int:
    """Tell of matches until there is nothing to do; how many batches it took."""
    batches = 0
    while True:
        async with database.writing() as session:
            if not await matchmaking.tell_next(session):
                return batches
        batches += 1


async def told(database: Database, member: Member) -> list[UUID | None]:
    """The entities that the member's log tells of, in its order; there must be no gap in it."""
    async with database.reading() as session:
        rows = await session.scalars(
            select(Event).where(Event.entity_id == member.entity_id).order_by(Event.seq)
        )
        events = rows.all()
        end = await session.scalar(
            select(Account.event_seq).where(Account.entity_id == member.entity_id)
        )
    assert [event.seq for event in events] == list(range(1, (end or 0) + 1))
    return [event.match_id for event in events]


async def waiting(database: Database) -> list[NewListing]:
    """The new listings that are not done with."""
    async with database.reading() as session:
        return list(await session.scalars(select(NewListing).order_by(NewListing.id)))
