"""How often one may guess, and who is held up by whose guesses."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import randrange
from typing import Any

import pytest
from sqlalchemy import text

from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.resolvers.places import From, new_address, places
from tests.resolvers.test_identity import (
    PASSWORD,
    SIGN_UP,
    applicant,
    new_email,
    signed_up,
)

WRONG = PASSWORD + "x"
HERE = 5
LIMITS = {
    "attempts_per_place": HERE,
    "attempts_per_account": 12,
    "attempts_per_address": 20,
    "sign_ups_per_address": 3,
}
RETRY = """mutation LogIn($input: LogInInput!) {
  logIn(input: $input) { __typename ... on TooManyAttempts { code retryAt } }
}"""


@pytest.fixture
async def from_(settings: Settings) -> AsyncIterator[From]:
    """Clients of an application with low limits, each from the address it is asked for."""
    async with places(settings, **LIMITS) as client:
        yield client


@pytest.fixture
async def email(graphql: GraphQLClient) -> str:
    """The address of a member with a password."""
    email = new_email()
    await signed_up(graphql, email=email)
    return email


async def guess(client: GraphQLClient, email: str, password: str = WRONG) -> dict[str, Any]:
    data = await client(RETRY, input={"email": email, "password": password})
    result: dict[str, Any] = data["logIn"]
    return result


async def guesses(client: GraphQLClient, email: str, count: int) -> list[str]:
    """What so many wrong passwords lead to, one after the other."""
    return [(await guess(client, email))["__typename"] for _ in range(count)]


async def let_pass(database: Database, seconds: int) -> None:
    """So many seconds go by, for everything that was counted."""
    async with database.writing() as session:
        earlier = "UPDATE attempt_counts SET counted_at = counted_at - make_interval(secs => :s)"
        await session.execute(text(earlier), {"s": seconds})


class TestGuesses:
    async def test_one_too_many_is_told_when_to_come_back(self, from_: From, email: str) -> None:
        async with from_(new_address()) as stranger:
            found = await guesses(stranger, email, HERE)
            refused = await guess(stranger, email)

        assert found == ["CredentialsInvalid"] * HERE
        assert refused["code"] == "TOO_MANY_ATTEMPTS"
        wait = datetime.fromisoformat(refused["retryAt"]) - datetime.now(UTC)
        assert 0 < wait.total_seconds() <= 10

    async def test_right_one_is_not_looked_at_either(self, from_: From, email: str) -> None:
        async with from_(new_address()) as stranger:
            await guesses(stranger, email, HERE)
            assert (await guess(stranger, email, PASSWORD))["__typename"] == "TooManyAttempts"

    async def test_unknown_address_is_treated_the_same(self, from_: From, email: str) -> None:
        async with from_(new_address()) as stranger, from_(new_address()) as other:
            known = await guesses(stranger, email, HERE + 3)
            unknown = await guesses(other, new_email(), HERE + 3)
        assert known == unknown

    async def test_other_letters_are_no_fresh_start(self, from_: From, email: str) -> None:
        async with from_(new_address()) as stranger:
            await guesses(stranger, email, HERE)
            for spelling in (email.upper(), email.title()):
                assert (await guess(stranger, spelling))["__typename"] == "TooManyAttempts"

    async def test_all_at_once_are_no_more_than_one_after_the_other(
        self, from_: From, email: str
    ) -> None:
        async with from_(new_address()) as stranger:
            found = await asyncio.gather(*(guess(stranger, email) for _ in range(30)))
        kinds = [result["__typename"] for result in found]
        assert kinds.count("CredentialsInvalid") == HERE
        assert kinds.count("TooManyAttempts") == 30 - HERE

    async def test_asking_again_does_not_make_the_wait_longer(
        self, from_: From, email: str
    ) -> None:
        async with from_(new_address()) as stranger:
            await guesses(stranger, email, HERE)
            first, *_, last = [await guess(stranger, email) for _ in range(10)]
        assert first["retryAt"] == last["retryAt"]

    async def test_waits_double_and_end(self, from_: From, email: str, database: Database) -> None:
        async with from_(new_address()) as stranger:
            await guesses(stranger, email, HERE)
            await let_pass(database, 10)
            assert await guesses(stranger, email, 2) == ["CredentialsInvalid", "TooManyAttempts"]
            await let_pass(database, 10)
            assert await guesses(stranger, email, 1) == ["TooManyAttempts"]
            await let_pass(database, 10)
            assert await guesses(stranger, email, 1) == ["CredentialsInvalid"]

    async def test_one_address_cannot_try_everybody(self, from_: From) -> None:
        async with from_(new_address()) as stranger:
            found = [(await guess(stranger, new_email()))["__typename"] for _ in range(21)]
        assert found == [*["CredentialsInvalid"] * 20, "TooManyAttempts"]

    async def test_one_network_of_ipv6_is_one_address(self, from_: From, email: str) -> None:
        network = f"2001:db8:{randrange(65536):x}:{randrange(65536):x}"
        for host in range(HERE):
            async with from_(f"{network}::{host + 1:x}") as stranger:
                await guess(stranger, email)
        async with from_(f"{network}:9:8:7:6") as stranger:
            assert (await guess(stranger, email))["__typename"] == "TooManyAttempts"


class TestMember:
    async def test_gets_in_from_a_known_place_while_strangers_attack(
        self, from_: From, email: str
    ) -> None:
        home = new_address()
        async with from_(home) as member:
            assert (await guess(member, email, PASSWORD))["__typename"] == "LogInPayload"

            await self.attack(from_, email)

            assert (await guess(member, email, PASSWORD))["__typename"] == "LogInPayload"

    async def test_of_whom_nothing_is_known_waits_with_the_strangers_but_not_for_good(
        self, from_: From, email: str, database: Database
    ) -> None:
        await self.attack(from_, email)
        async with from_(new_address()) as member:
            assert (await guess(member, email, PASSWORD))["__typename"] == "TooManyAttempts"

            await let_pass(database, 10)

            assert (await guess(member, email, PASSWORD))["__typename"] == "LogInPayload"

    async def test_known_place_allows_no_more_guesses(self, from_: From, email: str) -> None:
        async with from_(new_address()) as member:
            await guess(member, email, PASSWORD)
            assert (await guesses(member, email, HERE + 1))[-1] == "TooManyAttempts"

    async def test_who_gets_in_begins_anew(self, from_: From, email: str) -> None:
        async with from_(new_address()) as member:
            await guesses(member, email, HERE - 1)
            await guess(member, email, PASSWORD)
            assert await guesses(member, email, HERE) == ["CredentialsInvalid"] * HERE

    async def test_may_log_in_as_often_as_it_likes(self, from_: From, email: str) -> None:
        async with from_(new_address()) as member:
            found = [(await guess(member, email, PASSWORD))["__typename"] for _ in range(25)]
        assert set(found) == {"LogInPayload"}

    async def attack(self, from_: From, email: str) -> None:
        """Guess from many places, until no stranger may guess any more."""
        for _ in range(4):
            async with from_(new_address()) as stranger:
                found = await guesses(stranger, email, HERE)
        assert found[-1] == "TooManyAttempts"


class TestSignUp:
    async def test_one_address_cannot_fill_the_community(self, from_: From) -> None:
        async with from_(new_address()) as script:
            found = [
                (await script(SIGN_UP, input=applicant()))["signUp"]["__typename"] for _ in range(4)
            ]
        assert found == [*["SignUpPayload"] * 3, "TooManyAttempts"]

    async def test_taken_addresses_cannot_be_tried_out_either(
        self, from_: From, email: str
    ) -> None:
        async with from_(new_address()) as script:
            found = [
                (await script(SIGN_UP, input=applicant(email=email)))["signUp"]["__typename"]
                for _ in range(4)
            ]
        assert found[-1] == "TooManyAttempts"

    async def test_mistakes_do_not_count(self, from_: From) -> None:
        async with from_(new_address()) as applicant_:
            for _ in range(5):
                await applicant_(SIGN_UP, input=applicant(password="short"))
            result = await applicant_(SIGN_UP, input=applicant())
        assert result["signUp"]["__typename"] == "SignUpPayload"


class TestKept:
    async def test_nobody_can_be_read_from_it(
        self, from_: From, email: str, database: Database
    ) -> None:
        address = new_address()
        async with from_(address) as stranger:
            await guess(stranger, email)
        async with database.reading() as session:
            rows = "".join(await session.scalars(text("SELECT a::text FROM attempt_counts a")))
        assert rows
        for secret in (email, email.encode().hex(), address, address.encode().hex()):
            assert secret not in rows

    async def test_what_is_of_no_use_any_more_goes(
        self, from_: From, email: str, database: Database
    ) -> None:
        async with from_(new_address()) as stranger:
            await guess(stranger, email)
            async with database.writing() as session:
                past = "UPDATE attempt_counts SET forgotten_at = now() - interval '1 day'"
                await session.execute(text(past))
                before = await session.scalar(text("SELECT count(*) FROM attempt_counts"))
            await guess(stranger, new_email())
        async with database.reading() as session:
            old = "SELECT count(*) FROM attempt_counts WHERE forgotten_at < now()"
            left = await session.scalar(text(old))
        assert left < before
