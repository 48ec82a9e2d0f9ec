"""Admins rename, merge and delete at once, while members edit and visitors search."""

import asyncio
from random import Random
from typing import Any

from mccs_graphql.db.engine import Database
from tests.administration.desk import Desk
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.profiles import Profiles, names

FIND = (
    "query Find($tag: String!) { entities(filter: {offers: [$tag]}) { nodes { offers { name } } } }"
)
TAGS = "query Tags($word: String!) { tags(search: $word) { name offerCount wantCount } }"
HEADINGS = "query Headings($prefix: String!) { categories(prefix: $prefix) { nodes { id name entityCount } } }"  # noqa: E501
FILED = "query Filed($id: ID!) { entity(id: $id) { version categories { id } } }"
MEMBERS, EDITS, DEEDS = 6, 8, 15
DONE_OR_TOO_LATE = {
    *("TagPayload", "DeleteTagPayload", "TagExists", "TagNotFound", "MergeTargetNotFound"),
    *("CategoryPayload", "CategoryExists", "CategoryNotFound"),
}


class Storm:
    """Members who mark their entities, admins who curate, and visitors who search."""

    def __init__(self, desk: Desk, profiles: Profiles, word: str) -> None:
        self.desk, self.profiles, self.word = desk, profiles, word
        self.spellings = [f"{word}-{letter}" for letter in "abc"]
        self.fad = f"fad-{word}"
        self.random = Random(7)
        self.found = 0

    async def edit(self, member: Member) -> set[str]:
        """Add marks to what the member offers, and want a fad; the marks that were confirmed."""
        kept: set[str] = set()
        for number in range(EDITS):
            seen = await self.profiles.seen(member, by=member)
            mark = f"mark-{member.entity_id.hex}x{number % 8}"
            wanted = {*names(seen["offers"]), mark}
            result = await self.profiles.update(
                member, version=seen["version"], offers=sorted(wanted), wants=[self.fad]
            )
            assert result["__typename"] in {"EntityPayload", "EntityChanged"}, result
            if result["__typename"] == "EntityPayload":
                kept.add(mark)
        return kept

    async def curate(self) -> None:
        for _ in range(DEEDS):
            old, new = self.random.sample(self.spellings, 2)
            await self.do("adminRenameTag", tag=old, name=new)
            await self.do("adminMergeTags", tag=old, into=new)
            await self.do("adminCreateTag", name=self.random.choice(self.spellings))
            await self.do("adminDeleteTag", tag=self.fad)

    async def do(self, name: str, /, **input_: Any) -> None:
        result = await self.desk.do(name, **input_)
        assert result["__typename"] in DONE_OR_TOO_LATE, result

    async def decide(self, members: list[Member]) -> None:
        ids = [member.id for member in members]
        for _ in range(EDITS):
            to = self.random.choice(("ACCEPTED", "TRADING_ACCEPTED"))
            await self.desk.do("changeEntityStatuses", entityIds=ids, to=to)

    async def search(self, graphql: GraphQLClient) -> None:
        for _ in range(DEEDS):
            nodes = (await graphql(FIND, tag=self.spellings[0]))["entities"]["nodes"]
            self.found += len(nodes)
            for node in nodes:
                self.require_one_spelling(names(node["offers"]))

    def require_one_spelling(self, offered: list[str]) -> None:
        assert len([name for name in offered if name in self.spellings]) == 1, offered


async def test_storm_over_tags_loses_nothing(
    desk: Desk,
    database: Database,
    make: MakeMember,
    profiles: Profiles,
    graphql: GraphQLClient,
    word: str,
) -> None:
    storm, other = Storm(desk, profiles, word), await Desk.of(graphql, database)
    members = [await make() for _ in range(MEMBERS)]
    for member in members:
        await profiles.updated(member, offers=storm.spellings[:1])
    at_once = (storm.curate(), Storm(other, profiles, word).curate(), storm.decide(members))

    kept, *_ = await asyncio.gather(
        asyncio.gather(*map(storm.edit, members)), *at_once, storm.search(graphql)
    )

    assert storm.found
    assert any(kept)
    wanting = 0
    for member, marks in zip(members, kept, strict=True):
        seen = await profiles.seen(member)
        assert marks <= set(names(seen["offers"]))
        storm.require_one_spelling(names(seen["offers"]))
        wanting += len(seen["wants"])
    counts = {tag["name"]: tag for tag in (await graphql(TAGS, word=word))["tags"]}
    assert sum(counts[name]["offerCount"] for name in storm.spellings if name in counts) == MEMBERS
    assert (counts[storm.fad]["wantCount"] if storm.fad in counts else 0) == wanting


async def test_storm_over_categories_loses_nothing(
    desk: Desk, database: Database, make: MakeMember, graphql: GraphQLClient, word: str
) -> None:
    ids = [await desk.heading(f"{word} {letter}") for letter in "abcdef"]
    mark, random = await desk.heading(f"{word} mark"), Random(7)
    members = [await make() for _ in range(MEMBERS)]
    for member in members:
        await desk.file(member, random.choice(ids))

    async def curate(by: Desk) -> None:
        for number in range(DEEDS):
            one, other = random.sample(ids, 2)
            name = f"{word} {number % 4}"
            answers = [await by.do("adminRenameCategory", categoryId=one, name=name)]
            if number % 8 == 0:
                answers += [await by.do("adminMergeCategories", categoryId=one, into=other)]
            for answer in answers:
                assert answer["__typename"] in DONE_OR_TOO_LATE, answer

    async def file(member: Member) -> None:
        for number in range(EDITS):
            seen = (await graphql(FILED, id=member.id))["entity"]
            now = {category["id"] for category in seen["categories"]}
            wanted = now | {mark} if number % 2 else now - {mark}
            result = await desk.file(member, *wanted, version=seen["version"])
            late = {"EntityChanged", "CategoriesNotFound"}
            assert result["__typename"] in {"EntityPayload", *late}, result

    await asyncio.gather(
        *map(file, members), curate(desk), curate(await Desk.of(graphql, database))
    )

    for member in members:
        filed = (await graphql(FILED, id=member.id))["entity"]["categories"]
        assert len({category["id"] for category in filed} & set(ids)) == 1, filed
    listed = (await graphql(HEADINGS, prefix=word))["categories"]["nodes"]
    assert len(listed) < len(ids) + 1
    assert sum(each["entityCount"] for each in listed if each["id"] in ids) == MEMBERS
