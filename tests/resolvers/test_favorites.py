"""Favourites: who keeps which, and who is told."""

import asyncio
from contextlib import AbstractContextManager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity, EntityStatus, Favorite, Membership
from mccs_graphql.db.models.contact import FAVORITES_MAX
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient
from tests.contacts import SET_FAVORITE, Contacts
from tests.factories import MakeMember, Member

UNLISTED = [status for status in EntityStatus if status not in LISTED]
PAGE_READ = 3
"""Who asks; the page; which of it are favourites."""
KEEPING = 7
"""Who asks; the own entity, locked; the other; how many there are; the new one; the trail;
and the answer."""
PAGE = """
query Page($prefix: String, $of: ID!) {
  entities(filter: {namePrefix: $prefix}, first: 100) { nodes { id isFavorite(of: $of) } }
}"""


@pytest.fixture
def contacts(graphql: GraphQLClient) -> Contacts:
    return Contacts(graphql)


async def favorites_of(database: Database, member: Member) -> list[UUID]:
    """What the database keeps."""
    async with database.reading() as session:
        found = await session.scalars(
            select(Favorite.favorite_id).where(Favorite.entity_id == member.entity_id)
        )
        return list(found)


async def put_status(database: Database, member: Member, status: EntityStatus) -> None:
    async with database.writing() as session:
        await session.execute(
            update(Entity).where(Entity.id == member.entity_id).values(status=status)
        )


