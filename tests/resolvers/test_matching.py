"""Who wants what an entity offers, and offers what it wants."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity, EntityStatus
from mccs_graphql.schema.ids import decode_id
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.listings import carry

PAGE = """
  edges { cursor mutual node { id name } reasons { kind own tag quality } }
  nodes { name }
  pageInfo { hasNextPage hasPreviousPage }
"""
MATCHES = f"""
query Matches($id: ID!, $since: DateTime, $first: Int, $after: String, $last: Int, $before: String)
{{
  entity(id: $id) {{
    matches(since: $since, first: $first, after: $after, last: $last, before: $before) {{ {PAGE} }}
  }}
}}"""
SINCE_LOGIN = f"""
query SinceLogin($id: ID!, $first: Int, $after: String) {{
  viewer {{ previousLogInAt }}
  entity(id: $id) {{ matchesSinceLastLogin(first: $first, after: $after) {{ {PAGE} }} }}
}}"""
PAGE_READ = 7
"""Who asks; the entity; its tags with all that match them; mutual matches; those of the first tag,
and of the others; the tags of those on the page."""


@pytest.fixture
def word() -> str:
    """A word that no other test uses."""
    return f"w{uuid4().hex[:12]}"


async def matches(graphql: GraphQLClient, of: Member, **how: Any) -> list[dict[str, Any]]:
    """The edges of a page."""
    data = await graphql(MATCHES, by=of, id=of.id, **how)
    edges: list[dict[str, Any]] = data["entity"]["matches"]["edges"]
    return edges


async def names(graphql: GraphQLClient, of: Member, **how: Any) -> list[str]:
    return [edge["node"]["name"] for edge in await matches(graphql, of, **how)]


class TestWhoSees:
    async def test_strangers_see_no_matches(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, eve = await make(), await make()
        await carry(database, ana, offers=[word])
        await carry(database, eve, wants=[word])

        for viewer in (eve, None):
            data = await graphql(MATCHES, by=viewer, id=ana.id)
            assert data["entity"] == {"matches": None}

    async def test_cursor_of_another_entity_or_moment_is_refused(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, ben = await make(), await make()
        await carry(database, ana, offers=[word])
        await carry(database, ben, wants=[word])
        (edge,) = await matches(graphql, ana)

        since = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
        for member, more in ((ben, {}), (ana, {"since": since})):
            code = await graphql.code(
                MATCHES, by=member, id=member.id, first=1, after=edge["cursor"], **more
            )
            assert code == "BAD_USER_INPUT"

    async def test_unlisted_entities_and_oneself_are_no_match(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, eve = await make(), await make(status=EntityStatus.PENDING)
        await carry(database, ana, offers=[word], wants=[word])
        await carry(database, eve, offers=[word], wants=[word])

        assert await matches(graphql, ana) == []

    async def test_who_offers_the_same_is_no_match(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, ben = await make(), await make()
        await carry(database, ana, offers=[word])
        await carry(database, ben, offers=[word])

        assert await matches(graphql, ana) == []

    async def test_entity_without_tags_has_no_match(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        assert await matches(graphql, await make()) == []


class TestOrder:
    async def test_mutual_ones_come_first_then_exact_tags_then_kin(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word, f"b{word}"], wants=[f"a{word}"])
        for name, offers, wants in (
            ("kin", [], [f"dark-{word}"]),
            ("exact, B", [], [word]),
            ("exact, A", [], [word]),
            ("wanted", [f"a{word}"], []),
            ("mutual, by kin", [f"new-a{word}"], [f"b{word}s"]),
            ("mutual", [f"a{word}"], [f"dark-{word}"]),
        ):
            await carry(database, await make(entity_name=name), offers=offers, wants=wants)

        found = await matches(graphql, ana)

        assert [(edge["node"]["name"], edge["mutual"]) for edge in found] == [
            ("mutual", True),
            ("mutual, by kin", True),
            ("wanted", False),
            ("exact, A", False),
            ("exact, B", False),
            ("kin", False),
        ]

    async def test_reasons_name_both_tags_the_best_first(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, ben = await make(), await make()
        await carry(database, ana, offers=[word], wants=[f"a{word}"])
        await carry(database, ben, offers=[f"a{word}", uuid4().hex], wants=[f"dark-{word}", word])

        (edge,) = await matches(graphql, ana)

        assert edge["reasons"] == [
            reason("OFFER", f"a{word}", f"a{word}", "EXACT"),
            reason("WANT", word, word, "EXACT"),
            reason("WANT", word, f"dark-{word}", "INSIDE"),
        ]

    async def test_pages_in_both_directions_give_each_once(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word], wants=[f"a{word}"])
        for number in range(9):
            wants = [word, f"dark-{word}"][number % 2 :]
            offers = [f"a{word}"] if number % 3 else []
            await carry(database, await make(), offers=offers, wants=wants)

        whole = await names(graphql, ana, first=100)
        forwards, backwards = [], []
        after = before = None
        while page := await matches(graphql, ana, first=2, after=after):
            forwards += [edge["node"]["name"] for edge in page]
            after = page[-1]["cursor"]
        while page := await matches(graphql, ana, last=2, before=before):
            backwards += [edge["node"]["name"] for edge in reversed(page)]
            before = page[0]["cursor"]

        assert len(set(whole)) == 9
        assert forwards == whole
        assert backwards == whole[::-1]

    async def test_cursor_stays_good_when_other_tags_come_and_go(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word, f"z{word}"])
        for name, want in (("one", word), ("two", word), ("three", f"z{word}")):
            await carry(database, await make(entity_name=name), wants=[want])
        (first,) = await matches(graphql, ana, first=1)

        await carry(database, ana, offers=[f"a{word}", f"z{word}", word], wants=[uuid4().hex])
        rest = await names(graphql, ana, first=10, after=first["cursor"])

        assert (first["node"]["name"], rest) == ("one", ["two", "three"])


class TestSince:
    async def test_match_is_new_if_either_side_is(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, old, new, both = [await make() for _ in range(4)]
        await carry(database, ana, offers=[word])
        await carry(database, old, wants=[word])
        await carry(database, both, wants=[f"a{word}"])
        since = datetime.now(UTC).isoformat()
        await carry(database, new, wants=[word])
        await carry(database, ana, offers=[word, f"a{word}"])

        found = await matches(graphql, ana, since=since)

        assert {edge["node"]["id"] for edge in found} == {new.id, both.id}
        assert [edge["reasons"] for edge in found] == [
            [reason("WANT", f"a{word}", f"a{word}", "EXACT")],
            [reason("WANT", word, word, "EXACT")],
        ]
        assert old.name in await names(graphql, ana)

    async def test_only_new_reasons_count(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        ana, ben = await make(), await make()
        await carry(database, ana, offers=[word], wants=[f"a{word}"])
        await carry(database, ben, wants=[word])
        since = datetime.now(UTC).isoformat()
        await carry(database, ben, wants=[word], offers=[f"a{word}"])

        (edge,) = await matches(graphql, ana, since=since)
        (whole,) = await matches(graphql, ana)

        assert (edge["mutual"], whole["mutual"]) == (False, True)
        assert edge["reasons"] == [reason("OFFER", f"a{word}", f"a{word}", "EXACT")]

    async def test_they_are_null_unless_the_entity_wishes_them(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make()

        data = await graphql(SINCE_LOGIN, by=ana, id=ana.id)

        assert data["entity"] == {"matchesSinceLastLogin": None}

    async def test_strangers_do_not_see_those_since_the_log_in(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana, eve = await make(), await make()
        await wish(database, ana)

        data = await graphql(SINCE_LOGIN, by=eve, id=ana.id)

        assert data["entity"] == {"matchesSinceLastLogin": None}

    async def test_they_are_those_since_the_previous_log_in(
        self, graphql: GraphQLClient, make: MakeMember, database: Database, word: str
    ) -> None:
        account = {"email": f"{word}@example.com", "password": "correct-horse-9"}
        ana = await sign_up(graphql, account)
        await wish(database, ana)
        await carry(database, ana, offers=[word])
        await carry(database, await make(entity_name="before"), wants=[word])
        first = await since_log_in(graphql, ana)

        await log_in(graphql, account)
        await carry(database, await make(entity_name="between"), wants=[word])
        latest = await log_in(graphql, account)
        await carry(database, await make(entity_name="after"), wants=[word])
        second = await since_log_in(graphql, ana)

        assert first == (None, ["before"])
        assert second == (latest["previousLogInAt"], ["after", "between"])
        assert latest["previousLogInAt"] is not None


class TestCost:
    @pytest.mark.parametrize("number", [1, 50])
    async def test_page_costs_the_same_for_one_and_for_many(
        self,
        graphql: GraphQLClient,
        make: MakeMember,
        database: Database,
        counting: AbstractContextManager[list[str]],
        word: str,
        number: int,
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word], wants=[f"a{word}"])
        for place in range(number):
            await carry(
                database, await make(), offers=[f"a{word}"] * (place % 2), wants=[f"dark-{word}"]
            )

        with counting as statements:
            found = await matches(graphql, ana, first=100)

        assert len(found) == number
        assert len(statements) == PAGE_READ, statements


def reason(kind: str, own: str, tag: str, quality: str) -> dict[str, str]:
    return {"kind": kind, "own": own, "tag": tag, "quality": quality}


async def wish(database: Database, member: Member) -> None:
    """The entity wishes to be shown what is new since the last log-in."""
    async with database.writing() as session:
        await session.execute(
            update(Entity)
            .where(Entity.id == member.entity_id)
            .values(show_tags_matched_since_last_login=True)
        )


async def sign_up(graphql: GraphQLClient, account: dict[str, str]) -> Member:
    """A member as the application itself makes one."""
    data = await graphql(
        "mutation SignUp($input: SignUpInput!) { signUp(input: $input) {"
        " ... on SignUpPayload { token user { previousLogInAt } entity { id name } } } }",
        input=account | {"entityName": "The Bakery"},
    )
    payload = data["signUp"]
    assert payload["user"] == {"previousLogInAt": None}
    entity_id = decode_id(payload["entity"]["id"])
    assert entity_id is not None
    return Member(
        token=payload["token"],
        refresh_token="",
        session_id=entity_id[1],
        user_id=entity_id[1],
        entity_id=entity_id[1],
        account_number="",
        email=account["email"],
        name="The Bakery",
    )


async def log_in(graphql: GraphQLClient, account: dict[str, str]) -> dict[str, Any]:
    """The user as the log-in shows it."""
    data = await graphql(
        "mutation LogIn($input: LogInInput!) { logIn(input: $input) {"
        " ... on LogInPayload { user { previousLogInAt } } } }",
        input=account,
    )
    user: dict[str, Any] = data["logIn"]["user"]
    return user


async def since_log_in(graphql: GraphQLClient, of: Member) -> tuple[str | None, list[str]]:
    """The previous log-in, and the names of the entities that match since then."""
    data = await graphql(SINCE_LOGIN, by=of, id=of.id)
    nodes = data["entity"]["matchesSinceLastLogin"]["nodes"]
    return data["viewer"]["previousLogInAt"], [node["name"] for node in nodes]
