"""Looking for entities by what they offer, want, and say of themselves."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, EntityTag
from mccs_graphql.db.models.entity import LISTED
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.profiles import Profiles

SEARCH = """
query Search(
  $filter: EntityFilterInput, $orderBy: EntityOrder! = RELEVANCE
  $first: Int, $after: String, $last: Int, $before: String
) {
  entities(
    filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before
  ) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { node { id name } matches { tag kind quality } }
  }
}"""
DETAILS = """
query Details($filter: EntityFilterInput, $first: Int, $of: ID!) {
  entities(filter: $filter, first: $first) {
    edges {
      matches { tag }
      node { offers { name offerCount } wants { name } categories { name } isFavorite(of: $of) }
    }
  }
}"""
HIDDEN = [status for status in EntityStatus if status not in LISTED]


@pytest.fixture
def word() -> str:
    """A word that nobody else uses."""
    return "q" + uuid4().hex.translate(str.maketrans("0123456789", "ghijklmnop"))[:14]


class Searching:
    """What the tests look for."""

    def __init__(self, graphql: GraphQLClient) -> None:
        self.graphql = graphql

    async def __call__(self, *, by: Member | None = None, **wanted: Any) -> dict[str, Any]:
        """A page; arguments of the page and of the filter side by side."""
        paged = {"orderBy", "first", "after", "last", "before"}
        arguments = {name: value for name, value in wanted.items() if name in paged}
        filter_ = {name: value for name, value in wanted.items() if name not in paged}
        data = await self.graphql(SEARCH, by=by, filter=filter_, **arguments)
        found: dict[str, Any] = data["entities"]
        return found

    async def names(self, *, by: Member | None = None, **wanted: Any) -> list[str]:
        return names(await self(by=by, **wanted))

    async def code(self, *, by: Member | None = None, **wanted: Any) -> str:
        first = {"first": wanted.pop("first")} if "first" in wanted else {}
        return await self.graphql.code(SEARCH, by=by, filter=wanted, **first)


@pytest.fixture
def search(graphql: GraphQLClient) -> Searching:
    return Searching(graphql)


def names(found: dict[str, Any]) -> list[str]:
    return [edge["node"]["name"] for edge in found["edges"]]


class TestRefusals:
    @pytest.mark.parametrize("kind", ["offers", "wants"])
    @pytest.mark.parametrize(
        "phrases",
        [[], [""], ["bread", " "], ["--"], ["x" * 5000], ["bread"] * 11, ["bre\0ad"]],
        ids=["none", "empty", "one-empty", "dashes", "long", "eleven", "nul"],
    )
    async def test_phrases_that_cannot_be_looked_for(
        self, search: Searching, kind: str, phrases: list[str]
    ) -> None:
        wanted: dict[str, Any] = {kind: phrases}
        assert await search.code(**wanted) == "BAD_USER_INPUT"

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "   ",
            "!?",
            "x" * 201,
            " ".join(f"w{n}" for n in range(200)),
            "a b c d e f g h i j k",
        ],
        ids=["empty", "blank", "signs", "long", "200-words", "11-words"],
    )
    async def test_text_that_cannot_be_looked_for(self, search: Searching, text: str) -> None:
        assert await search.code(text=text) == "BAD_USER_INPUT"

    @pytest.mark.parametrize("field", ["category", "city", "region", "country", "namePrefix"])
    async def test_place_longer_than_any(self, search: Searching, field: str) -> None:
        wanted: dict[str, Any] = {field: "x" * 101}
        assert await search.code(**wanted) == "BAD_USER_INPUT"

    async def test_message_says_which_input_it_is_about(self, graphql: GraphQLClient) -> None:
        answer = await graphql.send(SEARCH, filter={"offers": ["bread", "!"]})
        assert answer["errors"][0]["message"].startswith("offers.1: ")

    async def test_tagged_since_needs_tags(self, search: Searching) -> None:
        moment = datetime.now(UTC).isoformat()
        assert await search.code(taggedSince=moment, text="bread") == "BAD_USER_INPUT"

    @pytest.mark.parametrize("first", [0, -1, 101])
    async def test_size_of_no_page(self, search: Searching, first: int) -> None:
        assert await search.code(first=first, offers=["bread"]) == "BAD_USER_INPUT"

    async def test_favorites_need_to_say_whose(self, search: Searching, make: MakeMember) -> None:
        ana = await make()
        assert await search.code(by=ana, favoritesOnly=True) == "BAD_USER_INPUT"

    async def test_favorites_are_nobody_elses_business(
        self, search: Searching, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        wanted: dict[str, Any] = {"favoritesOnly": True, "actingFor": ana.id}
        assert await search.code(by=ben, **wanted) == "FORBIDDEN"
        assert await search.code(by=None, **wanted) == "UNAUTHENTICATED"

    @pytest.mark.parametrize(
        "other",
        [{"offers": ["cake"]}, {"wants": ["bread"]}, {"offers": ["bread"], "orderBy": "NAME"}],
        ids=["phrase", "kind", "order"],
    )
    async def test_cursor_of_another_search(
        self, search: Searching, graphql: GraphQLClient, make: MakeMember, profiles: Profiles,
        other: dict[str, Any],
    ) -> None:  # fmt: skip
        await profiles.updated(await make(), offers=["bread"])
        cursor = (await search(offers=["bread"], first=1))["pageInfo"]["endCursor"]
        order = {"orderBy": other.pop("orderBy")} if "orderBy" in other else {}

        code = await graphql.code(SEARCH, filter=other, after=cursor, **order)

        assert code == "BAD_USER_INPUT"

    async def test_cursor_with_any_letter_changed(
        self, search: Searching, graphql: GraphQLClient, make: MakeMember, profiles: Profiles
    ) -> None:
        await profiles.updated(await make(), offers=["bread"])
        cursor = (await search(offers=["bread"], first=1))["pageInfo"]["endCursor"]

        for place in range(0, len(cursor), 7):
            letter = "A" if cursor[place] != "A" else "B"
            forged = cursor[:place] + letter + cursor[place + 1 :]
            code = await graphql.code(SEARCH, filter={"offers": ["bread"]}, after=forged)
            assert code == "BAD_USER_INPUT"


class TestTags:
    async def test_promised_order_exact_then_inside_then_slip(
        self, search: Searching, make: MakeMember, profiles: Profiles
    ) -> None:
        for tag in ("vegetalbes", "organic-vegetables", "vegetables"):
            await profiles.updated(await make(), offers=[tag])

        found = await search(offers=["vegetables"])

        matches = [edge["matches"][0] for edge in found["edges"]]
        ordered = list(dict.fromkeys((match["tag"], match["quality"]) for match in matches))
        assert ordered == [
            ("vegetables", "EXACT"),
            ("organic-vegetables", "INSIDE"),
            ("vegetalbes", "SIMILAR"),
        ]
        assert {match["kind"] for match in matches} == {"OFFER"}

    async def test_wants_are_not_offers(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        ana = await make()
        await profiles.updated(ana, wants=[word])
        assert await search.names(offers=[word]) == []
        assert await search.names(wants=[word]) == [ana.name]

    async def test_one_phrase_is_enough_and_those_with_all_come_first(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        one, other = f"{word}-red", f"{word}-blue"
        await profiles.updated(await make(entity_name="A"), offers=[one])
        await profiles.updated(await make(entity_name="B"), offers=[other])
        await profiles.updated(await make(entity_name="Z"), offers=[one, other])

        assert await search.names(offers=[one, other]) == ["Z", "A", "B"]

    async def test_offers_and_wants_both_have_to_hold(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        ana, ben = await make(), await make()
        await profiles.updated(ana, offers=[word], wants=["bread"])
        await profiles.updated(ben, offers=[word])

        assert await search.names(offers=[word], wants=["bread"]) == [ana.name]
        assert await search.names(offers=[word], wants=["nobodyneedsthis"]) == []

    async def test_each_entity_comes_once_at_its_best_tag(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        ana, ben = await make(entity_name="Z"), await make(entity_name="A")
        await profiles.updated(ana, offers=[word, f"organic-{word}"])
        await profiles.updated(ben, offers=[f"organic-{word}"])

        found = await search(offers=[word])

        assert names(found) == ["Z", "A"]
        qualities = [match["quality"] for match in found["edges"][0]["matches"]]
        assert qualities == ["EXACT", "INSIDE"]

    async def test_tagged_since_is_about_the_tag_that_was_found(
        self, search: Searching, make: MakeMember, profiles: Profiles, database: Database, word: str
    ) -> None:
        ana, ben = await make(), await make()
        for member in (ana, ben):
            await profiles.updated(member, offers=[word, "bread"])
        week = timedelta(days=7)
        async with database.writing() as session:
            await session.execute(
                update(EntityTag)
                .where(EntityTag.entity_id == ana.entity_id)
                .values(created_at=datetime.now(UTC) - week)
            )
        lately = (datetime.now(UTC) - week / 2).isoformat()

        assert await search.names(offers=[word], taggedSince=lately) == [ben.name]
        both = await search(offers=[word], taggedSince=lately, orderBy="NAME")
        assert (names(both), both["totalCount"]) == ([ben.name], 1)

    @pytest.mark.parametrize("status", HIDDEN)
    async def test_unlisted_are_not_found(
        self,
        search: Searching,
        make: MakeMember,
        profiles: Profiles,
        status: EntityStatus,
        word: str,
    ) -> None:
        hidden = await make(status=status, entity_name=word)
        await profiles.updated(hidden, offers=[word])
        ways: list[dict[str, Any]] = [{"offers": [word]}, {"text": word}, {"namePrefix": word}]
        for wanted in ways:
            assert await search.names(by=hidden, **wanted) == []


class TestText:
    async def test_every_word_counts_and_names_come_first(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        in_text = await make(entity_name="A")
        await profiles.updated(in_text, description=f"All about {word}, with cheese.")
        in_name = await make(entity_name=f"Z {word} and cheese")
        await make(entity_name=f"B {word}")

        found = await search(text=f"Cheese {word}")

        assert names(found) == [in_name.name, in_text.name]
        assert [m["kind"] for edge in found["edges"] for m in edge["matches"]] == [
            *["NAME"] * 2,
            *["DESCRIPTION"] * 2,
        ]

    async def test_better_words_come_first(
        self, search: Searching, make: MakeMember, word: str
    ) -> None:
        slip = word[:6] + word[7:]
        for name in (f"A {slip}", f"B {word}ish", f"C {word}"):
            await make(entity_name=name)

        found = await search(text=word)

        assert names(found) == [f"C {word}", f"B {word}ish", f"A {slip}"]

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            ("Café Émile", "cafe emile"),
            ("Straßenbäckerei", "STRASSENBACKEREI"),
            ("木工 Studio", "木工"),
            ("Ёлка", "елка"),
            ("Pete\N{RIGHT SINGLE QUOTATION MARK}s", "petes"),
        ],
    )
    async def test_spelling_does_not_count(
        self, search: Searching, make: MakeMember, word: str, name: str, typed: str
    ) -> None:
        await make(entity_name=f"{name} {word}")
        assert await search.names(text=f"{typed} {word}") == [f"{name} {word}"]

    async def test_follows_the_profile_at_once(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        ana = await make(entity_name=f"Old {word}")
        await profiles.updated(ana, name=f"New {word}", offers=[word])
        assert await search.names(text=f"old {word}") == []
        assert await search.names(text=f"new {word}") == [f"New {word}"]
        assert await search.names(offers=[word]) == [f"New {word}"]


class TestPlaces:
    async def test_place_is_the_whole_name_in_any_spelling(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        ana = await make()
        await profiles.updated(ana, city=f"São {word}", region="Norte", country="Brasil")
        assert await search.names(city=f"sao {word.upper()}", country="brasil") == [ana.name]
        assert await search.names(city=f"sao {word}", region="Sul") == []
        assert await search.names(city="sao") == []


class TestOrders:
    async def test_names_sort_as_people_expect(
        self, search: Searching, make: MakeMember, word: str
    ) -> None:
        expected = ["2 towers", "10b", "école", "Éden", "Edgar", "Łódź", "shop 9", "Shop 10", "zoo"]
        for name in reversed(expected):
            await make(entity_name=f"{word} {name}")
        found = await search.names(namePrefix=word)
        assert [name.removeprefix(f"{word} ") for name in found] == expected

    async def test_newest_come_first(self, search: Searching, make: MakeMember, word: str) -> None:
        for name in "BCA":
            await make(entity_name=f"{name} {word}")
        assert await search.names(text=word, orderBy="NEWEST") == [f"{n} {word}" for n in "ACB"]

    @pytest.mark.parametrize("order", ["RELEVANCE", "NAME", "NEWEST"])
    @pytest.mark.parametrize("kind", ["offers", "text", "namePrefix"])
    async def test_pages_hold_each_once_both_ways(
        self,
        search: Searching,
        make: MakeMember,
        profiles: Profiles,
        word: str,
        order: str,
        kind: str,
    ) -> None:
        tags = [word, f"{word}-s", f"best-{word}", word[:-1]]
        for number in range(9):
            member = await make(entity_name=f"{word} {number % 4}")
            await profiles.updated(member, offers=[tags[number % 4], tags[number % 3]])
        wanted: dict[str, Any] = {kind: [word] if kind == "offers" else word, "orderBy": order}

        forward = await walk(search, wanted)
        backward = await walk(search, wanted, backward=True)

        assert len(set(forward)) == 9
        assert forward == backward


async def walk(search: Searching, wanted: dict[str, Any], *, backward: bool = False) -> list[str]:
    """The ids on all pages of two, in reading order."""
    size, edge, at, more = ("last", "before", "startCursor", "hasPreviousPage") if backward else (
        "first", "after", "endCursor", "hasNextPage"
    )  # fmt: skip
    pages: list[list[str]] = []
    cursor = None
    while True:
        page: dict[str, Any] = {size: 2} | ({edge: cursor} if cursor else {})
        found = await search(**wanted, **page)
        pages.append([one["node"]["id"] for one in found["edges"]])
        if not found["pageInfo"][more]:
            break
        cursor = found["pageInfo"][at]
    return [id_ for page in (pages[::-1] if backward else pages) for id_ in page]


class TestStability:
    async def test_page_stays_while_tags_and_entities_come_and_go(
        self, search: Searching, make: MakeMember, profiles: Profiles, word: str
    ) -> None:
        members = [await make(entity_name=name) for name in "ABCD"]
        for member in members[:2]:
            await profiles.updated(member, offers=[word])
        for member in members[2:]:
            await profiles.updated(member, offers=[f"big-{word}"])
        cursor = (await search(offers=[word], first=2))["pageInfo"]["endCursor"]

        # A tag whose rank is between the two, and the tag of the cursor is carried by nobody more.
        await profiles.updated(await make(entity_name="E"), offers=[f"{word}-x"])
        await profiles.updated(members[1], version=2, offers=[])

        assert await search.names(offers=[word], after=cursor) == ["E", "C", "D"]


class TestCost:
    async def test_details_cost_the_same_for_one_and_for_a_hundred(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        profiles: Profiles,
        database: Database,
        counting: AbstractContextManager[list[str]],
        word: str,
    ) -> None:
        ana = await make()
        await profiles.updated(ana, offers=[word, "bread"], wants=["cheese"])
        others = [await make() for _ in range(99)]
        async with database.writing() as session:
            carried = select(EntityTag.kind, EntityTag.tag_id).where(
                EntityTag.entity_id == ana.entity_id
            )
            await session.execute(
                insert(EntityTag),
                [
                    {"entity_id": other.entity_id, "kind": kind, "tag_id": tag_id}
                    for kind, tag_id in (await session.execute(carried)).all()
                    for other in others
                ],
            )
        variables = {"filter": {"offers": [word]}, "of": ana.id}
        await graphql(DETAILS, by=ana, first=1, **variables)
        with counting as seen:
            await graphql(DETAILS, by=ana, first=1, **variables)
            for_one = len(seen)
            found = await graphql(DETAILS, by=ana, first=100, **variables)
        assert len(found["entities"]["edges"]) == 100
        assert len(seen) - for_one == for_one == 7

    async def test_phrases_are_looked_up_in_one_statement_however_many(
        self, search: Searching, counting: AbstractContextManager[list[str]]
    ) -> None:
        with counting as seen:
            await search(offers=["bread", "cheese", "wine", "beer"], wants=["bread", "milk"])
        assert len([statement for statement in seen if "JOIN tags AS alike" in statement]) == 1


class TestFavorites:
    async def test_favorites_only(
        self, search: Searching, graphql: GraphQLClient, make: MakeMember, word: str
    ) -> None:
        ana, ben, cleo = [await make(entity_name=f"{name} {word}") for name in "ABC"]
        await graphql(
            "mutation Keep($input: SetFavoriteInput!) { setFavorite(input: $input) "
            "{ __typename } }",
            by=ana,
            input={"actingFor": ana.id, "entityId": cleo.id, "favorite": True},
        )
        wanted: dict[str, Any] = {"favoritesOnly": True, "actingFor": ana.id}
        assert await search.names(by=ana, **wanted) == [cleo.name]
        assert await search.names(by=ana, text=word, **wanted) == [cleo.name]
        assert await search.names(by=ana, text=ben.name, **wanted) == []
