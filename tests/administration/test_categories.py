"""Admins look after the headings, and file entities under them."""

from typing import Any
from uuid import uuid4

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus
from mccs_graphql.schema.ids import NOBODY, IdPrefix, encode_id
from tests.administration.desk import Desk
from tests.audit.test_trail import changes_of, entries_about, entries_of
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.profiles import Profiles, problems

NOWHERE = encode_id(IdPrefix.CATEGORY, NOBODY)
LISTED = "query Listed($slug: String) { entities(filter: {category: $slug}) { nodes { id } } }"
NODE = "query Node($id: ID!) { node(id: $id) { ... on Category { name slug } } }"


async def filed_under(graphql: GraphQLClient, slug: str) -> list[str]:
    nodes = (await graphql(LISTED, slug=slug))["entities"]["nodes"]
    return [node["id"] for node in nodes]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("?!", "NOT_A_CATEGORY"),
        (" ", "TOO_SHORT"),
        ("x" * 51, "TOO_LONG"),
        ("a\0", "BAD_CHARACTER"),
    ],
    ids=["marks", "empty", "long", "nul"],
)
async def test_name_that_says_nothing_is_refused(desk: Desk, name: str, code: str) -> None:
    created = await desk.do("adminCreateCategory", name=name)
    renamed = await desk.do(
        "adminRenameCategory", categoryId=await desk.heading(uuid4().hex), name=name
    )

    assert problems(created) == problems(renamed) == {"name": code}


@pytest.mark.parametrize(
    "id_",
    [NOWHERE, "", "cat_x", encode_id(IdPrefix.ENTITY, uuid4())],
    ids=["nowhere", "empty", "broken", "entity"],
)
@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("adminRenameCategory", {"name": "Food"}),
        ("adminMergeCategories", {"into": NOWHERE}),
        ("adminDeleteCategory", {}),
    ],
)
async def test_unknown_category_is_not_found(
    desk: Desk, name: str, more: dict[str, Any], id_: str
) -> None:
    result = await desk.do(name, categoryId=id_, **more)

    assert (result["code"], result["path"]) == ("CATEGORY_NOT_FOUND", ["categoryId"])


class TestNames:
    async def test_of_the_same_slug_are_the_same(self, desk: Desk, word: str) -> None:
        first, other = await desk.heading(f"{word} & co"), await desk.heading(uuid4().hex)

        created = await desk.do("adminCreateCategory", name=f"{word.upper()}  Co")
        renamed = await desk.do("adminRenameCategory", categoryId=other, name=f"{word}-co")

        assert created["code"] == renamed["code"] == "CATEGORY_EXISTS"
        assert created["category"] == renamed["category"] == {"id": first, "name": f"{word} & co"}

    async def test_own_slug_may_be_spelled_otherwise(self, desk: Desk, word: str) -> None:
        id_ = await desk.heading(word)

        result = await desk.do("adminRenameCategory", categoryId=id_, name=f"  {word.upper()} ")

        assert (result["category"]["name"], result["category"]["slug"]) == (word.upper(), word)


class TestRenaming:
    async def test_entities_follow_listed_or_not(
        self, desk: Desk, graphql: GraphQLClient, make: MakeMember, word: str
    ) -> None:
        ana, hidden = await make(), await make(status=EntityStatus.PENDING)
        id_ = await desk.heading(word)
        await desk.file(ana, id_)
        await desk.file(hidden, id_)

        result = await desk.do("adminRenameCategory", categoryId=id_, name=f"{word} New")

        assert result["followed"] == 2
        category = {"id": id_, "name": f"{word} New", "slug": f"{word}-new", "entityCount": 1}
        assert result["category"] == category
        assert await filed_under(graphql, f"{word}-new") == [ana.id]
        assert await filed_under(graphql, word) == []


class TestMerging:
    async def test_with_itself_is_refused(self, desk: Desk, word: str) -> None:
        id_ = await desk.heading(word)

        result = await desk.do("adminMergeCategories", categoryId=id_, into=id_)

        assert result["code"] == "MERGE_WITH_ITSELF"

    async def test_into_what_is_not_there_is_refused(
        self, desk: Desk, graphql: GraphQLClient, word: str
    ) -> None:
        id_ = await desk.heading(word)

        result = await desk.do("adminMergeCategories", categoryId=id_, into=NOWHERE)

        assert (result["code"], result["path"]) == ("MERGE_TARGET_NOT_FOUND", ["into"])
        assert (await graphql(NODE, id=id_))["node"]["name"] == word

    async def test_what_is_filed_under_both_is_filed_once(
        self,
        desk: Desk,
        graphql: GraphQLClient,
        profiles: Profiles,
        make: MakeMember,
        word: str,
    ) -> None:
        ana, ben, cy = await make(), await make(), await make()
        gone, kept = await desk.heading(f"{word} a"), await desk.heading(f"{word} b")
        await desk.file(ana, gone)
        await desk.file(ben, gone, kept)
        await desk.file(cy, kept)

        result = await desk.do("adminMergeCategories", categoryId=gone, into=kept)

        assert (result["followed"], result["category"]["entityCount"]) == (2, 3)
        assert sorted(await filed_under(graphql, f"{word}-b")) == sorted((ana.id, ben.id, cy.id))
        assert (await graphql(NODE, id=gone))["node"] is None
        versions = [(await profiles.seen(member))["version"] for member in (ana, ben, cy)]
        assert versions == [3, 3, 2]


