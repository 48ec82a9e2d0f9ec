"""How many mails one may have sent, to oneself and to others."""

from collections.abc import AsyncIterator

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.mails import mails_to
from tests.resolvers.accounts import REQUEST_CHANGE, REQUEST_RESET, Account, doing, open_account
from tests.resolvers.places import From, new_address, places
from tests.resolvers.test_addresses import AGAIN
from tests.resolvers.test_identity import PASSWORD, logged_in, new_email

MOST, EVERYWHERE = 3, 10
ALLOWED = {
    "mails_per_mailbox": MOST,
    "attempts_per_address": EVERYWHERE,
}


@pytest.fixture
async def from_(settings: Settings) -> AsyncIterator[From]:
    async with places(settings, **ALLOWED) as client:
        yield client


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


async def asked(client: GraphQLClient, email: str, times: int = 1) -> list[str]:
    """What so many wishes for a new password lead to."""
    request = doing(client, REQUEST_RESET)
    return [(await request(email=email))["__typename"] for _ in range(times)]


def allowed(count: int, *, refused: int) -> list[str]:
    return ["RequestPasswordResetPayload"] * count + ["TooManyAttempts"] * refused


class TestReset:
    async def test_one_place_cannot_flood_a_mailbox(
        self, from_: From, ana: Account, database: Database
    ) -> None:
        async with from_(new_address()) as stranger:
            assert await asked(stranger, ana.email, MOST + 2) == allowed(MOST, refused=2)

        mails = await mails_to(database, ana.email)
        assert mails.count(MailKind.PASSWORD_RESET) == MOST

    async def test_many_places_cannot_either(
        self, from_: From, ana: Account, database: Database
    ) -> None:
        for _ in range(4):
            async with from_(new_address()) as stranger:
                found = await asked(stranger, ana.email, MOST)
        mails = await mails_to(database, ana.email)
        assert mails.count(MailKind.PASSWORD_RESET) == 2 * MOST
        assert set(found) == {"TooManyAttempts"}

    async def test_one_place_cannot_try_everybody(self, from_: From) -> None:
        async with from_(new_address()) as stranger:
            found = [(await asked(stranger, new_email()))[0] for _ in range(EVERYWHERE + 1)]
        assert found == allowed(EVERYWHERE, refused=1)

    async def test_answers_do_not_tell_whether_somebody_has_the_address(
        self, from_: From, ana: Account
    ) -> None:
        async with from_(new_address()) as one, from_(new_address()) as other:
            known = await asked(one, ana.email, MOST + 1)
            unknown = await asked(other, new_email(), MOST + 1)
        assert known == unknown == allowed(MOST, refused=1)

    async def test_other_letters_are_no_fresh_start(self, from_: From, ana: Account) -> None:
        async with from_(new_address()) as stranger:
            await asked(stranger, ana.email, MOST)
            assert await asked(stranger, ana.email.upper()) == allowed(0, refused=1)

    async def test_owner_asks_from_a_known_place_while_strangers_flood(
        self, from_: From, ana: Account, database: Database
    ) -> None:
        async with from_(new_address()) as home:
            await logged_in(home, ana.email, PASSWORD)
            for _ in range(4):
                async with from_(new_address()) as stranger:
                    await asked(stranger, ana.email, MOST)
            assert await asked(home, ana.email) == allowed(1, refused=0)

    async def test_what_is_no_address_does_not_count(self, from_: From) -> None:
        async with from_(new_address()) as client:
            found = await asked(client, "x" * 101, EVERYWHERE + 1)
        assert set(found) == {"InvalidInput"}


async def test_own_mailbox_cannot_be_flooded_with_verifications(
    from_: From, ana: Account, database: Database
) -> None:
    async with from_(new_address()) as client:
        found = [await client(AGAIN, by=ana.token) for _ in range(MOST + 1)]
    assert found[-1] == {"requestEmailVerification": {"code": "TOO_MANY_ATTEMPTS"}}
    assert len(await mails_to(database, ana.email)) == 1 + MOST


async def test_strangers_mailbox_cannot_be_flooded_by_changes_to_it(
    from_: From, ana: Account, database: Database
) -> None:
    victim = new_email()
    async with from_(new_address()) as client:
        request = doing(client, REQUEST_CHANGE)
        found = [
            (await request(by=ana, newEmail=victim, currentPassword=PASSWORD))["__typename"]
            for _ in range(MOST + 1)
        ]
    assert found == [*["RequestEmailChangePayload"] * MOST, "TooManyAttempts"]
    assert (await mails_to(database, ana.email)).count(MailKind.EMAIL_CHANGE) == MOST