class TestRefusals:
    async def test_visitor_is_sent_to_log_in(self, graphql: GraphQLClient) -> None:
        input_ = {"actingFor": "ent_x", "entityId": "ent_y", "favorite": True}

        assert await graphql.code(SET_FAVORITE, input=input_, of="x") == "UNAUTHENTICATED"

    @pytest.mark.parametrize("favorite", [True, False])
    async def test_nobody_keeps_favorites_for_an_entity_of_others(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, *, favorite: bool
    ) -> None:
        ana, ben = await make(), await make()
        for id_ in (ben.id, "", "x", encode_id(IdPrefix.ENTITY, uuid4())):
            input_ = {"actingFor": id_, "entityId": ana.id, "favorite": favorite}
            code = await graphql.code(SET_FAVORITE, by=ana, input=input_, of=ana.id)
            assert code == "FORBIDDEN"
        assert await favorites_of(database, ben) == []

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_entity_that_is_not_listed_is_not_found_like_one_that_is_not_there(
        self, contacts: Contacts, make: MakeMember, database: Database, status: EntityStatus
    ) -> None:
        ana, hidden = await make(), await make(status=status)

        result = await contacts.favorite(ana, hidden.id)

        assert result["code"] == "ENTITY_NOT_FOUND"
        nobodys = encode_id(IdPrefix.ENTITY, uuid4())
        for id_ in (nobodys, encode_id(IdPrefix.TRANSFER, hidden.entity_id), "", "x", "a\0b"):
            assert await contacts.favorite(ana, id_) == result
        assert await favorites_of(database, ana) == []

    async def test_own_entity_that_is_not_listed_is_not_found_either(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, hidden = await make(), await make(status=EntityStatus.PENDING)
        async with database.writing() as session:
            session.add(Membership(user_id=ana.user_id, entity_id=hidden.entity_id))

        assert (await contacts.favorite(ana, hidden.id))["code"] == "ENTITY_NOT_FOUND"

    @pytest.mark.parametrize("favorite", [True, False])
    async def test_entity_is_no_favorite_of_its_own(
        self, contacts: Contacts, make: MakeMember, *, favorite: bool
    ) -> None:
        ana = await make()

        result = await contacts.favorite(ana, ana.id, favorite=favorite)

        assert (result["code"], result["path"]) == ("FAVORITE_OF_ITSELF", ["entityId"])

    async def test_more_than_the_bound_are_refused_also_at_the_same_moment(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, others = await make(), [await make() for _ in range(8)]
        await keep_strangers(database, ana, FAVORITES_MAX - 5)

        results = await asyncio.gather(*(contacts.favorite(ana, ben.id) for ben in others))

        refused = [result for result in results if "code" in result]
        assert [(r["code"], r["most"]) for r in refused] == [("TOO_MANY_FAVORITES", 1000)] * 3
        assert len(await favorites_of(database, ana)) == FAVORITES_MAX
        kept = next(result["entity"]["id"] for result in results if "entity" in result)
        assert "code" not in await contacts.favorite(ana, kept)


async def keep_strangers(database: Database, member: Member, number: int) -> None:
    """Favourites that have all ceased to be listed; they count as well."""
    strangers = [
        Entity(id=uuid4(), name="Stranger", status=EntityStatus.REJECTED) for _ in range(number)
    ]
    async with database.writing() as session:
        session.add_all(strangers)
        await session.flush()
        session.add_all(
            Favorite(entity_id=member.entity_id, favorite_id=stranger.id) for stranger in strangers
        )


class TestKeeping:
    @pytest.mark.parametrize("status", LISTED)
    async def test_listed_entity_is_kept_and_removed_however_often_it_is_said(
        self, contacts: Contacts, make: MakeMember, status: EntityStatus
    ) -> None:
        ana, ben = await make(), await make(status=status)
        payload = {"__typename": "SetFavoritePayload"}

        for favorite in (True, True, False, False, True):
            result = await contacts.favorite(ana, ben.id, favorite=favorite)
            assert result == payload | {"entity": {"id": ben.id, "isFavorite": favorite}}

        assert await contacts.is_favorite(ana, of=ben, by=ben) is False

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_favorite_that_is_not_listed_any_more_is_removed_unseen(
        self, contacts: Contacts, make: MakeMember, database: Database, status: EntityStatus
    ) -> None:
        ana, ben = await make(), await make()
        await contacts.favorite(ana, ben.id)
        await put_status(database, ben, status)

        result = await contacts.favorite(ana, ben.id, favorite=False)

        assert result == {"__typename": "SetFavoritePayload", "entity": None}
        assert await favorites_of(database, ana) == []
        nobodys = encode_id(IdPrefix.ENTITY, uuid4())
        assert await contacts.favorite(ana, nobodys, favorite=False) == result

    async def test_entity_that_is_not_listed_yet_keeps_favorites(
        self, contacts: Contacts, make: MakeMember
    ) -> None:
        ana, ben = await make(status=EntityStatus.PENDING), await make()

        assert (await contacts.favorite(ana, ben.id))["entity"]["isFavorite"] is True

    async def test_same_entity_twenty_times_at_once_is_one_favorite(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()

        results = await asyncio.gather(*(contacts.favorite(ana, ben.id) for _ in range(20)))

        assert all(result == results[0] for result in results)
        assert await favorites_of(database, ana) == [ben.entity_id]

    async def test_keeping_and_removing_at_once_and_each_other_ends_well(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()

        results = await asyncio.gather(
            *(
                contacts.favorite(by, to.id, favorite=number % 2 == 0)
                for number in range(10)
                for by, to in ((ana, ben), (ben, ana))
            )
        )

        assert {result["__typename"] for result in results} == {"SetFavoritePayload"}
        assert len(await favorites_of(database, ana)) <= 1

    async def test_keeping_costs_a_small_constant(
        self,
        contacts: Contacts,
        make: MakeMember,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana, ben = await make(), await make()

        with counting as statements:
            await contacts.favorite(ana, ben.id)

        assert len(statements) == KEEPING, statements


class TestSeeing:
    async def test_nobody_but_members_is_told(
        self, contacts: Contacts, make: MakeMember, graphql: GraphQLClient
    ) -> None:
        ana, ben, eve = await make(), await make(), await make()
        await contacts.favorite(ana, ben.id)

        assert await contacts.is_favorite(ben, of=ana, by=ana) is True
        for other in (ben, eve, None):
            assert await contacts.is_favorite(ben, of=ana, by=other) is None
        query = 'query ($id: ID!) { entity(id: $id) { isFavorite(of: "x") } }'
        assert await graphql(query, by=ana, id=ben.id) == {"entity": {"isFavorite": None}}

    async def test_favorites_of_two_entities_are_told_apart(
        self, contacts: Contacts, make: MakeMember, graphql: GraphQLClient, database: Database
    ) -> None:
        ana, shop, ben, cem = [await make() for _ in range(4)]
        async with database.writing() as session:
            session.add(Membership(user_id=ana.user_id, entity_id=shop.entity_id))
        await contacts.favorite(ana, ben.id)
        await contacts.favorite(shop, cem.id)

        query = """
        query Both($ids: [ID!]!, $a: ID!, $b: ID!) {
          nodes(ids: $ids) { ... on Entity { a: isFavorite(of: $a) b: isFavorite(of: $b) } }
        }"""
        data = await graphql(query, by=ana, ids=[ben.id, cem.id], a=ana.id, b=shop.id)

        assert data["nodes"] == [{"a": True, "b": False}, {"a": False, "b": True}]

    @pytest.mark.parametrize("entities", [1, 50])
    async def test_page_costs_the_same_for_one_and_for_many(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        database: Database,
        counting: AbstractContextManager[list[str]],
        entities: int,
    ) -> None:
        ana, word = await make(), uuid4().hex
        rows = [
            Entity(id=uuid4(), name=f"{word} {number}", status=EntityStatus.ACCEPTED)
            for number in range(entities)
        ]
        async with database.writing() as session:
            session.add_all(rows)
            await session.flush()
            session.add(Favorite(entity_id=ana.entity_id, favorite_id=rows[0].id))

        with counting as statements:
            data = await graphql(PAGE, by=ana, prefix=word, of=ana.id)

        nodes = data["entities"]["nodes"]
        assert [node["isFavorite"] for node in nodes] == [True] + [False] * (entities - 1)
        assert len(statements) == PAGE_READ, statements

    async def test_page_of_a_visitor_asks_for_no_favorites(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana, word = await make(), uuid4().hex
        await make(entity_name=word)

        with counting as statements:
            data = await graphql(PAGE, prefix=word, of=ana.id)

        assert [node["isFavorite"] for node in data["entities"]["nodes"]] == [None]
        assert not any("favorites" in statement for statement in statements)