class TestDeleting:
    async def test_nothing_is_filed_under_it_any_more(
        self, desk: Desk, graphql: GraphQLClient, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana, id_ = await make(), await desk.heading(word)
        await desk.file(ana, id_)

        result = await desk.do("adminDeleteCategory", categoryId=id_)

        assert (result["categoryId"], result["name"], result["followed"]) == (id_, word, 1)
        assert (await graphql(NODE, id=id_))["node"] is None
        assert (await profiles.seen(ana))["version"] == 3

    async def test_trail_says_what_it_was(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        id_ = await desk.heading(word)
        await desk.file(await make(), id_)

        await desk.do("adminDeleteCategory", categoryId=id_, reason="Empty.")

        (entry,) = [
            entry
            for entry in await entries_of(database, "adminDeleteCategory")
            if entry.actor_id == desk.admin.user_id
        ]
        (change,) = changes_of(entry)
        assert (change["record"], change["what"]) == ("Category", "DELETED")
        assert change["fields"] == {"name": [word, None], "entities": [1, 0]}


class TestAssigning:
    @pytest.fixture
    async def ana(self, make: MakeMember) -> Member:
        return await make()

    async def test_more_than_an_entity_may_have_are_refused(self, desk: Desk, ana: Member) -> None:
        ids = [encode_id(IdPrefix.CATEGORY, uuid4()) for _ in range(21)]

        assert problems(await desk.file(ana, *ids)) == {"categoryIds": "TOO_MANY"}

    async def test_other_version_is_refused(self, desk: Desk, ana: Member, word: str) -> None:
        id_ = await desk.heading(word)
        await desk.file(ana, id_)

        result = await desk.file(ana, version=1)

        assert (result["code"], result["changed"]) == ("ENTITY_CHANGED", ["categories"])

    async def test_unknown_entity_is_not_found(self, desk: Desk) -> None:
        nobody = {"entityId": encode_id(IdPrefix.ENTITY, NOBODY), "expectedVersion": 1}

        result = await desk.do("adminAssignCategories", **nobody, categoryIds=[])

        assert result["code"] == "ENTITY_NOT_FOUND"

    async def test_one_that_is_not_there_keeps_all_from_it(
        self, desk: Desk, profiles: Profiles, ana: Member, word: str
    ) -> None:
        id_ = await desk.heading(word)

        result = await desk.file(ana, id_, NOWHERE, id_, "nonsense")

        assert (result["code"], result["places"]) == ("CATEGORIES_NOT_FOUND", [1, 3])
        assert (await profiles.seen(ana))["version"] == 1

    async def test_whole_set_is_replaced(
        self, desk: Desk, graphql: GraphQLClient, ana: Member, word: str
    ) -> None:
        a, b, c = [await desk.heading(f"{word} {letter}") for letter in "abc"]
        await desk.file(ana, a, b, a)

        result = await desk.file(ana, c, b, version=2)

        assert [each["id"] for each in result["entity"]["categories"]] == [b, c]
        assert result["entity"]["version"] == 3
        assert await filed_under(graphql, f"{word}-a") == []
        assert await filed_under(graphql, f"{word}-c") == [ana.id]

    async def test_same_set_changes_nothing(self, desk: Desk, ana: Member, word: str) -> None:
        id_ = await desk.heading(word)
        await desk.file(ana, id_)

        assert (await desk.file(ana, id_, version=2))["entity"]["version"] == 2

    async def test_none_leaves_it_without(self, desk: Desk, ana: Member, word: str) -> None:
        await desk.file(ana, await desk.heading(word))

        assert (await desk.file(ana, version=2))["entity"]["categories"] == []

    async def test_trail_says_from_which_to_which(
        self, desk: Desk, database: Database, ana: Member, word: str
    ) -> None:
        id_ = await desk.heading(word)

        await desk.file(ana, id_)

        (entry,) = await entries_about(database, ana)
        (change,) = changes_of(entry)
        assert (change["record"], change["fields"]) == (
            "Entity",
            {"categories": [[], [word]], "version": [1, 2]},
        )
