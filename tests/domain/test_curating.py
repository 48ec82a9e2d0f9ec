"""Renaming and deleting tags while members edit and others search."""

import asyncio
from contextlib import suppress
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Tag, TagKin
from mccs_graphql.domain.directory.curating import TagNotFound, delete_tag, rename_tag
from mccs_graphql.domain.errors import InvalidInput
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.profiles import Profiles

FIND = (
    "query Find($tag: String!) { entities(filter: {offers: [$tag]}) { nodes { offers { name } } } }"
)
MEMBERS, EDITS, RENAMES = 6, 12, 25


@pytest.fixture
def word() -> str:
    """A word that nobody else uses."""
    return "q" + uuid4().hex[:12]


async def rename(database: Database, name: str, to: str) -> None:
    async with database.writing() as session:
        await rename_tag(session, name, to=to)


async def offers(profiles: Profiles, member: Member) -> list[str]:
    return [tag["name"] for tag in (await profiles.seen(member))["offers"]]


async def test_unknown_tag_is_not_renamed(database: Database, word: str) -> None:
    with pytest.raises(TagNotFound):
        await rename(database, word, "bread")


async def test_name_that_is_no_tag_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInput):
        await rename(database, "bread", "--")


async def test_entities_follow_a_rename(
    database: Database, make: MakeMember, profiles: Profiles, graphql: GraphQLClient, word: str
) -> None:
    ana = await make()
    await profiles.updated(ana, offers=[f"{word}-olde"])

    await rename(database, f"{word}-olde", f"{word}-new")

    assert await offers(profiles, ana) == [f"{word}-new"]
    found = await graphql(FIND, tag=f"{word}-new")
    assert len(found["entities"]["nodes"]) == 1


async def test_kin_follow_a_rename(
    database: Database, make: MakeMember, profiles: Profiles, word: str
) -> None:
    ana, ben = await make(), await make()
    await profiles.updated(ana, offers=[f"{word}a"])
    await profiles.updated(ben, offers=[f"fresh-{word}b"])

    await rename(database, f"{word}a", f"{word}b")

    async with database.reading() as session:
        renamed = select(Tag.id).where(Tag.name == f"{word}b").scalar_subquery()
        kin = select(Tag.name).join(TagKin, TagKin.kin_id == Tag.id)
        found = await session.scalars(kin.where(TagKin.tag_id == renamed))
    assert list(found) == [f"fresh-{word}b"]


async def test_two_become_one_and_the_earlier_time_counts(
    database: Database, make: MakeMember, profiles: Profiles, word: str
) -> None:
    ana, ben = await make(), await make()
    first = await profiles.updated(ana, offers=[f"{word}s"])
    await profiles.updated(ana, version=2, offers=[f"{word}s", word])
    await profiles.updated(ben, offers=[f"{word}s"])

    await rename(database, f"{word}s", word)

    seen = (await profiles.seen(ana))["offers"]
    assert seen == [{"name": word, "since": first["offers"][0]["since"]}]
    assert await offers(profiles, ben) == [word]


async def test_who_has_read_the_old_name_is_told(
    database: Database, make: MakeMember, profiles: Profiles, word: str
) -> None:
    ana = await make()
    entity = await profiles.updated(ana, offers=[word])

    await rename(database, word, f"{word}-new")

    late = await profiles.update(ana, version=entity["version"], offers=[word, "bread"])
    assert late["__typename"] == "EntityChanged"
    assert await offers(profiles, ana) == [f"{word}-new"]


async def test_nobody_carries_a_deleted_tag(
    database: Database, make: MakeMember, profiles: Profiles, word: str
) -> None:
    ana = await make()
    await profiles.updated(ana, offers=[word], wants=[word, "bread"])
    async with database.writing() as session:
        await delete_tag(session, word)
    seen = await profiles.seen(ana)
    assert seen["offers"] == []
    assert [tag["name"] for tag in seen["wants"]] == ["bread"]


class Storm:
    """Members who mark their entities, admins who rename, and visitors who search."""

    def __init__(
        self, database: Database, profiles: Profiles, graphql: GraphQLClient, word: str
    ) -> None:
        self.database, self.profiles, self.graphql = database, profiles, graphql
        self.spellings = [f"{word}-{letter}" for letter in "abc"]
        self.random = Random(7)
        self.found = 0

    async def edit(self, member: Member) -> set[str]:
        """Add marks to what the member offers; those that were confirmed."""
        kept: set[str] = set()
        for number in range(EDITS):
            seen = await self.profiles.seen(member, by=member)
            mark = f"mark-{member.entity_id.hex}x{number % 8}"
            wanted = {tag["name"] for tag in seen["offers"]} | {mark}
            result = await self.profiles.update(
                member, version=seen["version"], offers=sorted(wanted)
            )
            assert result["__typename"] in {"EntityPayload", "EntityChanged"}, result
            if result["__typename"] == "EntityPayload":
                kept.add(mark)
        return kept

    async def curate(self) -> None:
        for _ in range(RENAMES):
            old, new = self.random.sample(self.spellings, 2)
            with suppress(TagNotFound):
                await rename(self.database, old, new)

    async def search(self) -> None:
        for _ in range(RENAMES):
            nodes = (await self.graphql(FIND, tag=self.spellings[0]))["entities"]["nodes"]
            self.found += len(nodes)
            for node in nodes:
                self.require_one_spelling([tag["name"] for tag in node["offers"]])

    def require_one_spelling(self, names: list[str]) -> None:
        assert len([name for name in names if name in self.spellings]) == 1, names


async def test_storm_of_renames_edits_and_searches_loses_nothing(
    database: Database, make: MakeMember, profiles: Profiles, graphql: GraphQLClient, word: str
) -> None:
    storm = Storm(database, profiles, graphql, word)
    members = [await make() for _ in range(MEMBERS)]
    for member in members:
        await profiles.updated(member, offers=storm.spellings[:1])

    kept, *_ = await asyncio.gather(
        asyncio.gather(*map(storm.edit, members)), storm.curate(), storm.curate(), storm.search()
    )

    assert storm.found
    assert any(kept)
    for member, marks in zip(members, kept, strict=True):
        names = await offers(profiles, member)
        assert marks <= set(names)
        storm.require_one_spelling(names)
