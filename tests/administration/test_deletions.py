"""Admins delete entities and users: the books stay, what is personal goes."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, AuditEntry, EntityStatus, Role
from mccs_graphql.domain.audit.sealing import seal_of
from mccs_graphql.domain.ledger.books import check_books
from tests.access.askers import join
from tests.administration.desk import Desk, user_id
from tests.administration.remains import tables_with
from tests.clients import GraphQLClient
from tests.contacts import Contacts
from tests.factories import MakeMember, Member, make_admin
from tests.invitations import Memberships, invited
from tests.profiles import Profiles
from tests.trading import Trading

PREVIEW = """
query Preview($id: ID!) {
  previewEntityDeletion(id: $id) {
    balance openProposals members erasedEntries leftWithoutEntity { email }
  }
}"""
PREVIEW_USER = """
query Preview($id: ID!) {
  previewUserDeletion(id: $id) { user { email } sessions erasedEntries ownedAlone { id } }
}"""


async def entries_about(database: Database, id_: Any) -> list[AuditEntry]:
    async with database.reading() as session:
        found = await session.scalars(
            select(AuditEntry).where(AuditEntry.subjects.contains([id_])).order_by(AuditEntry.id)
        )
        return list(found)


class TestEntity:
    async def test_with_a_balance_is_refused(
        self, desk: Desk, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "10.00")

        result = await desk.delete(ben)

        assert (result["code"], result["balance"]) == ("BALANCE_NOT_SETTLED", "10.00")

    async def test_with_open_proposals_is_refused(
        self, desk: Desk, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.proposed(ana, ben)

        result = await desk.delete(ben)

        assert (result["code"], result["open"]) == ("PROPOSALS_OPEN", 1)

    async def test_of_another_version_is_refused(self, desk: Desk, make: MakeMember) -> None:
        assert (await desk.delete(await make(), version=2))["code"] == "ENTITY_CHANGED"

    @pytest.mark.parametrize(
        "wishes", [{"ceiling": "5.00"}, {"status": EntityStatus.ACCEPTED}], ids=["full", "idle"]
    )
    async def test_is_not_settled_with_who_cannot_take_it(
        self, desk: Desk, make: MakeMember, trading: Trading, wishes: dict[str, Any]
    ) -> None:
        ana, ben, other = await make(), await make(), await make(**wishes)
        await trading.pay(ana, ben, "10.00")

        result = await desk.delete(ben, settleWith=other.id)

        assert result["code"] == "SETTLEMENT_NOT_POSSIBLE"
        assert await trading.balance(ben) == "10.00"

    async def test_is_not_settled_with_itself(
        self, desk: Desk, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "10.00")

        assert (await desk.delete(ben, settleWith=ben.id))["code"] == "SETTLEMENT_NOT_POSSIBLE"

    @pytest.mark.parametrize("owes", [True, False], ids=["owes", "is owed"])
    async def test_balance_is_settled_and_proposals_are_cancelled(
        self, desk: Desk, make: MakeMember, trading: Trading, database: Database, owes: bool
    ) -> None:
        ana, ben, fund = await make(), await make(), await make()
        await trading.pay(*((ben, ana) if owes else (ana, ben)), "10.00")
        await trading.proposed(ana, ben)

        result = await desk.delete(ben, settleWith=fund.id, proposals="CANCEL", reason="Closed.")

        sides = (fund.id, ben.id) if owes else (ben.id, fund.id)
        assert result["cancelledProposals"] == 1
        assert result["settlement"] == {
            "state": "COMPLETED",
            "amount": "10.00",
            "payer": {"id": sides[0]},
            "payee": {"id": sides[1]},
        }
        assert await trading.balance(fund) == ("-10.00" if owes else "10.00")
        newest, _ = await trading.transfers(ana)
        assert (newest["state"], newest["cancelledBy"]) == ("CANCELLED", "ADMIN")
        async with database.snapshot() as session:
            assert (await check_books(session, progress=lambda _: None)).balanced

    async def test_says_before_what_it_will_do(
        self, desk: Desk, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "10.00")
        await trading.proposed(ana, ben)

        shown = await desk.graphql(PREVIEW, by=desk.admin, id=ben.id)

        assert shown["previewEntityDeletion"] == {
            "balance": "10.00",
            "openProposals": 1,
            "members": 1,
            "erasedEntries": 0,
            "leftWithoutEntity": [{"email": ben.email}],
        }

    async def test_nothing_personal_is_left(
        self,
        desk: Desk,
        make: MakeMember,
        profiles: Profiles,
        graphql: GraphQLClient,
        database: Database,
    ) -> None:
        secret, ana, ben = "Zanzibarian", await make(), await make()
        contacts = Contacts(graphql)
        await profiles.updated(ana, description=secret, email="zanzibarian@example.com")
        await contacts.write(ana, ben, f"I am the {secret}.")
        await contacts.favorite(ben, ana.id)
        assert await tables_with(database, secret) == {
            *("entities", "contact_messages", "audit_entries"),
        }

        result = await desk.delete(ana, version=2)

        assert result["entity"]["name"] == "Deleted entity"
        assert result["entity"]["deletedAt"]
        assert await tables_with(database, secret) == set()
        assert await tables_with(database, "zanzibarian@") == set()

    async def test_is_nowhere_any_more(
        self, desk: Desk, make: MakeMember, graphql: GraphQLClient, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        await desk.delete(ana)

        assert (await graphql("query E($id: ID!) { entity(id: $id) { id } }", id=ana.id)) == {
            "entity": None
        }
        assert (await graphql("query V { viewer { entities { id } } }", by=ana))["viewer"] == {
            "entities": []
        }
        assert (await trading.propose(ben, ana))["code"] == "RECEIVER_NOT_FOUND"
        assert (await desk.delete(ana, version=2))["code"] == "ENTITY_NOT_FOUND"
        assert (await desk.decide(ana, "ACCEPTED", version=2))["code"] == "ENTITY_NOT_FOUND"

    async def test_of_two_at_once_one_deletes(self, desk: Desk, make: MakeMember) -> None:
        ana = await make()

        results = await asyncio.gather(desk.delete(ana), desk.delete(ana))

        assert sorted(result["__typename"] for result in results) == [
            "DeleteEntityPayload",
            "EntityNotFound",
        ]

    async def test_deleting_and_paying_at_once_keeps_the_books(
        self, desk: Desk, make: MakeMember, trading: Trading, database: Database
    ) -> None:
        ana, ben, fund = await make(), await make(), await make()
        ids = [await trading.proposed(ana, ben, "1.00") for _ in range(4)]

        deleted, *accepted = await asyncio.gather(
            desk.delete(ben, proposals="CANCEL", settleWith=fund.id),
            *(trading.accept(ben, id_) for id_ in ids),
            *(trading.propose(ana, ben, "1.00") for _ in range(4)),
        )

        assert deleted["__typename"] in {"DeleteEntityPayload", "ProposalsOpen"}, deleted
        assert all("__typename" in each for each in accepted)
        async with database.snapshot() as session:
            assert (await check_books(session, progress=lambda _: None)).balanced


class TestTrail:
    async def test_loses_its_details_in_favour_of_one_entry(
        self, desk: Desk, make: MakeMember, profiles: Profiles, database: Database
    ) -> None:
        ana = await make()
        await profiles.updated(ana, city="Zanzibar")
        (before,) = await entries_about(database, ana.entity_id)

        await desk.delete(ana, version=2, reason="Asked to.")

        updated, deleted = await entries_about(database, ana.entity_id)
        assert (updated.details, updated.salt, updated.erased_by) == (None, None, deleted.id)
        assert seal_of(updated, after=b"") == seal_of(before, after=b"")
        assert deleted.details
        assert deleted.details["reason"] == "Asked to."
        assert "Zanzibar" not in str(deleted.details)

    async def test_keeps_what_it_says_of_payments(
        self, desk: Desk, make: MakeMember, trading: Trading, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        await trading.reject(ben, await trading.proposed(ana, ben))

        await desk.delete(ana)

        proposed, rejected, _ = await entries_about(database, ana.entity_id)
        assert proposed.details
        assert rejected.details

    async def test_loses_what_it_says_of_a_user(
        self, desk: Desk, make: MakeMember, profiles: Profiles, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        await join(database, ben, ana, Role.EDITOR)
        await profiles.update_user(ben, lastName="Zanzibarian")
        await desk.delete(ben)

        await desk.delete_user(ben, version=2)

        *_, deleted = entries = await entries_about(database, ben.user_id)
        assert {entry.erased_by for entry in entries} == {None, deleted.id}
        assert await tables_with(database, "Zanzibarian") == set()


class TestUser:
    async def test_only_owner_is_refused(self, desk: Desk, make: MakeMember) -> None:
        ana = await make()

        result = await desk.delete_user(ana)

        assert (result["code"], result["entities"]) == ("LAST_OWNER", [ana.id])

    async def test_admin_is_refused(self, desk: Desk, database: Database) -> None:
        owner = await make_admin(database, AdminRole.OWNER)

        result = await desk.do("deleteUser", userId=user_id(owner), expectedVersion=1)

        assert result["code"] == "USER_IS_ADMIN"

    async def test_of_another_version_is_refused(self, desk: Desk, make: MakeMember) -> None:
        assert (await desk.delete_user(await make(), version=2))["code"] == "USER_CHANGED"

    async def test_says_before_what_it_will_do(self, desk: Desk, make: MakeMember) -> None:
        ana = await make()

        shown = await desk.graphql(PREVIEW_USER, by=desk.admin, id=user_id(ana))

        assert shown["previewUserDeletion"] == {
            "user": {"email": ana.email},
            "sessions": 1,
            "erasedEntries": 0,
            "ownedAlone": [{"id": ana.id}],
        }

    async def test_sessions_end_and_the_address_is_free(
        self, desk: Desk, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana, _ = await _owner_and_other(make, database)

        result = await desk.delete_user(ana)

        assert result["user"]["deletedAt"]
        assert result["user"]["entities"] == []
        assert await graphql.code("query V { viewer { id } }", by=ana) == "UNAUTHENTICATED"
        assert await tables_with(database, ana.email) == {"entities"}  # its own, until changed
        await make(email=ana.email)
        assert (await desk.delete_user(ana, version=2))["code"] == "USER_NOT_FOUND"

    async def test_of_two_owners_deleted_at_once_one_stays(
        self, desk: Desk, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await _owner_and_other(make, database)
        await desk.delete(ben)

        results = await asyncio.gather(*(desk.delete_user(each) for each in (ana, ben)))

        assert sorted(result["__typename"] for result in results) == [
            "DeleteUserPayload",
            "LastOwner",
        ]


async def _owner_and_other(make: MakeMember, database: Database) -> tuple[Member, Member]:
    """An owner of an entity that has another owner too."""
    ana, ben = await make(), await make()
    await join(database, ben, ana, Role.OWNER)
    return ana, ben


async def test_invitation_of_a_deleted_entity_is_gone(
    desk: Desk, make: MakeMember, database: Database, graphql: GraphQLClient
) -> None:
    shop = await make()
    guest = await invited(database, graphql, shop)
    await desk.delete(shop)
    refusal = await Memberships(graphql).accept(await make(), guest.token)
    assert refusal["code"] == "INVITATION_INVALID"
    assert await tables_with(database, guest.email) == set()


async def test_invitation_by_a_deleted_user_is_gone(
    desk: Desk, make: MakeMember, database: Database, graphql: GraphQLClient
) -> None:
    shop, partner = await make(), await make()
    await join(database, partner, shop, Role.OWNER)
    guest = await invited(database, graphql, shop)
    await desk.delete_user(shop)
    refusal = await Memberships(graphql).accept(await make(), guest.token)
    assert refusal["code"] == "INVITATION_INVALID"
