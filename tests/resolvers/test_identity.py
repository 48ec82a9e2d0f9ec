"""Joining, logging in and out, and who a token belongs to."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity
from tests.clients import GraphQLClient, Live, new_key
from tests.documents import PROPOSE
from tests.factories import MakeMember, Member

PASSWORD = "correct-horse-9"
SIGN_UP = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpPayload {
      token expiresAt refreshToken refreshExpiresAt
      user { email firstName entities { id } }
      entity { id name status account { accountNumber balance maxNegativeBalance } }
    }
    ... on UserError { code path }
    ... on InvalidInput { problems { path code } }
  }
}"""
LOG_IN = """
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    __typename
    ... on LogInPayload { token expiresAt refreshToken user { email } }
    ... on UserError { code path message }
    ... on InvalidInput { problems { path code } }
  }
}"""
LOG_OUT = "mutation { logOut { loggedOut } }"
VIEWER = "{ viewer { id email entities { id name } } }"
LISTEN = """
subscription Listen($id: ID!) {
  transferEvents(entityId: $id) { __typename ... on LogMessage { cursor } }
}"""


def new_email() -> str:
    return f"{uuid4().hex}@example.com"


def applicant(**wishes: str) -> dict[str, str]:
    """Somebody whom nothing keeps from joining."""
    return {"email": new_email(), "password": PASSWORD, "entityName": "The Bakery"} | wishes


async def signed_up(graphql: GraphQLClient, **wishes: str) -> dict[str, Any]:
    result: dict[str, Any] = (await graphql(SIGN_UP, input=applicant(**wishes)))["signUp"]
    return result


async def logged_in(graphql: GraphQLClient, email: str, password: str) -> dict[str, Any]:
    data = await graphql(LOG_IN, input={"email": email, "password": password})
    result: dict[str, Any] = data["logIn"]
    return result


async def entities_called(database: Database, name: str) -> int:
    async with database.reading() as session:
        found = await session.scalars(select(Entity.id).where(Entity.name == name))
        return len(found.all())


class TestSignUp:
    async def test_everything_that_is_wrong_is_said_at_once(self, graphql: GraphQLClient) -> None:
        result = await signed_up(
            graphql,
            email="nobody",
            password="short",
            entityName=" ",
            firstName="x" * 101,
            description="half\0",
            city="y" * 51,
        )

        assert result["code"] == "INVALID_INPUT"
        assert {(*problem["path"], problem["code"]) for problem in result["problems"]} == {
            ("email", "NOT_AN_EMAIL_ADDRESS"),
            ("password", "TOO_SHORT"),
            ("password", "TOO_SIMPLE"),
            ("entityName", "TOO_SHORT"),
            ("firstName", "TOO_LONG"),
            ("description", "BAD_CHARACTER"),
            ("city", "TOO_LONG"),
        }

    @pytest.mark.parametrize(
        "password", ["nodigits-here", "n0marksinhere", "12345678-", "a1-", "a1-" * 34]
    )
    async def test_weak_or_endless_password_is_refused(
        self, graphql: GraphQLClient, password: str
    ) -> None:
        result = await signed_up(graphql, password=password)
        assert {tuple(problem["path"]) for problem in result["problems"]} == {("password",)}

    @pytest.mark.parametrize(
        "email",
        [
            *("", "x", "@", "a@", "@b.com", "a b@example.com", "a@b@example.com", "a@example"),
            *("a@example.com\n", "a@example.com\0", "a@[127.0.0.1]", "x" * 90 + "@example.com"),
            *(
                "a\N{FULLWIDTH COMMERCIAL AT}example.com",
                "a@exa\u202emple.com",
                "क़" * 48 + "@example.com",
            ),
            "a@" + ".".join(["㍿" * 12] * 5) + ".example.com",
        ],
    )
    async def test_what_is_no_address_or_too_long_is_refused(
        self, graphql: GraphQLClient, email: str
    ) -> None:
        result = await signed_up(graphql, email=email)
        assert {tuple(problem["path"]) for problem in result["problems"]} == {("email",)}

    async def test_address_is_taken_whatever_its_letters(
        self, graphql: GraphQLClient, database: Database
    ) -> None:
        email, second = new_email(), uuid4().hex
        await signed_up(graphql, email=email)

        result = await signed_up(graphql, email=email.upper(), entityName=second)

        assert (result["code"], result["path"]) == ("EMAIL_TAKEN", ["email"])
        assert await entities_called(database, second) == 0

    async def test_one_of_many_at_the_same_moment_wins(
        self, graphql: GraphQLClient, database: Database
    ) -> None:
        email, name = new_email(), uuid4().hex
        local, _, domain = email.partition("@")
        spellings = (email, f"{local.upper()}@{domain}", f"{local.title()}@{domain}") * 2

        results = await asyncio.gather(
            *(signed_up(graphql, email=spelling, entityName=name) for spelling in spellings)
        )

        assert sorted(result["__typename"] for result in results) == [
            *["EmailTaken"] * 5,
            "SignUpPayload",
        ]
        assert await entities_called(database, name) == 1

    async def test_user_entity_and_account_come_together(self, graphql: GraphQLClient) -> None:
        result = await signed_up(graphql, entityName=" The Mill ", firstName="Ana")

        entity = result["entity"]
        assert result["user"]["entities"] == [{"id": entity["id"]}]
        assert (entity["name"], entity["status"]) == ("The Mill", "PENDING")
        assert entity["account"]["balance"] == "0.00"
        assert entity["account"]["maxNegativeBalance"] == "0.00"
        assert len(entity["account"]["accountNumber"]) == 16

    async def test_new_member_is_logged_in(self, graphql: GraphQLClient) -> None:
        result = await signed_up(graphql)

        data = await graphql(VIEWER, by=result["token"])

        assert data["viewer"]["email"] == result["user"]["email"]
        assert datetime.fromisoformat(result["expiresAt"]) > datetime.now(UTC)


