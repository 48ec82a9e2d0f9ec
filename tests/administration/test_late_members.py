"""A member who is deleted while a command of theirs waits has come too late with it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from mccs_graphql.context import Services
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Membership, Role, User
from mccs_graphql.domain.administration.deleting_users import delete
from tests.access.askers import join
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.invitations import invited

WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""
MUTATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "updateUser": ("UpdateUserInput", {"firstName": "Late"}),
    "createEntity": ("CreateEntityInput", {"name": "Late"}),
}
ACCEPT = """mutation Late($token: String!) {
  acceptInvitation(input: { token: $token }) { __typename }
}"""
Act = Callable[[], Awaitable[Any]]


async def deleted_meanwhile(database: Database, member: Member, act: Act) -> Any:
    """What the member's command answers that waits for the deletion to be committed."""
    async with database.writing() as session:
        await delete(session, member.user_id, expected_version=1, reason="Wished it.")
        acting = asyncio.ensure_future(act())
        while not acting.done() and not await _waiting(database):
            pass  # to look takes a moment
    return await acting


async def _waiting(database: Database) -> int:
    async with database.reading() as session:
        found: int = await session.scalar(text(WAITING)) or 0
        return found


@pytest.fixture
async def ana(make: MakeMember, database: Database) -> Member:
    """A member who may be deleted: the entity has another owner."""
    ana, ben = await make(), await make()
    await join(database, ben, ana, Role.OWNER)
    return ana


@pytest.mark.parametrize("name", MUTATIONS)
async def test_nothing_of_a_deleted_user_is_written(
    name: str, graphql: GraphQLClient, services: Services, ana: Member
) -> None:
    type_, input_ = MUTATIONS[name]
    document = f"mutation Late($input: {type_}!) {{ {name}(input: $input) {{ __typename }} }}"

    code = await deleted_meanwhile(
        services.database, ana, lambda: graphql.code(document, by=ana, input=input_)
    )

    assert code == "UNAUTHENTICATED"
    async with services.database.reading() as session:
        user = await session.get_one(User, ana.user_id)
        assert user.first_name == ""
        owned = select(Membership).where(Membership.user_id == ana.user_id)
        assert (await session.scalars(owned)).all() == []


async def test_deleted_user_joins_nothing(
    graphql: GraphQLClient, services: Services, make: MakeMember, ana: Member
) -> None:
    shop = await make()
    guest = await invited(services.database, graphql, shop)

    code = await deleted_meanwhile(
        services.database, ana, lambda: graphql.code(ACCEPT, by=ana, token=guest.token)
    )

    assert code == "UNAUTHENTICATED"
    async with services.database.reading() as session:
        assert await session.get(Membership, (ana.user_id, shop.entity_id)) is None
