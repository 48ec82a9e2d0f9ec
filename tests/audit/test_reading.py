"""Admins search the trail, and take it away as a table."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, AuditEntry
from mccs_graphql.db.queries import audit_search
from mccs_graphql.domain.audit.export import COLUMNS
from mccs_graphql.endpoint import audit_export
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient, Live
from tests.databases import alter
from tests.factories import Login, MakeMember, Member, make_admin
from tests.profiles import Profiles
from tests.trading import Trading

ENTRIES = """
query Entries($filter: AuditFilterInput, $first: Int, $after: String, $last: Int, $before: String) {
  auditEntries(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes {
      id recordedAt action outcome refusal actor { kind userId tokenId } subjects address reason
      reference sealed erased
      changes { record id what fields { name before after } }
    }
  }
}
"""


@pytest.fixture
async def auditor(database: Database) -> Login:
    """An admin who may only look on."""
    return await make_admin(database, AdminRole.AUDITOR)


@pytest.fixture
async def mill(profiles: Profiles, make: MakeMember) -> Member:
    """An entity that has changed its name, and then its city."""
    member = await make(entity_name="The Mill")
    await profiles.updated(member, name="=The Old Mill")
    await profiles.updated(member, city="Eskerford", version=2)
    return member


async def found(graphql: GraphQLClient, by: Login, **arguments: Any) -> dict[str, Any]:
    """The connection that somebody gets."""
    answer = await graphql.send(ENTRIES, by=by.token, **arguments)
    assert "errors" not in answer, answer
    connection: dict[str, Any] = answer["data"]["auditEntries"]
    return connection


async def actions(graphql: GraphQLClient, by: Login, **filter_: Any) -> list[str]:
    connection = await found(graphql, by, filter=filter_)
    return [node["action"] for node in connection["nodes"]]


async def test_entry_says_who_did_what(
    graphql: GraphQLClient, auditor: Login, mill: Member
) -> None:
    connection = await found(graphql, auditor, filter={"subject": mill.id})

    city, name = connection["nodes"]
    assert connection["totalCount"] == 2
    assert (name["action"], name["outcome"], name["refusal"]) == ("updateEntity", "DONE", None)
    assert name["actor"]["kind"] == "USER"
    assert str(mill.entity_id) in name["subjects"]
    (change,) = name["changes"]
    assert (change["record"], change["id"], change["what"]) == (
        "Entity",
        str(mill.entity_id),
        "CHANGED",
    )
    assert {"name": "name", "before": '"The Mill"', "after": '"=The Old Mill"'} in change["fields"]
    assert {"name": "version", "before": "2", "after": "3"} in city["changes"][0]["fields"]


async def test_filters_find_and_leave_out(
    graphql: GraphQLClient, auditor: Login, mill: Member
) -> None:
    of = {"subject": mill.id}
    user = (await found(graphql, auditor, filter=of))["nodes"][0]["actor"]["userId"]
    hour = timedelta(hours=1)
    past, future = ((datetime.now(UTC) + step).isoformat() for step in (-hour, hour))
    both = ["updateEntity"] * 2

    assert await actions(graphql, auditor, actor=user) == both
    assert await actions(graphql, auditor, subject=str(mill.entity_id)) == both
    assert await actions(graphql, auditor, **of, field="Entity.city") == both[:1]
    assert await actions(graphql, auditor, **of, action="signUp") == []
    assert await actions(graphql, auditor, **of, outcome="REFUSED") == []
    assert await actions(graphql, auditor, **of, actorKind="ADMIN") == []
    assert await actions(graphql, auditor, **of, **{"from": past, "to": future}) == both
    assert await actions(graphql, auditor, **of, **{"from": future}) == []
    assert await actions(graphql, auditor, **of, to=past) == []
    assert await actions(graphql, auditor, subject="nothing") == []


async def test_pages_meet(graphql: GraphQLClient, auditor: Login, mill: Member) -> None:
    of = {"subject": mill.id}
    first = await found(graphql, auditor, filter=of, first=1)
    second = await found(graphql, auditor, filter=of, after=first["pageInfo"]["endCursor"])
    back = await found(
        graphql, auditor, filter=of, last=1, before=second["pageInfo"]["startCursor"]
    )

    assert first["pageInfo"]["hasNextPage"]
    assert not second["pageInfo"]["hasNextPage"]
    assert back["nodes"] == first["nodes"] != second["nodes"]


async def test_page_takes_one_statement_besides_the_viewer(
    graphql: GraphQLClient, auditor: Login, mill: Member, counting: Any
) -> None:
    with counting as statements:
        await graphql.send(
            "query($f: AuditFilterInput) { auditEntries(filter: $f) { nodes { id } } }",
            by=auditor.token,
            f={"subject": mill.id},
        )

    assert len(statements) == 2


async def test_total_is_not_counted_without_end(
    graphql: GraphQLClient, auditor: Login, mill: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_search, "COUNTED_MAX", 1)

    assert (await found(graphql, auditor, filter={"subject": mill.id}))["totalCount"] is None


async def test_erased_entry_says_so(
    graphql: GraphQLClient, auditor: Login, mill: Member, database: Database
) -> None:
    entries = select(AuditEntry.id).where(AuditEntry.subjects.contains([mill.entity_id]))
    async with database.writing() as session:
        old, new = await session.scalars(entries.order_by(AuditEntry.id))
        erasing = update(AuditEntry).where(AuditEntry.id == old)
        await session.execute(erasing.values(details=None, salt=None, erased_by=new))

    _, erased = (await found(graphql, auditor, filter={"subject": mill.id}))["nodes"]
    assert (erased["erased"], erased["changes"], erased["address"]) == (True, None, None)


@pytest.mark.parametrize("wrong", [{"action": "x" * 61}, {"field": "\0"}, {"from": "yesterday"}])
async def test_filter_that_makes_no_sense_is_refused(
    graphql: GraphQLClient, auditor: Login, wrong: dict[str, str]
) -> None:
    assert await graphql.code(ENTRIES, by=auditor, filter=wrong) == "BAD_USER_INPUT"


class TestReference:
    async def test_answer_and_entry_have_the_same(
        self, graphql: GraphQLClient, auditor: Login, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben, "1.00")
        document = "mutation($i: AcceptTransferInput!) { acceptTransfer(input: $i) { __typename } }"

        answer = await graphql.send(
            document, by=ben.token, i={"transferId": id_, "idempotencyKey": str(uuid4())}
        )

        accepted, _ = (await found(graphql, auditor, filter={"subject": id_}))["nodes"]
        assert accepted["reference"] == answer["extensions"]["request"]

    async def test_socket_has_one_for_each_operation(self, live: Live, auditor: Login) -> None:
        answers = []
        async with live.socket(auditor) as socket:
            for number in ("1", "2"):
                payload = {"query": "{ __typename }"}
                await socket.say(id=number, type="subscribe", payload=payload)
                answers.append((await socket.hear())["payload"]["extensions"]["request"])
                assert (await socket.hear())["type"] == "complete"

        assert len(set(answers)) == 2

    async def test_one_that_a_client_sends_is_not_believed(self, graphql: GraphQLClient) -> None:
        response = await graphql.http.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"X-Request-Id": "mine"}
        )

        assert "mine" not in response.text

    async def test_error_of_ours_has_that_of_its_answer(
        self,
        empty_settings: Settings,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        app = create_app(empty_settings)
        async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
            await alter(empty_settings, "ALTER TABLE entities RENAME TO lost_entities")
            answer = await graphql.send("{ entities { nodes { id } } }")

        reference = answer["extensions"]["request"]
        assert answer["errors"][0]["extensions"]["reference"] == reference
        assert f"Unforeseen error [{reference}]" in caplog.text

    async def test_each_answer_has_its_own(self, graphql: GraphQLClient) -> None:
        answers = [await graphql.send("{ __typename }") for _ in range(2)]

        assert len({answer["extensions"]["request"] for answer in answers}) == 2


class TestExport:
    """Over HTTP."""

    @pytest.mark.parametrize("path", ["", "?subject=ent_x"])
    async def test_visitor_is_refused(self, graphql: GraphQLClient, path: str) -> None:
        response = await graphql.http.get(f"{audit_export.PATH}{path}")

        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"

    async def test_member_is_refused(self, graphql: GraphQLClient, make: MakeMember) -> None:
        response = await self._get(graphql, await make())

        assert response.status_code == 403

    @pytest.mark.parametrize(
        "wrong", ["form=2026-01-01", "from=yesterday", "outcome=LOST", "action=a&action=b"]
    )
    async def test_parameter_that_is_not_understood_is_refused(
        self, graphql: GraphQLClient, auditor: Login, wrong: str
    ) -> None:
        response = await self._get(graphql, auditor, f"?{wrong}")

        assert response.status_code == 400

    async def test_too_many_entries_are_refused(
        self,
        graphql: GraphQLClient,
        auditor: Login,
        mill: Member,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(audit_search, "COUNTED_MAX", 1)

        response = await self._get(graphql, auditor, f"?subject={mill.id}")

        assert response.status_code == 400
        assert "mccs export-audit" in response.text

    async def test_table_has_a_line_for_each_field(
        self, graphql: GraphQLClient, auditor: Login, mill: Member
    ) -> None:
        response = await self._get(graphql, auditor, f"?subject={mill.id}&field=Entity.name")

        head, *rows = csv.reader(StringIO(response.text))
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        assert head == list(COLUMNS)
        told = [dict(zip(head, row, strict=True)) for row in rows]
        assert [row["field"] for row in told] == ["name", "version"]
        assert told[0]["action"] == "updateEntity"

    async def test_cell_that_looks_like_a_formula_is_quoted(
        self, graphql: GraphQLClient, auditor: Login, mill: Member
    ) -> None:
        response = await self._get(graphql, auditor, f"?subject={mill.id}")

        assert ",The Mill,'=The Old Mill\r\n" in response.text
        assert ",=" not in response.text

    async def test_batches_follow_each_other(
        self,
        graphql: GraphQLClient,
        auditor: Login,
        database: Database,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(audit_search, "BATCH", 2)
        async with database.reading() as session:
            count = await session.scalar(select(func.count()).select_from(AuditEntry))

        response = await self._get(graphql, auditor)

        ids = {row["id"] for row in csv.DictReader(StringIO(response.text))}
        assert len(ids) >= (count or 0)

    async def _get(self, graphql: GraphQLClient, by: Login, query: str = "") -> Any:
        headers = {"Authorization": f"Bearer {by.token}"}
        return await graphql.http.get(f"{audit_export.PATH}{query}", headers=headers)
