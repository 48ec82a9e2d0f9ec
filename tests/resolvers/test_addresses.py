"""Verifying an address, and changing it with the consent of both."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind, OneTimeToken
from tests.clients import GraphQLClient
from tests.mails import letter_to, mails_to, token_for
from tests.resolvers.accounts import (
    ACCOUNT,
    CANCEL,
    CONFIRM,
    REQUEST_CHANGE,
    REQUEST_RESET,
    RESET,
    VERIFY,
    Account,
    Do,
    doing,
    open_account,
)
from tests.resolvers.test_identity import PASSWORD, logged_in, new_email
from tests.resolvers.test_passwords import INVALID

AGAIN = """mutation {
  requestEmailVerification {
    ... on RequestEmailVerificationPayload { requested } ... on UserError { code }
  }
}"""


@pytest.fixture
async def ana(graphql: GraphQLClient) -> Account:
    return await open_account(graphql)


@pytest.fixture
def verify(graphql: GraphQLClient) -> Do:
    return doing(graphql, VERIFY)


@pytest.fixture
def request_change(graphql: GraphQLClient) -> Do:
    return doing(graphql, REQUEST_CHANGE)


@pytest.fixture
def confirm(graphql: GraphQLClient) -> Do:
    return doing(graphql, CONFIRM)


@pytest.fixture
def cancel(graphql: GraphQLClient) -> Do:
    return doing(graphql, CANCEL)


async def let_tokens_expire(database: Database, account: Account) -> None:
    async with database.writing() as session:
        mine = update(OneTimeToken).where(OneTimeToken.user_id == account.user_id)
        await session.execute(mine.values(expires_at=datetime.now(UTC)))


async def both_tokens(database: Database, account: Account) -> tuple[str, str]:
    """Of the mail to the new address, and of the one to the old."""
    return (
        await token_for(database, account.user_id, MailKind.EMAIL_CHANGE),
        await token_for(database, account.user_id, MailKind.EMAIL_CHANGE_NOTICE),
    )


class TestVerification:
    async def test_unknown_and_used_tokens_are_refused(
        self, ana: Account, verify: Do, database: Database
    ) -> None:
        assert await verify(token="x") == INVALID
        used = await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION)
        await verify(token=used)
        assert await verify(token=used) == INVALID

    async def test_expired_token_is_refused(
        self, ana: Account, verify: Do, database: Database
    ) -> None:
        token = await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION)
        await let_tokens_expire(database, ana)
        assert await verify(token=token) == INVALID

    async def test_visitor_has_nothing_to_verify(self, graphql: GraphQLClient) -> None:
        assert await graphql.code(AGAIN) == "UNAUTHENTICATED"

    async def test_sign_up_writes_the_mail_and_its_token_verifies(
        self, graphql: GraphQLClient, ana: Account, verify: Do, database: Database
    ) -> None:
        assert await mails_to(database, ana.email) == [MailKind.EMAIL_VERIFICATION]
        assert (await graphql(ACCOUNT, by=ana.token))["viewer"]["emailVerifiedAt"] is None
        token = await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION)

        assert (await verify(token=token))["email"] == ana.email

        assert (await graphql(ACCOUNT, by=ana.token))["viewer"]["emailVerifiedAt"]

    async def test_mail_goes_out_again_until_it_is_verified(
        self, graphql: GraphQLClient, ana: Account, verify: Do, database: Database
    ) -> None:
        asked = await graphql(AGAIN, by=ana.token)
        assert asked == {"requestEmailVerification": {"requested": True}}
        assert await mails_to(database, ana.email) == [MailKind.EMAIL_VERIFICATION] * 2
        await verify(token=await token_for(database, ana.user_id, MailKind.EMAIL_VERIFICATION))

        asked = await graphql(AGAIN, by=ana.token)
        assert asked == {"requestEmailVerification": {"requested": False}}
        assert await mails_to(database, ana.email) == [MailKind.EMAIL_VERIFICATION] * 2


class TestChange:
    async def test_visitor_has_no_address(self, graphql: GraphQLClient) -> None:
        input_ = {"newEmail": new_email(), "currentPassword": PASSWORD}
        assert await graphql.code(REQUEST_CHANGE, input=input_) == "UNAUTHENTICATED"

    async def test_needs_the_password(self, ana: Account, request_change: Do) -> None:
        refused = await request_change(by=ana, newEmail=new_email(), currentPassword="x")
        assert (refused["code"], refused["path"]) == ("PASSWORD_WRONG", ["currentPassword"])

    @pytest.mark.parametrize("email", ["", "x", "a@b", "x" * 101, "a\0@example.com"])
    async def test_needs_an_address(self, ana: Account, request_change: Do, email: str) -> None:
        refused = await request_change(by=ana, newEmail=email, currentPassword=PASSWORD)
        assert {tuple(problem["path"]) for problem in refused["problems"]} == {("newEmail",)}

    async def test_needs_another_address(self, ana: Account, request_change: Do) -> None:
        refused = await request_change(by=ana, newEmail=ana.email, currentPassword=PASSWORD)
        assert [problem["code"] for problem in refused["problems"]] == ["SAME_ADDRESS"]

    async def test_address_of_another_is_refused_to_who_confirms_it_only(
        self,
        graphql: GraphQLClient,
        ana: Account,
        request_change: Do,
        confirm: Do,
        database: Database,
    ) -> None:
        ben = await open_account(graphql)
        taken = await request_change(by=ana, newEmail=ben.email.upper(), currentPassword=PASSWORD)
        assert taken["__typename"] == "RequestEmailChangePayload"
        token, _ = await both_tokens(database, ana)

        assert (await confirm(token=token))["code"] == "EMAIL_TAKEN"

        assert (await graphql(ACCOUNT, by=ana.token))["viewer"]["email"] == ana.email

    async def test_nothing_changes_before_it_is_confirmed(
        self, graphql: GraphQLClient, ana: Account, request_change: Do
    ) -> None:
        email = new_email()
        done = await request_change(by=ana, newEmail=email, currentPassword=PASSWORD)

        assert done["user"] == {"email": ana.email, "pendingEmail": email}
        assert "token" in await logged_in(graphql, ana.email, PASSWORD)
        assert "token" not in await logged_in(graphql, email, PASSWORD)

    async def test_mails_go_to_both_addresses_and_each_token_is_good_for_one_thing(
        self, ana: Account, request_change: Do, confirm: Do, cancel: Do, database: Database
    ) -> None:
        email = new_email()
        await request_change(by=ana, newEmail=email, currentPassword=PASSWORD)
        new = await letter_to(database, ana.user_id, MailKind.EMAIL_CHANGE)
        old = await letter_to(database, ana.user_id, MailKind.EMAIL_CHANGE_NOTICE)

        assert new
        assert old
        assert (new.address, old.address) == (email, ana.email)
        assert await confirm(token=old.token) == INVALID
        assert await cancel(token=new.token) == INVALID

    async def test_confirmed_address_is_the_one_to_log_in_with(
        self,
        graphql: GraphQLClient,
        ana: Account,
        request_change: Do,
        confirm: Do,
        cancel: Do,
        database: Database,
    ) -> None:
        email = new_email()
        await request_change(by=ana, newEmail=email, currentPassword=PASSWORD)
        token, to_cancel = await both_tokens(database, ana)

        found = await asyncio.gather(*(confirm(token=token) for _ in range(5)))

        assert sorted(each.get("email", "") for each in found) == [*[""] * 4, email]
        assert await cancel(token=to_cancel) == INVALID
        account = (await graphql(ACCOUNT, by=ana.token))["viewer"]
        assert (account["email"], account["pendingEmail"]) == (email, None)
        assert account["emailVerifiedAt"]
        assert "token" in await logged_in(graphql, email, PASSWORD)
        assert "token" not in await logged_in(graphql, ana.email, PASSWORD)

    async def test_cancelled_change_cannot_be_confirmed(
        self,
        graphql: GraphQLClient,
        ana: Account,
        request_change: Do,
        confirm: Do,
        cancel: Do,
        database: Database,
    ) -> None:
        await request_change(by=ana, newEmail=new_email(), currentPassword=PASSWORD)
        token, to_cancel = await both_tokens(database, ana)

        assert (await cancel(token=to_cancel))["email"] == ana.email

        assert await confirm(token=token) == INVALID
        assert (await graphql(ACCOUNT, by=ana.token))["viewer"]["pendingEmail"] is None
        assert await letter_to(database, ana.user_id, MailKind.EMAIL_CHANGE) is None

    async def test_next_change_overtakes_the_one_before(
        self, ana: Account, request_change: Do, confirm: Do, database: Database
    ) -> None:
        await request_change(by=ana, newEmail=new_email(), currentPassword=PASSWORD)
        token, _ = await both_tokens(database, ana)

        await request_change(by=ana, newEmail=new_email(), currentPassword=PASSWORD)

        assert await confirm(token=token) == INVALID

    async def test_confirming_and_cancelling_at_the_same_moment_leaves_one(
        self, ana: Account, request_change: Do, confirm: Do, cancel: Do, database: Database
    ) -> None:
        await request_change(by=ana, newEmail=new_email(), currentPassword=PASSWORD)
        token, to_cancel = await both_tokens(database, ana)

        found = await asyncio.gather(confirm(token=token), cancel(token=to_cancel))

        assert sorted(each["__typename"] for each in found) == [
            "OneTimeTokenInvalid",
            "UserEmailPayload",
        ]

    async def test_expired_token_changes_nothing(
        self, ana: Account, request_change: Do, confirm: Do, cancel: Do, database: Database
    ) -> None:
        await request_change(by=ana, newEmail=new_email(), currentPassword=PASSWORD)
        token, to_cancel = await both_tokens(database, ana)
        await let_tokens_expire(database, ana)

        assert await confirm(token=token) == INVALID
        assert await cancel(token=to_cancel) == INVALID

    async def test_who_reads_the_old_address_cannot_reset_any_more(
        self,
        graphql: GraphQLClient,
        ana: Account,
        request_change: Do,
        confirm: Do,
        database: Database,
    ) -> None:
        await doing(graphql, REQUEST_RESET)(email=ana.email)
        to_reset = await token_for(database, ana.user_id, MailKind.PASSWORD_RESET)
        await request_change(by=ana, newEmail=new_email(), currentPassword=PASSWORD)
        token, _ = await both_tokens(database, ana)

        await confirm(token=token)

        reset = doing(graphql, RESET)
        assert await reset(token=to_reset, newPassword="battery-staple-7") == INVALID