class TestLogIn:
    async def test_wrong_password_and_unknown_address_get_the_same_answer(
        self, graphql: GraphQLClient
    ) -> None:
        email = new_email()
        await signed_up(graphql, email=email)

        wrong = await logged_in(graphql, email, PASSWORD + "x")

        assert wrong["code"] == "CREDENTIALS_INVALID"
        assert wrong == await logged_in(graphql, new_email(), PASSWORD)

    async def test_password_in_other_letters_is_wrong(self, graphql: GraphQLClient) -> None:
        email = new_email()
        await signed_up(graphql, email=email)
        result = await logged_in(graphql, email, PASSWORD.upper())
        assert result["code"] == "CREDENTIALS_INVALID"

    async def test_member_without_a_password_cannot_log_in(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make()
        assert (await logged_in(graphql, ana.email, ""))["code"] == "CREDENTIALS_INVALID"
        assert (await logged_in(graphql, ana.email, "!"))["code"] == "CREDENTIALS_INVALID"

    async def test_endless_input_is_refused_without_hashing(self, graphql: GraphQLClient) -> None:
        result = await logged_in(graphql, "x" * 101, "y" * 101)
        assert [problem["path"] for problem in result["problems"]] == [["email"], ["password"]]

    async def test_address_is_known_whatever_its_letters(self, graphql: GraphQLClient) -> None:
        email = new_email()
        await signed_up(graphql, email=email)

        result = await logged_in(graphql, email.upper(), PASSWORD)

        assert result["user"]["email"] == email
        assert (await graphql(VIEWER, by=result["token"]))["viewer"]["email"] == email


class TestLogOut:
    async def test_visitor_cannot_log_out(self, graphql: GraphQLClient) -> None:
        assert await graphql.code(LOG_OUT) == "UNAUTHENTICATED"

    async def test_token_is_dead_at_once(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana = await make()

        await graphql(LOG_OUT, by=ana)

        for document in (VIEWER, LOG_OUT):
            answer = await graphql.send(document, by=ana)
            assert answer["errors"][0]["extensions"] == {
                "code": "UNAUTHENTICATED",
                "reason": "SESSION_ENDED",
            }

    async def test_what_follows_in_the_document_is_done_by_nobody(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make()
        code = await graphql.code("mutation { logOut { loggedOut } again: " + LOG_OUT[11:], by=ana)
        assert code == "UNAUTHENTICATED"

    async def test_open_subscription_ends(
        self, graphql: GraphQLClient, make: MakeMember, live: Live
    ) -> None:
        ana = await make()
        async with live.subscription(LISTEN, by=ana, id=ana.id) as subscription:
            assert (await subscription.next())["__typename"] == "CaughtUp"

            await graphql(LOG_OUT, by=ana)

            message = await subscription.message()
            errors = message["payload"]["errors"]
            assert [error["extensions"]["code"] for error in errors] == ["UNAUTHENTICATED"]
            assert not message["payload"].get("data")
            assert (await subscription.message())["type"] == "complete"

    async def test_other_sessions_of_the_user_go_on(self, graphql: GraphQLClient) -> None:
        email = new_email()
        first = (await signed_up(graphql, email=email))["token"]
        second = (await logged_in(graphql, email, PASSWORD))["token"]

        await graphql(LOG_OUT, by=first)

        assert (await graphql(VIEWER, by=second))["viewer"]["email"] == email


class TestToken:
    @pytest.mark.parametrize(
        "header",
        ["", "Bearer", "Bearer ", "Basic {token}", "{token}", "Token {token}"],
    )
    async def test_none_makes_a_visitor(
        self, graphql: GraphQLClient, make: MakeMember, header: str
    ) -> None:
        ana = await make()
        headers = {"Authorization": header.replace("{token}", ana.token)}

        response = await graphql.http.post("/graphql", json={"query": VIEWER}, headers=headers)

        assert response.json()["data"] == {"viewer": None}

    async def test_visitor_cannot_act(self, graphql: GraphQLClient, make: MakeMember) -> None:
        input_ = proposal(await make(), await make())
        assert await graphql.code(PROPOSE, input=input_) == "UNAUTHENTICATED"
        assert await graphql.code(PROPOSE, by="unknown", input=input_) == "UNAUTHENTICATED"

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
    async def test_token_is_known_in_its_header(
        self, graphql: GraphQLClient, make: MakeMember, scheme: str
    ) -> None:
        ana = await make()
        headers = {"Authorization": f"{scheme} {ana.token}"}

        response = await graphql.http.post("/graphql", json={"query": VIEWER}, headers=headers)

        viewer = response.json()["data"]["viewer"]
        assert viewer["entities"] == [{"id": ana.id, "name": ana.name}]


def proposal(by: Member, to: Member) -> dict[str, object]:
    return {
        "initiatorId": by.id,
        "receiver": {"id": to.id},
        "direction": "OUT",
        "amount": "1.00",
        "idempotencyKey": new_key(),
    }
