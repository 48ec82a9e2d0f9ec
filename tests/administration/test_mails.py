"""Admins see which mails have failed, and have them tried again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    ActorKind,
    AdminRole,
    AuditEntry,
    AuditOutcome,
    MailKind,
    MailState,
    Scope,
)
from mccs_graphql.db.queries import mail_search
from mccs_graphql.domain.mails.retrying import RETRIED_MAX
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.settings import Settings
from tests.administration.desk import user_id
from tests.clients import GraphQLClient
from tests.factories import Login, MakeAgent, MakeMember, Member, make_admin, make_member
from tests.mails import change, mail_of, queue, queue_contact, queue_invitation, waits_for

MAILS = """
query Mails($filter: MailFilterInput, $first: Int, $after: String, $last: Int, $before: String) {
  mails(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes {
      id kind state attempts createdAt attemptedAt dueAt sentAt reason
      user { id } entity { id }
    }
  }
}"""
RETRY = """
mutation Retry($input: RetryMailsInput!) {
  retryMails(input: $input) {
    __typename
    ... on RetryMailsPayload { outcomes {
      mailId
      mail { id state attempts dueAt }
      refusal { ... on UserError { code path } ... on MailNotFailed { state } }
    } }
    ... on InvalidInput { problems { path code } }
  }
}"""
REASON = "550 5.1.1 No such user"


@pytest.fixture
async def own(empty_settings: Settings) -> AsyncIterator[GraphQLClient]:
    """The application on an empty database."""
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client


@pytest.fixture
async def admin(empty_database: Database) -> Login:
    return await make_admin(empty_database, AdminRole.ADMIN)


@pytest.fixture
async def ana(empty_database: Database) -> Member:
    return await make_member(empty_database)


async def fail(database: Database, mail_id: UUID) -> str:
    """The mail was refused; its id as admins see it."""
    error = {"state": MailState.FAILED, "error": REASON, "attempts": 3}
    await change(database, mail_id, **error, attempted_at=func.now())
    return encode_id(IdPrefix.MAIL, mail_id)


async def dead(database: Database, to: Member | None, kind: MailKind = MailKind.CONTACT) -> str:
    """A mail that has failed."""
    return await fail(database, await queue(database, to, kind))


async def listed(client: GraphQLClient, by: Login, **wishes: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client(MAILS, by=by, **wishes))["mails"]
    return found


async def ids_of(client: GraphQLClient, by: Login, **filter_: Any) -> list[str]:
    return [node["id"] for node in (await listed(client, by, filter=filter_))["nodes"]]


async def retry(client: GraphQLClient, by: Login, *ids: str) -> Any:
    return (await client(RETRY, by=by, input={"ids": ids}))["retryMails"]


async def outcomes(client: GraphQLClient, by: Login, *ids: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await retry(client, by, *ids))["outcomes"]
    return found


class TestWhoMay:
    async def test_neither_members_nor_their_agents_see_mails(
        self, graphql: GraphQLClient, make: MakeMember, agent: MakeAgent
    ) -> None:
        member = await make()

        for asker in (member, await agent(member, *Scope)):
            assert await graphql.code(MAILS, by=asker) == "FORBIDDEN"

    @pytest.mark.parametrize("role", [AdminRole.AUDITOR, AdminRole.MODERATOR])
    async def test_lesser_admin_sees_mails_and_retries_none(
        self, own: GraphQLClient, empty_database: Database, ana: Member, role: AdminRole
    ) -> None:
        asker, id_ = await make_admin(empty_database, role), await dead(empty_database, ana)

        assert await ids_of(own, asker) == [id_]
        assert await own.code(RETRY, by=asker, input={"ids": [id_]}) == "FORBIDDEN"


class TestList:
    async def test_failed_mail_shows_why_and_to_whom_but_no_address(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        id_ = await dead(empty_database, ana, MailKind.NEW_DEVICE)

        found = await listed(own, admin)

        (node,) = found["nodes"]
        assert (node["id"], node["kind"]) == (id_, "NEW_DEVICE")
        assert (node["user"], node["entity"]) == ({"id": user_id(ana)}, None)
        assert (node["state"], node["attempts"], node["reason"]) == ("FAILED", 3, REASON)
        assert (node["dueAt"], node["sentAt"]) == (None, None)
        assert ana.email not in str(found)

    async def test_mail_to_an_entity_names_it(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        ben = await make_member(empty_database)
        await fail(empty_database, await queue_contact(empty_database, ana, ben, "Pst!"))

        found = await listed(own, admin)

        (node,) = found["nodes"]
        assert (node["user"], node["entity"]) == (None, {"id": ben.id})
        assert "Pst!" not in str(found)

    async def test_mail_to_who_is_no_user_names_nobody(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        await queue_invitation(empty_database, ana, "guest@example.com")

        found = await listed(own, admin, filter={"state": ["QUEUED"]})

        (node,) = found["nodes"]
        assert (node["kind"], node["user"], node["entity"]) == ("INVITATION", None, None)
        assert "guest" not in str(found)

    async def test_only_failed_ones_come_unless_others_are_asked_for(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        failed = await dead(empty_database, ana)
        waiting = encode_id(IdPrefix.MAIL, await queue(empty_database, ana))

        assert await ids_of(own, admin) == await ids_of(own, admin, state=[]) == [failed]
        assert await ids_of(own, admin, state=["QUEUED"]) == [waiting]
        assert await ids_of(own, admin, state=["FAILED", "QUEUED", "SENT"]) == [waiting, failed]

    async def test_list_is_narrowed_by_kind_and_time(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        old = await queue(empty_database, ana)
        kinds = [MailKind.PASSWORD_RESET, MailKind.NEW_DEVICE]
        _, reset, device = [
            await fail(empty_database, old),
            *[await dead(empty_database, ana, kind) for kind in kinds],
        ]
        await change(empty_database, old, created_at=func.now() - timedelta(days=2))
        moment = (datetime.now(UTC) - timedelta(days=1)).isoformat()

        assert await ids_of(own, admin, kind=["NEW_DEVICE"]) == [device]
        assert await ids_of(own, admin, **{"from": moment}) == [device, reset]
        assert await ids_of(own, admin, to=moment) == [encode_id(IdPrefix.MAIL, old)]

    async def test_pages_go_on_over_several_states_both_ways(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        made = [await queue(empty_database, ana) for _ in range(4)]
        ids = [encode_id(IdPrefix.MAIL, id_) for id_ in reversed(made)]
        for id_ in made[::2]:
            await fail(empty_database, id_)
        both = {"filter": {"state": ["QUEUED", "FAILED"]}}

        first = await listed(own, admin, first=3, **both)
        rest = await listed(own, admin, after=first["pageInfo"]["endCursor"], **both)
        back = await listed(own, admin, last=2, before=rest["pageInfo"]["startCursor"], **both)

        assert [node["id"] for node in first["nodes"] + rest["nodes"]] == ids
        assert [node["id"] for node in back["nodes"]] == ids[1:3]
        assert (first["totalCount"], back["pageInfo"]["hasPreviousPage"]) == (4, True)

    async def test_long_outbox_is_not_counted_to_its_end(
        self,
        own: GraphQLClient,
        empty_database: Database,
        ana: Member,
        admin: Login,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(mail_search, "COUNTED_MAX", 2)
        for count in (1, 2, None):
            await dead(empty_database, ana)
            assert (await listed(own, admin))["totalCount"] == count

    async def test_page_costs_as_much_as_one_mail(
        self, graphql: GraphQLClient, database: Database, make: MakeMember, counting: Any
    ) -> None:
        auditor = await make_admin(database, AdminRole.AUDITOR)
        for _ in range(3):
            member = await make()
            await dead(database, member)
            await fail(database, await queue_contact(database, member, await make()))

        with counting as statements:
            await listed(graphql, auditor, first=2)
            few = len(statements)
            await listed(graphql, auditor, first=6)

        assert few == 5, "who asks, the mails, their number, the users and the entities"
        assert len(statements) == 2 * few


class TestRetry:
    async def test_too_many_at_once_are_refused(self, own: GraphQLClient, admin: Login) -> None:
        ids = [encode_id(IdPrefix.MAIL, uuid4()) for _ in range(RETRIED_MAX + 1)]

        assert (await retry(own, admin, *ids))["problems"] == [
            {"path": ["ids"], "code": "TOO_MANY"}
        ]

    async def test_each_that_cannot_be_tried_again_is_said_to_be_so(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        waiting = encode_id(IdPrefix.MAIL, await queue(empty_database, ana))
        failed, gone = await dead(empty_database, ana), encode_id(IdPrefix.MAIL, uuid4())

        done = await outcomes(own, admin, waiting, failed, gone, "nothing", ana.id)

        assert [each["mailId"] for each in done] == [waiting, failed, gone, "nothing", ana.id]
        assert done[0]["refusal"] == {"code": "MAIL_NOT_FAILED", "path": ["ids"], "state": "QUEUED"}
        assert (done[1]["mail"]["id"], done[1]["refusal"]) == (failed, None)
        assert {each["refusal"]["code"] for each in done[2:]} == {"MAIL_NOT_FOUND"}
        assert [each["mail"] for each in (done[0], *done[2:])] == [None] * 4

    @pytest.mark.parametrize(
        "values",
        [
            {"state": MailState.SENDING, "leased_by": UUID(int=1)},
            {"state": MailState.SENT, "sent_at": func.now()},
            {"state": MailState.DROPPED},
        ],
        ids=["sending", "sent", "dropped"],
    )
    async def test_mail_in_another_state_stays_as_it_is(
        self,
        own: GraphQLClient,
        empty_database: Database,
        ana: Member,
        admin: Login,
        values: dict[str, Any],
    ) -> None:
        id_ = await queue(empty_database, ana)
        await change(empty_database, id_, **values)

        (done,) = await outcomes(own, admin, encode_id(IdPrefix.MAIL, id_))

        assert done["refusal"]["state"] == values["state"].name
        assert (await mail_of(empty_database, id_)).state is values["state"]

    async def test_mail_begins_anew_and_is_due_at_once(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        id_ = await queue(empty_database, ana)
        await change(empty_database, id_, next_attempt_at=func.now() + timedelta(hours=9))
        sent = await fail(empty_database, id_)

        (done,) = await outcomes(own, admin, sent, sent)

        assert (done["mail"]["state"], done["mail"]["attempts"]) == ("QUEUED", 0)
        assert await waits_for(empty_database, id_) <= timedelta()
        assert (await mail_of(empty_database, id_)).error == REASON, "until the next attempt"

    async def test_two_admins_at_once_do_it_once(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        other = await make_admin(empty_database, AdminRole.OWNER)
        ids = [await dead(empty_database, ana) for _ in range(5)]

        both = await asyncio.gather(
            outcomes(own, admin, *ids), outcomes(own, other, *reversed(ids))
        )

        done = [each["mailId"] for each in chain(*both) if each["mail"]]
        assert sorted(done) == sorted(ids)

    async def test_trail_has_one_entry_that_names_each_mail(
        self, own: GraphQLClient, empty_database: Database, ana: Member, admin: Login
    ) -> None:
        ids = [await queue(empty_database, ana) for _ in range(2)]

        await outcomes(own, admin, *[await fail(empty_database, id_) for id_ in ids])

        async with empty_database.reading() as session:
            found = await session.scalars(
                select(AuditEntry).where(AuditEntry.action == "retryMails")
            )
            (entry,) = found.all()
        assert (entry.outcome, entry.actor_kind) == (AuditOutcome.DONE, ActorKind.ADMIN)
        assert entry.actor_id == admin.user_id
        assert set(entry.subjects) >= {*ids, ana.user_id}
        assert entry.fields == ["Mail.attempts", "Mail.nextAttemptAt", "Mail.state"]

    async def test_many_cost_as_much_as_one(
        self, graphql: GraphQLClient, database: Database, make: MakeMember, counting: Any
    ) -> None:
        by, member = await make_admin(database, AdminRole.ADMIN), await make()
        one, *others = [await dead(database, member) for _ in range(20)]

        with counting as statements:
            await outcomes(graphql, by, one)
            few = len(statements)
            await outcomes(graphql, by, *others)

        assert len(statements) == 2 * few > 0
