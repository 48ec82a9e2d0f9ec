"""Those who match are told exactly once, whatever ends in between."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, EntityTag, NewListing
from mccs_graphql.db.queries import new_listings as queries
from mccs_graphql.domain.directory import matchmaking
from tests.factories import Member, make_member
from tests.listings import carry, set_status, tell_all, told, waiting


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matchmaking, "BATCH", 3)


async def members(database: Database, number: int, *, wants: str) -> list[Member]:
    found = [await make_member(database) for _ in range(number)]
    for member in found:
        await carry(database, member, wants=[wants])
    await tell_all(database)
    return found


async def test_unlisted_entity_announces_nothing(empty_database: Database) -> None:
    ana = await make_member(empty_database, status=EntityStatus.PENDING)
    (ben,) = await members(empty_database, 1, wants="bread")

    await carry(empty_database, ana, offers=["bread"])

    assert await waiting(empty_database) == []
    assert await told(empty_database, ben) == []


async def test_unlisted_entity_is_not_told(empty_database: Database) -> None:
    ana, (ben,) = await make_member(empty_database), await members(empty_database, 1, wants="bread")
    await set_status(empty_database, ben, EntityStatus.PENDING)

    await carry(empty_database, ana, offers=["bread"])
    await tell_all(empty_database)

    assert await told(empty_database, ben) == []


async def test_entity_is_not_told_of_itself_nor_of_those_who_want_the_same(
    empty_database: Database,
) -> None:
    ana, (ben,) = await make_member(empty_database), await members(empty_database, 1, wants="bread")

    await carry(empty_database, ana, offers=["flour"], wants=["bread", "flour"])
    await tell_all(empty_database)

    assert (await told(empty_database, ana), await told(empty_database, ben)) == ([], [])


@pytest.mark.parametrize("goes", ["tag", "entity"])
async def test_what_is_gone_before_it_is_told_is_not_told(
    empty_database: Database, goes: str
) -> None:
    ana, (ben,) = await make_member(empty_database), await members(empty_database, 1, wants="bread")
    await carry(empty_database, ana, offers=["bread"])

    if goes == "tag":
        await carry(empty_database, ana)
    else:
        await set_status(empty_database, ana, EntityStatus.REJECTED)
    await tell_all(empty_database)

    assert await told(empty_database, ben) == []
    assert await waiting(empty_database) == []


async def test_accepted_entity_announces_what_it_carries(empty_database: Database) -> None:
    """As admins' acceptance of an entity calls it."""
    ana = await make_member(empty_database, status=EntityStatus.PENDING)
    (ben,) = await members(empty_database, 1, wants="bread")
    await carry(empty_database, ana, offers=["bread"])

    await set_status(empty_database, ana, EntityStatus.ACCEPTED)
    async with empty_database.writing() as session:
        rows = await session.execute(
            select(EntityTag.kind, EntityTag.tag_id).where(EntityTag.entity_id == ana.entity_id)
        )
        await matchmaking.announce(session, ana.entity_id, [(kind, id_) for kind, id_ in rows])
    await tell_all(empty_database)

    assert await told(empty_database, ben) == [ana.entity_id]


async def test_several_tags_added_at_once_are_one_event(empty_database: Database) -> None:
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    await carry(empty_database, ben, offers=["flour"], wants=["bread", "rye bread", "cakes"])
    await tell_all(empty_database)

    await carry(empty_database, ana, offers=["bread", "rye-bread", "cake"], wants=["flour"])
    await tell_all(empty_database)

    assert await told(empty_database, ben) == [ana.entity_id]


async def test_more_than_a_batch_are_each_told_once(empty_database: Database) -> None:
    ana = await make_member(empty_database)
    found = await members(empty_database, 7, wants="bread")

    await carry(empty_database, ana, offers=["bread"])
    batches = await tell_all(empty_database)

    assert batches == 3
    assert [await told(empty_database, ben) for ben in found] == [[ana.entity_id]] * 7
    assert await waiting(empty_database) == []


async def test_crash_between_and_within_batches_loses_and_repeats_nothing(
    empty_database: Database,
) -> None:
    ana = await make_member(empty_database)
    found = await members(empty_database, 7, wants="bread")
    await carry(empty_database, ana, offers=["bread"])

    async with empty_database.writing() as session:
        await matchmaking.tell_next(session)
    with suppress(asyncio.CancelledError):
        async with empty_database.writing() as session:
            await matchmaking.tell_next(session)
            raise asyncio.CancelledError
    await tell_all(empty_database)

    assert [await told(empty_database, ben) for ben in found] == [[ana.entity_id]] * 7


async def test_several_who_tell_at_once_tell_everybody_once(empty_database: Database) -> None:
    offering = [await make_member(empty_database) for _ in range(4)]
    found = await members(empty_database, 7, wants="bread")
    for ana in offering:
        await carry(empty_database, ana, offers=["bread", "rye bread"])

    await asyncio.gather(*(tell_all(empty_database) for _ in range(4)))
    await tell_all(empty_database)

    for ben in found:
        assert sorted(map(str, await told(empty_database, ben))) == sorted(
            str(ana.entity_id) for ana in offering
        )


async def test_what_fails_lets_others_go_first_and_comes_again(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, eve = await make_member(empty_database), await make_member(empty_database)
    (ben,) = await members(empty_database, 1, wants="bread")
    for member in (eve, ana):
        await carry(empty_database, member, offers=["bread"])
    (poisoned, _) = await waiting(empty_database)
    spoil(monkeypatch, poisoned.id)

    await tell_all(empty_database)
    assert await told(empty_database, ben) == [ana.entity_id]
    monkeypatch.undo()
    await make_due(empty_database)
    await tell_all(empty_database)

    assert await told(empty_database, ben) == [ana.entity_id, eve.entity_id]


async def test_what_fails_for_ever_is_given_up(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await make_member(empty_database)
    await members(empty_database, 1, wants="bread")
    await carry(empty_database, ana, offers=["bread"])
    spoil(monkeypatch, (await waiting(empty_database))[0].id)

    for _ in range(matchmaking.ATTEMPTS_MAX):
        assert len(await waiting(empty_database)) == 1
        await make_due(empty_database)
        await tell_all(empty_database)

    assert await waiting(empty_database) == []


def spoil(monkeypatch: pytest.MonkeyPatch, id_: int) -> None:
    """Make what this new listing leads to fail, as a fault of ours would."""
    find = queries.matching_tags

    async def fail(session: AsyncSession, ids: list[int]) -> object:
        if id_ in ids:
            raise ZeroDivisionError
        return await find(session, ids)

    monkeypatch.setattr(queries, "matching_tags", fail)


async def make_due(database: Database) -> None:
    """The time of the next attempt has come."""
    async with database.writing() as session:
        await session.execute(update(NewListing).values(due_at=func.now()))
