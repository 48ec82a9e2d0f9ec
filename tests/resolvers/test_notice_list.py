"""What users are told, listed and marked as read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, EntityStatus, Notice, NoticeKind, Scope
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.db.queries.notices import COUNTED_MAX
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient
from tests.factories import Login, MakeAgent, MakeMember, Member, make_admin
from tests.listings import set_status
from tests.notices import tell
from tests.trading import Trading

NOTICES = """
query Notices($first: Int, $after: String, $unreadOnly: Boolean! = false, $entityId: ID) {
  notices(first: $first, after: $after, unreadOnly: $unreadOnly, entityId: $entityId) {
    unreadCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id kind readAt entity { id }
      subject { __typename ... on Transfer { id } ... on Entity { id } }
    }
  }
}"""
MARK = """
mutation Mark($input: MarkNoticesReadInput!) {
  markNoticesRead(input: $input) {
    ... on MarkNoticesReadPayload { unreadCount }
    ... on InvalidInput { problems { path code } }
  }
}"""


async def listed(graphql: GraphQLClient, by: Login, **wishes: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql(NOTICES, by=by, **wishes))["notices"]
    return found


async def mark(graphql: GraphQLClient, by: Login, **which: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql(MARK, by=by, input=which))["markNoticesRead"]
    return found


async def notify(database: Database, to: Login, *, times: int = 1, **about: Any) -> list[str]:
    """Notices of a change of the password, or of what is said; their ids, oldest first."""
    wishes = {"kind": NoticeKind.PASSWORD_CHANGED} | about
    rows = [Notice(id=uuid7(), user_id=to.user_id, **wishes) for _ in range(times)]
    async with database.writing() as session:
        session.add_all(rows)
    return [encode_id(IdPrefix.NOTICE, row.id) for row in rows]


async def test_api_token_reads_nobodys_notices(
    graphql: GraphQLClient, make: MakeMember, agent: MakeAgent
) -> None:
    ana = await make()

    assert await graphql.code(NOTICES, by=await agent(ana, *Scope)) == "FORBIDDEN"


async def test_everybody_reads_their_own(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana, admin = await make(), await make_admin(database, AdminRole.OWNER)
    (id_,) = await notify(database, admin)

    assert (await listed(graphql, ana))["nodes"] == []
    assert [node["id"] for node in (await listed(graphql, admin))["nodes"]] == [id_]


async def test_newest_come_first_and_pages_go_on(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    ids = await notify(database, ana, times=3)

    first = await listed(graphql, ana, first=2)
    rest = await listed(graphql, ana, after=first["pageInfo"]["endCursor"])

    assert [node["id"] for node in first["nodes"] + rest["nodes"]] == ids[::-1]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


async def test_list_can_be_narrowed(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    await notify(database, ana)
    (about,) = await notify(database, ana, entity_id=ana.entity_id)
    await notify(database, ana, entity_id=ana.entity_id, read_at=datetime.now(UTC))

    found = await listed(graphql, ana, unreadOnly=True, entityId=ana.id)

    assert [node["id"] for node in found["nodes"]] == [about]
    assert found["unreadCount"] == 2
    for id_ in ("nothing", (await make()).id):
        assert await listed(graphql, ana, entityId=id_) is None


async def test_notice_names_the_transfer(
    graphql: GraphQLClient, make: MakeMember, trading: Trading, database: Database
) -> None:
    ana, ben = await make(), await make()
    id_ = await trading.proposed(ana, ben)
    await tell(database)

    (node,) = (await listed(graphql, ben))["nodes"]

    assert (node["kind"], node["readAt"], node["entity"]) == (
        "TRANSFER_PROPOSED",
        None,
        {"id": ben.id},
    )
    assert node["subject"] == {"__typename": "Transfer", "id": id_}


async def test_what_may_not_be_seen_any_more_is_not_shown(
    graphql: GraphQLClient, make: MakeMember, database: Database, trading: Trading
) -> None:
    ana, ben, eve = await make(), await make(), await make()
    await trading.proposed(ana, ben)
    await tell(database)
    await set_status(database, ana, EntityStatus.REJECTED)
    await notify(database, eve, entity_id=ana.entity_id, other_id=ana.entity_id)
    await hand_over(database, ben, to=eve)

    for node in (await listed(graphql, eve))["nodes"]:
        assert node["subject"] is None


async def hand_over(database: Database, of: Member, *, to: Member) -> None:
    """Whoever had them once may have left the entity since."""
    async with database.writing() as session:
        await session.execute(
            update(Notice)
            .where(Notice.user_id == of.user_id)
            .values(user_id=to.user_id, number=None)
        )


class TestMarking:
    async def test_too_many_ids_are_refused(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana = await make()

        assert await mark(graphql, ana, ids=["x"] * 101) == {
            "problems": [{"path": ["ids"], "code": "TOO_MANY"}]
        }

    async def test_notices_of_others_stay_unread(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana, eve = await make(), await make()
        ids = await notify(database, ana)

        for which in ({"ids": ids}, {"allBefore": datetime.now(UTC).isoformat()}):
            await mark(graphql, eve, **which)

        assert (await listed(graphql, ana))["unreadCount"] == 1

    async def test_those_that_are_named_are_read(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        ids = await notify(database, ana, times=3)

        assert await mark(graphql, ana, ids=ids[:2]) == {"unreadCount": 1}
        assert [bool(node["readAt"]) for node in (await listed(graphql, ana))["nodes"]] == [
            False,
            True,
            True,
        ]

    async def test_those_before_a_moment_are_read(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        now = datetime.now(UTC)
        await notify(database, ana, created_at=now - timedelta(hours=2))
        (later,) = await notify(database, ana, created_at=now)

        moment = (now - timedelta(hours=1)).isoformat()
        assert await mark(graphql, ana, allBefore=moment) == {"unreadCount": 1}
        (unread,) = (await listed(graphql, ana, unreadOnly=True))["nodes"]
        assert unread["id"] == later

    async def test_when_it_was_read_first_stays(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        ids = await notify(database, ana)
        await mark(graphql, ana, ids=ids)
        before = (await listed(graphql, ana))["nodes"]

        await mark(graphql, ana, ids=ids)

        assert (await listed(graphql, ana))["nodes"] == before


async def test_more_unread_ones_are_not_counted(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    await notify(database, ana, times=COUNTED_MAX + 1)

    assert (await listed(graphql, ana))["unreadCount"] == COUNTED_MAX


@pytest.mark.parametrize("count", [2, 20])
async def test_page_takes_as_many_statements_however_long(
    graphql: GraphQLClient,
    make: MakeMember,
    database: Database,
    trading: Trading,
    counting: Any,
    count: int,
) -> None:
    ana, ben = await make(), await make()
    await trading.proposed(ana, ben)
    await tell(database)
    await notify(database, ben, times=count, entity_id=ben.entity_id, other_id=ana.entity_id)

    with counting as statements:
        await listed(graphql, ben)

    reads = [statement for statement in statements if "notices" in statement]
    assert len(reads) == 2
    assert len([statement for statement in statements if "FROM entities" in statement]) <= 2
