"""Inviting people, and what becomes of an invitation."""

import asyncio
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Invitation, Mail, MailKind, OneTimeToken, Role
from mccs_graphql.domain.identity.one_time import write_letter
from mccs_graphql.domain.membership import invitations, joining
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.invitations import (
    MEMBERSHIPS,
    Invited,
    Memberships,
    invited,
    last_mail,
    make_partner,
    new_address,
    token_of,
    user_id_of,
)
from tests.mails import mails_to
from tests.resolvers.accounts import ACCOUNT, open_account
from tests.resolvers.test_identity import PASSWORD, logged_in

INVALID = ("INVITATION_INVALID", ["token"])


@pytest.fixture
async def shop(make: MakeMember) -> Member:
    return await make()


@pytest.fixture
async def guest(database: Database, graphql: GraphQLClient, shop: Member) -> Invited:
    """Somebody invited to look on."""
    return await invited(database, graphql, shop)


async def expire(database: Database, guest: Invited) -> None:
    """Fourteen days go by."""
    async with database.writing() as session:
        await session.execute(
            update(Invitation)
            .where(Invitation.id == id_of(IdPrefix.INVITATION, guest.id))
            .values(expires_at=datetime.now(UTC))
        )


def refusal(result: dict[str, Any]) -> tuple[str, list[str]]:
    return result["code"], result["path"]


