"""Admins decide how far entities have come."""

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, EntityTag, Mail, MailKind, NewListing
from mccs_graphql.schema.ids import NOBODY, IdPrefix, encode_id
from tests.access.test_roots import document_of
from tests.administration.desk import Desk
from tests.administration.town import EPOCH
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.profiles import Profiles
from tests.trading import Trading

PENDING = EntityStatus.PENDING


async def mails_to(database: Database, member: Member) -> list[dict[str, Any]]:
    """What the mails about a status tell a member."""
    async with database.reading() as session:
        found = await session.scalars(
            select(Mail.facts).where(
                Mail.user_id == member.user_id, Mail.kind == MailKind.ENTITY_STATUS
            )
        )
        return list(found)


async def test_other_version_is_refused(desk: Desk, make: MakeMember) -> None:
    result = await desk.decide(await make(), "REJECTED", version=2)

    assert result["code"] == "ENTITY_CHANGED"


async def test_message_that_is_too_long_is_refused(desk: Desk, make: MakeMember) -> None:
    result = await desk.decide(await make(), "REJECTED", message="x" * 2_001)

    assert result["code"] == "INVALID_INPUT"


@pytest.mark.parametrize("to", EntityStatus)
@pytest.mark.parametrize("before", EntityStatus)
async def test_any_status_follows_any(
    desk: Desk, database: Database, make: MakeMember, before: EntityStatus, to: EntityStatus
) -> None:
    ana = await make(status=before)

    result = await desk.decide(ana, to.name, message=" Welcome. ")

    assert (result["from"], result["to"]) == (before.name, to.name)
    changed = before is not to
    assert result["entity"]["version"] == (2 if changed else 1)
    told = {
        "entity_id": str(ana.entity_id),
        "from": before.value,
        "to": to.value,
        "message": "Welcome.",
    }
    assert await mails_to(database, ana) == ([told] if changed else [])


async def test_who_is_listed_counts_as_new(
    desk: Desk, database: Database, make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=PENDING)
    await profiles.updated(ana, offers=["bread"])
    of_ana = EntityTag.entity_id == ana.entity_id
    async with database.writing() as session:
        await session.execute(update(EntityTag).where(of_ana).values(created_at=EPOCH))

    result = await desk.decide(ana, "ACCEPTED", version=2)

    assert result["to"] == "ACCEPTED"
    async with database.reading() as session:
        since = await session.scalar(select(EntityTag.created_at).where(of_ana))
        assert since
        assert since > EPOCH
        told = await session.scalars(
            select(NewListing.tag_id).where(NewListing.entity_id == ana.entity_id)
        )
        carried = await session.scalars(select(EntityTag.tag_id).where(of_ana))
        # The housekeeper may have told everybody already.
        assert set(told) <= set(carried)


async def test_who_trades_no_longer_cannot_accept(
    desk: Desk, make: MakeMember, trading: Trading
) -> None:
    ana, ben = await make(), await make()
    id_ = await trading.proposed(ana, ben)
    await desk.decide(ben, "TRADING_REJECTED")

    assert (await trading.accept(ben, id_))["code"] == "ENTITY_NOT_TRADING"
    (transfer,) = await trading.transfers(ana)
    assert transfer["state"] == "INITIATED"


class TestSeveral:
    async def test_more_than_a_hundred_are_refused(
        self, desk: Desk, graphql: GraphQLClient
    ) -> None:
        document = document_of("Mutation", "changeEntityStatuses", ["input"])
        input_ = {"entityIds": [f"ent_{number}" for number in range(101)], "to": "PENDING"}

        code = await graphql.code(document, by=desk.admin, input=input_)

        assert code == "BAD_USER_INPUT"

    async def test_one_that_is_not_there_keeps_nobody_from_it(
        self, desk: Desk, make: MakeMember
    ) -> None:
        ana, nobody = await make(status=PENDING), encode_id(IdPrefix.ENTITY, NOBODY)

        result = await desk.do("changeEntityStatuses", entityIds=[nobody, ana.id], to="ACCEPTED")

        assert result["outcomes"] == [
            {"entityId": nobody, "change": None, "refusal": {"code": "ENTITY_NOT_FOUND"}},
            {"entityId": ana.id, "change": {"from": "PENDING", "to": "ACCEPTED"}, "refusal": None},
        ]

    async def test_overlapping_decisions_do_not_block_each_other(
        self, desk: Desk, make: MakeMember
    ) -> None:
        ids = [(await make()).id for _ in range(8)]
        chance = random.Random(3)

        results = await asyncio.gather(
            *(
                desk.do("changeEntityStatuses", entityIds=chance.sample(ids, 8), to=to)
                for to in ("ACCEPTED", "REJECTED", "PENDING") * 3
            )
        )

        assert all(
            outcome["refusal"] is None for result in results for outcome in result["outcomes"]
        )
