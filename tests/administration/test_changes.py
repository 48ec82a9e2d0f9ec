"""Admins change entities and users, and who belongs to what."""

import asyncio

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, Role
from mccs_graphql.schema.ids import NOBODY, IdPrefix, encode_id
from tests.access.askers import join
from tests.administration.desk import Desk, user_id
from tests.clients import GraphQLClient
from tests.factories import MakeAgent, MakeMember, make_admin

NOBODYS_ENTITY = encode_id(IdPrefix.ENTITY, NOBODY)
VIEWER = "query Viewer { viewer { email entities { id } } }"


class TestEntity:
    async def test_that_does_not_exist_is_not_found(self, desk: Desk) -> None:
        result = await desk.do(
            "adminUpdateEntity", entityId=NOBODYS_ENTITY, expectedVersion=1, city="Marlow"
        )

        assert result["code"] == "ENTITY_NOT_FOUND"

    async def test_second_admin_is_told_what_changed(
        self, desk: Desk, graphql: GraphQLClient, database: Database, make: MakeMember
    ) -> None:
        ana, other = await make(), await Desk.of(graphql, database)
        given = {"entityId": ana.id, "expectedVersion": 1}
        await other.do("adminUpdateEntity", **given, city="Marlow", offers=["bread"])

        result = await desk.do("adminUpdateEntity", **given, city="Eskerford")

        assert result["code"] == "ENTITY_CHANGED"
        assert (result["version"], result["changed"]) == (2, ["city", "offers"])

    async def test_of_two_admins_at_once_one_is_told(self, desk: Desk, make: MakeMember) -> None:
        ana = await make()
        given = {"entityId": ana.id, "expectedVersion": 1}

        results = await asyncio.gather(
            *(desk.do("adminUpdateEntity", **given, city=city) for city in ("Here", "There"))
        )

        assert sorted(result["__typename"] for result in results) == [
            "EntityChanged",
            "EntityPayload",
        ]

    async def test_is_changed(self, desk: Desk, make: MakeMember) -> None:
        ana = await make()

        result = await desk.do(
            "adminUpdateEntity", entityId=ana.id, expectedVersion=1, name="The Old Mill"
        )

        assert (result["entity"]["name"], result["entity"]["version"]) == ("The Old Mill", 2)


class TestUser:
    async def test_login_of_an_admin_is_not_changed(self, desk: Desk, database: Database) -> None:
        owner = await make_admin(database, AdminRole.OWNER)

        result = await desk.do(
            "adminUpdateUser", userId=user_id(owner), expectedVersion=1, email="mine@example.com"
        )

        assert result["code"] == "USER_IS_ADMIN"

    async def test_address_of_another_is_refused(self, desk: Desk, make: MakeMember) -> None:
        ana, ben = await make(), await make()

        result = await desk.do(
            "adminUpdateUser", userId=user_id(ana), expectedVersion=1, email=ben.email.upper()
        )

        assert result["code"] == "EMAIL_TAKEN"

    async def test_address_cannot_be_cleared(self, desk: Desk, make: MakeMember) -> None:
        result = await desk.do(
            "adminUpdateUser", userId=user_id(await make()), expectedVersion=1, email=None
        )

        assert result["code"] == "INVALID_INPUT"

    async def test_second_admin_is_told_what_changed(self, desk: Desk, make: MakeMember) -> None:
        given = {"userId": user_id(await make()), "expectedVersion": 1}
        await desk.do("adminUpdateUser", **given, lastName="Miller")

        result = await desk.do("adminUpdateUser", **given, lastName="Mills")

        assert result["code"] == "USER_CHANGED"
        assert (result["version"], result["changed"]) == (2, ["lastName"])

    async def test_new_address_has_to_be_verified(
        self, desk: Desk, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana = await make()
        new = f"new-{ana.email}"

        result = await desk.do("adminUpdateUser", userId=user_id(ana), expectedVersion=1, email=new)

        assert result["user"]["email"] == new
        seen = await graphql("query Me { viewer { email emailVerifiedAt version } }", by=ana)
        assert seen["viewer"] == {"email": new, "emailVerifiedAt": None, "version": 2}


class TestAssociation:
    async def test_admin_belongs_to_no_entity(
        self, desk: Desk, database: Database, make: MakeMember
    ) -> None:
        ana, admin = await make(), await make_admin(database, AdminRole.AUDITOR)

        result = await desk.do("linkUser", entityId=ana.id, userId=user_id(admin), role="VIEWER")

        assert result["code"] == "USER_IS_ADMIN"

    async def test_last_owner_stays(self, desk: Desk, make: MakeMember) -> None:
        ana = await make()
        given = {"entityId": ana.id, "userId": user_id(ana)}

        unlinked = await desk.do("unlinkUser", **given)
        demoted = await desk.do("linkUser", **given, role="VIEWER")

        assert unlinked["code"] == demoted["code"] == "LAST_OWNER"
        assert unlinked["entities"] == [ana.id]

    async def test_who_does_not_belong_is_not_unlinked(self, desk: Desk, make: MakeMember) -> None:
        ana, ben = await make(), await make()

        result = await desk.do("unlinkUser", entityId=ana.id, userId=user_id(ben))

        assert result["code"] == "NOT_ASSOCIATED"

    async def test_two_owners_unlinked_at_once_leave_one(
        self, desk: Desk, database: Database, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        await join(database, ben, ana, Role.OWNER)

        results = await asyncio.gather(
            *(desk.do("unlinkUser", entityId=ana.id, userId=user_id(each)) for each in (ana, ben))
        )

        assert sorted(result["__typename"] for result in results) == [
            "AssociationPayload",
            "LastOwner",
        ]

    @pytest.mark.parametrize("how", ["unlinkUser", "linkUser"])
    async def test_tokens_of_who_owned_it_do_not_come_back(
        self,
        desk: Desk,
        database: Database,
        graphql: GraphQLClient,
        make: MakeMember,
        agent: MakeAgent,
        how: str,
    ) -> None:
        ana, ben = await make(), await make()
        await join(database, ben, ana, Role.OWNER)
        robot, given = await agent(ana), {"entityId": ana.id, "userId": user_id(ana)}
        demoted = {"role": "VIEWER"} if how == "linkUser" else {}

        await desk.do(how, **given, **demoted)
        await desk.do("linkUser", **given, role="OWNER")

        assert await graphql.code("{ apiToken { id } }", by=robot) == "UNAUTHENTICATED"

    async def test_linked_user_belongs_to_both(
        self, desk: Desk, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()

        result = await desk.do("linkUser", entityId=ana.id, userId=user_id(ben), role="TRADER")

        assert {entity["id"] for entity in result["user"]["entities"]} == {ana.id, ben.id}
        seen = await graphql(VIEWER, by=ben)
        assert {entity["id"] for entity in seen["viewer"]["entities"]} == {ana.id, ben.id}