class TestInvite:
    async def test_what_is_wrong_is_said_at_once(
        self, memberships: Memberships, shop: Member
    ) -> None:
        refused = await memberships.invite(shop, "nobody", message="x" * 501)
        assert {(*p["path"], p["code"]) for p in refused["problems"]} == {
            ("email", "NOT_AN_EMAIL_ADDRESS"),
            ("message", "TOO_LONG"),
        }

    async def test_member_is_not_invited_again(
        self, memberships: Memberships, shop: Member, database: Database
    ) -> None:
        ben = await make_partner(database, shop, Role.EDITOR)
        for email in (ben.email, ben.email.upper(), shop.email):
            assert refusal(await memberships.invite(shop, email)) == ("ALREADY_MEMBER", [])

    async def test_address_with_a_login_and_one_without_get_the_same(
        self,
        memberships: Memberships,
        shop: Member,
        make: MakeMember,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        known, unknown = (await make()).email, new_address()
        with counting as statements:
            first = await memberships.invite(shop, known)
            of_known = list(statements)
            second = await memberships.invite(shop, unknown)
        assert statements == of_known * 2
        first["invitation"] |= {"id": "", "email": ""}
        assert first == second | {"invitation": second["invitation"] | {"id": "", "email": ""}}

    async def test_entity_has_so_many_open_ones_and_no_more(
        self, memberships: Memberships, shop: Member, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(invitations, "INVITATIONS_MAX", 2)
        emails = [new_address() for _ in range(3)]
        found = [await memberships.invite(shop, email) for email in [*emails, emails[0]]]
        assert [result.get("most") for result in found] == [None, None, 2, None]

    async def test_expired_one_makes_room(
        self,
        memberships: Memberships,
        shop: Member,
        guest: Invited,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(invitations, "INVITATIONS_MAX", 1)
        await expire(database, guest)
        assert (await memberships.seen(shop, by=shop))["invitations"] == []
        assert "invitation" in await memberships.invite(shop, new_address())

    async def test_many_at_once_are_throttled(
        self, settings: Settings, shop: Member, make: MakeMember
    ) -> None:
        app = create_app(settings.model_copy(update={"invitations_per_user": 3}))
        other = await make()
        async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
            memberships = Memberships(client)
            await memberships.invite(shop, "nobody")
            found = [await memberships.invite(shop, new_address()) for _ in range(4)]
            of_other = await memberships.invite(other, new_address())
        assert [result["__typename"] for result in found] == [
            *["InvitationPayload"] * 3,
            "TooManyAttempts",
        ]
        assert of_other["__typename"] == "InvitationPayload"

    async def test_mail_goes_to_the_address_and_to_no_user(
        self, memberships: Memberships, shop: Member, database: Database
    ) -> None:
        email = new_address()
        result = await memberships.invite(shop, f" {email} ".strip(), "TRADER", message=" Hello ")

        found = result["invitation"]
        assert found == {
            "id": found["id"],
            "email": email,
            "role": "TRADER",
            "message": "Hello",
            "invitedBy": user_id_of(shop),
        }
        mail = await last_mail(database, id_of(IdPrefix.INVITATION, found["id"]))
        assert (mail.user_id, mail.receiver_id, list(mail.facts)) == (None, None, ["invitation_id"])
        async with database.writing() as session:
            letter = await write_letter(session, mail)
        assert letter
        assert letter.address == email

    async def test_link_is_good_for_fourteen_days_from_the_invitation(
        self, guest: Invited, database: Database
    ) -> None:
        async with database.reading() as session:
            invitation_id = id_of(IdPrefix.INVITATION, guest.id)
            kept = await session.get_one(Invitation, invitation_id)
            ends = await session.scalars(
                select(OneTimeToken.expires_at).where(OneTimeToken.invitation_id == invitation_id)
            )
        assert kept.expires_at - kept.invited_at == timedelta(days=14)
        assert list(ends) == [kept.expires_at]

    async def test_again_renews_and_the_link_before_is_dead(
        self, memberships: Memberships, shop: Member, guest: Invited, database: Database
    ) -> None:
        again = await memberships.invite(shop, guest.email.upper(), "TRADER")

        assert (again["invitation"]["id"], again["invitation"]["role"]) == (guest.id, "TRADER")
        assert len((await memberships.seen(shop, by=shop))["invitations"]) == 1
        result = await memberships.do("declineInvitation", None, token=guest.token)
        assert refusal(result) == INVALID
        token = await token_of(database, guest.id)
        assert "declined" in await memberships.do("declineInvitation", None, token=token)

    async def test_same_address_at_the_same_moment_is_one_invitation(
        self, memberships: Memberships, shop: Member
    ) -> None:
        email = new_address()
        found = await asyncio.gather(*(memberships.invite(shop, email) for _ in range(6)))
        assert len({result["invitation"]["id"] for result in found}) == 1

    async def test_only_owners_see_whom_they_invited(
        self, memberships: Memberships, shop: Member, guest: Invited, database: Database
    ) -> None:
        (kept,) = (await memberships.seen(shop, by=shop))["invitations"]
        assert (kept["email"], kept["role"]) == (guest.email, "VIEWER")
        for role in (Role.TRADER, Role.EDITOR, Role.VIEWER):
            partner = await make_partner(database, shop, role)
            assert (await memberships.seen(shop, by=partner))["invitations"] is None


class TestWithdraw:
    @pytest.mark.parametrize("id_", ["", "x", encode_id(IdPrefix.INVITATION, UUID(int=7))])
    async def test_unknown_one_is_not_found(
        self, memberships: Memberships, shop: Member, id_: str
    ) -> None:
        result = await memberships.do(
            "withdrawInvitation", shop, entityId=shop.id, invitationId=id_
        )
        assert refusal(result) == ("INVITATION_NOT_FOUND", ["invitationId"])

    async def test_one_of_another_entity_is_not_found(
        self, memberships: Memberships, shop: Member, guest: Invited, make: MakeMember
    ) -> None:
        other = await make()
        result = await memberships.do(
            "withdrawInvitation", other, entityId=other.id, invitationId=guest.id
        )
        assert result["code"] == "INVITATION_NOT_FOUND"
        assert len((await memberships.seen(shop, by=shop))["invitations"]) == 1

    async def test_link_and_mail_are_dead(
        self, memberships: Memberships, shop: Member, guest: Invited, database: Database
    ) -> None:
        mail = await last_mail(database, id_of(IdPrefix.INVITATION, guest.id))

        result = await memberships.do(
            "withdrawInvitation", shop, entityId=shop.id, invitationId=guest.id
        )

        assert result["entity"]["invitations"] == []
        assert refusal(await memberships.accept(shop, guest.token)) == INVALID
        async with database.writing() as session:
            assert await write_letter(session, mail) is None


class TestAccept:
    @pytest.mark.parametrize("token", ["", "x", "A" * 43, "\0", "x" * 10_000])
    async def test_unknown_token_is_refused(
        self, memberships: Memberships, shop: Member, token: str
    ) -> None:
        assert refusal(await memberships.accept(shop, token)) == INVALID

    async def test_expired_one_is_refused(
        self, memberships: Memberships, guest: Invited, make: MakeMember, database: Database
    ) -> None:
        await expire(database, guest)
        assert refusal(await memberships.accept(await make(), guest.token)) == INVALID

    async def test_token_for_another_purpose_is_refused(
        self, memberships: Memberships, make: MakeMember, guest: Invited, database: Database
    ) -> None:
        async with database.writing() as session:
            await session.execute(
                update(OneTimeToken)
                .where(OneTimeToken.email == guest.email)
                .values(purpose="verify_email")
            )
        assert refusal(await memberships.accept(await make(), guest.token)) == INVALID

    async def test_member_keeps_the_role_there_is(
        self, memberships: Memberships, shop: Member, guest: Invited
    ) -> None:
        assert refusal(await memberships.accept(shop, guest.token)) == ("ALREADY_MEMBER", [])
        assert await memberships.roles(shop, by=shop) == {user_id_of(shop): "OWNER"}

    async def test_full_entity_takes_nobody(
        self,
        memberships: Memberships,
        guest: Invited,
        make: MakeMember,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(joining, "MEMBERS_MAX", 1)
        result = await memberships.accept(await make(), guest.token)
        assert (result["code"], result["most"]) == ("TOO_MANY_MEMBERS", 1)

    async def test_user_with_many_entities_joins_no_more(
        self,
        memberships: Memberships,
        guest: Invited,
        make: MakeMember,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(joining, "MEMBERSHIPS_MAX", 1)
        result = await memberships.accept(await make(), guest.token)
        assert (result["code"], result["most"]) == ("TOO_MANY_ENTITIES", 1)

    async def test_one_of_many_at_the_same_moment_joins(
        self, memberships: Memberships, shop: Member, guest: Invited, make: MakeMember
    ) -> None:
        people = [await make() for _ in range(6)]

        found = await asyncio.gather(*(memberships.accept(one, guest.token) for one in people))

        assert sorted(result["__typename"] for result in found) == [
            *["InvitationInvalid"] * 5,
            "MembershipPayload",
        ]
        assert len(await memberships.roles(shop, by=shop)) == 2

    async def test_last_place_is_taken_once(
        self,
        memberships: Memberships,
        graphql: GraphQLClient,
        shop: Member,
        make: MakeMember,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(joining, "MEMBERS_MAX", 2)
        tokens = [(await invited(database, graphql, shop)).token for _ in range(4)]
        people = [await make() for _ in tokens]

        await asyncio.gather(*map(memberships.accept, people, tokens))

        assert len(await memberships.roles(shop, by=shop)) == 2

    async def test_who_accepts_is_a_member_at_once_with_any_address(
        self, memberships: Memberships, shop: Member, guest: Invited, make: MakeMember
    ) -> None:
        ana = await make()

        result = await memberships.accept(ana, guest.token)

        membership = result["membership"]
        assert (membership["role"], membership["entity"]["id"]) == ("VIEWER", shop.id)
        seen = [member["userId"] for member in membership["entity"]["members"]]
        assert seen == [user_id_of(shop), user_id_of(ana)]
        assert (await memberships.seen(shop, by=shop))["invitations"] == []

    async def test_owners_are_told_who_joined(
        self, memberships: Memberships, shop: Member, guest: Invited, database: Database
    ) -> None:
        ben = await make_partner(database, shop, Role.OWNER)
        cleo = await make_partner(database, shop, Role.TRADER)
        ana = await make_partner(database, ben, Role.VIEWER)

        await memberships.accept(ana, guest.token)

        for owner in (shop, ben):
            assert await mails_to(database, owner.email) == [MailKind.MEMBER_JOINED]
        assert await mails_to(database, cleo.email) == []
        async with database.reading() as session:
            mail = await session.scalar(select(Mail).where(Mail.user_id == ben.user_id))
        assert mail
        assert mail.facts == {
            "entity_id": str(shop.entity_id),
            "user_id": str(ana.user_id),
            "role": "VIEWER",
        }

    async def test_mail_to_the_own_address_verifies_it(
        self,
        memberships: Memberships,
        graphql: GraphQLClient,
        shop: Member,
        guest: Invited,
        database: Database,
    ) -> None:
        ana, ben = await open_account(graphql), await open_account(graphql)
        own = await invited(database, graphql, shop, email=ana.email)

        await memberships.accept(ana.token, own.token)
        await memberships.accept(ben.token, guest.token)

        assert (await graphql(ACCOUNT, by=ana.token))["viewer"]["emailVerifiedAt"]
        assert not (await graphql(ACCOUNT, by=ben.token))["viewer"]["emailVerifiedAt"]


class TestDecline:
    async def test_unknown_token_is_refused(self, memberships: Memberships) -> None:
        assert refusal(await memberships.do("declineInvitation", None, token="x")) == INVALID

    async def test_token_that_has_expired_keeps_nobody_from_it(
        self, memberships: Memberships, guest: Invited
    ) -> None:
        result = await memberships.do("declineInvitation", "no token", token=guest.token)
        assert result["declined"]

    async def test_needs_no_login_and_works_once(
        self, memberships: Memberships, shop: Member, guest: Invited
    ) -> None:
        declined = await memberships.do("declineInvitation", None, token=guest.token)

        assert declined["declined"] is True
        assert (await memberships.seen(shop, by=shop))["invitations"] == []
        again = await memberships.do("declineInvitation", None, token=guest.token)
        assert refusal(again) == INVALID


class TestSignUp:
    async def test_token_that_has_expired_does_not_keep_the_guest_out(
        self, memberships: Memberships, guest: Invited
    ) -> None:
        joined = await memberships.do(
            "signUpWithInvitation", "no token", token=guest.token, password=PASSWORD
        )
        assert joined["user"]["email"] == guest.email

    async def test_everything_that_is_wrong_is_said_and_the_token_stays_good(
        self, memberships: Memberships, guest: Invited
    ) -> None:
        refused = await memberships.do(
            "signUpWithInvitation", None, token=guest.token, password="x", firstName="x" * 101
        )
        assert {tuple(p["path"]) for p in refused["problems"]} == {("password",), ("firstName",)}
        assert "token" in await memberships.do(
            "signUpWithInvitation", None, token=guest.token, password=PASSWORD
        )

    async def test_unknown_token_is_refused(self, memberships: Memberships) -> None:
        refused = await memberships.do("signUpWithInvitation", None, token="x", password=PASSWORD)
        assert refusal(refused) == INVALID

    async def test_who_has_a_login_is_told_to_use_it(
        self,
        memberships: Memberships,
        graphql: GraphQLClient,
        shop: Member,
        make: MakeMember,
        database: Database,
    ) -> None:
        ana = await make()
        guest = await invited(database, graphql, shop, email=ana.email.upper())

        refused = await memberships.do(
            "signUpWithInvitation", None, token=guest.token, password=PASSWORD
        )

        assert refused["code"] == "EMAIL_TAKEN"
        assert "membership" in await memberships.accept(ana, guest.token)

    async def test_one_of_many_at_the_same_moment_joins(
        self, memberships: Memberships, guest: Invited
    ) -> None:
        input_ = {"token": guest.token, "password": PASSWORD}
        found = await asyncio.gather(
            *(memberships.do("signUpWithInvitation", None, **input_) for _ in range(5))
        )
        kinds = sorted(result["__typename"] for result in found)
        assert kinds == [*["InvitationInvalid"] * 4, "SignUpWithInvitationPayload"]

    async def test_makes_a_verified_login_without_an_entity_of_its_own(
        self,
        memberships: Memberships,
        graphql: GraphQLClient,
        shop: Member,
        guest: Invited,
        database: Database,
    ) -> None:
        joined = await memberships.do(
            "signUpWithInvitation", None, token=guest.token, password=PASSWORD
        )

        assert joined["user"]["email"] == guest.email
        assert joined["user"]["emailVerifiedAt"]
        data = await graphql(MEMBERSHIPS, by=joined["token"])
        found = [(m["entity"]["id"], m["role"]) for m in data["viewer"]["memberships"]]
        assert found == [(shop.id, "VIEWER")]
        assert await mails_to(database, guest.email) == []
        assert "token" in await logged_in(graphql, guest.email, PASSWORD)
