"""Who runs the community: made, changed and removed by owners, never by themselves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Admin, AdminRole, AuditEntry, MailKind, User
from mccs_graphql.domain.identity.admins import ADMINS_MAX
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live
from tests.factories import Login, MakeMember, dismiss_admins, make_admin
from tests.mails import mails_to, token_for
from tests.resolvers.accounts import RESET
from tests.resolvers.test_events import error_code
from tests.resolvers.test_identity import LISTEN, logged_in, new_email
from tests.trading import Trading

ADMINS = """
{ admins { id name email role since createdBy secondFactor lastLogInAt } }
"""
CREATE = """
mutation Create($input: CreateAdminInput!) {
  result: createAdmin(input: $input) {
    __typename
    ... on AdminPayload { admin { id name email role createdBy secondFactor lastLogInAt } }
    ... on UserError { code path }
    ... on TooManyAdmins { most }
  }
}"""
CHANGE = """
mutation Change($input: ChangeAdminRoleInput!) {
  result: changeAdminRole(input: $input) {
    __typename
    ... on AdminPayload { admin { role } }
    ... on UserError { code path }
    ... on AdminRoleChanged { role }
  }
}"""
REMOVE = """
mutation Remove($input: RemoveAdminInput!) {
  result: removeAdmin(input: $input) {
    __typename
    ... on RemoveAdminPayload { removedId endedSessions }
    ... on UserError { code path }
  }
}"""
ROLE = "{ viewer { adminRole } }"
BOOKS = "query Books($id: ID!) { entity(id: $id) { account { balance } } }"
FILL = """
WITH made AS (
    INSERT INTO users (id, email, password_hash, first_name, last_name, telephone)
    SELECT gen_random_uuid(), gen_random_uuid() || '@example.com', '!', '', '', ''
      FROM generate_series(2, :most) RETURNING id
)
INSERT INTO admins (user_id, role) SELECT id, 'AUDITOR' FROM made
"""
PASSWORD = "bread-4-shelves"


@pytest.fixture
async def owner(database: Database) -> Login:
    """The only admin there is."""
    await dismiss_admins(database)
    return await make_admin(database, AdminRole.OWNER)


@pytest.fixture
async def auditor(database: Database, owner: Login) -> Login:
    """The other one."""
    return await make_admin(database, AdminRole.AUDITOR)


@pytest.fixture
async def strict(settings: Settings) -> AsyncIterator[GraphQLClient]:
    """A client of an application that asks admins for a second factor."""
    app = create_app(settings.model_copy(update={"admin_second_factor": True}))
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client


def id_of(login: Login) -> str:
    return encode_id(IdPrefix.ADMIN, login.user_id)


async def do(graphql: GraphQLClient, document: str, by: Login, **fields: Any) -> dict[str, Any]:
    result: dict[str, Any] = (await graphql(document, by=by, input=fields))["result"]
    return result


async def roles_in(database: Database) -> list[AdminRole]:
    async with database.reading() as session:
        return list(await session.scalars(select(Admin.role).order_by(Admin.role)))


class TestWithoutSecondFactor:
    async def test_owner_has_no_powers_and_is_told_why(
        self, strict: GraphQLClient, owner: Login, auditor: Login
    ) -> None:
        answer = await strict.send(REMOVE, by=owner, input={"id": id_of(auditor)})

        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert "beginSecondFactor" in error["message"]
        assert await strict(ROLE, by=owner) == {"viewer": {"adminRole": "OWNER"}}

    async def test_books_stay_closed(
        self, strict: GraphQLClient, graphql: GraphQLClient, owner: Login, make: MakeMember
    ) -> None:
        shop = await make()

        assert (await strict(BOOKS, by=owner, id=shop.id))["entity"]["account"] is None
        assert (await graphql(BOOKS, by=owner, id=shop.id))["entity"]["account"] is not None

    async def test_powers_come_with_the_second_factor(
        self, strict: GraphQLClient, database: Database, owner: Login
    ) -> None:
        async with database.writing() as session:
            user = await session.get_one(User, owner.user_id)
            user.second_factor_at = datetime.now(UTC)

        (listed,) = (await strict(ADMINS, by=owner))["admins"]

        assert listed["secondFactor"]


class TestMembers:
    async def test_owner_of_an_entity_is_told_that_it_is_for_admins(
        self, graphql: GraphQLClient, make: MakeMember
    ) -> None:
        answer = await graphql.send(ADMINS, by=await make())

        assert answer["errors"][0]["message"] == "This is for admins of the community."

    async def test_member_has_no_admin_role(self, graphql: GraphQLClient, make: MakeMember) -> None:
        assert await graphql(ROLE, by=await make()) == {"viewer": {"adminRole": None}}


class TestCreate:
    @pytest.mark.parametrize("role", [AdminRole.ADMIN, AdminRole.MODERATOR, AdminRole.AUDITOR])
    async def test_lower_role_may_not(
        self, graphql: GraphQLClient, database: Database, role: AdminRole
    ) -> None:
        admin = await make_admin(database, role)
        input_ = {"email": new_email(), "role": "AUDITOR"}

        assert await graphql.code(CREATE, by=admin, input=input_) == "FORBIDDEN"

    async def test_address_of_a_member_is_refused(
        self, graphql: GraphQLClient, owner: Login, make: MakeMember
    ) -> None:
        email = (await make()).email.upper()

        result = await do(graphql, CREATE, owner, email=email, role="ADMIN")

        assert (result["code"], result["path"]) == ("EMAIL_TAKEN", ["email"])

    async def test_what_is_no_address_is_refused(
        self, graphql: GraphQLClient, owner: Login
    ) -> None:
        result = await do(graphql, CREATE, owner, email="nowhere", role="ADMIN")

        assert result["code"] == "INVALID_INPUT"

    async def test_too_many_are_refused(
        self, graphql: GraphQLClient, database: Database, owner: Login
    ) -> None:
        async with database.writing() as session:
            await session.execute(text(FILL), {"most": ADMINS_MAX})

        result = await do(graphql, CREATE, owner, email=new_email(), role="ADMIN")

        assert (result["code"], result["most"]) == ("TOO_MANY_ADMINS", ADMINS_MAX)
        assert len((await graphql(ADMINS, by=owner))["admins"]) == ADMINS_MAX

    async def test_new_admin_is_listed_with_its_maker(
        self, graphql: GraphQLClient, owner: Login
    ) -> None:
        email = new_email()

        result = await do(
            graphql, CREATE, owner, email=email, role="MODERATOR", name="Ada van Loon"
        )

        first, second = (await graphql(ADMINS, by=owner))["admins"]
        assert (first["email"], first["role"], first["createdBy"]) == (owner.email, "OWNER", None)
        assert second.items() >= result["admin"].items()
        assert {**result["admin"], "id": None} == {
            "id": None,
            "name": "Ada van Loon",
            "email": email,
            "role": "MODERATOR",
            "createdBy": owner.email,
            "secondFactor": False,
            "lastLogInAt": None,
        }

    async def test_new_admin_chooses_a_password_by_mail(
        self, graphql: GraphQLClient, database: Database, owner: Login
    ) -> None:
        email = new_email()
        await do(graphql, CREATE, owner, email=email, role="ADMIN")
        async with database.reading() as session:
            user_id = await session.scalar(
                select(Admin.user_id).where(Admin.created_by == owner.user_id)
            )
        assert user_id
        assert await mails_to(database, email) == [MailKind.PASSWORD_RESET]

        token = await token_for(database, user_id, MailKind.PASSWORD_RESET)
        await graphql(RESET, input={"token": token, "newPassword": PASSWORD})

        log_in = await logged_in(graphql, email, PASSWORD)
        assert await graphql(ROLE, by=log_in["token"]) == {"viewer": {"adminRole": "ADMIN"}}


class TestChangeRole:
    @pytest.mark.parametrize("role", ["OWNER", "AUDITOR"])
    async def test_own_role_is_refused(
        self, graphql: GraphQLClient, database: Database, owner: Login, role: str
    ) -> None:
        given = {"id": id_of(owner), "expectedRole": "OWNER", "role": role}

        assert (await do(graphql, CHANGE, owner, **given))["code"] == "OWN_ADMIN_ROLE"
        assert await roles_in(database) == [AdminRole.OWNER]

    @pytest.mark.parametrize("role", [AdminRole.ADMIN, AdminRole.MODERATOR, AdminRole.AUDITOR])
    async def test_nobody_raises_himself(
        self, graphql: GraphQLClient, database: Database, owner: Login, role: AdminRole
    ) -> None:
        admin = await make_admin(database, role)
        input_ = {"id": id_of(admin), "expectedRole": role, "role": "OWNER"}

        assert await graphql.code(CHANGE, by=admin, input=input_) == "FORBIDDEN"
        assert await roles_in(database) == sorted([role, AdminRole.OWNER])

    async def test_member_is_not_found(
        self, graphql: GraphQLClient, owner: Login, make: MakeMember
    ) -> None:
        given = {"id": id_of(await make()), "expectedRole": "AUDITOR", "role": "OWNER"}

        assert (await do(graphql, CHANGE, owner, **given))["code"] == "ADMIN_NOT_FOUND"

    async def test_other_role_than_expected_is_told(
        self, graphql: GraphQLClient, owner: Login, auditor: Login
    ) -> None:
        given = {"id": id_of(auditor), "expectedRole": "ADMIN", "role": "OWNER"}

        result = await do(graphql, CHANGE, owner, **given)

        assert (result["code"], result["role"]) == ("ADMIN_ROLE_CHANGED", "AUDITOR")

    async def test_change_holds_at_once_and_may_be_said_again(
        self, graphql: GraphQLClient, owner: Login, auditor: Login
    ) -> None:
        given = {"id": id_of(auditor), "expectedRole": "AUDITOR", "role": "OWNER"}

        results = [await do(graphql, CHANGE, owner, **given) for _ in range(2)]

        assert [result["admin"]["role"] for result in results] == ["OWNER", "OWNER"]
        assert await graphql(ROLE, by=auditor) == {"viewer": {"adminRole": "OWNER"}}


class TestRemove:
    async def test_owner_cannot_remove_himself(
        self, graphql: GraphQLClient, database: Database, owner: Login
    ) -> None:
        assert (await do(graphql, REMOVE, owner, id=id_of(owner)))["code"] == "OWN_ADMIN_ROLE"
        assert await roles_in(database) == [AdminRole.OWNER]

    async def test_removed_admin_is_not_found_again(
        self, graphql: GraphQLClient, owner: Login, auditor: Login
    ) -> None:
        await do(graphql, REMOVE, owner, id=id_of(auditor))

        assert (await do(graphql, REMOVE, owner, id=id_of(auditor)))["code"] == "ADMIN_NOT_FOUND"

    async def test_sessions_end_at_once(
        self, graphql: GraphQLClient, owner: Login, auditor: Login
    ) -> None:
        result = await do(graphql, REMOVE, owner, id=id_of(auditor))

        assert (result["removedId"], result["endedSessions"]) == (id_of(auditor), 1)
        assert await graphql.code(ROLE, by=auditor) == "UNAUTHENTICATED"

    async def test_open_subscription_tells_nothing_more(
        self, graphql: GraphQLClient, live: Live, owner: Login, auditor: Login, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        async with live.subscription(LISTEN, by=auditor, id=ana.id) as events:
            await events.next()
            await do(graphql, REMOVE, owner, id=id_of(auditor))
            await Trading(graphql).proposed(ana, ben, "1.00")

            assert await error_code(events) == "UNAUTHENTICATED"

    @pytest.mark.parametrize("document", [REMOVE, CHANGE], ids=["remove", "demote"])
    async def test_of_two_owners_at_each_other_one_stays(
        self, graphql: GraphQLClient, database: Database, owner: Login, document: str
    ) -> None:
        other = await make_admin(database, AdminRole.OWNER)
        more = {"expectedRole": "OWNER", "role": "AUDITOR"} if document == CHANGE else {}

        answers = await asyncio.gather(
            graphql.send(document, by=owner, input={"id": id_of(other), **more}),
            graphql.send(document, by=other, input={"id": id_of(owner), **more}),
        )

        assert sorted("errors" in answer for answer in answers) == [False, True], answers
        assert (await roles_in(database)).count(AdminRole.OWNER) == 1


async def test_each_change_leaves_a_trace(
    graphql: GraphQLClient, database: Database, owner: Login, auditor: Login
) -> None:
    given = {"id": id_of(auditor), "expectedRole": "AUDITOR", "role": "ADMIN"}
    await do(graphql, CREATE, owner, email=new_email(), role="AUDITOR")
    await do(graphql, CHANGE, owner, **given)
    await do(graphql, CHANGE, owner, **given | {"id": id_of(owner)})
    await do(graphql, REMOVE, owner, id=id_of(auditor))

    entries = select(AuditEntry.action, AuditEntry.refusal).order_by(AuditEntry.id)
    async with database.reading() as session:
        found = await session.execute(entries.where(AuditEntry.actor_id == owner.user_id))
        assert [tuple(row) for row in found] == [
            ("createAdmin", None),
            ("changeAdminRole", None),
            ("changeAdminRole", "OWN_ADMIN_ROLE"),
            ("removeAdmin", None),
        ]


async def test_list_takes_one_statement(
    graphql: GraphQLClient,
    owner: Login,
    auditor: Login,
    counting: AbstractContextManager[list[str]],
) -> None:
    with counting as statements:
        listed = (await graphql(ADMINS, by=owner))["admins"]

    assert [admin["id"] for admin in listed] == [id_of(owner), id_of(auditor)]
    assert len([sql for sql in statements if "FROM admins" in sql]) == 1
