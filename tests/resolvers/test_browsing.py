"""Browsing by headings, and completing tags while they are typed."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Category, Entity, EntityCategory, EntityStatus
from mccs_graphql.db.queries.counts import compact
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.profiles import Profiles

CATEGORIES = """
query Categories($prefix: String! = "", $first: Int, $after: String, $last: Int) {
  categories(prefix: $prefix, first: $first, after: $after, last: $last) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id name slug entityCount }
  }
}"""
CATEGORY = "query Category($slug: String!) { category(slug: $slug) { id name entityCount } }"
NODE = "query Node($id: ID!) { node(id: $id) { id ... on Category { name } } }"
TAGS = """
query Tags($search: String!, $kind: TagKind, $first: Int! = 10) {
  tags(search: $search, kind: $kind, first: $first) { name since offerCount wantCount }
}"""
LISTED = "query Listed($slug: String) { entities(filter: {category: $slug}) { totalCount nodes { name } } }"  # noqa: E501


@pytest.fixture
def start() -> str:
    """A word that nobody else uses, without digits."""
    return "q" + uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:14]


async def add_category(database: Database, name: str, *members: Member) -> Category:
    category = Category(name=name)
    async with database.writing() as session:
        session.add(category)
        await session.flush()
        session.add_all(
            EntityCategory(entity_id=member.entity_id, category_id=category.id)
            for member in members
        )
    return category


async def set_status(database: Database, member: Member, status: EntityStatus) -> None:
    async with database.writing() as session:
        await session.execute(
            update(Entity).where(Entity.id == member.entity_id).values(status=status)
        )


class TestCategories:
    async def test_come_in_alphabetical_order_with_counts(
        self, graphql: GraphQLClient, database: Database, make: MakeMember, start: str
    ) -> None:
        ana, ben = await make(), await make()
        hidden = await make(status=EntityStatus.PENDING)
        for name, members in (("zoo", ()), ("Épicerie", (ana, ben, hidden)), ("eggs", (ana,))):
            await add_category(database, f"{start} {name}", *members)

        found = (await graphql(CATEGORIES, prefix=start.upper()))["categories"]

        counts = [(one["name"].removeprefix(start), one["entityCount"]) for one in found["nodes"]]
        assert counts == [(" eggs", 1), (" Épicerie", 2), (" zoo", 0)]
        assert found["totalCount"] == 3

    async def test_counts_follow_statuses_renames_and_compaction(
        self, graphql: GraphQLClient, database: Database, make: MakeMember, start: str
    ) -> None:
        ana, ben = await make(), await make(status=EntityStatus.PENDING)
        category = await add_category(database, start, ana, ben)

        async def count() -> int:
            found = await graphql(CATEGORY, slug=start)
            number: int = found["category"]["entityCount"]
            return number

        assert await count() == 1
        await set_status(database, ben, EntityStatus.ACCEPTED)
        assert await count() == 2
        async with database.writing() as session:
            await compact(session)
        assert await count() == 2
        await set_status(database, ana, EntityStatus.REJECTED)
        async with database.writing() as session:
            await session.execute(
                delete(EntityCategory).where(
                    EntityCategory.category_id == category.id,
                    EntityCategory.entity_id == ben.entity_id,
                )
            )
        assert await count() == 0

    async def test_entities_of_a_category_come_by_name(
        self,
        graphql: GraphQLClient,
        database: Database,
        make: MakeMember,
        profiles: Profiles,
        start: str,
    ) -> None:
        members = [await make(entity_name=name) for name in ("Zed", "älter", "Alter 2")]
        await add_category(database, f"{start} & co", *members)
        await profiles.updated(members[0], name="Aal")

        found = (await graphql(LISTED, slug=f"{start}-co"))["entities"]

        assert [node["name"] for node in found["nodes"]] == ["Aal", "älter", "Alter 2"]
        assert found["totalCount"] == 3

    async def test_pages(self, graphql: GraphQLClient, database: Database, start: str) -> None:
        for letter in "cab":
            await add_category(database, f"{start} {letter}")
        first = (await graphql(CATEGORIES, prefix=start, first=2))["categories"]
        after = first["pageInfo"]["endCursor"]
        second = (await graphql(CATEGORIES, prefix=start, first=2, after=after))["categories"]
        assert [n["name"][-1] for n in first["nodes"] + second["nodes"]] == ["a", "b", "c"]
        assert await graphql.code(CATEGORIES, first=0) == "BAD_USER_INPUT"

    async def test_is_found_again_by_its_id(
        self, graphql: GraphQLClient, database: Database, start: str
    ) -> None:
        await add_category(database, start)
        category = (await graphql(CATEGORY, slug=start))["category"]
        node = (await graphql(NODE, id=category["id"]))["node"]
        assert node == {"id": category["id"], "name": start}

    @pytest.mark.parametrize("slug", ["nobody-has-this", "", "é"])
    async def test_unknown_slug_is_null(self, graphql: GraphQLClient, slug: str) -> None:
        assert (await graphql(CATEGORY, slug=slug))["category"] is None
        if slug:
            assert (await graphql(LISTED, slug=slug))["entities"]["nodes"] == []


class TestTags:
    async def complete(self, graphql: GraphQLClient, **typed: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await graphql(TAGS, **typed))["tags"]
        return found

    async def test_what_is_being_typed_is_completed_with_counts(
        self, graphql: GraphQLClient, make: MakeMember, profiles: Profiles, start: str
    ) -> None:
        for tag in (f"{start}s", f"old-{start}s"):
            await profiles.updated(await make(), offers=[tag])
        await profiles.updated(await make(), wants=[f"{start}s"])

        found = await self.complete(graphql, search=start)

        assert found == [
            {"name": f"{start}s", "since": None, "offerCount": 1, "wantCount": 1},
            {"name": f"old-{start}s", "since": None, "offerCount": 1, "wantCount": 0},
        ]
        assert len(await self.complete(graphql, search=start, first=1)) == 1

    async def test_only_those_of_a_kind(
        self, graphql: GraphQLClient, make: MakeMember, profiles: Profiles, start: str
    ) -> None:
        await profiles.updated(await make(), offers=[start])
        assert await self.complete(graphql, search=start, kind="WANT") == []
        assert len(await self.complete(graphql, search=start, kind="OFFER")) == 1

    async def test_words_that_nobody_listed_carries_are_not_offered(
        self, graphql: GraphQLClient, make: MakeMember, profiles: Profiles, start: str
    ) -> None:
        ana = await make()
        await profiles.updated(ana, offers=[start])
        await profiles.updated(ana, version=2, offers=[])
        hidden = await make(status=EntityStatus.REJECTED)
        await profiles.updated(hidden, offers=[f"{start}-two"])
        assert await self.complete(graphql, search=start) == []

    @pytest.mark.parametrize("search", ["", " ", "-", "x" * 5000, "a\0"])
    async def test_what_cannot_be_a_tag_is_refused(
        self, graphql: GraphQLClient, search: str
    ) -> None:
        assert await graphql.code(TAGS, search=search) == "BAD_USER_INPUT"

    @pytest.mark.parametrize("first", [0, -1, 31])
    async def test_more_than_are_shown_is_refused(self, graphql: GraphQLClient, first: int) -> None:
        assert await graphql.code(TAGS, search="bread", first=first) == "BAD_USER_INPUT"
